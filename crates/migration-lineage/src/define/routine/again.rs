//! Bodies that were read before the tables that they name were made, as a dump puts functions first: read again with the
//! tables, for whoever asks about one of these.

use migration_syntax::Dialect;

use super::{by_star, needs_of, parameters_of, run};
use crate::catalogue::{Catalogue, Effects, Routine};
use crate::define::{body, trigger};
use crate::name::{Ident, ObjectName};
use crate::result::Findings;

/// Whether a body names tables that nothing has made so far.
pub(super) fn waits(body: &Effects, catalogue: &Catalogue) -> bool {
    let is_unknown = |name: &ObjectName| {
        !body::is_stand_in(name) && catalogue.relation(name).is_none_or(|relation| relation.assumed)
    };
    named(body).any(is_unknown)
}

fn named(body: &Effects) -> impl Iterator<Item = &ObjectName> {
    body.inputs.iter().chain(&body.outputs).chain(&body.needs.tables)
}

/// The same schema, with the bodies read anew that name one of these tables and are older than it; none if there are none.
pub(crate) fn with_tables(catalogue: &Catalogue, tables: &[&ObjectName]) -> Option<Catalogue> {
    let names: Vec<Ident> = tables.iter().map(|table| table.last()).collect();
    let is_meant =
        |routine: &&Routine| routine.waits && named(&routine.body).any(|name| names.contains(&name.last()));
    let meant: Vec<Routine> = catalogue.routines().filter(is_meant).cloned().collect();
    if meant.is_empty() {
        return None;
    }
    let mut now = catalogue.clone();
    for mut routine in meant {
        let Some(source) = routine.source.clone() else { continue };
        let parameters = parameters_of(&routine.arguments, now.dialect());
        let mut found = Findings::default();
        routine.body = run(&source, 0, &parameters, false, &mut now, &mut found);
        routine.body.needs.join(needs_of(&source, &routine.arguments, &now));
        routine.by_star = by_star(&source.body, &routine.body);
        let (name, for_triggers) = (routine.name.clone(), routine.for_triggers);
        now.put_routine(routine);
        if for_triggers && now.dialect() == Dialect::Postgres {
            trigger::rebind(&mut now, &name, &mut Findings::default());
        }
    }
    Some(now)
}
