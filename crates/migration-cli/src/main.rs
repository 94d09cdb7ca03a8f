//! The command `migration`: what people and programs touch.
//!
//! Each command makes one value ([`command`]); [`outcome`] prints it, as text for people or as one JSON object, and
//! decides on the exit code. Nothing here knows how migrations work: that is `migration-sql`'s.

mod advice;
mod args;
mod call;
mod command;
mod config_file;
mod context;
mod each;
mod envelope;
mod exit;
mod explain;
mod failure;
mod hooks;
mod interrupt;
mod json_place;
mod log;
mod narrator;
mod openlineage;
mod outcome;
mod protection;
mod screen;
mod script;
mod secret;
mod settings;
mod shell;
mod snippet;
mod style;
mod table;
mod usage;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser;

use crate::args::Cli;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, NextAction};
use crate::outcome::Outcome;
use crate::usage::Glimpse;

fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let glimpse = Glimpse::at(&words);
    glimpse.color.write_global();
    std::panic::set_hook(Box::new(|panic| {
        if migration_kit::transform::catches_panics() {
            return;
        }
        screen::err(&format!("internal error: {}", secret::mask(&panic.to_string())));
    }));
    let exit = catch_unwind(AssertUnwindSafe(|| run(&words, glimpse))).unwrap_or_else(|_| panicked(glimpse));
    ExitCode::from(exit.code())
}

fn run(words: &[OsString], glimpse: Glimpse) -> Exit {
    match Cli::try_parse_from(words) {
        Err(error) => usage::report(&error, glimpse),
        Ok(cli) => {
            if let Some(color) = cli.global.color {
                anstream::ColorChoice::from(color).write_global();
            }
            log::start(&cli.global);
            command::run(&cli.command, &Context::new(cli.global, cli.command.name()))
        }
    }
}

/// A bug: said in the same two ways as everything else.
fn panicked(glimpse: Glimpse) -> Exit {
    let failure = Failure::new("internal.panic", "this is a bug in `migration`; stderr says where")
        .advise(NextAction::manual("please report it with what stderr says"));
    Outcome::<command::completions::CompletionsData>::finish(Err(failure), glimpse.command, glimpse.view)
}
