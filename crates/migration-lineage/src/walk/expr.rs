//! Expressions: which columns a value comes from, and which only decide on it.

use sqlparser::ast::{self, AccessExpr, BinaryOperator, Expr, Subscript};

use super::call::variable;
use super::naming::function_of;
use super::{Returned, Scope, Walker};
use crate::fault::Fault;
use crate::flow::{Flow, Subtype};
use crate::name::{Ident, ObjectName};

impl Walker<'_> {
    /// What an expression depends on.
    pub(crate) fn expr(&mut self, expr: &Expr, scope: &Scope<'_>) -> Result<Flow, Fault> {
        self.spend()?;
        match expr {
            Expr::Identifier(name) => {
                let flow = self.lookup(name, scope);
                self.touch(&flow);
                Ok(flow)
            }
            Expr::CompoundIdentifier(parts) => {
                let flow = self.lookup_qualified(parts, scope);
                self.touch(&flow);
                Ok(flow)
            }
            Expr::Nested(inner) => self.expr(inner, scope),
            Expr::Collate { expr, .. } | Expr::Prior(expr) | Expr::OuterJoin(expr) => self.expr(expr, scope),
            Expr::Function(function) => self.function(function, scope),
            Expr::Case { operand, conditions, else_result, .. } => {
                let mut flow = Flow::default();
                for condition in operand.iter().map(|operand| &**operand) {
                    flow.add(self.expr(condition, scope)?.through(Subtype::Conditional));
                }
                for branch in conditions {
                    flow.add(self.expr(&branch.condition, scope)?.through(Subtype::Conditional));
                    flow.add(self.expr(&branch.result, scope)?.through(Subtype::Transformation));
                }
                if let Some(other) = else_result {
                    flow.add(self.expr(other, scope)?.through(Subtype::Transformation));
                }
                Ok(flow)
            }
            Expr::Subquery(query) => Ok(self.query(query, Some(scope))?.value()),
            // Whether there are rows is all that matters.
            Expr::Exists { subquery, .. } => Ok(self.query(subquery, Some(scope))?.rows),
            Expr::InSubquery { expr, subquery, .. } => {
                let mut flow = self.expr(expr, scope)?;
                let values = self.query(subquery, Some(scope))?;
                let width = if let Expr::Tuple(values) = &**expr { values.len() } else { 1 };
                self.lost |= values.width().is_some_and(|known| known != width);
                flow.add(values.value());
                Ok(flow.through_direct())
            }
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, scope),
            Expr::Value(value) if self.in_routine => match &value.value {
                ast::Value::Placeholder(name) => {
                    let name = Ident::new(name, true, self.dialect);
                    Ok(self.variables.get(&name).cloned().unwrap_or_default())
                }
                _ => Ok(Flow::default()),
            },
            Expr::Value(_) | Expr::TypedString(_) | Expr::Wildcard(_) => Ok(Flow::default()),
            Expr::QualifiedWildcard(name, _) => Ok(self.whole_row(name, scope)),
            Expr::MatchAgainst { columns, .. } => {
                let mut flow = Flow::default();
                for column in columns {
                    let parts: Vec<_> = column.0.iter().filter_map(|part| part.as_ident().cloned()).collect();
                    flow.add(match parts.as_slice() {
                        [only] => self.lookup(only, scope),
                        parts => self.lookup_qualified(parts, scope),
                    });
                }
                Ok(flow.through_direct())
            }
            Expr::BinaryOp { left, op: BinaryOperator::Assignment, right } => {
                let flow = self.expr(right, scope)?;
                self.returned
                    .extend(variable(left, self.dialect).map(|to| Returned { to, flow: flow.clone() }));
                Ok(flow)
            }
            _ => {
                let mut flow = Flow::default();
                for operand in self.operands(expr) {
                    flow.add(self.expr(operand, scope)?);
                }
                Ok(flow.through_direct())
            }
        }
    }

    /// What an operator is applied to. Chains of operators are unrolled here, so that a long one is not a deep one.
    fn operands<'e>(&mut self, expr: &'e Expr) -> Vec<&'e Expr> {
        let mut leaves = Vec::new();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            if let Some(function) = function_of(expr) {
                let name = Ident::new(function, true, self.dialect);
                self.calls.insert(ObjectName::from_parts(&[name]));
            }
            match expr {
                Expr::BinaryOp { left, right, .. }
                | Expr::AnyOp { left, right, .. }
                | Expr::AllOp { left, right, .. }
                | Expr::IsDistinctFrom(left, right)
                | Expr::IsNotDistinctFrom(left, right) => open.extend([&**right, &**left]),
                Expr::AtTimeZone { timestamp: left, time_zone: right }
                | Expr::Position { expr: left, r#in: right } => {
                    open.extend([&**right, &**left]);
                }
                Expr::IsFalse(inner)
                | Expr::IsNotFalse(inner)
                | Expr::IsTrue(inner)
                | Expr::IsNotTrue(inner)
                | Expr::IsNull(inner)
                | Expr::IsNotNull(inner)
                | Expr::IsUnknown(inner)
                | Expr::IsNotUnknown(inner)
                | Expr::UnaryOp { expr: inner, .. }
                | Expr::Cast { expr: inner, .. }
                | Expr::Extract { expr: inner, .. }
                | Expr::Ceil { expr: inner, .. }
                | Expr::Floor { expr: inner, .. }
                | Expr::IsJson { expr: inner, .. }
                | Expr::IsNormalized { expr: inner, .. }
                | Expr::JsonAccess { value: inner, .. }
                | Expr::Prefixed { value: inner, .. }
                | Expr::Named { expr: inner, .. } => open.push(inner),
                Expr::Nested(inner) => open.push(inner),
                Expr::Convert { expr, styles, .. } => {
                    open.extend(styles);
                    open.push(expr);
                }
                Expr::InList { expr, list, .. } => {
                    open.extend(list);
                    open.push(expr);
                }
                Expr::InUnnest { expr, array_expr, .. } => open.extend([&**array_expr, &**expr]),
                Expr::Between { expr, low, high, .. } => open.extend([&**high, &**low, &**expr]),
                Expr::Like { expr, pattern, escape_char, .. }
                | Expr::ILike { expr, pattern, escape_char, .. }
                | Expr::SimilarTo { expr, pattern, escape_char, .. } => {
                    open.extend(escape_char.iter().map(|escape| &**escape));
                    open.extend([&**pattern, &**expr]);
                }
                Expr::RLike { expr, pattern, .. } => open.extend([&**pattern, &**expr]),
                Expr::Substring { expr, substring_from, substring_for, .. } => {
                    open.extend([substring_for, substring_from].into_iter().flatten().map(|part| &**part));
                    open.push(expr);
                }
                Expr::Trim { expr, trim_what, trim_characters, .. } => {
                    open.extend(trim_characters.iter().flatten());
                    open.extend(trim_what.iter().map(|what| &**what));
                    open.push(expr);
                }
                Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                    open.extend(overlay_for.iter().map(|part| &**part));
                    open.extend([&**overlay_from, &**overlay_what, &**expr]);
                }
                Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                    open.extend(sets.iter().flatten());
                }
                Expr::Tuple(parts) => open.extend(parts),
                Expr::Struct { values, .. } => open.extend(values),
                Expr::Array(ast::Array { elem, .. }) => open.extend(elem),
                Expr::Interval(ast::Interval { value, .. }) => open.push(value),
                Expr::Dictionary(fields) => open.extend(fields.iter().map(|field| &*field.value)),
                Expr::Map(map) => {
                    open.extend(map.entries.iter().flat_map(|entry| [&*entry.key, &*entry.value]));
                }
                Expr::MemberOf(member) => open.extend([&*member.value, &*member.array]),
                Expr::Lambda(lambda) => open.push(&lambda.body),
                leaf => leaves.push(leaf),
            }
        }
        leaves
    }

    /// Columns that a name has meant. Those of a row as a whole it has not: the row is another one without them.
    pub(super) fn touch(&mut self, flow: &Flow) {
        if std::mem::take(&mut self.by_row) {
            return;
        }
        self.touched.extend(flow.iter().map(|source| source.column.clone()));
    }

    /// `table.*` as one value.
    pub(super) fn whole_row(&mut self, name: &ast::ObjectName, scope: &Scope<'_>) -> Flow {
        let name = self.name(name);
        let flow = self.relation_of(name.parts(), scope).map(super::Relation::whole).unwrap_or_default();
        self.note_row(&flow);
        self.by_row = false;
        flow
    }

    /// `(value).field`, `array[index]`.
    fn access(&mut self, root: &Expr, chain: &[AccessExpr], scope: &Scope<'_>) -> Result<Flow, Fault> {
        if let Some(flow) = self.field(root, chain, scope)? {
            return Ok(flow);
        }
        let mut flow = match (root, chain) {
            // `(alias).column` is that column.
            (Expr::Nested(inner), [AccessExpr::Dot(Expr::Identifier(column)), ..])
                if matches!(&**inner, Expr::Identifier(_)) =>
            {
                let Expr::Identifier(first) = &**inner else { return Ok(Flow::default()) };
                let flow = self.lookup_qualified(&[first.clone(), column.clone()], scope);
                self.touch(&flow);
                if chain.len() == 1 {
                    return Ok(flow);
                }
                flow
            }
            // `table.array[index]`: the dots before the brackets are those of a name.
            (Expr::Identifier(first), [AccessExpr::Dot(Expr::Identifier(_)), ..]) => {
                let further = chain.iter().map_while(|access| match access {
                    AccessExpr::Dot(Expr::Identifier(part)) => Some(part.clone()),
                    _ => None,
                });
                let parts: Vec<_> = std::iter::once(first.clone()).chain(further).collect();
                let flow = self.lookup_qualified(&parts, scope);
                self.touch(&flow);
                flow
            }
            _ => self.expr(root, scope)?,
        };
        for access in chain {
            if let AccessExpr::Subscript(subscript) = access {
                let parts: Vec<&Expr> = match subscript {
                    Subscript::Index { index } => vec![index],
                    Subscript::Slice { lower_bound, upper_bound, stride } => {
                        [lower_bound, upper_bound, stride].into_iter().flatten().collect()
                    }
                };
                for part in parts {
                    flow.add(self.expr(part, scope)?);
                }
            }
        }
        Ok(flow.through_direct())
    }
}

impl Flow {
    /// Through an operator.
    fn through_direct(self) -> Flow {
        self.through(Subtype::Transformation)
    }
}
