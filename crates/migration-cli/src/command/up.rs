//! `migration up`: applies what is pending.

use migration_kit::sql::{CommitMode, MissingDatabase, Request};

use crate::args::UpArgs;
use crate::command::run::{RunData, execute};
use crate::command::target::{out_of_order_words, target, target_words};
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::outcome::Outcome;

pub(crate) fn run(args: &UpArgs, context: &Context) -> Result<Outcome<RunData>> {
    let mut request = Request::up().dry_run(args.dry_run);
    if let Some(target) = target(&args.target, false) {
        request.target = target;
    }
    request.commit = match (args.atomic, args.commit_each) {
        (true, _) => CommitMode::Atomic,
        (false, true) => CommitMode::Each,
        (false, false) => CommitMode::Grouped,
    };
    let settings = context.settings().map_err(Failure::before_any_run)?;
    request.ignore_missing = args.ignore_missing || settings.ignore_missing.value;
    request.out_of_order = args.out_of_order.unwrap_or(settings.out_of_order.value);

    request.ignore_foreign = args.ignore_foreign;

    let mut again = vec!["up".to_owned()];
    again.extend(target_words(&args.target, false));
    for (given, flag) in [
        (args.atomic, "--atomic"),
        (args.commit_each, "--commit-each"),
        (args.ignore_missing, "--ignore-missing"),
        (args.ignore_foreign, "--ignore-foreign"),
    ] {
        again.extend(given.then(|| flag.to_owned()));
    }
    again.extend(out_of_order_words(args.out_of_order));
    execute(&request, MissingDatabase::Create, context.call.command(&again), context)
}
