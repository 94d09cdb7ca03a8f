//! The layouts by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Format, dbmate, diesel, flyway, golang_migrate, goose, json, prisma, refinery, sqlx};

/// How a directory holds its migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layout {
    /// `DIGITS_name.sql` with `-- migrate:up` and `-- migrate:down`.
    Dbmate,
    /// `VERSION_name/{up,down}.sql`, with an optional `metadata.toml`.
    Diesel,
    /// `ID.json`.
    Json,
    /// `N_name.up.sql`, `N_name.down.sql`.
    GolangMigrate,
    /// `N_name.sql` with `-- +goose Up` and `-- +goose Down`.
    Goose,
    /// `N_name.sql`, or `N_name.up.sql` with `N_name.down.sql`.
    Sqlx,
    /// `V1.2__name.sql`, with `U1.2__name.sql` and `R__name.sql`.
    Flyway,
    /// `V1__name.sql` and `U1__name.sql`.
    Refinery,
    /// `TIMESTAMP_name/migration.sql`.
    Prisma,
}

impl Layout {
    /// Every layout, in the order in which messages list them.
    pub const ALL: &'static [Self] = &[
        Self::Diesel,
        Self::Json,
        Self::GolangMigrate,
        Self::Sqlx,
        Self::Flyway,
        Self::Refinery,
        Self::Goose,
        Self::Dbmate,
        Self::Prisma,
    ];

    /// The name in the command line, in `migration.toml` and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dbmate => "dbmate",
            Self::Diesel => "diesel",
            Self::Json => "json",
            Self::GolangMigrate => "golang-migrate",
            Self::Goose => "goose",
            Self::Sqlx => "sqlx",
            Self::Flyway => "flyway",
            Self::Refinery => "refinery",
            Self::Prisma => "prisma",
        }
    }

    pub(super) fn format(self) -> &'static Format {
        match self {
            Self::Dbmate => &dbmate::FORMAT,
            Self::Diesel => &diesel::FORMAT,
            Self::Json => &json::FORMAT,
            Self::GolangMigrate => &golang_migrate::FORMAT,
            Self::Goose => &goose::FORMAT,
            Self::Sqlx => &sqlx::FORMAT,
            Self::Flyway => &flyway::FORMAT,
            Self::Refinery => &refinery::FORMAT,
            Self::Prisma => &prisma::FORMAT,
        }
    }

    /// Every name, for a message.
    pub(super) fn names() -> String {
        Self::ALL.iter().map(|layout| layout.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.iter().find(|layout| layout.as_str() == text);
        named.copied().ok_or_else(|| UnknownLayout(text.to_owned()))
    }
}

/// A text that names no layout.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no layout: expected one of {names}", names = Layout::names())]
pub struct UnknownLayout(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for layout in Layout::ALL {
            assert_eq!(layout.to_string().parse(), Ok(*layout));
            assert_eq!(serde_json::to_value(layout).unwrap(), layout.as_str());
        }
        assert_eq!(
            "Diesel".parse::<Layout>().unwrap_err().to_string(),
            "\"Diesel\" is no layout: expected one of diesel, json, golang-migrate, sqlx, flyway, refinery, goose, dbmate, prisma"
        );
    }
}
