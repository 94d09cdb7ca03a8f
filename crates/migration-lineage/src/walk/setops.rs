//! `UNION`, `INTERSECT`, `EXCEPT`: columns by position.

use sqlparser::ast::{SetExpr, SetOperator, SetQuantifier};

use super::{OutColumn, Output, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};

impl Walker<'_> {
    /// A chain of set operations, however long, from the left.
    pub(super) fn set_operation(
        &mut self,
        body: &SetExpr,
        parent: Option<&Scope<'_>>,
    ) -> Result<Output, Fault> {
        let mut chain = Vec::new();
        let mut first = body;
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = first {
            chain.push((op, set_quantifier, right));
            first = left;
        }
        let mut output = self.body(first, parent)?;
        while let Some((op, quantifier, right)) = chain.pop() {
            self.spend()?;
            let right = self.body(right, parent)?;
            self.lost |= output.width().zip(right.width()).is_some_and(|(left, right)| left != right);
            output = match op {
                SetOperator::Union => {
                    let mut union = self.union(output, right);
                    if !matches!(quantifier, SetQuantifier::All | SetQuantifier::AllByName) {
                        group_by_all(&mut union);
                    }
                    union
                }
                SetOperator::Intersect => {
                    let mut both = self.union(output, right);
                    group_by_all(&mut both);
                    both
                }
                SetOperator::Except | SetOperator::Minus => {
                    let right = right.value().through(Subtype::Filter);
                    output.rows.add(right);
                    group_by_all(&mut output);
                    output
                }
            };
        }
        Ok(output)
    }

    /// One below the other: names are the first's. Where a `*` hides how many columns there are, by name.
    pub(super) fn union(&self, mut left: Output, right: Output) -> Output {
        left.rows.add(right.rows);
        let hidden = |columns: &[OutColumn]| columns.iter().any(|column| column.star.is_some());
        if hidden(&left.columns) || hidden(&right.columns) {
            for column in right.columns {
                let same = left
                    .columns
                    .iter_mut()
                    .find(|known| known.name == column.name && known.star == column.star);
                match same {
                    Some(known) => known.flow.add(column.flow),
                    None => left.columns.push(column),
                }
            }
            return left;
        }
        for (index, column) in right.columns.into_iter().enumerate() {
            match left.columns.get_mut(index) {
                Some(known) => known.flow.add(column.flow),
                None => left.columns.push(column),
            }
        }
        left
    }
}

/// Removing duplicates makes every column decide on the rows.
pub(super) fn group_by_all(output: &mut Output) {
    let mut rows = Flow::default();
    for column in &output.columns {
        rows.add_all(&column.flow);
    }
    output.rows.add(rows.through(Subtype::GroupBy));
}
