//! What the database itself knows: its schema in place of the history's, and what depends on what by its own catalogue.

use std::collections::{BTreeMap, BTreeSet};

use migration_kit::lineage::{
    Analyzer, Changed, Dependent, EngineDependents, EngineOutcome, Impact, ObjectName, StatementLineage,
};
use migration_kit::sql::{DatabaseConnector, DumpOptions, MissingDatabase, Rehearsal, SchemaDependent};
use migration_kit::syntax::{Dialect, Statement, StatementKind, split};

use crate::command::lineage::input::SqlText;
use crate::context::Context;
use crate::failure::Result;

/// A database that is asked.
pub(super) struct Live<'c> {
    context: &'c Context,
    dialect: Dialect,
    connector: DatabaseConnector,
    /// A copy of its schema, where it is asked by making the change there.
    copy: Option<Rehearsal>,
    /// What statements before the one at hand have changed: of that, the database knows the state before.
    stale: BTreeSet<String>,
}

impl<'c> Live<'c> {
    /// Connects.
    pub(super) fn open(context: &'c Context) -> Result<Self> {
        let connector = context.connect(MissingDatabase::Refuse)?;
        let dialect = connector.dialect();
        Ok(Self { context, dialect, connector, copy: None, stale: BTreeSet::new() })
    }

    /// Whose rules hold.
    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The schema as statements, each view behind those that it reads.
    pub(super) fn schema(&mut self) -> Result<SqlText> {
        let options = self.without_tracking()?;
        let text = self.connector.dump(&options).map_err(|error| self.context.explain(&error))?;
        if self.dialect == Dialect::Sqlite {
            let copy = Rehearsal::of(&mut self.connector, &options);
            self.copy = Some(copy.map_err(|error| self.context.explain(&error))?);
        }
        Ok(SqlText { name: "<database>".to_owned(), text: in_order(&text, self.dialect) })
    }

    fn without_tracking(&self) -> Result<DumpOptions> {
        let settings = self.context.settings()?;
        let tables = [&settings.history_table, &settings.journal_table, &settings.environment_table];
        let mut options = DumpOptions::default();
        options.without = tables.map(|table| table.value.clone()).into();
        Ok(options)
    }

    /// Has the database confirm or correct what was predicted of a statement. What could not be read, but the database made
    /// in the copy, is known as well.
    pub(super) fn confirm(
        &mut self,
        statement: &Statement<'_>,
        changes: &[Changed],
        predicted: &mut std::result::Result<Vec<Impact>, String>,
    ) -> Result<()> {
        if let Some(copy) = &mut self.copy {
            if is_about_renames(statement) || statement.kind.is_transaction_control() {
                _ = copy.run(statement.text).map_err(|error| self.context.explain(&error))?;
                return Ok(());
            }
            if !changes_schema(statement.kind) {
                return Ok(());
            }
            let done = copy.run(statement.text).map_err(|error| self.context.explain(&error))?;
            let all = |found: &BTreeSet<SchemaDependent>| found.iter().map(dependent).collect();
            let outcome = EngineOutcome {
                refused: done.refused,
                broken: all(&done.broken),
                reshaped: all(&done.reshaped),
                vanished: all(&done.vanished),
            };
            match predicted {
                Ok(impacts) => {
                    if impacts.is_empty() && outcome != EngineOutcome::default() {
                        impacts.push(Impact::default());
                    }
                    impacts.iter_mut().for_each(|impact| impact.rehearsed(self.dialect, changes, &outcome));
                }
                Err(_) => {
                    let mut impact = Impact::default();
                    impact.rehearsed(self.dialect, changes, &outcome);
                    *predicted = Ok(vec![impact]);
                }
            }
            return Ok(());
        }
        let Ok(impacts) = predicted else { return Ok(()) };
        for (impact, changed) in impacts.iter_mut().zip(changes) {
            let (schema, column) = (changed.schema.as_deref(), changed.column.as_deref());
            let found = self.connector.dependents(schema, &changed.table, column, changed.only);
            let Some(found) = found.map_err(|error| self.context.explain(&error))? else { continue };
            let engine = EngineDependents {
                found: found.found.iter().map(dependent).collect(),
                complete: found.complete.clone(),
                stale: self.stale.clone(),
            };
            impact.confirm(self.dialect, changed, &engine);
        }
        Ok(())
    }

    /// Notes what a statement has changed.
    pub(super) fn passed(&mut self, statement: &StatementLineage) {
        self.stale.extend(statement.outputs.iter().map(ObjectName::to_string));
    }
}

/// The one pragma that decides on what a change does.
fn is_about_renames(statement: &Statement<'_>) -> bool {
    statement.kind == StatementKind::Pragma
        && statement.text.to_ascii_lowercase().contains("legacy_alter_table")
}

/// Statements that are made in the copy: none that could reach out of it.
fn changes_schema(kind: StatementKind) -> bool {
    use StatementKind as K;
    matches!(
        kind,
        K::CreateTable
            | K::CreateIndex
            | K::CreateView
            | K::CreateTrigger
            | K::AlterTable
            | K::DropTable
            | K::DropIndex
            | K::DropView
            | K::DropTrigger
    )
}

fn dependent(found: &SchemaDependent) -> Dependent {
    let named = |name: &str| match &found.schema {
        Some(schema) => format!("{schema}.{name}"),
        None => name.to_owned(),
    };
    let name = if found.table.is_none() { named(&found.name) } else { found.name.clone() };
    let mut dependent = Dependent::new(found.kind, name);
    dependent.table = found.table.as_deref().map(named);
    dependent
}

/// A dump of SQLite has views in the order of their names, which says nothing of what they read: each is put behind those
/// that it reads, as `*` has to be known.
fn in_order(text: &str, dialect: Dialect) -> String {
    let Ok(statements) = split(text, dialect) else { return text.to_owned() };
    let (views, others): (Vec<_>, Vec<_>) =
        statements.iter().partition(|statement| statement.kind == StatementKind::CreateView);
    if dialect != Dialect::Sqlite || views.len() < 2 {
        return text.to_owned();
    }
    let mut analyzer = Analyzer::new(dialect);
    let (mut named, mut reads) = (BTreeMap::new(), Vec::new());
    for (place, view) in views.iter().enumerate() {
        let lineage = analyzer.statement(view);
        named.extend(lineage.outputs.iter().map(|name| (name.clone(), place)));
        reads.push(lineage.inputs);
    }
    let mut waits: Vec<usize> = Vec::new();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); views.len()];
    for (place, inputs) in reads.iter().enumerate() {
        let before: BTreeSet<usize> = inputs
            .iter()
            .filter_map(|name| named.get(name).copied())
            .filter(|other| *other != place)
            .collect();
        waits.push(before.len());
        before.into_iter().for_each(|other| readers[other].push(place));
    }
    let mut ready: BTreeSet<usize> = (0..views.len()).filter(|place| waits[*place] == 0).collect();
    let mut order: Vec<usize> = Vec::new();
    while let Some(place) = ready.pop_first() {
        order.push(place);
        for reader in &readers[place] {
            waits[*reader] -= 1;
            if waits[*reader] == 0 {
                ready.insert(*reader);
            }
        }
    }
    // Views in a ring can't be read anyway.
    order.extend((0..views.len()).filter(|place| waits[*place] > 0));
    let (tables, triggers): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|statement| statement.kind != StatementKind::CreateTrigger);
    let all = tables.into_iter().chain(order.into_iter().map(|place| views[place])).chain(triggers);
    all.map(|statement| format!("{}\n;\n", statement.text)).collect()
}
