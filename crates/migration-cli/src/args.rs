//! The command line: what can be said, with the help texts. Nothing is decided here.

mod commands;
mod lineage;
mod parse;
mod transform;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use commands::*;
pub(crate) use lineage::{
    AnalyzeArgs, ChainArgs, GraphArgs, ImpactArgs, LevelArg, LineageArgs, LineageCommand, PictureFormat,
};
pub(crate) use parse::{
    LayoutChoice, parse_layout, parse_out_of_order, parse_placeholder, parse_retries, parse_seconds,
};
pub(crate) use transform::{TransformArgs, ValidateArg};

const ROOT_EXAMPLES: &str = "\
Examples:
  migration new create_users                    write a new migration
  migration --database-url sqlite:///app.db up  apply what is pending
  migration status --json                       where every migration stands

Settings: flags > environment > migration.toml > defaults.
`migration config show` tells which are in force and where they come from.

Exit codes:
    0  ok                            4  findings, pending with status --exit-code
    1  bug in this tool              7  failed, nothing took effect
    2  usage or precondition         8  failed, part took effect
    3  declined                    130  interrupted";

/// Schema migrations that say what is in effect, whatever happens
#[derive(Debug, Parser)]
#[command(name = "migration", version, after_help = ROOT_EXAMPLES, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArgs {
    /// The database: sqlite:///relative.db, sqlite:////absolute.db, postgres://…, mysql://… [env: DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// The environment, one of those in the settings file [env: MIGRATION_ENV]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// Go on with what is refused in a protected environment: its name, once more
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) confirm: Option<String>,
    /// The directory of migrations (repeat for several that are read as one) [default: migrations] [env: MIGRATION_DIR]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Vec<PathBuf>,
    /// How the directory holds its migrations; `auto` looks at the files [env: MIGRATION_LAYOUT]
    #[arg(long, global = true, value_name = "LAYOUT", value_parser = parse_layout)]
    pub(crate) layout: Option<LayoutChoice>,
    /// The table that says what is applied [default: _migrations] [env: MIGRATION_HISTORY_TABLE]
    #[arg(long, global = true, value_name = "TABLE")]
    pub(crate) history_table: Option<String>,
    /// The table that says how far an unfinished migration got [default: _migration_journal] [env: MIGRATION_JOURNAL_TABLE]
    #[arg(long, global = true, value_name = "TABLE")]
    pub(crate) journal_table: Option<String>,
    /// The schema of these tables [default: the one that is worked in] [env: MIGRATION_HISTORY_SCHEMA]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) history_schema: Option<String>,
    /// The schema to work in: PostgreSQL's search path, MySQL's database; up, status and plan take several [env: MIGRATION_SCHEMA]
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) schema: Vec<String>,
    /// Create the schemas that are named and missing, before migrations are applied
    #[arg(long, global = true)]
    pub(crate) create_schema: bool,
    /// The settings file [default: migration.toml in this folder or the nearest above] [env: MIGRATION_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How long to wait for another runner or a busy database [env: MIGRATION_LOCK_TIMEOUT]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) lock_timeout: Option<Duration>,
    /// How long a statement may take on a server before it is ended [default: as long as it needs] [env: MIGRATION_STATEMENT_TIMEOUT]
    #[arg(long, global = true, value_name = "SECONDS", value_parser = parse_seconds)]
    pub(crate) statement_timeout: Option<Duration>,
    /// How often to try again, after a pause, when a lock was not to be had in that time [default: 0] [env: MIGRATION_LOCK_RETRIES]
    #[arg(long, global = true, value_name = "N", value_parser = parse_retries)]
    pub(crate) lock_retries: Option<u32>,
    /// A value for Flyway's placeholder `${NAME}` (repeat for more) [default: those of migration.toml]
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = parse_placeholder)]
    pub(crate) placeholder: Vec<(String, String)>,
    /// Put values of the environment into files of goose that ask for it (`ENVSUB ON`)
    #[arg(long, global = true)]
    pub(crate) env_substitution: bool,
    /// Print exactly one JSON object on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours [default: auto; honours NO_COLOR]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = false)]
    pub(crate) color: Option<ColorArg>,
    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print whole statements, and log to stderr (-vv: more) [env: MIGRATION_LOG, a filter]
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArg {
    Auto,
    Always,
    Never,
}

