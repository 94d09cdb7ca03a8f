//! One module per command: its result type, how the terminal shows that, and what it does.

pub(crate) mod adopt;
pub(crate) mod baseline;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod down;
pub(crate) mod dump;
pub(crate) mod impact;
pub(crate) mod lineage;
pub(crate) mod mark;
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
use crate::each::{self, Kind};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::outcome::Outcome;

/// Runs a command and prints what came of it.
pub(crate) fn run(command: &Command, context: &Context) -> Exit {
    let (name, view) = (command.name(), context.view);
    match command {
        Command::New(args) => Outcome::finish(new::run(args, context), name, view),
        Command::Convert(args) => Outcome::finish(convert::run(args, context), name, view),
        Command::Status(args) => {
            each::finish(&args.each, Kind::Looks, context, |context| status::run(args, context))
        }
        Command::Plan(args) => {
            each::finish(&args.each, Kind::Looks, context, |context| plan::run(args, context))
        }
        Command::Up(args) => {
            let kind = if args.dry_run { Kind::Looks } else { Kind::Changes };
            each::finish(&args.each, kind, context, |context| up::run(args, context))
        }
        _ if context.flags.schema.len() > 1 => {
            let message = format!("`{name}` takes one --schema: {} were given", context.flags.schema.len());
            let failure = Failure::new("usage.argument_conflict", message);
            Outcome::<config::ConfigData>::finish(Err(failure), name, view)
        }
        Command::Down(args) => Outcome::finish(down::run(args, context), name, view),
        Command::Redo => Outcome::finish(redo::run(context), name, view),
        Command::Verify => Outcome::finish(verify::run(context), name, view),
        Command::Baseline(args) => Outcome::finish(baseline::run(args, context), name, view),
        Command::Adopt(args) => Outcome::finish(adopt::run(args, context), name, view),
        Command::Repair(args) => Outcome::finish(repair::run(args, context), name, view),
        Command::Mark(args) => Outcome::finish(mark::run(args, context), name, view),
        Command::Dump(args) => Outcome::finish(dump::run(args, context), name, view),
        Command::Split(args) => Outcome::finish(split::run(args), name, view),
        Command::Transform(args) => Outcome::finish(transform::run(args, context), name, view),
        Command::Lineage(args) => Outcome::finish(lineage::run(args, context), name, view),
        Command::Impact(args) => Outcome::finish(impact::run(args, context), name, view),
        Command::Wait(args) => Outcome::finish(wait::run(args, context), name, view),
        Command::Completions(args) => Outcome::finish(completions::run(args), name, view),
        Command::Schema(args) => Outcome::finish(schema::run(args), name, view),
        Command::Config(_) => Outcome::finish(config::run(context), name, view),
    }
}
