//! Expressions.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    AConst, AIndirection, BoolExpr, BoolExprType, BoolTestType, BooleanTest, CaseExpr, CoercionForm,
    MinMaxOp, Node, NullTestType, RowExpr, SubLink, SubLinkType, TypeCast, a_const,
};
use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, CastKind, Expr, Subscript, UnaryOperator, Value,
};

use super::operator::{Rank, beside, chain};
use super::{Beyond, Lower, Lowered, function, inner, kind, names};

impl Lower<'_> {
    pub(super) fn expr(&self, node: &Node) -> Lowered<Expr> {
        self.expr_of(kind(node)?)
    }

    /// An expression that has to be there.
    pub(super) fn expr_in(&self, node: &Option<Box<Node>>) -> Lowered<Expr> {
        self.expr_of(inner(node)?)
    }

    /// An expression that may be there.
    pub(super) fn maybe(&self, node: Option<&Node>) -> Lowered<Option<Expr>> {
        node.map(|node| self.expr(node)).transpose()
    }

    pub(super) fn boxed(&self, node: &Option<Box<Node>>) -> Lowered<Box<Expr>> {
        self.expr_in(node).map(Box::new)
    }

    pub(super) fn expr_of(&self, node: &NodeEnum) -> Lowered<Expr> {
        match node {
            NodeEnum::ColumnRef(column) => column_name(&column.fields),
            NodeEnum::AConst(value) => Ok(constant(value)),
            NodeEnum::ParamRef(parameter) => Ok(bare(format!("${}", parameter.number))),
            NodeEnum::AExpr(operation) => self.operation(operation),
            NodeEnum::BoolExpr(logic) => self.logic(logic),
            NodeEnum::TypeCast(cast) => self.cast(cast),
            NodeEnum::FuncCall(call) => self.call(call),
            NodeEnum::SubLink(link) => self.sub_link(link),
            NodeEnum::CaseExpr(case) => self.case(case),
            NodeEnum::NullTest(test) => {
                let tested = beside(self.expr_in(&test.arg)?, Rank::Is);
                Ok(match NullTestType::try_from(test.nulltesttype) {
                    Ok(NullTestType::IsNull) => Expr::IsNull(tested),
                    Ok(NullTestType::IsNotNull) => Expr::IsNotNull(tested),
                    _ => return Err(Beyond("a test for null")),
                })
            }
            NodeEnum::BooleanTest(test) => self.boolean_test(test),
            NodeEnum::CoalesceExpr(coalesce) => Ok(function::plain("coalesce", self.exprs(&coalesce.args)?)),
            NodeEnum::MinMaxExpr(choice) => {
                let name = if choice.op == MinMaxOp::IsGreatest as i32 { "greatest" } else { "least" };
                Ok(function::plain(name, self.exprs(&choice.args)?))
            }
            NodeEnum::AIndirection(access) => self.indirection(access),
            NodeEnum::AArrayExpr(array) => {
                Ok(Expr::Array(Array { elem: self.exprs(&array.elements)?, named: true }))
            }
            NodeEnum::RowExpr(row) => self.row(row),
            NodeEnum::CollateClause(collate) => Ok(Expr::Collate {
                expr: beside(self.expr_in(&collate.arg)?, Rank::Collate),
                collation: names::object(&collate.collname)?,
            }),
            NodeEnum::SetToDefault(_) => Ok(bare("DEFAULT".to_owned())),
            NodeEnum::CurrentOfExpr(cursor) => {
                Ok(bare(format!("CURRENT OF {}", names::ident(&cursor.cursor_name))))
            }
            NodeEnum::SqlvalueFunction(value) => function::value(value),
            NodeEnum::GroupingFunc(grouping) => Ok(function::plain("grouping", self.exprs(&grouping.args)?)),
            NodeEnum::MergeSupportFunc(_) => Ok(function::plain("merge_action", Vec::new())),
            other => self.document(other),
        }
    }

    fn cast(&self, cast: &TypeCast) -> Lowered<Expr> {
        Ok(Expr::Cast {
            kind: CastKind::DoubleColon,
            expr: beside(self.expr_in(&cast.arg)?, Rank::Cast),
            data_type: self.data_type_in(cast.type_name.as_ref())?,
            format: None,
        })
    }

    fn logic(&self, logic: &BoolExpr) -> Lowered<Expr> {
        let mut operands = self.exprs(&logic.args)?;
        match BoolExprType::try_from(logic.boolop) {
            Ok(BoolExprType::AndExpr) => chain(operands, BinaryOperator::And),
            Ok(BoolExprType::OrExpr) => chain(operands, BinaryOperator::Or),
            Ok(BoolExprType::NotExpr) => match operands.pop() {
                Some(Expr::Exists { subquery, negated: false }) => {
                    Ok(Expr::Exists { subquery, negated: true })
                }
                Some(Expr::InSubquery { expr, subquery, negated: false }) => {
                    Ok(Expr::InSubquery { expr, subquery, negated: true })
                }
                Some(expr) => Ok(Expr::UnaryOp { op: UnaryOperator::Not, expr: beside(expr, Rank::Not) }),
                None => Err(Beyond("a negation of nothing")),
            },
            _ => Err(Beyond("a logical operator")),
        }
    }

    fn boolean_test(&self, test: &BooleanTest) -> Lowered<Expr> {
        let tested = beside(self.expr_in(&test.arg)?, Rank::Is);
        Ok(match BoolTestType::try_from(test.booltesttype) {
            Ok(BoolTestType::IsTrue) => Expr::IsTrue(tested),
            Ok(BoolTestType::IsNotTrue) => Expr::IsNotTrue(tested),
            Ok(BoolTestType::IsFalse) => Expr::IsFalse(tested),
            Ok(BoolTestType::IsNotFalse) => Expr::IsNotFalse(tested),
            Ok(BoolTestType::IsUnknown) => Expr::IsUnknown(tested),
            Ok(BoolTestType::IsNotUnknown) => Expr::IsNotUnknown(tested),
            _ => return Err(Beyond("a test for truth")),
        })
    }

    fn case(&self, case: &CaseExpr) -> Lowered<Expr> {
        let branch = |node: &Node| match kind(node)? {
            NodeEnum::CaseWhen(when) => {
                Ok(CaseWhen { condition: self.expr_in(&when.expr)?, result: self.expr_in(&when.result)? })
            }
            _ => Err(Beyond("a branch of `CASE`")),
        };
        Ok(Expr::Case {
            case_token: AttachedToken::empty(),
            end_token: AttachedToken::empty(),
            operand: self.maybe(case.arg.as_deref())?.map(Box::new),
            conditions: case.args.iter().map(branch).collect::<Lowered<_>>()?,
            else_result: self.maybe(case.defresult.as_deref())?.map(Box::new),
        })
    }

    fn row(&self, row: &RowExpr) -> Lowered<Expr> {
        let parts = self.exprs(&row.args)?;
        if row.row_format == CoercionForm::CoerceExplicitCall as i32 {
            return Ok(function::keyword("ROW", parts));
        }
        Ok(Expr::Tuple(parts))
    }

    /// A sub-query as a value.
    fn sub_link(&self, link: &SubLink) -> Lowered<Expr> {
        let subquery = self.subquery(link.subselect.as_deref())?;
        let tested = || self.expr_in(&link.testexpr);
        match SubLinkType::try_from(link.sub_link_type) {
            Ok(SubLinkType::ExistsSublink) => Ok(Expr::Exists { subquery, negated: false }),
            Ok(SubLinkType::ExprSublink) => Ok(Expr::Subquery(subquery)),
            Ok(SubLinkType::ArraySublink) => Ok(function::of_query("ARRAY", subquery)),
            Ok(SubLinkType::AnySublink) if link.oper_name.is_empty() => {
                Ok(Expr::InSubquery { expr: beside(tested()?, Rank::Between), subquery, negated: false })
            }
            Ok(SubLinkType::AnySublink) => Ok(Expr::AnyOp {
                left: beside(tested()?, Rank::Other),
                compare_op: self.operator(&link.oper_name)?,
                right: Box::new(Expr::Subquery(subquery)),
                is_some: false,
            }),
            Ok(SubLinkType::AllSublink) => Ok(Expr::AllOp {
                left: beside(tested()?, Rank::Other),
                compare_op: self.operator(&link.oper_name)?,
                right: Box::new(Expr::Subquery(subquery)),
            }),
            _ => Err(Beyond("this kind of sub-query")),
        }
    }

    fn indirection(&self, access: &AIndirection) -> Lowered<Expr> {
        let root = self.expr_in(&access.arg)?;
        self.access(root, &access.indirection)
    }

    /// `(value).field`, `array[index]`.
    pub(super) fn access(&self, root: Expr, path: &[Node]) -> Lowered<Expr> {
        let by_name = matches!(path.first(), Some(Node { node: Some(NodeEnum::String(_)) }));
        let is_column = matches!(root, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
        let root = if by_name || !is_column { Expr::Nested(Box::new(root)) } else { root };
        let step = |node: &Node| match kind(node)? {
            NodeEnum::String(name) => Ok(AccessExpr::Dot(Expr::Identifier(names::ident(&name.sval)))),
            NodeEnum::AIndices(indices) => {
                let lower = self.maybe(indices.lidx.as_deref())?;
                let upper = self.maybe(indices.uidx.as_deref())?;
                Ok(AccessExpr::Subscript(match upper {
                    Some(index) if !indices.is_slice => Subscript::Index { index },
                    upper_bound => Subscript::Slice { lower_bound: lower, upper_bound, stride: None },
                }))
            }
            _ => Err(Beyond("all fields of a value as one value")),
        };
        let access_chain = path.iter().map(step).collect::<Lowered<_>>()?;
        Ok(Expr::CompoundFieldAccess { root: Box::new(root), access_chain })
    }
}

