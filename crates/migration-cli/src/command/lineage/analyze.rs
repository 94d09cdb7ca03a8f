//! `migration lineage analyze`: what the statements of a text read and write; needs no database.

use std::collections::BTreeMap;
use std::path::Path;

use migration_kit::lineage::{
    Analyzer, ColumnLineage, Coverage, DatasetLineage, ObjectName, Source, StatementLineage, Subtype,
    mask_secrets,
};
use migration_kit::syntax::{Dialect, StatementKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::input::{SqlText, dialect};
use crate::args::AnalyzeArgs;
use crate::context::Context;
use crate::failure::Result;
use crate::screen::{View, count, notes, printable, printable_name, shorten};
use crate::style::{DIM, STRONG, paint};

/// The statements of a text, with what each reads and writes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AnalyzeData {
    /// The file, or `<stdin>`.
    file: String,
    /// Whose rules the text was read by.
    dialect: Dialect,
    /// The statements, in order.
    statements: Vec<StatementLineage>,
    /// How much of the text was understood.
    coverage: Coverage,
    /// The same of the files of `--schema`; `null` without one.
    schema_coverage: Option<Coverage>,
    /// The text, for the terminal.
    #[serde(skip)]
    text: String,
}

impl AnalyzeData {
    pub(super) fn render(&self, view: View) -> String {
        let mut out = String::new();
        if let Some(schema) = self.schema_coverage.filter(|schema| schema.analysed < schema.statements) {
            let missed = count(schema.statements - schema.analysed, "statement");
            out.push_str(&notes(&[format!("{missed} of the schema could not be read as a whole")]));
        }
        for statement in &self.statements {
            self.render_statement(statement, view, &mut out);
        }
        let Coverage { statements, analysed, .. } = self.coverage;
        out.push_str(&format!("{}, {analysed} understood\n", count(statements, "statement")));
        out
    }

    fn render_statement(&self, statement: &StatementLineage, view: View, out: &mut String) {
        let place = paint(DIM, format_args!("{}:{}", self.file, statement.line));
        let text = self.text.get(statement.start..statement.end).unwrap_or_default();
        let text = &mask_secrets(text, self.dialect);
        let kind = paint(STRONG, statement.kind);
        if view.verbose {
            out.push_str(&format!("{place} {kind}\n{}\n", printable(text)));
        } else {
            out.push_str(&format!("{place} {kind}  {}\n", shorten(text, 80)));
        }
        let mut lines: Vec<(String, String)> = Vec::new();
        let tables = |names: &[ObjectName]| listed(names.iter());
        let sides = [("reads", &statement.inputs), ("writes", &statement.outputs)];
        lines.extend(
            sides
                .iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(side, names)| ((*side).to_owned(), tables(names))),
        );
        for column in &statement.columns {
            let own = own_sources(column, &statement.dataset);
            // A new table's columns come from nowhere, but for generated ones and those of a query.
            if own.is_empty() && statement.inputs.is_empty() && statement.kind == StatementKind::CreateTable {
                continue;
            }
            lines.push((printable_name(&column.target.to_string()), said(own.into_iter())));
        }
        for rows in statement.dataset.iter().filter(|rows| !rows.sources.is_empty()) {
            let target =
                rows.target.as_ref().map_or_else(|| "rows".to_owned(), |name| format!("rows of {name}"));
            lines.push((printable_name(&target), said(rows.sources.iter())));
        }
        let width = lines.iter().map(|(left, _)| left.chars().count()).max().unwrap_or_default();
        for (left, right) in lines {
            let blanks = width - left.chars().count();
            out.push_str(&format!("  {left}{}  {right}\n", " ".repeat(blanks)));
        }
        let reasons = statement.unanalysed.iter().map(|part| part.reason.clone());
        out.push_str(&notes(&reasons.collect::<Vec<_>>()));
    }
}

