//! Values for fields that are missing or null.

use std::collections::HashMap;

use super::places::{each_object, place};
use super::{DataTransformer, Notes, Verdict};
use crate::path::Path;
use crate::spec;
use crate::value::{Field, Record};

/// Up to how many fields are looked for one after the other.
const FEW: usize = 8;

/// A [`spec::Default`] with its values as JSON.
#[derive(Debug)]
pub(super) struct Defaults {
    fields: Vec<(Path, String)>,
    /// Which of them a name is, where they are many and all of the record itself.
    by_name: Option<HashMap<String, usize>>,
}

impl From<&spec::Default> for Defaults {
    fn from(step: &spec::Default) -> Self {
        let fields: Vec<_> =
            step.fields.iter().map(|(path, value)| (path.clone(), value.to_json())).collect();
        let is_flat = fields.len() > FEW && fields.iter().all(|(path, _)| path.is_top_level());
        let names = || fields.iter().map(|(path, _)| path.name().to_owned()).zip(0..).collect();
        Self { by_name: is_flat.then(names), fields }
    }
}

impl DataTransformer for Defaults {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        match &self.by_name {
            Some(by_name) => self.fill(by_name, record),
            None => self.fields.iter().for_each(|(path, json)| set_default(record, path, json, notes)),
        }
        Verdict::Keep
    }

    fn name(&self) -> &str {
        "default"
    }

    fn may_reject(&self) -> bool {
        false
    }
}

impl Defaults {
    /// All of them in one go through the record.
    fn fill(&self, by_name: &HashMap<String, usize>, record: &mut Record) {
        let mut is_there = vec![false; self.fields.len()];
        for field in record.iter_mut() {
            let place = by_name.get(field.name()).copied().filter(|_| field.is(field.name()));
            let Some((place, (_, json))) = place.and_then(|place| Some((place, self.fields.get(place)?)))
            else {
                continue;
            };
            is_there[place] = true;
            if field.value().is_null() && json != "null" {
                field.set_json(json);
            }
        }
        let missing = self.fields.iter().zip(is_there).filter(|(_, is_there)| !is_there);
        record.fields_mut().extend(missing.map(|((path, json), _)| Field::of_json(path.name(), json)));
    }
}

fn set_default(record: &mut Record, path: &Path, json: &str, notes: &mut Notes<'_>) {
    if record.field_at(path).is_none() {
        place(record, path, json, notes);
    }
    each_object(record, path.parents(), &mut |inner| {
        let nulls = inner.iter_mut().filter(|field| field.is(path.name()) && field.value().is_null());
        // Null for null changes nothing.
        json != "null" && nulls.map(|field| field.set_json(json)).count() > 0
    });
}
