//! The tools whose histories can be taken over, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::{Facts, dbmate, diesel, flyway, golang_migrate, goose, prisma, refinery, sqlx};

/// A tool whose history can be taken over. It is called as the layout of its files is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// `__diesel_schema_migrations`
    Diesel,
    /// `schema_migrations(version, dirty)`
    GolangMigrate,
    /// `_sqlx_migrations`
    Sqlx,
    /// `flyway_schema_history`
    Flyway,
    /// `refinery_schema_history`
    Refinery,
    /// `goose_db_version`
    Goose,
    /// `schema_migrations(version)`
    Dbmate,
    /// `_prisma_migrations`
    Prisma,
}

impl Tool {
    /// Every tool, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::Diesel,
        Self::GolangMigrate,
        Self::Sqlx,
        Self::Flyway,
        Self::Refinery,
        Self::Goose,
        Self::Dbmate,
        Self::Prisma,
    ];

    /// The name in the command line and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Diesel => "diesel",
            Self::GolangMigrate => "golang-migrate",
            Self::Sqlx => "sqlx",
            Self::Flyway => "flyway",
            Self::Refinery => "refinery",
            Self::Goose => "goose",
            Self::Dbmate => "dbmate",
            Self::Prisma => "prisma",
        }
    }

    /// The table in which it keeps its history unless it is told otherwise.
    #[must_use]
    pub fn table(self) -> &'static str {
        self.facts().table
    }

    pub(super) fn facts(self) -> &'static Facts {
        match self {
            Self::Diesel => &diesel::FACTS,
            Self::GolangMigrate => &golang_migrate::FACTS,
            Self::Sqlx => &sqlx::FACTS,
            Self::Flyway => &flyway::FACTS,
            Self::Refinery => &refinery::FACTS,
            Self::Goose => &goose::FACTS,
            Self::Dbmate => &dbmate::FACTS,
            Self::Prisma => &prisma::FACTS,
        }
    }

    fn names() -> String {
        Self::ALL.iter().map(|tool| tool.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Tool {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Tool {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tool".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<_> = Self::ALL.iter().map(|tool| tool.as_str()).collect();
        schemars::json_schema!({ "type": "string", "enum": names })
    }
}

impl FromStr for Tool {
    type Err = UnknownTool;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|tool| tool.as_str() == text);
        named.copied().ok_or_else(|| UnknownTool(text.to_owned()))
    }
}

/// A text that names no tool whose history can be taken over.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no tool whose history can be adopted: expected one of {names}", names = Tool::names())]
pub struct UnknownTool(String);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Layout;

    #[test]
    fn a_tool_is_called_as_its_layout() {
        for tool in Tool::ALL {
            assert_eq!(tool.to_string().parse(), Ok(*tool));
            assert_eq!(tool.as_str().parse::<Layout>().map(Layout::as_str), Ok(tool.as_str()));
            assert_eq!(serde_json::to_value(tool).unwrap(), tool.as_str());
        }
        assert!("rails".parse::<Tool>().unwrap_err().to_string().contains("expected one of diesel, golang-"));
    }
}
