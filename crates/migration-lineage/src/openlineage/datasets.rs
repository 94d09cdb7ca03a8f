//! What the statements of a job read and write: datasets with their facets.

mod flows;

use std::collections::{BTreeMap, BTreeSet};

use migration_syntax::{StatementKind, split};

use super::event::{InputDataset, OutputDataset};
use super::facet::{
    DatasetFacets, DatasetType, ExtractionError, ExtractionErrors, JobLineage, LineageEntry,
    OutputStatistics, Schema, SchemaField,
};
use super::lifecycle::{Deeds, change};
use super::{DatabaseNaming, DatasetId};
use crate::analyzer::Analyzer;
use crate::catalogue::{Catalogue, Relation, RelationKind};
use crate::flow::ColumnRef;
use crate::name::ObjectName;
use crate::result::{ColumnLineage, SchemaChange, StatementLineage, is_rename, is_renamed};
use crate::secrets::{mask_message, mask_secrets};
use flows::Flows;

/// What is found of the statements of one job, one by one.
#[derive(Debug)]
pub(super) struct JobDatasets<'a> {
    naming: &'a DatabaseNaming,
    /// What there was before.
    before: BTreeSet<DatasetId>,
    /// What goes with the session, under the names that the catalogue has or had for it.
    temporary: BTreeSet<ObjectName>,
    inputs: BTreeMap<DatasetId, DatasetFacets>,
    outputs: BTreeMap<DatasetId, Output>,
    statements: usize,
    errors: Vec<(usize, ExtractionError)>,
}

/// A dataset that is written.
#[derive(Debug)]
struct Output {
    name: ObjectName,
    deeds: Deeds,
    /// What it was called before the job, if otherwise.
    origin: Option<DatasetId>,
    flows: Flows,
    rows: Option<u64>,
}

/// Everything that a job reads and writes.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) inputs: Vec<InputDataset>,
    pub(super) outputs: Vec<OutputDataset>,
    pub(super) lineage: Option<JobLineage>,
    pub(super) errors: Option<ExtractionErrors>,
}

impl<'a> JobDatasets<'a> {
    /// Nothing yet; the catalogue is that before the job.
    pub(super) fn new(naming: &'a DatabaseNaming, catalogue: &Catalogue) -> Self {
        let (temporary, lasting): (Vec<_>, Vec<_>) =
            catalogue.relations().partition(|relation| relation.temporary);
        Self {
            naming,
            before: lasting.into_iter().map(|relation| naming.of(&relation.name)).collect(),
            temporary: temporary.into_iter().map(|relation| relation.name.clone()).collect(),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            statements: 0,
            errors: Vec::new(),
        }
    }

    /// Adds the statements of a text, and moves the analyzer along. `rows` is what the database counted.
    pub(super) fn text(&mut self, text: &str, rows: Option<u64>, analyzer: &mut Analyzer) {
        let dialect = analyzer.catalogue().dialect();
        let masked = |text: &str| Some(mask_secrets(text, dialect).into_owned());
        let statements = match split(text, dialect) {
            Ok(statements) => statements,
            Err(error) => {
                let (error_message, task_number) = (error.to_string(), Some(self.statements));
                self.statements += 1;
                self.errors.push((
                    self.statements,
                    ExtractionError { error_message, task: masked(text), task_number },
                ));
                return;
            }
        };
        let needed = analyzer.needed(&statements);
        for statement in &statements {
            let lineage = analyzer.remembering(statement, needed.has(statement));
            self.statement(statement.text, &lineage, rows, analyzer.catalogue());
        }
    }

    /// Adds a statement that was analysed, with what there is after it.
    pub(super) fn statement(
        &mut self,
        text: &str,
        lineage: &StatementLineage,
        rows: Option<u64>,
        catalogue: &Catalogue,
    ) {
        let number = self.statements;
        self.statements += 1;
        for part in &lineage.unanalysed {
            let task = Some(mask_secrets(text, catalogue.dialect()).into_owned());
            let error_message = mask_message(&part.reason, text, catalogue.dialect());
            let error = ExtractionError { error_message, task, task_number: Some(number) };
            self.errors.push((self.statements, error));
        }
        self.add(lineage, rows, catalogue);
    }

