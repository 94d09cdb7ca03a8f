//! What can lose something is confirmed in a protected environment: by its name, on the command line or at a terminal.

use std::io::{self, BufRead, IsTerminal};

use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::screen;

/// Asks whether to go on with a call, of which `words` are the command and its options, where that has to be asked.
///
/// # Errors
/// `environment.protected` where nobody can be asked, `environment.declined` for another name than the environment's.
pub(crate) fn ask(context: &Context, words: &[String]) -> Result<()> {
    let settings = context.settings().map_err(Failure::before_any_run)?;
    let given = context.flags.confirm.as_deref();
    let Some(name) = settings.env.as_ref().map(|env| env.value.as_str()) else {
        return match given {
            Some(given) => Err(declined(given, "no environment was named").before_any_run()),
            None => Ok(()),
        };
    };
    let is_protected = settings.protected.value;
    let answer = match given {
        Some(given) => given.to_owned(),
        None if !is_protected => return Ok(()),
        None if context.view.json || !io::stdin().is_terminal() || !io::stderr().is_terminal() => {
            return Err(protected(name, words, context).before_any_run());
        }
        None => typed(name),
    };
    if answer == name {
        return Ok(());
    }
    Err(declined(&answer, &format!("the environment is `{name}`")).before_any_run())
}

fn typed(name: &str) -> String {
    screen::err(&format!("the environment `{name}` is protected: type its name to go on"));
    let mut answer = String::new();
    // Whoever can't be read has not confirmed anything.
    match io::stdin().lock().read_line(&mut answer) {
        Ok(_) => answer.trim().to_owned(),
        Err(_) => String::new(),
    }
}

fn protected(name: &str, words: &[String], context: &Context) -> Box<Failure> {
    let command = context.call.name;
    let mut again = words.to_vec();
    again.extend(["--confirm".to_owned(), name.to_owned()]);
    Failure::new("environment.protected", format!("the environment `{name}` is protected from `{command}`"))
        .because("it can lose something, and has to be confirmed")
        .advise(NextAction::run("if this is what you want", context.call.command(&again)))
}

fn declined(answer: &str, why: &str) -> Box<Failure> {
    let message = match answer {
        "" => "it was not confirmed".to_owned(),
        answer => format!("`{answer}` is not what has to be confirmed"),
    };
    Failure::new("environment.declined", message).because(why)
}
