//! `migration lineage transform`: where the fields come from that a chain of steps makes; reads no record.

use migration_kit::model::{FieldSource, FlowKind, RecordFlow};
use migration_kit::transform::Chain;
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::ChainArgs;
use crate::command::transform::read_spec;
use crate::failure::Result;
use crate::screen::printable_name;
use crate::style::{DIM, paint};

/// What a chain does with the fields of a record.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChainData {
    /// The file of the chain.
    file: String,
    #[serde(flatten)]
    flow: RecordFlow,
}

impl ChainData {
    pub(super) fn render(&self) -> String {
        let flow = &self.flow;
        let mut lines: Vec<(String, String)> = Vec::new();
        lines.extend(flow.fields.iter().map(|field| (printable_name(&field.field), said(&field.sources))));
        let mut about = |what: &str, text: String| lines.push((paint(DIM, what), text));
        if !flow.records.is_empty() {
            about("records", said(&flow.records));
        }
        if !flow.removed.is_empty() {
            about(
                "removed",
                flow.removed.iter().map(|field| printable_name(field)).collect::<Vec<_>>().join(", "),
            );
        }
        about("others", if flow.passes_others { "as they came in" } else { "removed" }.to_owned());
        let length = |text: &str| anstream::adapter::strip_str(text).to_string().chars().count();
        let width = lines.iter().map(|(left, _)| length(left)).max().unwrap_or_default();
        let mut out = String::new();
        for (left, right) in lines {
            out.push_str(&format!("{left}{}  {right}\n", " ".repeat(width - length(&left))));
        }
        out
    }
}

/// `transformation of a, b; join by c`. What only holds where a step has nothing to do or fails comes last.
fn said(sources: &[FieldSource]) -> String {
    if sources.is_empty() {
        return paint(DIM, "no field");
    }
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let mut sorted: Vec<&FieldSource> = sources.iter().collect();
    sorted.sort_by_key(|source| (source.fallback, source.kind, source.masking));
    for source in sorted {
        let else_ = if source.fallback { "else " } else { "" };
        let masked = if source.masking { "masked " } else { "" };
        let title = format!("{else_}{masked}{}", word(source.kind));
        let name = match &source.dataset {
            Some(dataset) => format!("{} of {}", printable_name(&source.field), printable_name(dataset)),
            None => printable_name(&source.field),
        };
        match groups.last_mut() {
            Some((known, names)) if *known == title => names.push(name),
            _ => groups.push((title, vec![name])),
        }
    }
    groups.iter().map(|(title, names)| format!("{title}{}", names.join(", "))).collect::<Vec<_>>().join("; ")
}

fn word(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::Identity => "",
        FlowKind::Join => "join by ",
        FlowKind::Filter => "filter by ",
        FlowKind::Conditional => "condition on ",
        _ => "transformation of ",
    }
}

pub(super) fn run(args: &ChainArgs) -> Result<ChainData> {
    let flow = Chain::from(read_spec(&args.spec)?).record_flow();
    Ok(ChainData { file: args.spec.display().to_string(), flow })
}