/// What a column depends on but for what decides on the rows as a whole, which is shown once.
fn own_sources<'a>(column: &'a ColumnLineage, dataset: &[DatasetLineage]) -> Vec<&'a Source> {
    let rows = dataset.iter().find(|rows| rows.target == column.target.table);
    let of_rows = |source: &Source| rows.is_some_and(|rows| rows.sources.contains(source));
    column.sources.iter().filter(|source| !of_rows(source)).collect()
}

/// `a.id`, `transformation of a.x, a.y`, `filter by a.z`; what several subtypes say, one after the other.
fn said<'a>(sources: impl Iterator<Item = &'a Source>) -> String {
    let mut groups: BTreeMap<(Subtype, bool), Vec<String>> = BTreeMap::new();
    for source in sources {
        groups.entry((source.subtype, source.masking)).or_default().push(source.column.to_string());
    }
    if groups.is_empty() {
        return paint(DIM, "no column");
    }
    let group = |((subtype, masking), columns): (&(Subtype, bool), &Vec<String>)| {
        let columns = listed(columns.iter());
        let masked = if *masking { "masked " } else { "" };
        match word(*subtype) {
            "" => format!("{masked}{columns}"),
            word => format!("{masked}{word} {columns}"),
        }
    };
    groups.iter().map(group).collect::<Vec<_>>().join("; ")
}

fn word(subtype: Subtype) -> &'static str {
    match subtype {
        Subtype::Identity => "",
        Subtype::Transformation => "transformation of",
        Subtype::Aggregation => "aggregation of",
        Subtype::Join => "join by",
        Subtype::Filter => "filter by",
        Subtype::GroupBy => "group by",
        Subtype::Sort => "sort by",
        Subtype::Window => "window by",
        Subtype::Conditional => "condition on",
    }
}

fn listed(names: impl Iterator<Item: ToString>) -> String {
    names.map(|name| printable_name(&name.to_string())).collect::<Vec<_>>().join(", ")
}

pub(super) fn run(args: &AnalyzeArgs, context: &Context) -> Result<AnalyzeData> {
    let dialect = dialect(args.dialect, context)?;
    let mut analyzer = Analyzer::new(dialect);
    let mut schema_coverage = None;
    for file in &args.schema {
        schema_coverage = Some(SqlText::read(Path::new(file))?.analyze(&mut analyzer).coverage);
    }
    let input = SqlText::read(&args.file)?;
    let analysis = input.analyze(&mut analyzer);
    Ok(AnalyzeData {
        file: input.name,
        dialect,
        statements: analysis.statements,
        coverage: analysis.coverage,
        schema_coverage,
        text: input.text,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_statement_in_lines() {
        let text = "CREATE TABLE orders (id int, price int, qty int, note text);
            CREATE VIEW totals AS SELECT id, price * qty AS total, md5(note) AS mark, 1 AS one FROM orders WHERE qty > 0;
            SELECT \u{1b}[31m;";
        let analysis = Analyzer::new(Dialect::Mysql).analyze(text).unwrap();
        let data = AnalyzeData {
            file: "a.sql".into(),
            dialect: Dialect::Mysql,
            statements: analysis.statements,
            coverage: analysis.coverage,
            schema_coverage: None,
            text: text.into(),
        };
        let shown = data.render(View { json: false, quiet: false, verbose: false });
        let shown = anstream::adapter::strip_str(&shown).to_string();
        expect![[r#"
            a.sql:1 create_table  CREATE TABLE orders (id int, price int, qty int, note text)
              writes  orders
            a.sql:2 create_view  CREATE VIEW totals AS SELECT id, price * qty AS total, md5(note) AS mark, 1 AS …
              reads           orders
              writes          totals
              totals.id       orders.id
              totals.total    transformation of orders.price, orders.qty
              totals.mark     masked transformation of orders.note
              totals.one      no column
              rows of totals  filter by orders.qty
            a.sql:3 select  SELECT �[31m
            note: not understood: Expected: an expression, found: � at Line: 1, Column: 8
            3 statements, 2 understood
        "#]].assert_eq(&shown);
    }
}
