//! Where fields come from, read off a chain without running it: see [`Chain::record_flow`].

mod origin;
mod shape;
mod step;

use migration_model::{FieldFlow, FlowKind, OpaqueStep, RecordFlow};

use crate::chain::{Chain, Stage};
use origin::Origins;
use shape::Shape;

impl Chain {
    /// What the chain does with the fields of records, from what goes in to what comes out.
    ///
    /// It says at least what is so: whenever one field of a record is changed and another comes out different, the one is
    /// among the sources of the other, or of an object that it lies in, or decides which records come out. Objects in which a
    /// name stands twice are the exception: of those, steps mean one or the other.
    ///
    /// ```
    /// use migration_model::FlowKind;
    /// use migration_transform::{Chain, Spec};
    ///
    /// let spec = "[[step]]\nset = { total = 'price * quantity' }\n[[step]]\ndrop = ['price']";
    /// # #[cfg(feature = "toml")]
    /// # {
    /// let flow = Chain::from(Spec::from_toml(spec)?).record_flow();
    /// let sources = flow.fields[0].sources.iter().filter(|source| !source.fallback);
    /// let names: Vec<_> = sources.map(|source| (source.field.as_str(), source.kind)).collect();
    /// assert_eq!(names, [("price", FlowKind::Transformation), ("quantity", FlowKind::Transformation)]);
    /// assert_eq!((flow.passes_others, flow.removed), (true, vec!["price".to_owned()]));
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn record_flow(&self) -> RecordFlow {
        let mut flow = RecordFlow::default();
        let mut state = State { record: Shape::of_input(), filters: Origins::default() };
        for (stage, number) in self.stages().iter().zip(1..) {
            match stage {
                Stage::Step(step) => {
                    flow.steps.push(step.operation().to_owned());
                    step::apply(step, &mut state);
                }
                Stage::Custom(transformer) => {
                    let name = transformer.name().to_owned();
                    flow.steps.push(name.clone());
                    flow.opaque.push(OpaqueStep { number, name });
                }
            }
        }
        if flow.opaque.is_empty() {
            flow.passes_others = state.record.passes_others();
            state.record.tell(&mut flow);
            flow.records = state.filters.to_sources(false);
            flow.removed.sort();
            flow.fields.sort_by(|a: &FieldFlow, b| a.field.cmp(&b.field));
        }
        flow
    }
}

/// What is known at some place of a chain.
struct State {
    record: Shape,
    /// What decided so far which records go on.
    filters: Origins,
}

impl State {
    /// Notes that fields decide whether a record goes on; `fallback` if only one that something is wrong with doesn't.
    fn filter(&mut self, by: &Origins, fallback: bool) {
        let by = by.through(FlowKind::Filter, false);
        self.filters.add(if fallback { by.as_fallback() } else { by });
    }
}

#[cfg(test)]
mod tests;
