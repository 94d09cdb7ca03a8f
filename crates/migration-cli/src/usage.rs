//! When the command line can't be understood, and when it asks for help: in the same two renderings as everything else.

use std::ffi::OsString;

use anstream::ColorChoice;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::{Cli, ColorArg, GlobalArgs};
use crate::call::Call;
use crate::exit::Exit;
use crate::failure::{Failure, NextAction};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{self, View};
use crate::secret;

/// What the words of a command line say before it is understood as a whole.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glimpse {
    pub(crate) view: View,
    pub(crate) color: ColorChoice,
    /// The command's name; `error` when none can be told, for the envelope needs one.
    pub(crate) command: &'static str,
}

impl Glimpse {
    pub(crate) fn at(words: &[OsString]) -> Self {
        let words: Vec<&str> =
            words.iter().skip(1).filter_map(|word| word.to_str()).take_while(|word| *word != "--").collect();
        let color = words.iter().zip(words.iter().skip(1).chain([&""])).find_map(|(word, next)| {
            let value = if *word == "--color" { Some(*next) } else { word.strip_prefix("--color=") };
            value.and_then(|value| ColorArg::from_str(value, false).ok())
        });
        let commands = crate::command::schema::COMMANDS;
        let command = words.iter().find_map(|word| commands.iter().find(|command| *command == word));
        Self {
            view: View { json: words.contains(&"--json"), quiet: false, verbose: false },
            color: color.map_or(ColorChoice::Auto, ColorChoice::from),
            command: command.copied().unwrap_or("error"),
        }
    }
}

/// A help text, or the version.
#[derive(Debug, Serialize, JsonSchema)]
struct HelpData {
    text: String,
}

impl CommandData for HelpData {
    fn render(&self, _view: View) -> String {
        self.text.clone()
    }
}

/// Prints what clap has to say.
pub(crate) fn report(error: &clap::Error, glimpse: Glimpse) -> Exit {
    let view = glimpse.view;
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked {
        let styled = error.render();
        let text = if view.json { styled.to_string() } else { styled.ansi().to_string() };
        return Outcome::finish(Ok(Outcome::done(HelpData { text })), "help", view);
    }
    if view.json {
        let failure = Failure::new(code(error.kind()), summary(error))
            .advise(NextAction::run("see how it is used", help_command(glimpse.command)));
        return Outcome::<HelpData>::finish(Err(failure), glimpse.command, view);
    }
    // clap repeats words of the command line, and one of them may be a URL.
    screen::err(secret::mask(&error.render().ansi().to_string()).trim_end());
    Exit::Usage
}

fn help_command(command: &str) -> String {
    let call = Call::new(&GlobalArgs::default(), "help");
    if command == "error" { call.command(&["--help"]) } else { call.command(&[command, "--help"]) }
}

/// The first line, without `error: `, and what clap suggests.
fn summary(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let first: Vec<&str> = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let first = first.join(" ");
    if code(error.kind()) == "usage.missing_command" {
        return format!("a command is missing: expected one of {}", commands());
    }
    let mut summary = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggested = match error.get(kind) {
            Some(ContextValue::String(word)) => word.clone(),
            Some(ContextValue::Strings(words)) if !words.is_empty() => words.join("`, `"),
            _ => continue,
        };
        summary.push_str(&format!("; did you mean `{suggested}`?"));
    }
    summary
}

fn commands() -> String {
    Cli::command().get_subcommands().map(clap::Command::get_name).collect::<Vec<_>>().join(", ")
}

fn code(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidSubcommand => "usage.unknown_command",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "usage.missing_command"
        }
        ErrorKind::UnknownArgument => "usage.unknown_argument",
        ErrorKind::MissingRequiredArgument => "usage.missing_argument",
        ErrorKind::ArgumentConflict => "usage.argument_conflict",
        _ => "usage.invalid_value",
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use expect_test::{Expect, expect};

    use super::*;

    fn check(words: &[&str], expected: &Expect) {
        let error = Cli::try_parse_from(["migration"].iter().chain(words)).unwrap_err();
        expected.assert_eq(&format!("{}: {}", code(error.kind()), summary(&error)));
    }

    #[test]
    fn in_one_line() {
        check(
            &[],
            &expect![
                "usage.missing_command: a command is missing: expected one of new, convert, status, plan, up, down, redo, verify, baseline, adopt, repair, mark, dump, split, transform, lineage, impact, wait, completions, schema, config"
            ],
        );
        check(
            &["stats"],
            &expect!["usage.unknown_command: unrecognized subcommand 'stats'; did you mean `status`?"],
        );
        check(
            &["up", "--dryrun"],
            &expect![
                "usage.unknown_argument: unexpected argument '--dryrun' found; did you mean `--dry-run`?"
            ],
        );
        check(
            &["up", "--steps", "0"],
            &expect![
                "usage.invalid_value: invalid value '0' for '--steps <N>': expected a whole number above zero"
            ],
        );
        check(
            &["up", "--steps", "1", "--to", "x"],
            &expect!["usage.argument_conflict: the argument '--steps <N>' cannot be used with '--to <ID>'"],
        );
        check(
            &["new"],
            &expect!["usage.missing_argument: the following required arguments were not provided: <NAME>"],
        );
        check(
            &["--layout", "liquibase", "status"],
            &expect![
                "usage.invalid_value: invalid value 'liquibase' for '--layout <LAYOUT>': expected auto, diesel, json, golang-migrate, sqlx, flyway, refinery, goose, dbmate, prisma"
            ],
        );
    }

    #[test]
    fn a_glimpse() {
        let at = |words: &[&str]| Glimpse::at(&words.iter().map(OsString::from).collect::<Vec<_>>());
        let glimpse = at(&["migration", "--json", "--color", "never", "up", "--nonsense"]);
        assert!(glimpse.view.json);
        assert_eq!((glimpse.color, glimpse.command), (ColorChoice::Never, "up"));
        let glimpse = at(&["migration", "--color=always", "--", "--json"]);
        assert!(!glimpse.view.json);
        assert_eq!((glimpse.color, glimpse.command), (ColorChoice::Always, "error"));
    }
}
