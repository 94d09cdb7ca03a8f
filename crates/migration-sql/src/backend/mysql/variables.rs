//! User variables: a script that is resumed finds those that it had set, with the values that they had then.
//!
//! To run `SET @n = (SELECT count(*) FROM t)` again might give another value. So their values are noted with the progress.

use std::fmt::Write as _;

use migration_syntax::{Dialect, TokenKind, tokens};

use super::connection::MysqlBackend;
use crate::backend::Backend;
use crate::error::DatabaseError;
use crate::plan::PlannedStatement;
use crate::value::Value;

/// The statement that gives the variables which stand in some statements the values that they have now.
pub(super) fn assignment(
    backend: &mut MysqlBackend,
    statements: &[PlannedStatement],
) -> Result<Option<String>, DatabaseError> {
    let names = names(statements);
    if names.is_empty() {
        return Ok(None);
    }
    let columns: Vec<String> =
        names.iter().flat_map(|name| [name.clone(), format!("COLLATION({name})")]).collect();
    let output = backend.query(&format!("SELECT {}", columns.join(", ")), &[])?;
    let values = output.rows.first().map(Vec::as_slice).unwrap_or_default();
    let assignments: Vec<String> = names
        .iter()
        .zip(values.chunks_exact(2))
        .map(|(name, value)| format!("{name} = {}", literal(&value[0], value[1].as_str())))
        .collect();
    Ok(Some(format!("SET {}", assignments.join(", "))))
}

/// The variables, as they are written: not those of the system, which begin with `@@`. Case doesn't count in a name.
fn names(statements: &[PlannedStatement]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for statement in statements.iter().filter(|statement| statement.sent().contains('@')) {
        for token in tokens(statement.sent(), Dialect::Mysql).map_while(Result::ok) {
            let is_variable = token.kind == TokenKind::Parameter
                && token.text.starts_with('@')
                && !token.text.starts_with("@@")
                && token.text.len() > 1;
            if is_variable && !names.iter().any(|name| name.eq_ignore_ascii_case(token.text)) {
                names.push(token.text.to_owned());
            }
        }
    }
    names
}

/// A value as it is written. What comes as text and has the collation of bytes is a number with decimals.
fn literal(value: &Value, collation: Option<&str>) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(truth) => u8::from(*truth).to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:e}"),
        Value::Text(digits) if collation == Some("binary") && digits.parse::<f64>().is_ok() => digits.clone(),
        Value::Text(text) => format!("_utf8mb4 {}", hexadecimal(text.as_bytes())),
        Value::Blob(bytes) => hexadecimal(bytes),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::from("X'");
    for byte in bytes {
        _ = write!(text, "{byte:02X}");
    }
    text.push('\'');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_they_are_written() {
        assert_eq!(literal(&Value::from("a'b"), Some("utf8mb4_general_ci")), "_utf8mb4 X'612762'");
        assert_eq!(literal(&Value::from("1.50"), Some("binary")), "1.50");
        assert_eq!(literal(&Value::Float(0.25), Some("binary")), "2.5e-1");
        assert_eq!(literal(&Value::Blob(vec![0, 255]), Some("binary")), "X'00FF'");
        assert_eq!(literal(&Value::Null, Some("binary")), "NULL");
    }
}
