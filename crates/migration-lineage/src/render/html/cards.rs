//! How large the cards are. The page draws them by the same measures.

use std::collections::BTreeSet;

use serde::Serialize;

use super::layout::Size;
use super::model::{Model, Table};

/// The measures of a card, in CSS pixels.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Metrics {
    /// The line with its name.
    head: i32,
    /// The line of a column.
    row: i32,
    /// Below the last one.
    foot: i32,
}

pub(super) const METRICS: Metrics = Metrics { head: 36, row: 24, foot: 6 };

/// A table with more columns than this shows those that edges lead to or from, and folds the rest.
const COLUMNS: usize = 18;
/// So many it shows in any case.
const FEW: usize = 12;

const WIDTHS: std::ops::RangeInclusive<i32> = 176..=340;

/// The cards of all tables.
#[derive(Debug)]
pub(super) struct Cards {
    pub(super) with_columns: Vec<Size>,
    pub(super) without_columns: Vec<Size>,
    /// Of tables that fold some: the columns that are shown, as places among its own.
    pub(super) shown: Vec<Option<Vec<usize>>>,
}

impl Cards {
    pub(super) fn of(model: &Model) -> Self {
        let joined: BTreeSet<usize> = model.edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
        let is_joined = |column: usize| joined.contains(&(model.tables.len() + column));
        let mut cards = Self { with_columns: Vec::new(), without_columns: Vec::new(), shown: Vec::new() };
        for table in &model.tables {
            let shown = shown(table, is_joined);
            let count = table.columns.len();
            let rows = shown.as_ref().map_or(count, |shown| shown.len() + 1);
            let foot = if rows == 0 { 0 } else { METRICS.foot };
            let height = METRICS.head + METRICS.row * i32::try_from(rows).unwrap_or(i32::MAX / 64) + foot;
            let head = head_width(table);
            let columns = model.columns[table.columns.clone()].iter();
            let widest = columns.map(|column| {
                // A key's sign, the name, the type as far as there is room for it.
                width(&column.name, 7.2) + width(&column.data_type, 6.4).min(104) + 62
            });
            let wide = widest.fold(head, i32::max);
            cards.with_columns.push(Size { width: within(wide), height });
            cards.without_columns.push(Size { width: within(head), height: METRICS.head });
            cards.shown.push(shown);
        }
        cards
    }
}

fn within(width: i32) -> i32 {
    width.clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// The columns that are shown, if not all are.
fn shown(table: &Table, is_joined: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
    if table.columns.len() <= COLUMNS {
        return None;
    }
    let joined = table.columns.clone().filter(|column| is_joined(*column)).count();
    let mut room = FEW.saturating_sub(joined);
    let mut shown = Vec::new();
    for (place, column) in table.columns.clone().enumerate() {
        let joined = is_joined(column);
        if joined || room > 0 {
            shown.push(place);
            room -= usize::from(!joined);
        }
    }
    (shown.len() < table.columns.len()).then_some(shown)
}

/// Room for the name, for the word that says what it is, and for the number of its columns.
fn head_width(table: &Table) -> i32 {
    let kind = if table.kind == "table" { 0 } else { width(&table.kind, 7.0).min(70) + 10 };
    width(&table.name, 7.9) + kind + 58
}

/// About how wide a text is: characters of Eastern scripts take twice the room of others.
fn width(text: &str, each: f64) -> i32 {
    let units = text.chars().take(200).map(|c| if c >= '\u{1100}' { 2.0 } else { 1.0 });
    (units.sum::<f64>() * each) as i32
}