/// A column, with what it is qualified by.
pub(super) fn column_name(fields: &[Node]) -> Lowered<Expr> {
    if let Some((Node { node: Some(NodeEnum::AStar(_)) }, of)) = fields.split_last() {
        return match of {
            [] => Ok(Expr::Wildcard(AttachedToken::empty())),
            of => Ok(Expr::QualifiedWildcard(names::object(of)?, AttachedToken::empty())),
        };
    }
    let mut parts = names::idents(fields)?;
    match parts.len() {
        0 => Err(Beyond("a column without a name")),
        1 => Ok(Expr::Identifier(parts.remove(0))),
        _ => Ok(Expr::CompoundIdentifier(parts)),
    }
}

/// A value that stands in the text.
pub(super) fn constant(value: &AConst) -> Expr {
    use a_const::Val;
    let value = match &value.val {
        _ if value.isnull => Value::Null,
        Some(Val::Ival(number)) => Value::Number(number.ival.to_string(), false),
        Some(Val::Fval(number)) => Value::Number(number.fval.clone(), false),
        Some(Val::Boolval(truth)) => Value::Boolean(truth.boolval),
        Some(Val::Sval(text)) if text.sval.contains('\\') => Value::EscapedStringLiteral(text.sval.clone()),
        Some(Val::Sval(text)) => Value::SingleQuotedString(text.sval.clone()),
        // The tree has the letter in front of the digits.
        Some(Val::Bsval(bits)) => match bits.bsval.split_at_checked(1) {
            Some(("x", digits)) => Value::HexStringLiteral(digits.to_owned()),
            Some((_, digits)) => Value::SingleQuotedByteStringLiteral(digits.to_owned()),
            None => Value::Null,
        },
        // A zero, which protocol buffers leave out.
        None => Value::Number("0".to_owned(), false),
    };
    Expr::Value(value.into())
}

/// What is no column and no value of a type: written as it stands, and depending on nothing.
pub(super) fn bare(text: String) -> Expr {
    Expr::Value(Value::Placeholder(text).into())
}