    fn add(&mut self, lineage: &StatementLineage, rows: Option<u64>, catalogue: &Catalogue) {
        for name in lineage.inputs.iter().chain(&lineage.outputs) {
            match catalogue.known(name) {
                Some(relation) if relation.temporary => {
                    self.temporary.insert(relation.name.clone());
                }
                Some(relation) => {
                    self.temporary.remove(&relation.name);
                }
                None => {}
            }
        }
        for change in &lineage.changes {
            self.change(change, catalogue);
        }
        let read: Vec<&ObjectName> =
            lineage.inputs.iter().filter(|name| !is_renamed(name, &lineage.changes)).collect();
        for name in &read {
            let id = self.id(name, catalogue);
            let relation = catalogue.known(name);
            self.inputs.entry(id).or_insert_with(|| facets(relation, self.naming));
        }
        let written: Vec<&ObjectName> = lineage
            .outputs
            .iter()
            .filter(|name| !is_renamed(name, &lineage.changes) || catalogue.known(name).is_some())
            .collect();
        let sources: Vec<DatasetId> = read.iter().map(|name| self.id(name, catalogue)).collect();
        for name in &written {
            let relation = catalogue.known(name);
            let output = self.output(name, catalogue);
            let was_defined = output.deeds.defined;
            output.deeds.note(lineage.kind);
            let gone = relation.is_none() && output.deeds.defined;
            output.deeds.dropped |= relation.is_none() && (was_defined || ends(lineage.kind));
            let is_own = |column: &ColumnLineage| column.target.table.as_ref() == Some(*name);
            let made_anew = lineage.kind == StatementKind::CreateView && lineage.columns.iter().any(is_own);
            if made_anew || gone {
                // What it was made of before is of no matter any more.
                output.flows = Flows::default();
            }
            output.flows.tables.extend(sources.iter().cloned());
            if relation.is_some_and(|relation| relation.assumed) && output.origin.is_none() {
                // It was there, though nothing that was read has made it.
                let id = self.id(name, catalogue);
                self.before.insert(id);
            }
        }
        if let ([only], Some(rows), true) = (written.as_slice(), rows, writes_rows(lineage.kind)) {
            *self.output(only, catalogue).rows.get_or_insert(0) += rows;
        }
        self.flows(lineage, catalogue);
    }

    fn flows(&mut self, lineage: &StatementLineage, catalogue: &Catalogue) {
        for column in &lineage.columns {
            let Some(table) = &column.target.table else { continue };
            let of_rows = lineage.dataset.iter().find(|rows| rows.target.as_ref() == Some(table));
            for source in &column.sources {
                let everywhere = of_rows.is_some_and(|rows| rows.sources.contains(source));
                if column.target.name.is_star() || everywhere {
                    continue;
                }
                if is_rename(&column.target, source, &lineage.changes)
                    && self.is_known(&column.target, lineage, catalogue)
                {
                    continue;
                }
                let Some(from) = &source.column.table else { continue };
                let from = self.id(from, catalogue);
                let output = self.output(table, catalogue);
                output.flows.column(column.target.name.as_str(), from, source);
            }
        }
        for rows in &lineage.dataset {
            let Some(table) = &rows.target else { continue };
            for source in &rows.sources {
                let Some(from) = &source.column.table else { continue };
                let from = self.id(from, catalogue);
                self.output(table, catalogue).flows.rows(from, source);
            }
        }
    }

    /// Whether it is said already where a column with another name comes from: its table says it, or this job made it.
    fn is_known(&mut self, target: &ColumnRef, lineage: &StatementLineage, catalogue: &Catalogue) -> bool {
        let renames_table =
            lineage.changes.iter().any(|change| matches!(change, SchemaChange::RenameTable { .. }));
        let table = target.table.as_ref();
        renames_table
            || table.is_some_and(|table| self.output(table, catalogue).flows.has(target.name.as_str()))
    }

    fn change(&mut self, change: &SchemaChange, catalogue: &Catalogue) {
        match change {
            SchemaChange::RenameTable { from, to } => {
                let (old, new) = (self.id(from, catalogue), self.id(to, catalogue));
                let moved = self.outputs.remove(&old);
                let origin = match &moved {
                    // Of what was made in this job nothing was there before.
                    Some(output) if output.origin.is_some() => output.origin.clone(),
                    _ if self.before.contains(&old) => Some(old),
                    Some(output) if output.deeds.defined => None,
                    // What nobody has made and is renamed was there already.
                    _ => catalogue.known(to).filter(|relation| relation.assumed).map(|_| old),
                };
                let output = self.output(to, catalogue);
                output.deeds.defined = true;
                output.origin = origin.filter(|origin| *origin != new);
                if let Some(moved) = moved {
                    output.flows.join(moved.flows);
                    output.rows = moved.rows.or(output.rows);
                }
            }
            SchemaChange::RenameColumn { table, from, to } => {
                self.output(table, catalogue).flows.rename(from.as_str(), to.as_str());
            }
            SchemaChange::DropColumn { table, column } => {
                self.output(table, catalogue).flows.remove(column.as_str());
            }
        }
    }

    fn output(&mut self, name: &ObjectName, catalogue: &Catalogue) -> &mut Output {
        let name = self.full(name, catalogue);
        self.outputs.entry(self.naming.of(&name)).or_insert_with(|| Output {
            name,
            deeds: Deeds::default(),
            origin: None,
            flows: Flows::default(),
            rows: None,
        })
    }

    fn id(&self, name: &ObjectName, catalogue: &Catalogue) -> DatasetId {
        self.naming.of(&self.full(name, catalogue))
    }

