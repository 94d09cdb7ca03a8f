//! `GROUP BY`.

use sqlparser::ast::{Expr, GroupByExpr, GroupByWithModifier};

use super::{OutColumn, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::Ident;

impl Walker<'_> {
    /// What the groups are made of: columns first, then names of the list, then positions in it.
    pub(super) fn group_by(
        &mut self,
        group_by: &GroupByExpr,
        columns: &[OutColumn],
        scope: &mut Scope<'_>,
        aliases: &[(Ident, Flow)],
    ) -> Result<Flow, Fault> {
        let mut flow = Flow::default();
        let (exprs, modifiers) = match group_by {
            GroupByExpr::All(modifiers) => (&[][..], modifiers),
            GroupByExpr::Expressions(exprs, modifiers) => (exprs.as_slice(), modifiers),
        };
        let sets = modifiers.iter().filter_map(|modifier| match modifier {
            GroupByWithModifier::GroupingSets(expr) => Some(expr),
            _ => None,
        });
        let mut open: Vec<&Expr> = exprs.iter().chain(sets).collect();
        while let Some(expr) = open.pop() {
            match expr {
                Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                    open.extend(sets.iter().flatten());
                }
                Expr::Tuple(exprs) => open.extend(exprs),
                _ => {
                    let value = match self.by_position(expr, columns) {
                        Some(value) => value,
                        None => self.group_item(expr, scope, aliases)?,
                    };
                    flow.add(value.through(Subtype::GroupBy));
                }
            }
        }
        Ok(flow)
    }

    fn group_item(
        &mut self,
        expr: &Expr,
        scope: &mut Scope<'_>,
        aliases: &[(Ident, Flow)],
    ) -> Result<Flow, Fault> {
        // A column that some table certainly has comes before a name of the list; one that it may have, behind.
        if let Expr::Identifier(name) = expr {
            let name = self.ident(name);
            let certain = scope.relations.iter().any(|relation| relation.known(&name).is_some());
            if !certain && let Some((_, flow)) = aliases.iter().find(|(alias, _)| *alias == name) {
                return Ok(flow.clone());
            }
        }
        scope.aliases = aliases.to_vec();
        let flow = self.expr(expr, scope);
        scope.aliases.clear();
        flow
    }
}
