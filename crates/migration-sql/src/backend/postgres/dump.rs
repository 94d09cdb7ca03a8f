//! The schema of a PostgreSQL database as SQL text, from the system catalogs.
//!
//! * `dump/sql/*.sql`: a query per kind of object; each row is one object with the statements that make it.
//! * `objects`: the kinds in their order, and reading them.
//! * `links`: which object needs which, and what belongs to what, from `pg_depend`.
//! * `session`: settings under which names come back qualified and values the same everywhere.
//!
//! Owners, privileges, tablespaces, user mappings and the rows of tables and materialized views are no part of it; what
//! it can't express is listed at its end.

mod links;
mod objects;
mod session;

use std::collections::{BTreeSet, HashMap};

use links::Links;
use objects::{Id, Object};

use crate::backend::Backend;
use crate::backend::order;
use crate::dump::DumpOptions;
use crate::error::DatabaseError;

/// The text is run without a search path, as its names are qualified; the bodies of functions are not checked, as they may
/// name what comes later.
const HEAD: &str =
    "SET client_encoding = 'UTF8';\nSET check_function_bodies = false;\nSET search_path = '';\n";
const FOOT: &str = "\nRESET search_path;\nRESET check_function_bodies;\n";

/// The objects sorted by kind and qualified name, but each after those that it needs: so two databases with one schema
/// give one text, whatever way they came to it.
///
/// The tables in `options.without` are left out in all schemas, with what belongs to them and what needs them (views,
/// foreign keys).
pub(super) fn dump(backend: &mut dyn Backend, options: &DumpOptions) -> Result<String, DatabaseError> {
    session::within(backend, |backend| {
        let links = Links::read(backend)?;
        let mut objects = objects::read(backend, &links)?;
        if !options.without.is_empty() {
            let tables = objects::tables_named(backend, &options.without)?;
            let gone = Graph::of(&objects, &links).without(&objects, &tables);
            objects.retain(|object| !gone.contains(&object.id));
        }
        let places = sorted(backend, &links, &mut objects)?;
        objects::read_comments(backend, &links, &mut objects)?;
        let mut text = HEAD.to_owned();
        for place in places {
            objects[place].write(&mut text);
        }
        for name in objects::read_left_out(backend, &links)? {
            text.push_str("\n-- Left out: ");
            text.push_str(&name.replace('\n', " "));
            text.push('\n');
        }
        text.push_str(FOOT);
        Ok(text)
    })
}

/// Places of the objects in the order of the text. Objects in a circle are split into what can stand alone and the rest;
/// where even that doesn't help, the first one comes first.
fn sorted(
    backend: &mut dyn Backend,
    links: &Links,
    objects: &mut Vec<Object>,
) -> Result<Vec<usize>, DatabaseError> {
    let mut forced = BTreeSet::new();
    loop {
        let mut graph = Graph::of(objects, links);
        for id in &forced {
            if let Some(&place) = graph.places.get(id) {
                graph.needs[place].clear();
            }
        }
        let keys: Vec<_> = objects.iter().map(Object::key).collect();
        let circle = match order::order(&keys, &graph.needs) {
            Ok(places) => return Ok(places),
            Err(circle) => circle,
        };
        let whole: BTreeSet<Id> = circle
            .iter()
            .filter(|&&place| objects[place].bare.is_some())
            .map(|&place| objects[place].id)
            .collect();
        if !whole.is_empty() {
            objects::split(backend, links, objects, &whole)?;
        } else if let Some(&first) = circle.iter().min_by_key(|&&place| &keys[place]) {
            forced.insert(objects[first].id);
        }
    }
}

/// Objects by their places, with what each one needs.
struct Graph {
    places: HashMap<Id, usize>,
    needs: Vec<BTreeSet<usize>>,
    /// Sequences of columns, with their tables.
    owned: Vec<(usize, usize)>,
}

impl Graph {
    fn of(objects: &[Object], links: &Links) -> Self {
        let places = objects.iter().enumerate().map(|(place, object)| (object.id, place)).collect();
        let mut graph = Self { places, needs: vec![BTreeSet::new(); objects.len()], owned: Vec::new() };
        for link in links.all() {
            let from = links.objects_of(link.from, &graph.places);
            let to = links.objects_of(link.to, &graph.places);
            for (&from, &to) in from.iter().flat_map(|from| to.iter().map(move |to| (from, to))) {
                if from == to {
                    continue;
                }
                if link.goes_with() && objects[from].is_sequence() {
                    // The statement about the owner stands with the table: the sequence comes first.
                    graph.needs[to].insert(from);
                    graph.owned.push((from, to));
                } else {
                    graph.needs[from].insert(to);
                }
            }
        }
        graph
    }

    /// What goes when these tables go: as `DROP TABLE … CASCADE` would have it, but a sequence that somebody else needs
    /// stays.
    fn without(&self, objects: &[Object], tables: &BTreeSet<Id>) -> BTreeSet<Id> {
        let mut gone: BTreeSet<usize> =
            tables.iter().filter_map(|table| self.places.get(table).copied()).collect();
        let mut waiting: Vec<usize> = gone.iter().copied().collect();
        while let Some(lost) = waiting.pop() {
            for (place, needs) in self.needs.iter().enumerate() {
                if needs.contains(&lost) && gone.insert(place) {
                    waiting.push(place);
                }
            }
        }
        for (sequence, table) in &self.owned {
            let needed = || {
                self.needs
                    .iter()
                    .enumerate()
                    .any(|(place, needs)| needs.contains(sequence) && !gone.contains(&place))
            };
            if gone.contains(table) && !needed() {
                gone.insert(*sequence);
            }
        }
        gone.into_iter().map(|place| objects[place].id).collect()
    }
}
