//! What each command can be told.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use migration_kit::sql::{OutOfOrder, Tool};
use migration_kit::syntax::Dialect;

use super::parse::{parse_out_of_order, parse_seconds, parse_steps, parse_tool};

#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// What it does, in a word or two; becomes part of its id
    pub(crate) name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A migration that must be applied before it (repeat for more)
    #[arg(long, value_name = "ID")]
    pub(crate) depends_on: Vec<String>,
    /// Its SQL, where it is known already
    #[arg(long, value_name = "SQL")]
    pub(crate) sql: Option<String>,
    /// The SQL that rolls it back
    #[arg(long, value_name = "SQL")]
    pub(crate) rollback_sql: Option<String>,
}

/// For whom.
#[derive(Debug, Default, Args)]
pub(crate) struct EachArgs {
    /// Once for each schema that goes with this pattern of `*` and `?` (repeat for more)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) for_each_schema: Vec<String>,
    /// Once for each database of a file with a URL on each line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["for_each_schema", "schema"])]
    pub(crate) for_each_url: Option<PathBuf>,
    /// Once for each tenant of the settings file
    #[arg(long, conflicts_with_all = ["for_each_schema", "for_each_url", "schema"])]
    pub(crate) for_each_tenant: bool,
    /// For how many at a time [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Begin with no more of them once one has failed
    #[arg(long)]
    pub(crate) fail_fast: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) each: EachArgs,
    /// Exit with 4 unless every migration is applied and unchanged
    #[arg(long)]
    pub(crate) exit_code: bool,
}

/// How far to go.
#[derive(Debug, Default, Args)]
pub(crate) struct TargetArgs {
    /// Up: apply up to this one. Down: roll back what came after this one
    #[arg(long, value_name = "ID", conflicts_with = "steps")]
    pub(crate) to: Option<String>,
    /// How many migrations
    #[arg(long, value_name = "N", value_parser = parse_steps)]
    pub(crate) steps: Option<usize>,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) each: EachArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Plan a rollback
    #[arg(long)]
    pub(crate) down: bool,
    /// With --down: everything
    #[arg(long, requires = "down", conflicts_with_all = ["to", "steps"])]
    pub(crate) all: bool,
    /// Go on though the file of an applied migration is gone
    #[arg(long)]
    pub(crate) ignore_missing: bool,
    /// As of `up`
    #[arg(long, value_name = "POLICY", value_parser = parse_out_of_order, conflicts_with = "down")]
    pub(crate) out_of_order: Option<OutOfOrder>,
    /// Go on though another tool has a history in the database that was not adopted
    #[arg(long)]
    pub(crate) ignore_foreign: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    pub(crate) each: EachArgs,
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Make every check and show the plan; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// All in one transaction, or none
    #[arg(long, conflicts_with = "commit_each")]
    pub(crate) atomic: bool,
    /// Commit each migration before the next begins
    #[arg(long)]
    pub(crate) commit_each: bool,
    /// Go on though the file of an applied migration is gone
    #[arg(long)]
    pub(crate) ignore_missing: bool,
    /// What to do if a pending migration comes before one that is applied: `apply` it, or `refuse` to run [default: apply]
    /// [env: MIGRATION_OUT_OF_ORDER]
    #[arg(long, value_name = "POLICY", value_parser = parse_out_of_order)]
    pub(crate) out_of_order: Option<OutOfOrder>,
    /// Go on though another tool has a history in the database that was not adopted
    #[arg(long)]
    pub(crate) ignore_foreign: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DownArgs {
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Everything
    #[arg(long, conflicts_with_all = ["to", "steps"])]
    pub(crate) all: bool,
    /// Make every check and show the plan; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Go on though the file of an applied migration is gone
    #[arg(long)]
    pub(crate) ignore_missing: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BaselineArgs {
    /// The last migration whose changes the database has
    pub(crate) id: String,
    /// Make every check and show what would be recorded; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AdoptArgs {
    /// The tool: diesel, golang-migrate, sqlx, flyway, refinery, goose, dbmate or prisma [default: by the table that is there]
    #[arg(long, value_name = "TOOL", value_parser = parse_tool)]
    pub(crate) from: Option<Tool>,
    /// The tool's history table, where it is another than usual; on a server also schema.table
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Go on though the file of a migration that the tool has applied is gone
    #[arg(long)]
    pub(crate) ignore_missing: bool,
    /// Make every check and show what would be recorded; change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct RepairArgs {
    /// Take over the edit of a migration that was made after it was applied
    #[arg(long, value_name = "ID")]
    pub(crate) accept: Option<String>,
    /// Record that all of it is in effect
    #[arg(long, value_name = "ID")]
    pub(crate) mark_applied: Option<String>,
    /// Record that nothing of it is in effect
    #[arg(long, value_name = "ID")]
    pub(crate) mark_pending: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct MarkArgs {
    /// Take the marker away
    #[arg(long)]
    pub(crate) remove: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DumpArgs {
    /// Include the tables in which this tool keeps its history
    #[arg(long)]
    pub(crate) include_tracking: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    /// The file; `-` is stdin
    pub(crate) file: PathBuf,
    /// Whose rules the text follows: sqlite, postgres or mysql
    #[arg(long, value_name = "DIALECT")]
    pub(crate) dialect: Dialect,
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// How long
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub(crate) timeout: Duration,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Which shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Of which command
    #[arg(value_name = "COMMAND", value_parser = clap::builder::PossibleValuesParser::new(crate::command::schema::COMMANDS))]
    pub(crate) command: String,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print each setting and where it comes from
    Show,
}
