//! An expression as a tree.

use std::cmp::Ordering;

use super::function::Function;
use crate::spec::Target;

/// A part of an expression. Fields are numbers: places in the list of all paths that the expression reads.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Literal(Literal),
    Field(usize),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// `a || b`
    Join(Vec<Node>),
    Calculate(Operator, Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    IsNull(Box<Node>),
    In(Box<Node>, Vec<Node>),
    Between(Box<Node>, Box<Node>, Box<Node>),
    Like(Box<Node>, Box<Node>, Option<char>),
    Case(Case),
    Cast(Box<Node>, Target, OnFailure),
    Call(Function, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i128),
    /// Another number, as JSON has it.
    Number(Box<str>),
    Text(Box<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Case {
    /// What the arms are compared with; if there is none, they are conditions.
    pub(super) subject: Option<Box<Node>>,
    pub(super) arms: Vec<(Node, Node)>,
    pub(super) otherwise: Option<Box<Node>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// `cast` fails where `try_cast` is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFailure {
    Fail,
    Null,
}

impl Comparison {
    /// With its sides exchanged.
    pub(super) fn turned(self) -> Self {
        match self {
            Self::Equal | Self::NotEqual => self,
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
        }
    }

    /// Whether an order of the sides fulfils it.
    pub(super) fn fits(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}
