//! The data in a page, as its script reads them.

use serde::Serialize;

use super::cards::{Cards, METRICS, Metrics};
use super::layout::{Layout, Size};
use super::model::{Key, Model, Past};
use crate::graph::EdgeKind;
use crate::render::excerpt::Level;

/// Of a longer statement, as many characters are in the page, with a line that says how many are not.
const LONGEST: usize = 20_000;

/// Everything. Things are numbered as in the model.
#[derive(Debug, Serialize)]
pub(super) struct Data<'a> {
    title: &'a str,
    notes: &'a [String],
    /// The level to begin with, if it is not for the page to choose.
    level: Option<Level>,
    metrics: Metrics,
    /// Where those stand that nothing is joined to, at the level of columns and at that of tables.
    apart: [Option<[i32; 3]>; 2],
    focus: &'a [usize],
    /// Names of the kinds of edges, and whether the value itself flows (1), or it decides (2), or neither (0).
    kinds: Vec<(&'static str, u8)>,
    tables: Vec<Table<'a>>,
    columns: Vec<Column<'a>>,
    /// From, to, the kinds as a set of bits, whether it is masked, statements.
    edges: Vec<(usize, usize, u32, u8, Vec<usize>)>,
    references: &'a [(usize, usize)],
    /// Migration, line, SQL.
    statements: Vec<(&'a str, Option<usize>, String)>,
}

#[derive(Debug, Serialize)]
struct Table<'a> {
    name: &'a str,
    kind: &'a str,
    /// The place of its first column, and their number.
    first: usize,
    count: usize,
    /// The columns that its card shows, if not all.
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<&'a [usize]>,
    statements: &'a [usize],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    past: Vec<Name<'a>>,
    /// Its card at the level of columns, and at that of tables.
    cards: [Card<'a>; 2],
}

/// x, y, width, height, lanes.
type Card<'a> = (i32, i32, i32, i32, &'a [[i32; 3]]);

/// A name that something had, how it came by it, and in which migration.
type Name<'a> = (&'a str, Option<&'static str>, Option<&'a str>);

/// Name, type, key (1 primary, 2 unique, 4 foreign, 8 required), past.
type Column<'a> = (&'a str, &'a str, u8, Vec<Name<'a>>);

impl<'a> Data<'a> {
    pub(super) fn of(
        model: &'a Model,
        cards: &'a Cards,
        layouts: &'a [Layout; 2],
        title: &'a str,
        notes: &'a [String],
        level: Option<Level>,
    ) -> Self {
        let card = |table: usize, layout: &'a Layout, sizes: &[Size]| {
            let (place, size) = (&layout.places[table], sizes[table]);
            (place.x, place.y, size.width, size.height, place.lanes.as_slice())
        };
        let tables = model.tables.iter().enumerate().map(|(number, table)| Table {
            name: &table.name,
            kind: &table.kind,
            first: table.columns.start,
            count: table.columns.len(),
            shown: cards.shown[number].as_deref(),
            statements: &table.statements,
            past: names(&table.past),
            cards: [
                card(number, &layouts[0], &cards.with_columns),
                card(number, &layouts[1], &cards.without_columns),
            ],
        });
        let columns = model
            .columns
            .iter()
            .map(|column| (&*column.name, &*column.data_type, bits(column.key), names(&column.past)));
        let edges = model.edges.iter().map(|edge| {
            let kinds = edge.kinds.iter().fold(0, |set, kind| set | 1 << *kind as u32);
            let statements = edge.statements.iter().copied().collect();
            (edge.from, edge.to, kinds, u8::from(edge.masking), statements)
        });
        let statements = model.statements.iter();
        Self {
            title,
            notes,
            level,
            metrics: METRICS,
            apart: [layouts[0].apart, layouts[1].apart],
            focus: &model.focus,
            kinds: EdgeKind::ALL.iter().map(|kind| (kind.as_str(), nature(*kind))).collect(),
            tables: tables.collect(),
            columns: columns.collect(),
            edges: edges.collect(),
            references: &model.references,
            statements: statements.map(|one| (&*one.migration, one.line, shortened(&one.sql))).collect(),
        }
    }
}

fn names(past: &[Past]) -> Vec<Name<'_>> {
    past.iter()
        .map(|past| (past.name.as_str(), past.by.map(EdgeKind::as_str), past.migration.as_deref()))
        .collect()
}

fn nature(kind: EdgeKind) -> u8 {
    match kind {
        kind if kind.is_direct() => 1,
        kind if kind.is_indirect() => 2,
        _ => 0,
    }
}

fn bits(key: Key) -> u8 {
    let bit = |is_set: bool, bit: u8| u8::from(is_set) << bit;
    bit(key.primary, 0) | bit(key.unique, 1) | bit(key.foreign, 2) | bit(key.required, 3)
}

fn shortened(sql: &str) -> String {
    let Some((end, _)) = sql.char_indices().nth(LONGEST) else { return sql.to_owned() };
    let (shown, rest) = sql.split_at(end);
    format!("{shown}\n… {} more characters", rest.chars().count())
}
