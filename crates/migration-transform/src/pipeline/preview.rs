//! What becomes of the first records, without writing anything.

use std::sync::PoisonError;

use serde::Serialize;

use super::error::RunError;
use super::order::Feed;
use super::slot::Slot;
use super::{CHUNK, Input, Pipeline, source};
use crate::chain::Chain;
use crate::chunk::{Chunk, Format, Made};
use crate::reason::Reason;
use crate::warnings::WarningExample;

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Sample {
    /// The record's number, from 1.
    pub record: u64,
    /// It as it comes in, as JSON; if it is none, its text.
    pub before: String,
    /// It as it goes out, as JSON.
    pub after: Option<String>,
    /// Whether it goes out.
    pub outcome: SampleOutcome,
    /// Why it was rejected.
    pub reason: Option<Reason>,
    /// What was odd about it.
    pub warnings: Vec<WarningExample>,
}

/// Whether a record goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SampleOutcome {
    /// It does.
    Kept,
    /// A condition leaves it out.
    Filtered,
    /// Something is wrong with it.
    Rejected,
}

pub(crate) fn preview(
    pipeline: &Pipeline<'_>,
    chain: &Chain,
    input: Input<'_>,
    records: u64,
) -> Result<Vec<Sample>, RunError> {
    let format = pipeline.input_format(&input)?;
    // With a limit it is a stream, whatever it is.
    let pipeline = Pipeline { limit: Some(records), shard: None, ..pipeline.clone() };
    let source = source::open(&pipeline, input, format, CHUNK)?;
    let (plain, engine) =
        (pipeline.compile(&Chain::new(), Format::Ndjson)?, pipeline.compile(chain, Format::Ndjson)?);
    let (mut plain, mut engine) = (plain.worker(), engine.worker());
    let Feed::Stream(stream) = source.feed else { return Ok(Vec::new()) };
    let (mut stream, _) = stream.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (mut slot, mut made, mut samples) = (Slot::default(), Made::default(), Vec::new());
    let mut line = source.lines;
    while (samples.len() as u64) < records {
        slot.clear(CHUNK);
        stream.limit_to(Some(1));
        let more = stream.next(&mut slot);
        if !more.map_err(|error| RunError::Input { name: source.name.clone(), begun: true, source: error })? {
            break;
        }
        let bytes = &slot.buffer[slot.records.clone()];
        let chunk = Chunk { bytes, format: source.format.clone() };
        plain.process(&chunk, &mut made);
        let before = match made.records_out {
            0 => String::from_utf8_lossy(bytes).trim().to_owned(),
            _ => text(&made),
        };
        engine.process(&chunk, &mut slot.made);
        slot.add_odd();
        let made = &slot.made;
        if made.records_in == 0 {
            line += made.lines;
            continue;
        }
        let reject = made.rejects.first();
        let outcome = match (reject, made.filtered) {
            (Some(_), _) => SampleOutcome::Rejected,
            (None, 0) => SampleOutcome::Kept,
            (None, _) => SampleOutcome::Filtered,
        };
        let record = samples.len() as u64 + 1;
        let at = |mut warning: WarningExample| {
            warning.record = record;
            warning.line += line;
            warning
        };
        samples.push(Sample {
            record,
            before,
            after: (outcome == SampleOutcome::Kept).then(|| text(made)),
            outcome,
            reason: reject.map(|reject| reject.reason),
            warnings: made.warnings.examples().iter().cloned().map(at).collect(),
        });
        line += made.lines;
    }
    Ok(samples)
}

fn text(made: &Made) -> String {
    String::from_utf8_lossy(&made.bytes).trim_end().to_owned()
}
