//! What becomes of the fields of records, as facets of what they are written to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use migration_model::{FieldFlow, FieldSource, RecordFlow};

use crate::openlineage::DatasetId;
use crate::openlineage::event::{InputDataset, RunEvent};
use crate::openlineage::facet::{
    ColumnLineage, DatasetFacets, DatasetType, FieldInputs, InputField, Schema, SchemaField, Transformation,
};

/// Says where the fields of the first output come from, and what else is read for them. Of which input they are nobody knows if
/// there are several; nor what a step does that is a function.
pub(super) fn describe(event: &mut RunEvent, flow: &RecordFlow) {
    let ([input], [output, ..]) = (event.inputs.as_slice(), event.outputs.as_mut_slice()) else { return };
    if !flow.opaque.is_empty() {
        return;
    }
    let input = DatasetId { namespace: input.namespace.clone(), name: input.name.clone() };
    let mut looked_up = BTreeSet::new();
    let mut inputs = |sources: &[FieldSource]| -> Vec<InputField> {
        let mut ways: BTreeMap<(DatasetId, String), BTreeSet<Transformation>> = BTreeMap::new();
        for source in sources.iter().filter(|source| !is_pattern(&source.field)) {
            let dataset = match &source.dataset {
                Some(file) => DatasetId::of_file(Path::new(file), "stdin"),
                None => input.clone(),
            };
            if source.dataset.is_some() {
                looked_up.insert(dataset.clone());
            }
            let kind = if source.kind.is_direct() { "DIRECT" } else { "INDIRECT" };
            let (kind, subtype) = (kind.to_owned(), Some(source.kind.as_str().to_owned()));
            let way = Transformation { kind, subtype, masking: source.masking };
            ways.entry((dataset, source.field.clone())).or_default().insert(way);
        }
        let input = |((dataset, field), ways): ((DatasetId, String), BTreeSet<Transformation>)| InputField {
            namespace: dataset.namespace,
            name: dataset.name,
            field,
            transformations: ways.into_iter().collect(),
        };
        ways.into_iter().map(input).collect()
    };
    let fields = flow.fields.iter().filter(|field| !is_pattern(&field.field));
    let fields: BTreeMap<String, FieldInputs> = fields
        .map(|field| (field.field.clone(), FieldInputs { input_fields: inputs(&field.sources) }))
        .filter(|(_, inputs)| !inputs.input_fields.is_empty())
        .collect();
    let dataset = inputs(&flow.records);
    if !fields.is_empty() || !dataset.is_empty() {
        output.facets.column_lineage = Some(ColumnLineage { fields, dataset }.into());
    }
    output.facets.schema = schema(flow).map(Into::into);
    event.inputs.extend(looked_up.into_iter().filter(|dataset| *dataset != input).map(|dataset| {
        let dataset_type = DatasetType { dataset_type: "FILE".to_owned(), sub_type: None };
        let facets = DatasetFacets { dataset_type: Some(dataset_type.into()), ..DatasetFacets::default() };
        InputDataset::new(dataset, facets)
    }));
}

/// The fields that come out, where the chain names all of them. What they hold is for each record to say.
fn schema(flow: &RecordFlow) -> Option<Schema> {
    let is_whole = !flow.passes_others && !flow.fields.iter().any(|field| is_pattern(&field.field));
    let field = |field: &FieldFlow| SchemaField {
        name: field.field.clone(),
        data_type: None,
        ordinal_position: None,
    };
    is_whole.then(|| Schema { fields: flow.fields.iter().map(field).collect() })
}

/// Whether a path stands for many fields.
fn is_pattern(path: &str) -> bool {
    path.ends_with('*')
}