    /// The name that a thing goes by, with the schema that the session would find it in.
    fn full(&self, name: &ObjectName, catalogue: &Catalogue) -> ObjectName {
        let schema = catalogue.temporary_schema();
        match (catalogue.known(name), schema) {
            (known, Some(schema))
                if known.map_or_else(|| self.temporary.contains(name), |it| it.temporary) =>
            {
                ObjectName::from_parts(&[schema, name.last()])
            }
            (Some(relation), _) => relation.name.clone(),
            (None, _) => catalogue.new_name(name),
        }
    }

    /// What flows into each dataset.
    pub(super) fn into_flows(self) -> BTreeMap<DatasetId, Flows> {
        self.outputs.into_iter().map(|(id, output)| (id, output.flows)).collect()
    }

    /// Everything; the catalogue is that after the job.
    pub(super) fn finish(self, catalogue: &Catalogue) -> Found {
        let naming = self.naming;
        let mut found = Found::default();
        let mut entries = Vec::new();
        let temporary = self.temporary;
        for (id, output) in self.outputs {
            let relation = catalogue.known(&output.name);
            let mut facets = facets(relation, naming);
            let (before, after) = (self.before.contains(&id), relation.is_some());
            // What goes with the session is nobody else's: it neither comes nor goes for those who read events.
            if !catalogue.says_temporary(&output.name) && !temporary.contains(&output.name) {
                let change = change(before, after, output.deeds, output.origin.as_ref());
                facets.lifecycle_state_change = change.map(Into::into);
            }
            if after || !output.deeds.defined {
                facets.column_lineage = output.flows.column_lineage().map(Into::into);
                entries.push(LineageEntry {
                    namespace: id.namespace.clone(),
                    name: id.name.clone(),
                    kind: "DATASET".to_owned(),
                    lineage: output.flows.lineage(),
                });
            }
            let mut dataset = OutputDataset::new(id, facets);
            let statistics = output.rows.map(|rows| OutputStatistics { row_count: Some(rows), size: None });
            dataset.output_facets.output_statistics = statistics.map(Into::into);
            found.outputs.push(dataset);
        }
        found.inputs = self.inputs.into_iter().map(|(id, facets)| InputDataset::new(id, facets)).collect();
        found.lineage = (!entries.is_empty()).then_some(JobLineage { entries });
        let failed: BTreeSet<usize> = self.errors.iter().map(|(statement, _)| *statement).collect();
        found.errors = (!failed.is_empty()).then(|| ExtractionErrors {
            total_tasks: self.statements,
            failed_tasks: failed.len(),
            errors: self.errors.into_iter().map(|(_, error)| error).collect(),
        });
        found
    }
}

impl Deeds {
    fn note(&mut self, kind: StatementKind) {
        use StatementKind as K;
        match kind {
            K::CreateTable
            | K::CreateView
            | K::AlterTable
            | K::Alter
            | K::DropTable
            | K::DropView
            | K::Drop
            | K::DropDatabase
            | K::CreateSchema
            | K::Rename => {
                self.defined = true;
            }
            K::Truncate => self.truncated = true,
            K::Refresh => self.overwritten = true,
            _ => {}
        }
    }
}

/// Whether what a statement of this kind is about is gone, if it is not there.
fn ends(kind: StatementKind) -> bool {
    use StatementKind as K;
    matches!(kind, K::Drop | K::DropTable | K::DropView | K::DropDatabase)
}

/// Whether the rows that a statement of this kind was counted are rows that it wrote.
fn writes_rows(kind: StatementKind) -> bool {
    use StatementKind as K;
    matches!(kind, K::Insert | K::Replace | K::Update | K::Merge | K::Copy | K::Load)
}

/// What is known of a table or view, and of where it is.
pub(super) fn facets(relation: Option<&Relation>, naming: &DatabaseNaming) -> DatasetFacets {
    let mut facets =
        DatasetFacets { data_source: naming.source().map(Into::into), ..DatasetFacets::default() };
    let Some(relation) = relation else { return facets };
    let (dataset_type, sub_type) = match relation.kind {
        RelationKind::Table => ("TABLE", None),
        RelationKind::View => ("VIEW", None),
        RelationKind::MaterializedView => ("VIEW", Some("MATERIALIZED".to_owned())),
    };
    facets.dataset_type = Some(DatasetType { dataset_type: dataset_type.to_owned(), sub_type }.into());
    if relation.complete {
        let field = |(index, column): (usize, &crate::catalogue::Column)| SchemaField {
            name: column.name.as_str().to_owned(),
            data_type: Some(column.data_type.clone()).filter(|text| !text.is_empty()),
            ordinal_position: Some(index + 1),
        };
        facets.schema =
            Some(Schema { fields: relation.columns.iter().enumerate().map(field).collect() }.into());
    }
    facets
}
