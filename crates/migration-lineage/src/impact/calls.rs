//! What breaks because something else does: who calls a function that fails or goes, and who reads a view that does.

use std::collections::BTreeSet;

use super::{Dependent, Impact, SchemaObjectKind};
use crate::catalogue::{Catalogue, Effects};
use crate::name::ObjectName;

/// What is known to fail or to be gone, by its name in the catalogue.
#[derive(Default)]
struct Failing {
    views: BTreeSet<ObjectName>,
    routines: BTreeSet<ObjectName>,
}

impl Failing {
    fn has_call(&self, catalogue: &Catalogue, calls: &BTreeSet<ObjectName>) -> bool {
        !self.routines.is_empty()
            && calls.iter().any(|name| {
                let meant = catalogue.routines_named(name);
                // Of several that share the name, any may be the one that is called.
                meant.iter().any(|routine| self.routines.contains(&routine.name))
            })
    }

    fn breaks(&self, catalogue: &Catalogue, body: &Effects) -> bool {
        body.inputs.iter().chain(&body.outputs).any(|name| self.views.contains(name))
            || self.has_call(catalogue, &body.calls)
    }
}

/// Adds to what is broken what can't do without it.
pub(super) fn follow(catalogue: &Catalogue, impact: &mut Impact) {
    let mut failing = Failing::default();
    let gone = impact.vanished.clone();
    let named = |kind: SchemaObjectKind, name: &ObjectName, broken: &BTreeSet<Dependent>| {
        let it = Dependent::new(kind, name);
        broken.contains(&it) || gone.contains(&it)
    };
    loop {
        let before = impact.broken.len();
        let views = catalogue.relations().filter(|relation| relation.view.is_some());
        let broken = &impact.broken;
        failing.views.extend(
            views.map(|view| &view.name).filter(|name| named(SchemaObjectKind::View, name, broken)).cloned(),
        );
        let routines = catalogue.routines().map(|routine| &routine.name);
        failing
            .routines
            .extend(routines.filter(|name| named(SchemaObjectKind::Function, name, broken)).cloned());
        if failing.views.is_empty() && failing.routines.is_empty() {
            return;
        }
        let mut more = Vec::new();
        for relation in catalogue.relations() {
            let Some(view) = &relation.view else { continue };
            let reads = view.inputs.iter().any(|name| failing.views.contains(name));
            if reads || failing.has_call(catalogue, &view.calls) {
                more.push(Dependent::new(SchemaObjectKind::View, &relation.name));
            }
        }
        for routine in catalogue.routines().filter(|routine| !routine.for_triggers) {
            if failing.breaks(catalogue, &routine.body) {
                more.push(Dependent::new(SchemaObjectKind::Function, &routine.name));
            }
        }
        for trigger in catalogue.triggers().iter().filter(|trigger| !failing.views.contains(&trigger.table)) {
            if failing.breaks(catalogue, &trigger.body) {
                more.push(Dependent::of(SchemaObjectKind::Trigger, &trigger.name, &trigger.table));
            }
        }
        // What goes needs nothing any more.
        more.retain(|dependent| {
            !impact.vanished.contains(dependent) && !impact.refused_by.contains(dependent)
        });
        impact.broken.extend(more);
        if impact.broken.len() == before {
            return;
        }
    }
}
