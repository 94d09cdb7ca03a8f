//! How far a run goes, as the command line says it.

use migration_kit::sql::{OutOfOrder, Target};

use crate::args::TargetArgs;

/// `--to`, `--steps` and `--all` as they are written.
pub(crate) fn target_words(target: &TargetArgs, all: bool) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(id) = &target.to {
        words.extend(["--to".to_owned(), id.clone()]);
    }
    if let Some(steps) = target.steps {
        words.extend(["--steps".to_owned(), steps.to_string()]);
    }
    if all {
        words.push("--all".to_owned());
    }
    words
}

/// The target that is meant, if one is named.
pub(crate) fn target(target: &TargetArgs, all: bool) -> Option<Target> {
    match (&target.to, target.steps) {
        (Some(id), _) => Some(Target::To(id.clone())),
        (None, Some(steps)) => Some(Target::Steps(steps)),
        (None, None) => all.then_some(Target::All),
    }
}

/// The words that repeat a policy that was given.
pub(crate) fn out_of_order_words(policy: Option<OutOfOrder>) -> impl Iterator<Item = String> {
    policy.into_iter().flat_map(|policy| ["--out-of-order".to_owned(), policy.as_str().to_owned()])
}
