//! What `migration transform` can be told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use migration_kit::transform::{FileFormat, Shard};

use super::parse::parse_steps;

#[derive(Debug, Clone, Args)]
pub(crate) struct TransformArgs {
    /// The chain of steps: a TOML, JSON or YAML file
    pub(crate) spec: PathBuf,
    /// Where the records come from [default: -, which is stdin]
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) input: PathBuf,
    /// Where they go; with --shard a folder [default: -, which is stdout]
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub(crate) output: PathBuf,
    /// How the input is written: ndjson, json, csv, tsv or parquet [default: by its name; ndjson for stdin]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FileFormat>,
    /// How to write the output [default: by its name; for stdout as the input, and NDJSON for Parquet]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Option<FileFormat>,
    /// Where records go that were rejected, with line and reason
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// How many threads [default: as many as there are cores]
    #[arg(long, value_name = "N", value_parser = parse_steps)]
    pub(crate) threads: Option<usize>,
    /// Only the first so many records
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<u64>,
    /// Let the first record with a warning, or that is rejected, end the run
    #[arg(long)]
    pub(crate) strict: bool,
    /// How closely to look at what no step touches: structure or full [default: structure; full with --strict]
    #[arg(long, value_name = "HOW", hide_possible_values = true)]
    pub(crate) validate: Option<ValidateArg>,
    /// Replace an output that exists
    #[arg(long, conflicts_with = "append")]
    pub(crate) overwrite: bool,
    /// Add to an output that exists
    #[arg(long)]
    pub(crate) append: bool,
    /// Don't wait for the disk before the output gets its name
    #[arg(long)]
    pub(crate) no_sync: bool,
    /// Only one part of the input, the first being 0
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Show what becomes of the first records; write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Show how the chain is compiled; read and write nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) explain: bool,
}

/// How closely records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ValidateArg {
    Structure,
    Full,
}
