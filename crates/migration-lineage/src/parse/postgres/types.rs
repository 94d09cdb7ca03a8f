//! Types. PostgreSQL's tree names what a type is in its catalogue (`int4` for `integer`), so what was written is read from
//! the text at the place that the tree tells.

use migration_syntax::{Dialect, TokenKind, tokens};
use pg_query::protobuf::TypeName;
use sqlparser::ast::DataType;
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

use super::{Beyond, Lower, Lowered, names};

/// No type has more tokens.
const MOST_TOKENS: usize = 32;

impl Lower<'_> {
    pub(super) fn data_type(&self, name: &TypeName) -> Lowered<DataType> {
        if name.pct_type || name.setof {
            return Err(Beyond("a type that is taken from elsewhere"));
        }
        match self.written_type(name) {
            Some(written) => Ok(written),
            None => Ok(DataType::Custom(names::object(&name.names)?, Vec::new())),
        }
    }

    pub(super) fn data_type_in(&self, name: Option<&TypeName>) -> Lowered<DataType> {
        self.data_type(name.ok_or(Beyond("a type that is not there"))?)
    }

    /// The type as it is written in the text.
    fn written_type(&self, name: &TypeName) -> Option<DataType> {
        let start = usize::try_from(name.location).ok()?;
        let rest = self.text.get(start..)?;
        let (mut depth, mut end) = (0usize, 0);
        for token in tokens(rest, Dialect::Postgres).map_while(Result::ok).take(MOST_TOKENS) {
            match (token.kind, token.text) {
                (_, "(" | "[") => depth += 1,
                (_, ")" | "]") if depth > 0 => depth -= 1,
                (_, ")" | "]" | "," | "=" | ":") if depth == 0 => break,
                (TokenKind::Semicolon | TokenKind::String, _) => break,
                _ => {}
            }
            end = token.end;
        }
        let mut parser = Parser::new(&PostgreSqlDialect {}).try_with_sql(rest.get(..end)?).ok()?;
        parser.parse_data_type().ok()
    }
}
