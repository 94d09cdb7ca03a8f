//! The three SQL dialects and their names; no facts about them (those are data in `facts`).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A dialect of SQL: whose rules a text is read by.
///
/// Its text form is `sqlite`, `postgres` or `mysql`; [`FromStr`] and serde also take the other names in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// SQLite 3.
    #[serde(alias = "sqlite3")]
    Sqlite,
    /// PostgreSQL.
    #[serde(alias = "postgresql")]
    Postgres,
    /// MySQL and MariaDB.
    #[serde(alias = "mariadb")]
    Mysql,
}

impl Dialect {
    /// All dialects, in the order in which they are listed everywhere.
    pub const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];

    /// The name: `sqlite`, `postgres` or `mysql`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Dialect::Sqlite => "sqlite",
            Dialect::Postgres => "postgres",
            Dialect::Mysql => "mysql",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Dialect {
    type Err = ParseDialectError;

    /// Reads a name in any case: `sqlite`, `sqlite3`, `postgres`, `postgresql`, `mysql` or `mariadb`.
    ///
    /// # Errors
    ///
    /// Any other name; the error quotes it and lists the names that are understood.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.to_ascii_lowercase().as_str() {
            "sqlite" | "sqlite3" => Ok(Dialect::Sqlite),
            "postgres" | "postgresql" => Ok(Dialect::Postgres),
            "mysql" | "mariadb" => Ok(Dialect::Mysql),
            _ => Err(ParseDialectError { given: name.to_owned() }),
        }
    }
}

/// A name that is no [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown SQL dialect `{given}`: expected sqlite, sqlite3, postgres, postgresql, mysql or mariadb")]
pub struct ParseDialectError {
    given: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
            let json = serde_json::to_string(&dialect).unwrap();
            assert_eq!(json, format!("\"{dialect}\""));
            assert_eq!(serde_json::from_str::<Dialect>(&json).unwrap(), dialect);
        }
        assert_eq!("MariaDB".parse(), Ok(Dialect::Mysql));
    }

    #[test]
    fn an_unknown_name_is_quoted() {
        let error = "oracle".parse::<Dialect>().unwrap_err().to_string();
        assert_eq!(
            error,
            "unknown SQL dialect `oracle`: expected sqlite, sqlite3, postgres, postgresql, mysql or mariadb"
        );
    }
}
