//! SQL migrations.

mod layout;
mod set;

pub use layout::{Layout, LoadError};
pub use set::{MigrationSet, Script, SqlMigration};
