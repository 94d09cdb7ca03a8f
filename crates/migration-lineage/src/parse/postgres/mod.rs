//! PostgreSQL's own grammar: what its parser makes of a statement, lowered to the tree that the rest of the analysis walks.
//!
//! One file for each part of that tree. Nothing is lost in the lowering that lineage depends on: what the other tree has no
//! place for is [`Beyond`] it, and then the statement is read as it is without this module. What does not change what
//! a column comes from, such as how a row is locked or where a table is kept, is left out.
//!
//! Names are folded by the parser, so they come out quoted where that matters; types are read from the text, since
//! the parser tells them by the names of its catalogue.

mod alter;
mod document;
mod expr;
mod from;
mod function;
mod names;
mod operator;
mod place;
mod query;
mod select;
mod statement;
mod table;
mod types;
mod write;

use std::panic::{AssertUnwindSafe, catch_unwind};

use pg_query::NodeEnum;
use pg_query::protobuf::{Node, ParseResult};
use sqlparser::ast::Statement;

/// What came of a text.
#[derive(Debug)]
pub(super) enum Reading {
    /// The statements, as far as they mean anything to lineage.
    Lowered(Vec<Statement>),
    /// It is a statement, but not one that can be said in the other tree.
    Beyond(Beyond),
    /// It is none: what PostgreSQL says of it.
    Refused(String),
}

/// Why something can't be lowered: what there is no place for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("PostgreSQL takes it, but {0} is not supported here")]
pub(super) struct Beyond(pub(super) &'static str);

type Lowered<T> = Result<T, Beyond>;

/// Reads a text. The depth of what comes out, and of the calls that read it, is bounded: the decoder of the tree
/// goes no deeper than a hundred messages, one or two for a node.
pub(super) fn parse(text: &str) -> Reading {
    let tree = match tree(text) {
        Ok(tree) => tree,
        Err(Unread::Refused(message)) => return Reading::Refused(place::with_place(&message, text)),
        Err(Unread::TooDeep) => return Reading::Beyond(Beyond("a depth like this")),
        Err(Unread::Odd) => return Reading::Beyond(Beyond("a text like this")),
    };
    let lower = Lower { text };
    let mut statements = Vec::new();
    for raw in &tree.stmts {
        match inner(&raw.stmt).and_then(|node| lower.statement(node)) {
            Ok(lowered) => statements.extend(lowered),
            Err(beyond) => return Reading::Beyond(beyond),
        }
    }
    Reading::Lowered(statements)
}

/// Why there is no tree.
#[derive(Debug)]
enum Unread {
    /// In PostgreSQL's words.
    Refused(String),
    /// Deeper than the decoder goes.
    TooDeep,
    /// No text for a parser in C, or one that the crate around it did not expect.
    Odd,
}

fn tree(text: &str) -> Result<ParseResult, Unread> {
    // The crate looks through the tree for tables and takes some forms of it for granted.
    match catch_unwind(AssertUnwindSafe(|| pg_query::parse(text, 0))) {
        Ok(Ok(parsed)) => Ok(parsed.protobuf),
        Ok(Err(pg_query::Error::Parse(message))) => Err(Unread::Refused(message)),
        Ok(Err(pg_query::Error::Decode(_))) => Err(Unread::TooDeep),
        Ok(Err(_)) | Err(_) => Err(Unread::Odd),
    }
}

/// Lowers the tree of a text.
#[derive(Debug, Clone, Copy)]
struct Lower<'t> {
    text: &'t str,
}

fn kind(node: &Node) -> Lowered<&NodeEnum> {
    node.node.as_ref().ok_or(Beyond("a place in the tree that is empty"))
}

fn inner(node: &Option<Box<Node>>) -> Lowered<&NodeEnum> {
    node.as_deref().ok_or(Beyond("a part that is not there")).and_then(kind)
}