impl From<ColorArg> for anstream::ColorChoice {
    fn from(color: ColorArg) -> Self {
        match color {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a new migration, with an up and a down part
    #[command(
        after_help = "Example:\n  migration new create_users --description \"accounts\" --depends-on 0001_init"
    )]
    New(NewArgs),
    /// Write the directory's migrations in another layout, into a new directory
    #[command(
        after_help = "Examples:\n  migration convert --to goose --dry-run\n  migration convert --to golang-migrate --output db/migrations --accept-loss descriptions"
    )]
    Convert(ConvertArgs),
    /// Show where every migration stands
    #[command(
        after_help = "Example:\n  migration status --exit-code    exit with 4 unless everything is applied"
    )]
    Status(StatusArgs),
    /// Show the statements that would run, with transaction boundaries; runs nothing
    #[command(after_help = "Examples:\n  migration plan --steps 1\n  migration plan --down --to 0001_init")]
    Plan(PlanArgs),
    /// Apply pending migrations
    #[command(
        after_help = "Examples:\n  migration up\n  migration up --to 0003_orders --dry-run\n  migration up --atomic"
    )]
    Up(UpArgs),
    /// Roll migrations back, newest first: one, unless told otherwise
    #[command(
        after_help = "Examples:\n  migration down\n  migration down --to 0001_init    0001_init stays\n  migration down --all --dry-run"
    )]
    Down(DownArgs),
    /// Roll back the newest migration and apply it again
    Redo,
    /// Compare the files with the database's history; changes nothing
    Verify,
    /// Mark everything up to a migration as applied without running it
    #[command(after_help = "Example:\n  migration baseline 0007_orders --dry-run")]
    Baseline(BaselineArgs),
    /// Take over what another tool's history table says is applied; runs nothing
    #[command(
        after_help = "Examples:\n  migration adopt --dry-run\n  migration adopt --from flyway --table schema_version"
    )]
    Adopt(AdoptArgs),
    /// After a failure: show what is in effect, or record a decision about it
    #[command(
        after_help = "Examples:\n  migration repair\n  migration repair --accept 0002_users         take over an edit made after it was applied\n  migration repair --mark-applied 0003_orders  all of it is in effect\n  migration repair --mark-pending 0003_orders  nothing of it is in effect"
    )]
    Repair(RepairArgs),
    /// Mark the database as the environment that --env names
    #[command(
        after_help = "Examples:\n  migration --env staging mark\n  migration --env staging mark --confirm production  it was marked as production, and is staging\n  migration mark --remove --confirm staging          it is not marked any more"
    )]
    Mark(MarkArgs),
    /// Print the schema as deterministic SQL text
    Dump(DumpArgs),
    /// Show the statements of a SQL file: text, kind, byte span, line
    #[command(after_help = "Example:\n  migration split dump.sql --dialect postgres --json")]
    Split(SplitArgs),
    /// Put records of a file or stream through a chain of steps; needs no database
    #[command(
        after_help = "Examples:\n  migration transform clean.toml --input in.ndjson --output out.ndjson\n  migration transform clean.toml --input in.csv.gz --dry-run\n  generate | migration transform clean.toml | head -n 1"
    )]
    Transform(Box<TransformArgs>),
    /// Show where tables and columns come from, by the migrations of the directory; needs no database
    #[command(
        after_help = "Examples:\n  migration lineage\n  migration lineage order_summary.total --upstream\n  migration lineage orders --downstream --depth 1 --as-of 0007_reports\n  migration lineage --level column --format dot | dot -Tsvg > lineage.svg"
    )]
    Lineage(LineageArgs),
    /// Show what a change of the schema would break, before it runs; runs nothing
    #[command(
        after_help = "Examples:\n  migration impact --sql 'ALTER TABLE users DROP COLUMN email' --dialect postgres\n  migration impact migrations/0007_cleanup.sql\n  migration impact --pending\n\nExit code 4: something would be refused, break or vanish, or could not be read."
    )]
    Impact(ImpactArgs),
    /// Wait until the database answers
    Wait(WaitArgs),
    /// Print a shell's completion script
    #[command(after_help = "Example:\n  migration completions bash > /etc/bash_completion.d/migration")]
    Completions(CompletionsArgs),
    /// Print the JSON Schema of what a command prints with --json
    Schema(SchemaArgs),
    /// Show the settings in force
    #[command(arg_required_else_help = true)]
    Config(ConfigArgs),
}

impl Command {
    /// The command as `schema` and the envelope name it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Convert(_) => "convert",
            Self::Status(_) => "status",
            Self::Plan(_) => "plan",
            Self::Up(_) => "up",
            Self::Down(_) => "down",
            Self::Redo => "redo",
            Self::Verify => "verify",
            Self::Baseline(_) => "baseline",
            Self::Adopt(_) => "adopt",
            Self::Repair(_) => "repair",
            Self::Mark(_) => "mark",
            Self::Dump(_) => "dump",
            Self::Split(_) => "split",
            Self::Transform(_) => "transform",
            Self::Lineage(_) => "lineage",
            Self::Impact(_) => "impact",
            Self::Wait(_) => "wait",
            Self::Completions(_) => "completions",
            Self::Schema(_) => "schema",
            Self::Config(_) => "config",
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_password_is_no_part_of_a_usage_error() {
        let error = Cli::try_parse_from(["migration", "--database-url", "mysql://u:secret@h/d", "--nope"])
            .unwrap_err();
        assert!(!error.to_string().contains("secret"));
    }
}
