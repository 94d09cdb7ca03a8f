//! Renaming: all fields of a step at once.

use migration_transform::Path;
use migration_transform::spec::{OnConflict, Rename};

use super::json::{Pairs, fields, join, quoted};
use super::places::{each, get, is, reject, set, set_last, take, warn};
use super::{Counts, Outcome};

pub(super) fn rename(step: &Rename, record: &mut Pairs, counts: &mut Counts) -> Result<(), Outcome> {
    let pairs: Vec<&(Path, Path)> = step.fields.iter().filter(|(old, new)| old != new).collect();
    let (stay, go): (Vec<_>, Vec<_>) =
        pairs.iter().copied().partition(|(old, new)| old.parents() == new.parents());
    let mut moved = Vec::new();
    for (old, new) in go {
        if take(&mut record.clone(), old).is_empty() {
            continue;
        }
        let mut probe = record.clone();
        if !set(&mut probe, new.segments(), "0") {
            warn(counts, new.text(), "not-an-object");
            continue;
        }
        if get(record, new.segments()).is_some() && !pairs.iter().any(|(old, _)| old == new) {
            match step.on_conflict {
                OnConflict::Replace => {}
                OnConflict::Keep => {
                    warn(counts, new.text(), "name-taken");
                    continue;
                }
                OnConflict::RejectRecord => return Err(reject("name-taken", new.text())),
            }
        }
        moved.push((new, take(record, old)));
    }
    let mut parents: Vec<&[String]> = stay.iter().map(|(old, _)| old.parents()).collect();
    parents.dedup();
    parents.sort();
    parents.dedup();
    for parent in parents {
        let here: Vec<_> = stay.iter().copied().filter(|(old, _)| old.parents() == parent).collect();
        let mut rejected = None;
        each(record, parent, &mut |inner| match rename_in(step, inner, here.clone(), counts) {
            Ok(changed) => changed,
            Err(outcome) => {
                rejected.get_or_insert(outcome);
                false
            }
        });
        if let Some(outcome) = rejected {
            return Err(outcome);
        }
    }
    for (new, moving) in moved {
        let parents = new.parents();
        let mut object = match parents {
            [] => record.clone(),
            _ => get(record, parents).map_or(Pairs::new(), |object| fields(&object).unwrap()),
        };
        let before = object.len();
        object.retain(|pair| !is(pair, new.name()));
        if object.len() < before {
            warn(counts, new.text(), "replaced");
        }
        object.extend(moving.into_iter().map(|(_, value)| (quoted(new.name()), value)));
        match parents {
            [] => *record = object,
            _ => set_last(record, parents, &join(&object)),
        }
    }
    Ok(())
}

pub(super) fn rename_in(
    step: &Rename,
    inner: &mut Pairs,
    mut pairs: Vec<&(Path, Path)>,
    counts: &mut Counts,
) -> Result<bool, Outcome> {
    pairs.retain(|(old, _)| inner.iter().any(|pair| is(pair, old.name())));
    loop {
        let conflict = pairs.iter().position(|(_, new)| {
            inner.iter().any(|pair| is(pair, new.name())) && !pairs.iter().any(|(old, _)| old == new)
        });
        let Some(place) = conflict else { break };
        let new = &pairs[place].1;
        match step.on_conflict {
            OnConflict::Replace => {
                warn(counts, new.text(), "replaced");
                inner.retain(|pair| !is(pair, new.name()));
            }
            OnConflict::Keep => {
                warn(counts, new.text(), "name-taken");
                pairs.remove(place);
            }
            OnConflict::RejectRecord => return Err(reject("name-taken", new.text())),
        }
    }
    for pair in inner.iter_mut() {
        if let Some((_, new)) = pairs.iter().find(|(old, _)| is(pair, old.name())) {
            pair.0 = quoted(new.name());
        }
    }
    Ok(!pairs.is_empty())
}
