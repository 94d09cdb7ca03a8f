//! The maintenance commands of this repository: `cargo xtask help` lists them.
//!
//! One file per command. Each prints every program that it runs, as a line that can be pasted into a shell, and says
//! how to fix what failed. Continuous integration calls `cargo xtask ci` and nothing else.
//!
//! Its tests (`tidy/`) are the rules of the workspace that a compiler doesn't know: layers, homes of heavy
//! dependencies, documentation, forgotten files.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program for the terminal: printing is its output"
)]

mod adopt_check;
mod bench;
mod ci;
mod demo;
mod doc;
mod faults;
mod features;
mod fuzz;
mod help;
mod lint;
mod metadata;
mod mysql;
mod program;
mod provision;
mod servers;
mod step;
mod test;
#[cfg(test)]
mod tidy;

use std::process::ExitCode;

use step::{Failure, Result};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result {
    let (name, rest) = match arguments {
        [] => ("help", arguments),
        [name, rest @ ..] => (name.as_str(), rest),
    };
    let Some(command) = help::COMMANDS.iter().find(|command| command.names.contains(&name)) else {
        return Err(Failure::new(format!("there is no command `{name}`")).fix("see `cargo xtask help`"));
    };
    if command.takes_arguments || rest.is_empty() {
        return (command.run)(rest);
    }
    Err(Failure::new(format!("`cargo xtask {name}` takes no arguments, and got `{}`", rest.join(" "))))
}

#[cfg(test)]
mod tests {
    use super::run;

    fn refused(arguments: &[&str]) -> String {
        let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        run(&arguments).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        assert!(refused(&["tset"]).contains("no command `tset`"));
        assert!(refused(&["doc", "--open"]).contains("takes no arguments, and got `--open`"));
    }
}
