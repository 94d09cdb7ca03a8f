//! Operators, and the brackets that the tree does not have: they are put back where the text would be read in another way.

use pg_query::NodeEnum;
use pg_query::protobuf::{AExpr, AExprKind, Node};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::{Beyond, Lower, Lowered, function, inner, names};

/// How tightly operators bind, by PostgreSQL's manual, 4.1.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Or,
    And,
    Not,
    Is,
    Compare,
    Between,
    Other,
    Sum,
    Product,
    Power,
    Zone,
    Collate,
    Sign,
    Cast,
    Atom,
}

impl Rank {
    fn of(expr: &Expr) -> Rank {
        match expr {
            Expr::BinaryOp { op, .. } => Rank::of_operator(op),
            Expr::UnaryOp { op: UnaryOperator::Not, .. } => Rank::Not,
            Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, .. } => Rank::Sign,
            Expr::UnaryOp { .. } | Expr::Prefixed { .. } | Expr::AnyOp { .. } | Expr::AllOp { .. } => {
                Rank::Other
            }
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::IsJson { .. }
            | Expr::IsNormalized { .. } => Rank::Is,
            Expr::Between { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. }
            | Expr::SimilarTo { .. }
            | Expr::InList { .. }
            | Expr::InSubquery { .. } => Rank::Between,
            Expr::Exists { negated: true, .. } => Rank::Not,
            Expr::AtTimeZone { .. } => Rank::Zone,
            Expr::Collate { .. } => Rank::Collate,
            Expr::Cast { .. } => Rank::Cast,
            // A minus before a number is part of it in the tree.
            Expr::Value(value) if value.to_string().starts_with('-') => Rank::Sign,
            _ => Rank::Atom,
        }
    }

    fn of_operator(op: &BinaryOperator) -> Rank {
        use BinaryOperator as B;
        match op {
            B::Or => Rank::Or,
            B::And => Rank::And,
            B::Eq | B::NotEq | B::Lt | B::LtEq | B::Gt | B::GtEq => Rank::Compare,
            B::Plus | B::Minus => Rank::Sum,
            B::Multiply | B::Divide | B::Modulo => Rank::Product,
            B::PGExp => Rank::Power,
            _ => Rank::Other,
        }
    }
}

/// An operand, in brackets if it does not bind as tightly as what it stands beside.
pub(super) fn beside(expr: Expr, operator: Rank) -> Box<Expr> {
    bracketed(Rank::of(&expr) < operator, expr)
}

/// The same for an operand that would take the operator for itself if it bound equally.
fn behind(expr: Expr, operator: Rank) -> Box<Expr> {
    bracketed(Rank::of(&expr) <= operator, expr)
}

fn bracketed(is: bool, expr: Expr) -> Box<Expr> {
    Box::new(if is { Expr::Nested(Box::new(expr)) } else { expr })
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    let rank = Rank::of_operator(&op);
    // What compares does not compare again.
    let left = if rank == Rank::Compare { behind(left, rank) } else { beside(left, rank) };
    Expr::BinaryOp { left, op, right: behind(right, rank) }
}

/// `a AND b AND c`, which the tree has side by side.
pub(super) fn chain(operands: Vec<Expr>, op: BinaryOperator) -> Lowered<Expr> {
    let joined = operands.into_iter().reduce(|left, right| binary(left, op.clone(), right));
    joined.ok_or(Beyond("an operator without operands"))
}

