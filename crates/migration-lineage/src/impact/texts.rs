//! Bodies that are kept as text and get names that mean two things.

use super::change::{Change, ChangeKind};
use super::{Dependent, Impact, SchemaObjectKind, is_column, touches};
use crate::catalogue::{Catalogue, Effects, Trigger};
use crate::name::{Ident, ObjectName};

/// Whether a trigger names what is changed. The row that it is about needs no name: it goes where its table goes.
pub(super) fn trips(catalogue: &Catalogue, trigger: &Trigger, change: &Change) -> bool {
    if trigger.table != change.table || !matches!(change.kind, ChangeKind::Rename(_)) {
        return touches(&trigger.body, change);
    }
    match &trigger.function {
        Some(name) => catalogue.routines_named(name).iter().any(|routine| touches(&routine.body, change)),
        // MySQL's triggers write to no row of their table but the one at hand.
        None => trigger.body.inputs.contains(&change.table),
    }
}

/// What names a column of one table without saying so, and fails once another table that it reads has one of the name.
pub(super) fn confuse(catalogue: &Catalogue, table: &ObjectName, column: &Ident, impact: &mut Impact) {
    let is_confused =
        |body: &Effects| body.needs.absent.iter().any(|absent| is_column(absent, table, column));
    for routine in catalogue.routines().filter(|routine| routine.textual && !routine.for_triggers) {
        if is_confused(&routine.body) {
            impact.broken.insert(Dependent::new(SchemaObjectKind::Function, &routine.name));
        }
    }
    for trigger in catalogue.triggers().iter().filter(|trigger| is_confused(&trigger.body)) {
        impact.broken.insert(Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
    }
}
