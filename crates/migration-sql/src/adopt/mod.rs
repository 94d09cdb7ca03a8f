//! Other tools' histories: reading the table in which a tool notes what it has applied, and mapping its rows to the
//! migrations of a directory.
//!
//! One module per tool ([`diesel`], [`golang_migrate`], [`sqlx`], [`flyway`], [`refinery`], [`goose`], [`dbmate`],
//! [`prisma`]), each with the same items in the same order: `FACTS`, `read`, `key`, and `fits` where the tool keeps
//! checksums. They speak to no database: [`mod@find`] does, which looks for the table and reads its rows, and what they come to
//! is for [`mapping`] to say. Nothing is ever written into another tool's table.

mod baseline;
mod crc32;
mod dbmate;
mod diesel;
mod entry;
mod find;
mod flyway;
mod golang_migrate;
mod goose;
mod hex;
mod mapping;
mod prisma;
mod refinery;
mod report;
mod rows;
mod siphash;
mod sqlx;
mod tool;

pub(crate) use baseline::choose;
pub(crate) use find::{find, found_beside, read};
pub(crate) use mapping::{Mapping, map};
pub use report::{
    AdoptReport, AdoptRequest, AdoptedMigration, Adoption, BaselineMigration, BaselineReport, ForeignHistory,
};
pub use tool::{Tool, UnknownTool};

use crate::SqlMigration;
use entry::{Entry, Key};
use rows::Rows;

/// What is known of a tool's history.
struct Facts {
    /// The table, unless the tool is told otherwise.
    table: &'static str,
    /// The columns that it has.
    columns: &'static [&'static str],
    /// Whether any other column makes it somebody else's.
    no_others: bool,
    /// What its rows say, each migration at most once. An error says which row makes no sense.
    read: fn(&Rows) -> Result<Vec<Entry>, String>,
    /// What the tool knows a migration by.
    key: fn(&SqlMigration) -> Option<Key>,
    /// Whether a checksum is that of a migration's file; `None` for a tool that keeps none.
    fits: Option<fn(&str, &SqlMigration) -> bool>,
    /// What a row means that says of a migration that it failed; empty for a tool that has no such rows.
    failed: &'static str,
    /// What to do about such a row.
    mend: &'static str,
    /// What a person should know of what the table can't say.
    note: Option<&'static str>,
}
