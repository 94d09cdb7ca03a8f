//! Names of tables and columns: as they are written, and as the database compares them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use migration_syntax::Dialect;
use serde::{Serialize, Serializer};
use sqlparser::ast;

/// One identifier, unquoted. Two are equal if the dialect that they were read in takes them for the same.
///
/// PostgreSQL folds an unquoted name to lower case, cuts any off behind 63 bytes, and compares exactly; SQLite and MySQL keep the spelling and compare
/// without regard to case (of MySQL's tables that depends on the server; the comparison that finds more is taken).
#[derive(Debug, Clone)]
pub struct Ident {
    text: Arc<str>,
    key: Arc<str>,
}

/// How many bytes of a name PostgreSQL keeps: `NAMEDATALEN` without the zero at its end. A character is kept as a whole
/// or not at all.
const POSTGRES_LENGTH: usize = 63;

impl Ident {
    /// An identifier as it stands between quotes, or without any when `quoted` is false.
    #[must_use]
    pub fn new(text: &str, quoted: bool, dialect: Dialect) -> Self {
        if dialect == Dialect::Postgres {
            let text = &text[..text.floor_char_boundary(POSTGRES_LENGTH)];
            let text: Arc<str> = if quoted { text.into() } else { text.to_ascii_lowercase().into() };
            return Ident { key: text.clone(), text };
        }
        let shared: Arc<str> = text.into();
        let key = if text.bytes().any(|byte| byte.is_ascii_uppercase()) || !text.is_ascii() {
            text.to_lowercase().into()
        } else {
            shared.clone()
        };
        Ident { text: shared, key }
    }

    pub(crate) fn of(ident: &ast::Ident, dialect: Dialect) -> Self {
        Ident::new(&ident.value, ident.quote_style.is_some(), dialect)
    }

    /// A text that is no single identifier, such as several joined.
    pub(crate) fn verbatim(text: &str) -> Self {
        let text: Arc<str> = text.into();
        Ident { key: text.clone(), text }
    }

    /// The stand-in for columns that are not known: what `*` would have been.
    pub(crate) fn star() -> Self {
        Ident::verbatim("*")
    }

    /// Whether this is the stand-in for all columns of a table whose columns are not known.
    #[must_use]
    pub fn is_star(&self) -> bool {
        &*self.text == "*"
    }

    /// The identifier as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The identifier as it is compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn is(&self, key: &str) -> bool {
        &*self.key == key
    }
}

impl PartialEq for Ident {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.key, &other.key) || self.key == other.key
    }
}

impl Eq for Ident {}

impl PartialOrd for Ident {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ident {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl Hash for Ident {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// The identifier; in double quotes if it holds a dot or a quote, so that joined names stay readable.
impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.text.contains(['.', '"']) || self.text.is_empty() {
            write!(f, "\"{}\"", self.text.replace('"', "\"\""))
        } else {
            f.write_str(&self.text)
        }
    }
}

impl Serialize for Ident {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The name of a table, view, function or another object, with as many qualifiers as were written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectName(Arc<[Ident]>);

impl ObjectName {
    pub(crate) fn from_parts(parts: &[Ident]) -> Self {
        ObjectName(parts.into())
    }

    pub(crate) fn of(name: &ast::ObjectName, dialect: Dialect) -> Self {
        let part = |part: &ast::ObjectNamePart| match part {
            ast::ObjectNamePart::Identifier(ident) => Ident::of(ident, dialect),
            ast::ObjectNamePart::Function(function) => Ident::of(&function.name, dialect),
        };
        ObjectName(name.0.iter().map(part).collect())
    }

    /// The identifiers, outermost first.
    #[must_use]
    pub fn parts(&self) -> &[Ident] {
        &self.0
    }

    /// The innermost identifier: the table's own name.
    ///
    /// # Panics
    /// Never: a name that was read has a part.
    #[must_use]
    pub fn last(&self) -> Ident {
        self.0.last().cloned().unwrap_or_else(Ident::star)
    }

    /// What stands before the own name.
    #[must_use]
    pub fn qualifiers(&self) -> &[Ident] {
        self.0.split_last().map_or(&[], |(_, qualifiers)| qualifiers)
    }

    pub(crate) fn with_last(&self, last: Ident) -> Self {
        let mut parts = self.qualifiers().to_vec();
        parts.push(last);
        ObjectName(parts.into())
    }

    pub(crate) fn within(&self, schema: Ident) -> Self {
        ObjectName(std::iter::once(schema).chain(self.0.iter().cloned()).collect())
    }

    /// Whether the other name says the same, perhaps with fewer qualifiers.
    pub(crate) fn ends_with(&self, other: &[Ident]) -> bool {
        self.0.ends_with(other)
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(".")?;
            }
            part.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for ObjectName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "schema")]
mod schema {
    use std::borrow::Cow;

    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    impl JsonSchema for super::ObjectName {
        fn schema_name() -> Cow<'static, str> {
            "ObjectName".into()
        }

        fn json_schema(_: &mut SchemaGenerator) -> Schema {
            json_schema!({"type": "string", "description": "The parts of a name, joined with dots; a part with a dot or a quote in it stands in double quotes."})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_as_the_database_does() {
        let same = |a: (&str, bool), b: (&str, bool), dialect| {
            Ident::new(a.0, a.1, dialect) == Ident::new(b.0, b.1, dialect)
        };
        assert!(same(("Users", false), ("users", true), Dialect::Postgres));
        assert!(!same(("Users", true), ("users", false), Dialect::Postgres));
        assert!(same(("Users", true), ("users", false), Dialect::Sqlite));
        assert!(same(("Users", true), ("USERS", false), Dialect::Mysql));
        assert_eq!(Ident::new("Users", false, Dialect::Postgres).as_str(), "users");
        assert_eq!(Ident::new("Users", false, Dialect::Mysql).as_str(), "Users");
    }

    #[test]
    fn postgres_keeps_the_beginning_of_a_long_name() {
        let name = |text: &str, dialect| Ident::new(text, true, dialect).as_str().to_owned();
        assert_eq!(name(&"a".repeat(64), Dialect::Postgres), "a".repeat(63));
        assert_eq!(name(&"a".repeat(63), Dialect::Postgres), "a".repeat(63));
        assert_eq!(name(&"é".repeat(40), Dialect::Postgres), "é".repeat(31));
        assert_eq!(name(&"a".repeat(64), Dialect::Mysql), "a".repeat(64));
    }

    #[test]
    fn a_part_with_a_dot_is_quoted() {
        let parts = ["a", "1.2", "x\"y"].map(|part| Ident::new(part, true, Dialect::Sqlite));
        assert_eq!(ObjectName::from_parts(&parts).to_string(), r#"a."1.2"."x""y""#);
    }
}
