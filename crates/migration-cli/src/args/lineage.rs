//! What `lineage` and `impact` can be told.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use migration_kit::syntax::Dialect;

#[derive(Debug, Args)]
pub(crate) struct LineageArgs {
    #[command(subcommand)]
    pub(crate) command: LineageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LineageCommand {
    /// Show which tables and columns the statements of a SQL file read and write; needs no database
    #[command(
        after_help = "Examples:\n  migration lineage analyze report.sql --dialect postgres --schema schema.sql\n  echo 'SELECT a + b AS c FROM t' | migration lineage analyze - --dialect sqlite --json"
    )]
    Analyze(AnalyzeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// The file; `-` is stdin
    pub(crate) file: PathBuf,
    /// Whose rules the text follows: sqlite, postgres or mysql
    #[arg(long, value_name = "DIALECT")]
    pub(crate) dialect: Dialect,
    /// A file with statements that make the tables which the text names
    // In the place of the global option of this name, whose id and type it therefore has.
    #[arg(long, id = "schema", value_name = "FILE")]
    pub(crate) schema: Vec<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("change").required(true).args(["file", "sql", "pending"]))]
pub(crate) struct ImpactArgs {
    /// A file with the change, which may be one of the directory's; `-` is stdin
    pub(crate) file: Option<PathBuf>,
    /// The change itself
    #[arg(long, value_name = "SQL")]
    pub(crate) sql: Option<String>,
    /// What the database has not applied yet
    #[arg(long)]
    pub(crate) pending: bool,
    /// Whose rules hold: sqlite, postgres or mysql [default: those of the database's URL]
    #[arg(long, value_name = "DIALECT", conflicts_with = "pending")]
    pub(crate) dialect: Option<Dialect>,
}
