//! Which object needs which, from `pg_depend` (<https://www.postgresql.org/docs/current/catalog-pg-depend.html>).

use std::collections::{BTreeSet, HashMap, HashSet};

use super::objects::Id;
use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::value::Value;

/// One object needs another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) from: Id,
    pub(super) to: Id,
    way: Way,
}

/// The kinds of dependency that are told apart here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Neither would be a reason to drop the other by itself: a view and its table.
    Normal,
    /// Goes with the other one without being asked for: an index and its table.
    Auto,
    /// Is a piece of the other one: a table's row type, the index of a constraint, one of a partition.
    Internal,
    /// Is a member of an extension.
    Extension,
}

impl Link {
    /// Whether the one is a piece of the other or goes with it.
    pub(super) fn belongs(&self) -> bool {
        matches!(self.way, Way::Auto | Way::Internal)
    }
}

/// All links of a database.
#[derive(Debug, Default)]
pub(super) struct Links {
    links: Vec<Link>,
    /// Places in `links` of those that lead from an object to what it is part of.
    upward: HashMap<Id, Vec<usize>>,
    members: HashSet<Id>,
}

impl Links {
    /// Reads them.
    pub(super) fn read(backend: &mut dyn Backend) -> Result<Self, DatabaseError> {
        let output = backend.query(include_str!("sql/dependencies.sql"), &[])?;
        let number = |row, column| output.get(row, column).and_then(Value::as_i64).unwrap_or_default();
        let links = (0..output.rows.len()).map(|row| Link {
            from: Id { class: number(row, "class"), oid: number(row, "oid") },
            to: Id { class: number(row, "other_class"), oid: number(row, "other_oid") },
            way: match output.get(row, "way").and_then(Value::as_str) {
                Some("a") => Way::Auto,
                Some("i" | "P" | "S") => Way::Internal,
                Some("e") => Way::Extension,
                _ => Way::Normal,
            },
        });
        Ok(Self::new(links.collect()))
    }

    fn new(links: Vec<Link>) -> Self {
        let mut upward: HashMap<Id, Vec<usize>> = HashMap::new();
        for (place, link) in links.iter().enumerate() {
            if link.way != Way::Normal {
                upward.entry(link.from).or_default().push(place);
            }
        }
        let members = links.iter().filter(|link| link.way == Way::Extension).map(|link| link.from).collect();
        Self { links, upward, members }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Link> {
        self.links.iter()
    }

    /// Whether an extension made it.
    pub(super) fn is_member(&self, id: Id) -> bool {
        self.members.contains(&id)
    }

    /// Places of the objects that stand in the text for this one: itself, or what it is part of. A column's default
    /// stands in its table, an array with its element, whatever an extension made in the extension.
    pub(super) fn objects_of(&self, id: Id, places: &HashMap<Id, usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::from([id]);
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if let Some(&place) = places.get(&id) {
                found.insert(place);
                continue;
            }
            for &link in self.upward.get(&id).into_iter().flatten() {
                let whole = self.links[link].to;
                if seen.insert(whole) {
                    waiting.push(whole);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(oid: i64) -> Id {
        Id { class: 1, oid }
    }

    fn link(from: i64, to: i64, way: Way) -> Link {
        Link { from: id(from), to: id(to), way }
    }

    #[test]
    fn a_piece_stands_in_its_whole() {
        // 1 is a table, 2 its row type, 3 an array of that; 4 a function with such an argument; 9 an extension, 8 its type.
        let links = Links::new(vec![
            link(2, 1, Way::Internal),
            link(3, 2, Way::Internal),
            link(4, 3, Way::Normal),
            link(8, 9, Way::Extension),
        ]);
        let places = HashMap::from([(id(1), 10), (id(4), 40), (id(9), 90)]);
        assert_eq!(links.objects_of(id(3), &places), BTreeSet::from([10]));
        assert_eq!(links.objects_of(id(4), &places), BTreeSet::from([40]));
        assert_eq!(links.objects_of(id(8), &places), BTreeSet::from([90]));
        assert_eq!(links.objects_of(id(7), &places), BTreeSet::new());
        assert!(links.is_member(id(8)) && !links.is_member(id(9)));
    }

    #[test]
    fn pieces_of_each_other_come_to_an_end() {
        let links = Links::new(vec![link(1, 2, Way::Internal), link(2, 1, Way::Internal)]);
        assert_eq!(links.objects_of(id(1), &HashMap::new()), BTreeSet::new());
    }
}
