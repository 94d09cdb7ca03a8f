//! One call for many tenants: schemas of a database, or databases.
//!
//! Each tenant is a call of its own, with its own connection, lock, history and report; one that fails keeps no other from its
//! turn. What comes of all is one report.

mod report;
mod tenants;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

pub(crate) use report::Several;
use report::{EachData, TenantReport};
use tenants::Tenant;

use crate::args::EachArgs;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::openlineage;
use crate::outcome::{CommandData, Outcome};

/// What kind of command is called for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It only looks.
    Looks,
    /// It changes things, so that its report states what is in effect.
    Changes,
}

/// Runs a command and prints what came of it: once, or for each tenant where the call names several.
pub(crate) fn finish<T: CommandData + Send>(
    args: &EachArgs,
    kind: Kind,
    context: &Context,
    run: impl Fn(&Context) -> Result<Outcome<T>> + Sync,
) -> Exit {
    let (name, view) = (context.call.name, context.view);
    let before = |failure: Box<Failure>| match kind {
        Kind::Looks => failure,
        Kind::Changes => failure.before_any_run(),
    };
    match tenants::of_call(args, context) {
        Ok(None) => Outcome::finish(run(context), name, view),
        Ok(Some(tenants)) => Outcome::finish(Ok(for_all(tenants, args, kind, context, run)), name, view),
        Err(failure) => Outcome::<T>::finish(Err(before(failure)), name, view),
    }
}

fn for_all<T: CommandData + Send>(
    tenants: Vec<Tenant>,
    args: &EachArgs,
    kind: Kind,
    context: &Context,
    run: impl Fn(&Context) -> Result<Outcome<T>> + Sync,
) -> Outcome<EachData<T>> {
    let of_file = context.settings().ok().and_then(|settings| settings.tenants.as_ref()?.jobs);
    let jobs = args.jobs.or(of_file).map_or(1, usize::from).min(tenants.len());
    let names: Vec<String> = tenants.iter().map(|tenant| tenant.name.clone()).collect();
    let calls: Vec<Mutex<Option<Context>>> =
        tenants.into_iter().map(|tenant| Mutex::new(Some(tenant.context))).collect();
    let reports: Vec<Mutex<Option<TenantReport<T>>>> = names.iter().map(|_| Mutex::new(None)).collect();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let together = openlineage::together();
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let (Some(name), Some(call), Some(slot)) =
                (names.get(place), calls.get(place), reports.get(place))
            else {
                return;
            };
            let Some(call) = call.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
            let report = TenantReport::of(name, run(&call));
            if report.was_interrupted() || (args.fail_fast && report.has_failed()) {
                stop.store(true, Ordering::Relaxed);
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(report);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(work);
        }
        work();
    });
    drop(together);
    let reports = names.iter().zip(reports).map(|(name, report)| {
        let report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.unwrap_or_else(|| TenantReport::not_run(name))
    });
    report::of_all(reports.collect(), kind, context)
}
