//! From the text of one statement to a syntax tree: `sqlparser`, a bound on depth before it, and our own
//! understanding of what it does not read.

#[cfg(all(test, feature = "postgres-grammar"))]
mod agree;
mod depth;
#[cfg(feature = "postgres-grammar")]
mod postgres;
mod rewrite;

use migration_syntax::Dialect;
use sqlparser::ast::Statement;
use sqlparser::dialect::{self, MySqlDialect, PostgreSqlDialect, SQLiteDialect};
use sqlparser::parser::{Parser, ParserError};

use crate::fault::Fault;

pub(crate) use depth::Depth;

/// How deeply the parser may call itself; more than any statement that a person wrote.
const RECURSION: usize = 160;

/// Beyond this, a statement is refused: a chain of as many operators, one inside the other.
const LONGEST_CHAIN: usize = 20_000;

/// The function that a text calls, in its own words, for all fields of a row: `(value).*`.
pub(crate) const ALL_FIELDS: &str = "(row).*";

/// Parses the statement and hands the trees to `use_them`, on a stack that is large enough for both.
///
/// # Errors
/// What the parser says; nesting that is too deep; what `use_them` says.
pub(crate) fn with_parsed<T: Send>(
    text: &str,
    dialect: Dialect,
    use_them: impl FnOnce(&[Statement]) -> Result<T, Fault> + Send,
) -> Result<T, Fault> {
    let depth = Depth::of(text, dialect);
    if depth.chain > LONGEST_CHAIN {
        return Err(Fault::TooDeep);
    }
    let way = Way::here();
    depth.with_stack(|| {
        let statements = parse(text, dialect, way)?;
        use_them(&statements)
    })?
}

/// How PostgreSQL's statements are read where there are two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As well as it can be.
    Best,
    /// As they are without the feature: tests compare the two.
    #[cfg(all(test, feature = "postgres-grammar"))]
    Portable,
}

impl Way {
    #[cfg(not(all(test, feature = "postgres-grammar")))]
    fn here() -> Self {
        Way::Best
    }

    #[cfg(all(test, feature = "postgres-grammar"))]
    fn here() -> Self {
        agree::WAY.get()
    }
}

#[cfg(not(feature = "postgres-grammar"))]
fn parse(text: &str, dialect: Dialect, _: Way) -> Result<Vec<Statement>, Fault> {
    parse_portably(text, dialect)
}

/// By PostgreSQL's grammar first; what it takes and we can't lower, and what it refuses, is tried the other way, which
/// reads what other versions have taken as well. The reason that is given in the end is PostgreSQL's.
#[cfg(feature = "postgres-grammar")]
fn parse(text: &str, dialect: Dialect, way: Way) -> Result<Vec<Statement>, Fault> {
    use postgres::Reading;
    if dialect != Dialect::Postgres || way != Way::Best {
        return parse_portably(text, dialect);
    }
    let (reading, otherwise) = match postgres::parse(text) {
        Reading::Lowered(statements) => return Ok(statements),
        Reading::Beyond(what) => (parse_portably(text, dialect), what.to_string()),
        Reading::Refused(why) => (parse_portably(text, dialect), why),
    };
    reading.map_err(|fault| match fault {
        Fault::Syntax(_) => Fault::Syntax(otherwise),
        other => other,
    })
}

/// With the parser for all dialects, and what we say to it in other words.
fn parse_portably(text: &str, dialect: Dialect) -> Result<Vec<Statement>, Fault> {
    let first = match parse_as(text, dialect) {
        Ok(statements) => match rewrite::misread(text, dialect) {
            None => return Ok(statements),
            Some(word) => ParserError::ParserError(format!("`{word}` where a name is expected")),
        },
        Err(ParserError::RecursionLimitExceeded) => return Err(Fault::TooDeep),
        Err(error) => error,
    };
    for text in rewrite::candidates(text, dialect) {
        if let Ok(statements) = parse_as(&text, dialect) {
            return Ok(statements);
        }
    }
    Err(Fault::Syntax(tell(&first)))
}

fn parse_as(text: &str, dialect: Dialect) -> Result<Vec<Statement>, ParserError> {
    let grammar: &dyn dialect::Dialect = match dialect {
        Dialect::Postgres => &PostgreSqlDialect {},
        Dialect::Mysql => &MySqlDialect {},
        Dialect::Sqlite => &SQLiteDialect {},
    };
    let mut parser = Parser::new(grammar).with_recursion_limit(RECURSION).try_with_sql(text)?;
    parser.parse_statements()
}

fn tell(error: &ParserError) -> String {
    match error {
        ParserError::TokenizerError(what) | ParserError::ParserError(what) => what.clone(),
        ParserError::RecursionLimitExceeded => Fault::TooDeep.to_string(),
    }
}
