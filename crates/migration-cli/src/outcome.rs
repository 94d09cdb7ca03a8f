//! From what a command came to, to what is printed and the exit code: the only place that knows both renderings.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use crate::envelope::Envelope;
use crate::exit::Exit;
use crate::failure::{Failure, NextAction, Result};
use crate::screen::{self, View};
use crate::snippet;

/// The result type of a command.
pub(crate) trait CommandData: Serialize + JsonSchema {
    /// Whether stdout gets the rendering byte for byte: text that another program reads.
    const RAW: bool = false;

    /// What the terminal shows.
    fn render(&self, view: View) -> String;

    /// The same piece by piece, for what may be larger than memory.
    ///
    /// # Errors
    ///
    /// What is shown can't be read.
    fn render_to(&self, view: View, out: &mut dyn FnMut(&str)) -> io::Result<()> {
        out(&self.render(view));
        Ok(())
    }

    /// Whether a run of this command has left something in the database.
    fn has_effect(&self) -> bool {
        false
    }
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Outcome<T> {
    /// What it found or did.
    data: Option<T>,
    /// What is wrong, if anything is.
    failure: Option<Box<Failure>>,
    /// What to do next.
    next_actions: Vec<NextAction>,
    /// Whether the terminal shows that even when nothing is wrong.
    show_actions: bool,
}

impl<T: CommandData> Outcome<T> {
    /// All well.
    pub(crate) fn done(data: T) -> Self {
        Self { data: Some(data), failure: None, next_actions: Vec::new(), show_actions: false }
    }

    /// The same with something to do next.
    pub(crate) fn advise(mut self, actions: impl IntoIterator<Item = NextAction>) -> Self {
        self.next_actions.extend(actions);
        self
    }

    /// The same, where people want to see what to do next as well.
    pub(crate) fn showing_actions(mut self) -> Self {
        self.show_actions = true;
        self
    }

    /// The question is answered, and the answer (`failure`) is not "all well"; or a run failed, and there is a report.
    pub(crate) fn with_failure(data: T, failure: Box<Failure>) -> Self {
        Self { data: Some(data), failure: Some(failure), next_actions: Vec::new(), show_actions: false }
    }

    /// What it found or did, what is wrong, and what to do next.
    pub(crate) fn into_parts(self) -> (Option<T>, Option<Box<Failure>>, Vec<NextAction>) {
        (self.data, self.failure, self.next_actions)
    }

    /// Prints it.
    pub(crate) fn finish(result: Result<Self>, command: &'static str, view: View) -> Exit {
        let mut outcome = result.unwrap_or_else(|failure| Self {
            data: None,
            failure: Some(failure),
            next_actions: Vec::new(),
            show_actions: false,
        });
        let has_effect = outcome.data.as_ref().is_some_and(CommandData::has_effect);
        let exit = outcome.failure.as_ref().map_or(Exit::Ok, |failure| failure.exit());
        if let Some(failure) = &mut outcome.failure {
            outcome.next_actions.append(&mut failure.next_actions);
        }
        if view.json {
            outcome.print_json(command);
        } else {
            outcome.print_text(view, exit);
        }
        match screen::trouble() {
            None => exit,
            Some(why) => {
                let mut failure =
                    Failure::new("output.failed", "the result can't be written to stdout").because(why);
                if has_effect {
                    failure.notes.push(format!(
                        "`{command}` itself left something in the database: see `migration status`"
                    ));
                }
                screen::err(&snippet::render(&failure, &[]));
                match exit {
                    Exit::Ok if has_effect => Exit::PartlyDone,
                    Exit::Ok | Exit::Findings => failure.exit(),
                    other => other,
                }
            }
        }
    }

    fn print_json(self, command: &'static str) {
        let envelope = Envelope::new(command, self.data, self.failure.as_deref(), self.next_actions);
        screen::out_with(|out| {
            serde_json::to_writer(&mut *out, &envelope)?;
            out.write_all(b"\n")
        });
    }

    fn print_text(self, view: View, exit: Exit) {
        if let Some(data) = &self.data {
            let shown = data.render_to(view, &mut |text| {
                if T::RAW {
                    screen::out_with(|out| out.write_all(text.as_bytes()));
                } else if !text.is_empty() {
                    screen::out(text);
                }
            });
            if let Err(error) = shown {
                screen::failed(&error);
            }
        }
        let help = |show: bool| {
            if show && !view.quiet && !self.next_actions.is_empty() {
                screen::err(&snippet::render_help(&self.next_actions));
            }
        };
        match &self.failure {
            // Findings are what was shown.
            Some(_) if exit == Exit::Findings && self.data.is_some() => help(true),
            Some(failure) => screen::err(&snippet::render(failure, &self.next_actions)),
            None => help(self.show_actions),
        }
    }
}
