//! Renaming: all fields of a step at once.

use super::places::{any_at, each_object, is_blocked, with_object};
use super::{DataTransformer, Notes, Verdict};
use crate::path::Path;
use crate::reason::Reason;
use crate::spec::{OnConflict, Rename};
use crate::value::{Field, Record};

/// A [`Rename`], sorted: fields that stay in their object are renamed in their place, others move.
#[derive(Debug)]
pub(super) struct Renaming {
    /// For each object, what is renamed in it.
    groups: Vec<Vec<(Path, Path)>>,
    moves: Vec<(Path, Path)>,
    on_conflict: OnConflict,
}

impl From<&Rename> for Renaming {
    fn from(step: &Rename) -> Self {
        let mut groups: Vec<Vec<(Path, Path)>> = Vec::new();
        let mut moves = Vec::new();
        for pair in step.fields.iter().filter(|(old, new)| old != new).cloned() {
            if pair.0.parents() != pair.1.parents() {
                moves.push(pair);
                continue;
            }
            match groups.iter_mut().find(|group| group[0].0.parents() == pair.0.parents()) {
                Some(group) => group.push(pair),
                None => groups.push(vec![pair]),
            }
        }
        Self { groups, moves, on_conflict: step.on_conflict }
    }
}

impl DataTransformer for Renaming {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        let mut taken = Vec::new();
        for pair in &self.moves {
            match self.take(record, pair, notes) {
                Ok(fields) => taken.push((pair, fields)),
                Err(verdict) => return verdict,
            }
        }
        for group in &self.groups {
            let mut rejected = None;
            each_object(record, group[0].0.parents(), &mut |inner| {
                rejected.is_none() && self.rename_in(inner, group, notes, &mut rejected)
            });
            if let Some(verdict) = rejected {
                return verdict;
            }
        }
        for ((_, new), fields) in taken {
            if !fields.is_empty() {
                put(record, new, fields, notes);
            }
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "rename"
    }

    fn may_reject(&self) -> bool {
        self.on_conflict == OnConflict::RejectRecord
    }
}

impl Renaming {
    /// Takes out the fields that go to another object, unless something is in the way there.
    fn take(
        &self,
        record: &mut Record,
        pair: &(Path, Path),
        notes: &mut Notes<'_>,
    ) -> Result<Vec<Field>, Verdict> {
        let (old, new) = pair;
        let Some(value) = any_at(record, old.segments()) else { return Ok(Vec::new()) };
        if is_blocked(record, new.parents()) {
            notes.warn(new.text(), Reason::NotAnObject, |out| out.push_str(&value.json()));
            return Ok(Vec::new());
        }
        let mut all = self.groups.iter().flatten().chain(&self.moves);
        if let Some(there) = record.field_at(new).filter(|_| !all.any(|(old, _)| old == new)) {
            match self.on_conflict {
                OnConflict::Replace => {}
                OnConflict::Keep => {
                    notes.warn(new.text(), Reason::NameTaken, |out| out.push_str(&there.json()));
                    return Ok(Vec::new());
                }
                OnConflict::RejectRecord => return Err(Verdict::reject(Reason::NameTaken, new.text())),
            }
        }
        let mut taken = Vec::new();
        each_object(record, old.parents(), &mut |inner| {
            let before = taken.len();
            taken.extend(inner.take(old.name()));
            taken.len() > before
        });
        Ok(taken)
    }

    /// Renames fields in one object. Says whether something changed.
    fn rename_in(
        &self,
        inner: &mut Record,
        group: &[(Path, Path)],
        notes: &mut Notes<'_>,
        rejected: &mut Option<Verdict>,
    ) -> bool {
        let mut pairs: Vec<&(Path, Path)> =
            group.iter().filter(|(old, _)| inner.contains(old.name())).collect();
        let mut replaced = Vec::new();
        // Whoever keeps its name may take that of another.
        while let Some(place) = pairs.iter().position(|(_, new)| {
            let leaves = pairs.iter().any(|(old, _)| old == new);
            !leaves && !replaced.contains(&new) && inner.contains(new.name())
        }) {
            let (_, new) = pairs[place];
            let value = |out: &mut String| {
                out.push_str(&inner.field(new.name()).map(Field::json).unwrap_or_default());
            };
            match self.on_conflict {
                OnConflict::Replace => {
                    notes.warn(new.text(), Reason::Replaced, value);
                    replaced.push(new);
                }
                OnConflict::Keep => {
                    notes.warn(new.text(), Reason::NameTaken, value);
                    pairs.remove(place);
                }
                OnConflict::RejectRecord => {
                    *rejected = Some(Verdict::reject(Reason::NameTaken, new.text()));
                    return false;
                }
            }
        }
        inner.retain(|field| !replaced.iter().any(|new| field.is(new.name())));
        for field in inner.iter_mut() {
            if let Some((_, new)) = pairs.iter().find(|(old, _)| field.is(old.name())) {
                field.rename(new.name());
            }
        }
        !pairs.is_empty()
    }
}

/// Adds fields at the end of the object to which they move.
fn put(record: &mut Record, path: &Path, fields: Vec<Field>, notes: &mut Notes<'_>) {
    let placed = with_object(record, path.parents(), |inner| {
        let replaced = inner.take(path.name());
        inner.fields_mut().extend(fields.into_iter().map(|mut field| {
            field.rename(path.name());
            field
        }));
        replaced
    });
    // Nothing can be in the way: that was looked at, and the paths of a step don't contain one another.
    if let Some(replaced) = placed.ok().and_then(|mut replaced| replaced.pop()) {
        notes.warn(path.text(), Reason::Replaced, |out| out.push_str(&replaced.json()));
    }
}
