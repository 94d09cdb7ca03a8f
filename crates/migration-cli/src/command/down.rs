//! `migration down`: rolls back, newest first.

use migration_kit::sql::{MissingDatabase, Request};

use crate::args::DownArgs;
use crate::command::run::{RunData, execute};
use crate::command::target::{target, target_words};
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::outcome::Outcome;
use crate::protection;

pub(crate) fn run(args: &DownArgs, context: &Context) -> Result<Outcome<RunData>> {
    let mut request = Request::down().dry_run(args.dry_run);
    if let Some(target) = target(&args.target, args.all) {
        request.target = target;
    }
    request.ignore_missing =
        args.ignore_missing || context.settings().map_err(Failure::before_any_run)?.ignore_missing.value;

    let mut again = vec!["down".to_owned()];
    again.extend(target_words(&args.target, args.all));
    again.extend(args.ignore_missing.then(|| "--ignore-missing".to_owned()));
    if !args.dry_run {
        protection::ask(context, &again)?;
    }
    execute(&request, MissingDatabase::Refuse, context.call.command(&again), context)
}
