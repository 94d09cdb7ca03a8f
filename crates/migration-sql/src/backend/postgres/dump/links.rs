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

/// The kinds of dependency that are told apart here, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Is a piece of the other one: a table's row type, the index of a constraint.
    Internal,
    /// Is a partition's copy of the other one: of a trigger, a foreign key, an index.
    Partition,
    /// Is a member of an extension.
    Extension,
    /// Goes with the other one without being asked for: an index and its table.
    Auto,
    /// Neither would be a reason to drop the other by itself: a view and its table.
    Normal,
}

impl Link {
    /// Whether the one goes with the other without being a piece of it.
    pub(super) fn goes_with(&self) -> bool {
        self.way == Way::Auto
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
                Some("a" | "S") => Way::Auto,
                Some("i") => Way::Internal,
                Some("P") => Way::Partition,
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
    /// stands in its table, an array with its element, whatever an extension made in the extension. What is a piece of
    /// one thing and only goes with another is in the first: a partition's copy of a foreign key is in the foreign key.
    pub(super) fn objects_of(&self, id: Id, places: &HashMap<Id, usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut seen = HashSet::from([id]);
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            if let Some(&place) = places.get(&id) {
                found.insert(place);
                continue;
            }
            let upward = || self.upward.get(&id).into_iter().flatten().map(|&place| self.links[place]);
            let strongest = upward().map(|link| link.way).min();
            for link in upward().filter(|link| Some(link.way) == strongest) {
                if seen.insert(link.to) {
                    waiting.push(link.to);
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
    fn a_copy_stands_in_its_original() {
        let links = Links::new(vec![link(3, 1, Way::Auto), link(3, 2, Way::Partition)]);
        let places = HashMap::from([(id(1), 10), (id(2), 20)]);
        assert_eq!(links.objects_of(id(3), &places), BTreeSet::from([20]));
    }

    #[test]
    fn pieces_of_each_other_come_to_an_end() {
        let links = Links::new(vec![link(1, 2, Way::Internal), link(2, 1, Way::Internal)]);
        assert_eq!(links.objects_of(id(1), &HashMap::new()), BTreeSet::new());
    }
}
