//! One module per command: its result type, how the terminal shows that, and what it does.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod down;
pub(crate) mod dump;
pub(crate) mod new;
pub(crate) mod plan;
pub(crate) mod redo;
pub(crate) mod repair;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod split;
pub(crate) mod status;
mod target;
pub(crate) mod transform;
pub(crate) mod up;
pub(crate) mod verify;
pub(crate) mod wait;

use crate::args::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::outcome::Outcome;

/// Runs a command and prints what came of it.
pub(crate) fn run(command: &Command, context: &Context) -> Exit {
    let (name, view) = (command.name(), context.view);
    match command {
        Command::New(args) => Outcome::finish(new::run(args, context), name, view),
        Command::Status(args) => Outcome::finish(status::run(args, context), name, view),
        Command::Plan(args) => Outcome::finish(plan::run(args, context), name, view),
        Command::Up(args) => Outcome::finish(up::run(args, context), name, view),
        Command::Down(args) => Outcome::finish(down::run(args, context), name, view),
        Command::Redo => Outcome::finish(redo::run(context), name, view),
        Command::Verify => Outcome::finish(verify::run(context), name, view),
        Command::Repair(args) => Outcome::finish(repair::run(args, context), name, view),
        Command::Dump(args) => Outcome::finish(dump::run(args, context), name, view),
        Command::Split(args) => Outcome::finish(split::run(args), name, view),
        Command::Transform(args) => Outcome::finish(transform::run(args, context), name, view),
        Command::Wait(args) => Outcome::finish(wait::run(args, context), name, view),
        Command::Completions(args) => Outcome::finish(completions::run(args), name, view),
        Command::Schema(args) => Outcome::finish(schema::run(args), name, view),
        Command::Config(_) => Outcome::finish(config::run(context), name, view),
    }
}
