//! The schema of a MySQL or MariaDB database as SQL text, from what `SHOW CREATE` says of each thing in it.
//!
//! * `objects`: the kinds in their order, and reading them.
//! * `rewrite`: what of their texts is not the schema: users, counters, the name of the database.
//! * `script`: writing them under the settings that each was made under.
//! * `session`: settings under which the server prints the same everywhere.
//!
//! Rows, users, privileges, what belongs to the whole server and the database's own default character set are no part of
//! it; what can't be made again is listed at its end.

mod objects;
mod rewrite;
mod script;
mod session;

use std::collections::{BTreeMap, BTreeSet};

use objects::Object;
use script::Script;

use super::connection::MysqlBackend;
use crate::backend::order::order;
use crate::dump::DumpOptions;
use crate::error::DatabaseError;

/// The objects by kind and name, a view after those that it reads: so two databases with one schema give one text, whatever
/// way they came to it. Foreign keys stand in their tables, as their checks are off. Keys and constraints of a table keep
/// the order in which the server has them.
///
/// The tables in `options.without` are left out with what belongs to them and what needs them (triggers, views, foreign
/// keys). A body that its author wrote stays as it is, also where it names the database.
pub(super) fn dump(backend: &mut MysqlBackend, options: &DumpOptions) -> Result<String, DatabaseError> {
    session::within(backend, |backend, database| {
        let (mut views, broken) = objects::views(backend, database)?;
        let gone = without(&mut views, &options.without);
        let mut script = Script::new(objects::needs_loose_foreign_keys(backend, database)?);
        for object in objects::sequences(backend, database)? {
            script.add(&object);
        }
        for mut object in objects::tables(backend, database)? {
            if !gone.contains(&object.name) {
                object.sql = rewrite::without_references(&object.sql, &gone);
                script.add(&object);
            }
        }
        for object in objects::routines(backend, database)? {
            script.add(&object);
        }
        for object in in_order(&views) {
            script.add(object);
        }
        for object in objects::triggers(backend, database, &gone)? {
            script.add(&object);
        }
        for object in objects::events(backend, database)? {
            script.add(&object);
        }
        for view in broken {
            script.leave_out(&format!("view {view}, which reads what does not exist"));
        }
        Ok(script.finish())
    })
}

/// Takes out the views that need one of these tables. Returns the names of all that is gone then.
fn without(views: &mut Vec<Object>, tables: &[String]) -> BTreeSet<String> {
    // Whether case counts is the server's setting.
    let mut gone: BTreeSet<String> =
        tables.iter().flat_map(|table| [table.clone(), table.to_lowercase()]).collect();
    loop {
        let before = views.len();
        views.retain(|view| {
            let stays = view.needs.is_disjoint(&gone);
            if !stays {
                gone.insert(view.name.clone());
            }
            stays
        });
        if views.len() == before {
            return gone;
        }
    }
}

/// Each after those that it needs; those in a circle, which a server doesn't allow, come last.
fn in_order(views: &[Object]) -> Vec<&Object> {
    let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    let places: BTreeMap<&str, usize> =
        names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let needs = |(place, view): (usize, &Object)| {
        let found = view.needs.iter().filter_map(|name| places.get(name.as_str()).copied());
        found.filter(|needed| *needed != place).collect()
    };
    let needs: Vec<BTreeSet<usize>> = views.iter().enumerate().map(needs).collect();
    let places = order(&names, &needs).unwrap_or_else(|_| (0..views.len()).collect());
    places.into_iter().map(|place| &views[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(list: &[(&str, &[&str])]) -> Vec<Object> {
        let view = |(name, needs): &(&str, &[&str])| Object {
            name: (*name).to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            ..Object::default()
        };
        list.iter().map(view).collect()
    }

    #[test]
    fn a_view_comes_after_those_that_it_reads() {
        let views = views(&[("a", &["c", "t"]), ("b", &[]), ("c", &["d"]), ("d", &["t"])]);
        let names: Vec<_> = in_order(&views).iter().map(|view| view.name.as_str()).collect();
        assert_eq!(names, ["b", "d", "c", "a"]);
    }

    #[test]
    fn what_reads_a_table_goes_with_it() {
        let mut views = views(&[("a", &["c"]), ("b", &["other"]), ("c", &["log"])]);
        let gone = without(&mut views, &["log".to_owned()]);
        assert_eq!(gone.into_iter().collect::<Vec<_>>(), ["a", "c", "log"]);
        assert_eq!(views.iter().map(|view| view.name.as_str()).collect::<Vec<_>>(), ["b"]);
    }
}
