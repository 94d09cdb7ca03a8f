//! What `lineage` and `impact` can be told.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use migration_kit::syntax::Dialect;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LineageArgs {
    #[command(subcommand)]
    pub(crate) command: Option<LineageCommand>,
    #[command(flatten)]
    pub(crate) graph: GraphArgs,
}

/// What of the graph is shown, and how.
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// A table or view, or a column as TABLE.COLUMN [default: everything]
    pub(crate) object: Option<String>,
    /// Only what it comes from
    #[arg(long, requires = "object", conflicts_with = "downstream")]
    pub(crate) upstream: bool,
    /// Only what comes from it
    #[arg(long, requires = "object")]
    pub(crate) downstream: bool,
    /// Over how many edges at most [default: as far as they lead]
    #[arg(long, value_name = "N", requires = "object", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) depth: Option<u32>,
    /// As everything was behind this migration [default: behind the last]
    #[arg(long, value_name = "ID")]
    pub(crate) as_of: Option<String>,
    /// Tables or columns: `table` or `column` [default: as OBJECT is, without one tables]
    #[arg(long, value_name = "LEVEL", hide_possible_values = true)]
    pub(crate) level: Option<LevelArg>,
    /// How it is shown: `text`, `html` (a page to click through), `json`, `dot` (Graphviz), `mermaid`, or `openlineage` (events, one per
    /// line)
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true,
        hide_default_value = true
    )]
    pub(crate) format: PictureFormat,
    /// Write it to a file, which is replaced [default: stdout, as for `-`]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Whose rules the migrations follow: sqlite, postgres or mysql [default: those of the database's URL]
    #[arg(long, value_name = "DIALECT")]
    pub(crate) dialect: Option<Dialect>,
}

/// What is shown as one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LevelArg {
    Table,
    Column,
}

/// How a graph is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PictureFormat {
    Text,
    Html,
    Json,
    Dot,
    Mermaid,
    #[value(name = "openlineage")]
    OpenLineage,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LineageCommand {
    /// Show which tables and columns the statements of a SQL file read and write; needs no database
    #[command(
        after_help = "Examples:\n  migration lineage analyze report.sql --dialect postgres --schema schema.sql\n  echo 'SELECT a + b AS c FROM t' | migration lineage analyze - --dialect sqlite --json"
    )]
    Analyze(AnalyzeArgs),
    /// Send the events of earlier runs that their OpenLineage server was not there for
    Replay,
    /// Show where the fields come from that a chain of `migration transform` makes; reads no record
    #[command(
        after_help = "Examples:\n  migration lineage transform chain.toml\n  migration lineage transform chain.toml --json"
    )]
    Transform(ChainArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ChainArgs {
    /// The chain: a TOML, JSON or YAML file
    pub(crate) spec: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AnalyzeArgs {
    /// The file; `-` is stdin
    pub(crate) file: PathBuf,
    /// Whose rules the text follows: sqlite, postgres or mysql [default: those of the database's URL]
    #[arg(long, value_name = "DIALECT")]
    pub(crate) dialect: Option<Dialect>,
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
    /// Against the schema that the database has, with what it knows itself of what depends on what; changes nothing
    #[arg(long)]
    pub(crate) live: bool,
    /// Whose rules hold: sqlite, postgres or mysql [default: those of the database's URL]
    #[arg(long, value_name = "DIALECT", conflicts_with_all = ["pending", "live"])]
    pub(crate) dialect: Option<Dialect>,
}
