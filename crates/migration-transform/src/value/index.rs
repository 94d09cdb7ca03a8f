//! Many fields set at once.

use std::collections::{HashMap, HashSet};

use super::field::Field;
use super::record::Record;

impl Record {
    /// Sets one field after the other by the rules of [`Record::set_field`], without looking through all of them each time;
    /// `replaced` is told the names of those that were there.
    pub(crate) fn set_fields(&mut self, fields: Vec<Field>, mut replaced: impl FnMut(&str)) {
        if fields.len().saturating_mul(self.len() + fields.len()) < 1024 {
            for field in fields {
                let name = field.name.clone();
                if self.set_field(field) {
                    replaced(&name);
                }
            }
            return;
        }
        let all = self.fields_mut();
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, field) in all.iter().enumerate().filter(|(_, field)| field.exact) {
            places.entry(field.name.clone()).or_default().push(place);
        }
        let mut gone = HashSet::new();
        for field in fields {
            let known = places.get_mut(&field.name).filter(|_| field.exact);
            if let Some((last, list)) = known.and_then(|list| Some((list.pop()?, list))) {
                gone.extend(list.drain(..));
                list.push(last);
                all[last].cell = field.cell;
                replaced(&field.name);
                continue;
            }
            if field.exact {
                places.entry(field.name.clone()).or_default().push(all.len());
            }
            all.push(field);
        }
        let mut place = 0;
        all.retain(|_| {
            place += 1;
            !gone.contains(&(place - 1))
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn many_are_set_as_one_after_the_other(
            there in proptest::collection::vec(0..60_u8, 0..60),
            new in proptest::collection::vec(0..60_u8, 0..60),
        ) {
            let name = |number: &u8| if *number == 0 { "\"\\ud800\"".to_owned() } else { format!("\"{number}\"") };
            let before: Record = Record::from_json(&format!(
                "{{{}}}",
                there.iter().map(|number| format!("{}:0", name(number))).collect::<Vec<_>>().join(",")
            )).unwrap();
            let fields: Vec<Field> =
                new.iter().zip(1..).map(|(number, value)| Field::read(&name(number), &value.to_string())).collect();
            let (mut one, mut all) = (before.clone(), before);
            let (mut told, mut told_at_once) = (Vec::new(), Vec::new());
            for field in fields.clone() {
                let name = field.name.clone();
                if one.set_field(field) {
                    told.push(name);
                }
            }
            all.set_fields(fields, |name| told_at_once.push(name.to_owned()));
            prop_assert_eq!(all.to_json(), one.to_json());
            prop_assert_eq!(told_at_once, told);
        }
    }
}
