//! What becomes of a dataset as a whole in the course of a job; pure.

use super::DatasetId;
use super::facet::{LifecycleChange, LifecycleStateChange, PreviousIdentifier};

/// What statements did to a dataset as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Deeds {
    /// It was defined, or defined otherwise.
    pub(super) defined: bool,
    /// It was dropped.
    pub(super) dropped: bool,
    /// All its rows were removed.
    pub(super) truncated: bool,
    /// All its rows were made anew.
    pub(super) overwritten: bool,
}

/// What to say of a dataset that was there before the job, or not, and is after it, or not. `origin` is what it was called
/// before the job, if otherwise.
pub(super) fn change(
    before: bool,
    after: bool,
    deeds: Deeds,
    origin: Option<&DatasetId>,
) -> Option<LifecycleStateChange> {
    let previous =
        |id: &DatasetId| PreviousIdentifier { name: id.name.clone(), namespace: id.namespace.clone() };
    let (what, previous_identifier) = match (before, after, origin) {
        // It may have taken the place of another that had the name.
        (_, true, Some(origin)) => (LifecycleChange::Rename, Some(previous(origin))),
        // What nobody was seen to define was there already.
        (false, true, None) if deeds.defined => (LifecycleChange::Create, None),
        (true, true, None) if deeds.defined => (LifecycleChange::Alter, None),
        (_, false, _) if deeds.dropped || (before && deeds.defined) => (LifecycleChange::Drop, None),
        _ => return rows(deeds),
    };
    Some(LifecycleStateChange { lifecycle_state_change: what, previous_identifier })
}

fn rows(deeds: Deeds) -> Option<LifecycleStateChange> {
    let what = match deeds {
        Deeds { overwritten: true, .. } => LifecycleChange::Overwrite,
        Deeds { truncated: true, .. } => LifecycleChange::Truncate,
        _ => return None,
    };
    Some(LifecycleStateChange { lifecycle_state_change: what, previous_identifier: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_and_what_is() {
        let defined = Deeds { defined: true, ..Deeds::default() };
        let dropped = Deeds { defined: true, dropped: true, ..Deeds::default() };
        let truncated = Deeds { truncated: true, ..Deeds::default() };
        let overwritten = Deeds { overwritten: true, ..Deeds::default() };
        let old = DatasetId { namespace: "n".into(), name: "old".into() };
        let what = |before, after, deeds, origin| {
            change(before, after, deeds, origin).map(|change| change.lifecycle_state_change)
        };
        assert_eq!(what(false, true, defined, None), Some(LifecycleChange::Create));
        assert_eq!(what(false, true, defined, Some(&old)), Some(LifecycleChange::Rename));
        assert_eq!(what(true, true, defined, None), Some(LifecycleChange::Alter));
        assert_eq!(what(true, true, defined, Some(&old)), Some(LifecycleChange::Rename));
        assert_eq!(what(true, false, defined, None), Some(LifecycleChange::Drop));
        assert_eq!(what(false, false, dropped, None), Some(LifecycleChange::Drop));
        assert_eq!(what(false, false, defined, None), None);
        assert_eq!(what(true, true, truncated, None), Some(LifecycleChange::Truncate));
        assert_eq!(what(true, true, overwritten, None), Some(LifecycleChange::Overwrite));
        assert_eq!(what(true, true, Deeds::default(), None), None);
        assert_eq!(what(false, false, Deeds::default(), None), None);
        let renamed = change(false, true, defined, Some(&old)).unwrap();
        assert_eq!(renamed.previous_identifier.unwrap().name, "old");
    }
}
