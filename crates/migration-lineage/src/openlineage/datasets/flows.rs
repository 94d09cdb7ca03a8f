//! What flows into one dataset, from many statements.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{Kind, Source, Subtype};
use crate::openlineage::DatasetId;
use crate::openlineage::facet::{
    ColumnLineage, FieldInputs, FieldLineage, InputField, LineageInput, LineageInputs, Transformation,
};

/// Columns that something comes from, each with the ways in which it does.
type Sources = BTreeMap<(DatasetId, String), BTreeSet<Transformation>>;

/// What flows into a dataset.
#[derive(Debug, Clone, Default)]
pub(in crate::openlineage) struct Flows {
    /// Whole datasets.
    pub(in crate::openlineage) tables: BTreeSet<DatasetId>,
    columns: BTreeMap<String, Sources>,
    rows: Sources,
}

impl Flows {
    /// Notes that a column comes from another.
    pub(super) fn column(&mut self, column: &str, from: DatasetId, source: &Source) {
        add(self.columns.entry(column.to_owned()).or_default(), &mut self.tables, from, source);
    }

    /// Notes that a column decides on the rows.
    pub(super) fn rows(&mut self, from: DatasetId, source: &Source) {
        add(&mut self.rows, &mut self.tables, from, source);
    }

    /// Follows a column to another name.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(sources) = self.columns.remove(from) {
            self.columns.insert(to.to_owned(), sources);
        }
    }

    /// Whether it is known what a column comes from.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// Forgets a column.
    pub(super) fn remove(&mut self, column: &str) {
        self.columns.remove(column);
    }

    /// Takes over what flowed into the same dataset under another name.
    pub(super) fn join(&mut self, other: Self) {
        self.tables.extend(other.tables);
        for (column, sources) in other.columns {
            merge(self.columns.entry(column).or_default(), sources);
        }
        merge(&mut self.rows, other.rows);
    }

    /// As the facet of columns; none if nothing flows.
    pub(in crate::openlineage) fn column_lineage(&self) -> Option<ColumnLineage> {
        let field =
            |((dataset, field), ways): (&(DatasetId, String), &BTreeSet<Transformation>)| InputField {
                namespace: dataset.namespace.clone(),
                name: dataset.name.clone(),
                field: field.clone(),
                transformations: ways.iter().cloned().collect(),
            };
        let fields: BTreeMap<String, FieldInputs> = self
            .columns
            .iter()
            .filter(|(_, sources)| !sources.is_empty())
            .map(|(name, sources)| {
                (name.clone(), FieldInputs { input_fields: sources.iter().map(field).collect() })
            })
            .collect();
        let dataset: Vec<InputField> = self.rows.iter().map(field).collect();
        (!fields.is_empty() || !dataset.is_empty()).then_some(ColumnLineage { fields, dataset })
    }

    /// As the facet of datasets and columns.
    pub(in crate::openlineage) fn lineage(&self) -> LineageInputs {
        let input =
            |dataset: &DatasetId, field: Option<&String>, ways: &BTreeSet<Transformation>| LineageInput {
                namespace: dataset.namespace.clone(),
                name: dataset.name.clone(),
                kind: "DATASET".to_owned(),
                field: field.cloned(),
                transformations: ways.iter().cloned().collect(),
            };
        let all = |sources: &Sources| -> Vec<LineageInput> {
            sources.iter().map(|((dataset, field), ways)| input(dataset, Some(field), ways)).collect()
        };
        let mut inputs: Vec<LineageInput> =
            self.tables.iter().map(|dataset| input(dataset, None, &BTreeSet::new())).collect();
        inputs.extend(all(&self.rows));
        let columns = self.columns.iter().filter(|(_, sources)| !sources.is_empty());
        let fields =
            columns.map(|(name, sources)| (name.clone(), FieldLineage { inputs: all(sources) })).collect();
        LineageInputs { inputs, fields }
    }
}

fn add(sources: &mut Sources, tables: &mut BTreeSet<DatasetId>, from: DatasetId, source: &Source) {
    if source.column.name.is_star() {
        // Of which columns it is nobody knows: the dataset has to do.
        tables.insert(from);
        return;
    }
    let kind = match source.kind() {
        Kind::Direct => "DIRECT",
        Kind::Indirect => "INDIRECT",
    };
    let way = Transformation {
        kind: kind.to_owned(),
        subtype: Some(subtype(source.subtype).to_owned()),
        masking: source.masking,
    };
    sources.entry((from, source.column.name.as_str().to_owned())).or_default().insert(way);
}

fn merge(into: &mut Sources, other: Sources) {
    for (source, ways) in other {
        into.entry(source).or_default().extend(ways);
    }
}

/// A subtype as OpenLineage writes it.
pub(in crate::openlineage) fn subtype(subtype: Subtype) -> &'static str {
    crate::graph::EdgeKind::from(subtype).as_str()
}