impl Lower<'_> {
    pub(super) fn operation(&self, operation: &AExpr) -> Lowered<Expr> {
        use AExprKind as K;
        let left = || self.expr_in(&operation.lexpr);
        let right = || self.expr_in(&operation.rexpr);
        let negated = || names_operator(&operation.name).is_some_and(|name| name.starts_with('!'));
        match AExprKind::try_from(operation.kind) {
            Ok(K::AexprOp) if operation.lexpr.is_none() => self.prefixed(operation),
            Ok(K::AexprOp) => Ok(binary(left()?, self.operator(&operation.name)?, right()?)),
            Ok(K::AexprOpAny) => Ok(Expr::AnyOp {
                left: beside(left()?, Rank::Other),
                compare_op: self.operator(&operation.name)?,
                right: Box::new(right()?),
                is_some: false,
            }),
            Ok(K::AexprOpAll) => Ok(Expr::AllOp {
                left: beside(left()?, Rank::Other),
                compare_op: self.operator(&operation.name)?,
                right: Box::new(right()?),
            }),
            Ok(K::AexprDistinct) => {
                Ok(Expr::IsDistinctFrom(behind(left()?, Rank::Is), behind(right()?, Rank::Is)))
            }
            Ok(K::AexprNotDistinct) => {
                Ok(Expr::IsNotDistinctFrom(behind(left()?, Rank::Is), behind(right()?, Rank::Is)))
            }
            Ok(K::AexprNullif) => Ok(function::plain("nullif", vec![left()?, right()?])),
            Ok(K::AexprIn) => Ok(Expr::InList {
                expr: behind(left()?, Rank::Between),
                list: self.list(inner(&operation.rexpr)?)?,
                negated: names_operator(&operation.name) == Some("<>"),
            }),
            Ok(kind @ (K::AexprLike | K::AexprIlike | K::AexprSimilar)) => {
                self.pattern(kind, left()?, inner(&operation.rexpr)?, negated())
            }
            Ok(
                kind @ (K::AexprBetween | K::AexprNotBetween | K::AexprBetweenSym | K::AexprNotBetweenSym),
            ) => self.between(kind, left()?, inner(&operation.rexpr)?),
            _ => Err(Beyond("an operator")),
        }
    }

    fn prefixed(&self, operation: &AExpr) -> Lowered<Expr> {
        let operand = self.expr_in(&operation.rexpr)?;
        let op = match names_operator(&operation.name) {
            Some("-") => UnaryOperator::Minus,
            Some("+") => UnaryOperator::Plus,
            Some("~") => UnaryOperator::BitwiseNot,
            Some("@") => UnaryOperator::PGAbs,
            Some("|/") => UnaryOperator::PGSquareRoot,
            Some("||/") => UnaryOperator::PGCubeRoot,
            _ => {
                let prefix = names::word(&self.operator(&operation.name)?.to_string());
                return Ok(Expr::Prefixed { prefix, value: behind(operand, Rank::Other) });
            }
        };
        let rank = match op {
            UnaryOperator::Minus | UnaryOperator::Plus => Rank::Sign,
            _ => Rank::Other,
        };
        Ok(Expr::UnaryOp { op, expr: behind(operand, rank) })
    }

    /// `LIKE`, `ILIKE` and `SIMILAR TO`; to the tree, `ESCAPE` is a function of the pattern.
    fn pattern(&self, kind: AExprKind, value: Expr, pattern: &NodeEnum, negated: bool) -> Lowered<Expr> {
        let (pattern, escape) = match pattern {
            NodeEnum::FuncCall(call) if is_escape(&call.funcname) => match call.args.as_slice() {
                [pattern] => (self.expr(pattern)?, None),
                [pattern, escape] => (self.expr(pattern)?, Some(self.expr(escape)?)),
                _ => return Err(Beyond("a pattern")),
            },
            other => (self.expr_of(other)?, None),
        };
        let expr = behind(value, Rank::Between);
        let pattern = behind(pattern, Rank::Between);
        let escape_char = escape.map(Box::new);
        Ok(match kind {
            AExprKind::AexprLike => Expr::Like { negated, any: false, expr, pattern, escape_char },
            AExprKind::AexprIlike => Expr::ILike { negated, any: false, expr, pattern, escape_char },
            _ => Expr::SimilarTo { negated, expr, pattern, escape_char },
        })
    }

    fn between(&self, kind: AExprKind, value: Expr, bounds: &NodeEnum) -> Lowered<Expr> {
        let [low, high] = <[Expr; 2]>::try_from(self.list(bounds)?).map_err(|_| Beyond("bounds"))?;
        let negated = matches!(kind, AExprKind::AexprNotBetween | AExprKind::AexprNotBetweenSym);
        let expr = behind(value, Rank::Between);
        let (low, high) = (behind(low, Rank::Between), behind(high, Rank::Between));
        if matches!(kind, AExprKind::AexprBetweenSym | AExprKind::AexprNotBetweenSym) {
            // The parser's tree has no place for the word, and any of the three decides as in `BETWEEN`.
            let word = names::word("SYMMETRIC");
            let low = Box::new(Expr::Prefixed { prefix: word, value: low });
            return Ok(Expr::Between { expr, negated, low, high });
        }
        Ok(Expr::Between { expr, negated, low, high })
    }

    /// An operator by its name, which may have a schema.
    pub(super) fn operator(&self, name: &[Node]) -> Lowered<BinaryOperator> {
        use BinaryOperator as B;
        if let [schema @ .., last] = name
            && !schema.is_empty()
        {
            let mut parts: Vec<_> = schema
                .iter()
                .map(|part| names::string(part).map(|part| names::ident(part).to_string()))
                .collect::<Lowered<_>>()?;
            parts.push(names::string(last)?.to_owned());
            return Ok(B::PGCustomBinaryOperator(parts));
        }
        let name = names_operator(name).ok_or(Beyond("an operator without a name"))?;
        Ok(match name {
            "=" => B::Eq,
            "<>" => B::NotEq,
            "<" => B::Lt,
            "<=" => B::LtEq,
            ">" => B::Gt,
            ">=" => B::GtEq,
            "+" => B::Plus,
            "-" => B::Minus,
            "*" => B::Multiply,
            "/" => B::Divide,
            "%" => B::Modulo,
            "^" => B::PGExp,
            "||" => B::StringConcat,
            other => B::Custom(other.to_owned()),
        })
    }
}

/// The operator itself, without its schema.
fn names_operator(name: &[Node]) -> Option<&str> {
    name.last().and_then(|node| names::string(node).ok())
}

fn is_escape(name: &[Node]) -> bool {
    matches!(names_operator(name), Some("like_escape" | "similar_to_escape"))
}
