//! Which value goes to which place, where a `*` hides how many there are.

use super::{OutColumn, Output};
use crate::flow::Flow;
use crate::name::{Ident, ObjectName};

/// Whether it can't be told how many columns there are.
pub(super) fn is_open(columns: &[OutColumn]) -> bool {
    columns.iter().any(|column| column.star.is_some())
}

/// What may be at each of `count` places that the columns go to in order.
///
/// A column is certain of its place if everything before it is, or everything behind it and there are just as many
/// columns as places (`exact`). Any other is where it may be, and marked as one that was reached through a `*`.
pub(super) fn spread(columns: &[OutColumn], count: usize, exact: bool) -> Vec<Flow> {
    let mut places = vec![Flow::default(); count];
    let is_firm = |column: &&OutColumn| column.star.is_none() && !column.loose;
    let before = columns.iter().take_while(is_firm).count();
    let behind = columns.iter().rev().take_while(is_firm).count();
    for (at, column) in columns.iter().enumerate() {
        let after = columns.len() - at - 1;
        let firm = at < before || exact && after < behind;
        // Each of the others takes a place, or more.
        let possible = match (at < before, firm, column.loose) {
            (true, ..) => at..at + 1,
            (_, true, _) => count.saturating_sub(after + 1)..count.saturating_sub(after),
            (.., true) => before..count.saturating_sub(if exact { behind } else { 0 }),
            (.., false) => at..count.saturating_sub(after),
        };
        if column.loose && is_covered(column, columns) {
            continue;
        }
        let flow = column.flow.clone();
        let flow = if firm || column.star.is_some() { flow } else { flow.reached_through_star() };
        for place in possible {
            if let Some(place) = places.get_mut(place) {
                place.add_all(&flow);
            }
        }
    }
    places
}

impl Output {
    /// With these names for its columns, which say how many there are.
    pub(crate) fn under(mut self, names: &[Ident]) -> Self {
        if !names.is_empty() && is_open(&self.columns) {
            let named = names.iter().zip(spread(&self.columns, names.len(), false));
            self.columns = named.map(|(name, flow)| OutColumn::new(Some(name.clone()), flow)).collect();
        }
        self
    }
}

/// Whether a `*` beside it says the same: all columns of the table that it is a column of.
fn is_covered(column: &OutColumn, columns: &[OutColumn]) -> bool {
    let is_of = |table: &ObjectName| {
        column.star.is_none() && column.flow.iter().all(|source| source.column.table.as_ref() == Some(table))
    };
    columns.iter().filter_map(|column| column.star.as_ref()?.table()).any(is_of)
}

#[cfg(test)]
mod tests {
    use migration_syntax::Dialect;

    use super::super::Unseen;
    use super::*;
    use crate::flow::ColumnRef;

    /// `a` is a column of `t`, `u*` all of `u`; of `?u.a` and `?u*` it is not known which comes first.
    fn column(text: &str) -> OutColumn {
        let ident = |text: &str| Ident::new(text, false, Dialect::Postgres);
        let table = |text: &str| ObjectName::from_parts(&[ident(text)]);
        let loose = text.starts_with('?');
        if let Some(name) = text.trim_start_matches('?').strip_suffix('*') {
            return OutColumn { loose, ..OutColumn::star(&Unseen::Of(table(name))) };
        }
        let (of, name) = text.trim_start_matches('?').split_once('.').unwrap_or(("t", text));
        let flow = Flow::copy_of(ColumnRef::new(&table(of), &ident(name)));
        OutColumn { loose, ..OutColumn::new(Some(ident(name)), flow) }
    }

    fn check(columns: &[&str], count: usize, exact: bool, expected: &str) {
        let columns: Vec<_> = columns.iter().map(|text| column(text)).collect();
        let show = |flow: &Flow| {
            let marked = |through_star| if through_star { "?" } else { "" };
            let one =
                |source: &crate::flow::Source| format!("{}{}", source.column, marked(source.through_star));
            flow.iter().map(one).collect::<Vec<_>>().join("+")
        };
        let places: Vec<_> = spread(&columns, count, exact).iter().map(show).collect();
        assert_eq!(places.join(" "), expected);
    }

    #[test]
    fn values_and_places() {
        check(&["a", "b"], 2, false, "t.a t.b");
        check(&["a", "u*"], 3, false, "t.a u.* u.*");
        check(&["u*", "a"], 3, true, "u.* u.* t.a");
        check(&["u*", "a"], 3, false, "u.* t.a?+u.* t.a?");
        check(&["a", "u*", "v*", "b"], 5, true, "t.a u.* u.*+v.* v.* t.b");
        check(&["?u.a", "?u*"], 2, true, "u.* u.*");
        check(&["?v.a", "?u*", "b"], 3, true, "u.*+v.a? u.*+v.a? t.b");
    }
}
