//! The fields of rows that no row shows: what a header has when nothing goes out.

use super::columns;
use super::error::RunError;
use crate::chain::{Chain, Stage};
use crate::chunk::{Chunk, Format, Made};
use crate::engine::Engine;
use crate::path::Path;
use crate::spec::{Default as Defaults, Step};
use crate::value::{Record, Value};

/// The fields that a row with these columns has in the end, if each step does what it is there for. None if a function has a say.
///
/// # Errors
/// If the chain can't be compiled.
pub(super) fn fields(chain: &Chain, columns: &[String]) -> Result<Vec<String>, RunError> {
    let mut shadow = Chain::new();
    for stage in chain.stages() {
        let Stage::Step(step) = stage else { return Ok(Vec::new()) };
        let step = match &**step {
            // They change values, and leave out records.
            Step::Convert(_) | Step::KeepWhere(_) | Step::Map(_) | Step::Hash(_) | Step::Mask(_) => continue,
            // Of what they add, only that it is there.
            Step::Set(step) => added(step.fields.iter().map(|(path, _)| path)),
            Step::Lookup(step) => added(step.take.iter().map(|(path, _)| path)),
            other => other.clone(),
        };
        shadow = shadow.step(step);
    }
    let engine = Engine::compile(&shadow, Format::Ndjson)?;
    let row: Record = columns.iter().map(|name| (name.as_str(), Value::from(""))).collect();
    let mut made = Made::default();
    let line = format!("{}\n", row.to_json());
    engine.worker().process(&Chunk { bytes: line.as_bytes(), format: Format::Ndjson }, &mut made);
    Ok(columns::fields(made.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default()))
}

fn added<'p>(paths: impl Iterator<Item = &'p Path>) -> Step {
    Defaults { fields: paths.map(|path| (path.clone(), Value::Null)).collect() }.into()
}
