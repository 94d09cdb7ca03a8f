//! `migration convert`: the directory's migrations in another layout.

use std::path::{Path, PathBuf};

use migration_kit::sql::{
    Conversion, ConvertError, Converted, Layout, Loss, LossKind, MigrationSet, convert,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::args::ConvertArgs;
use crate::context::Context;
use crate::explain::explain_load;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count, one_line};
use crate::shell::quote;
use crate::style::{BAD, DIM, GOOD, WAITING, paint};

/// How many losses of a kind the terminal shows; JSON has all.
const SHOWN: usize = 5;

/// What was written, or would be.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ConvertData {
    /// The layout that was read; `null` for an empty directory.
    from: Option<Layout>,
    /// The layout that is written.
    to: Layout,
    /// The new directory.
    output: String,
    /// Whether it was written.
    written: bool,
    /// The layout that the new files are taken for where nobody names one. Another than `to`, or none: then it has to be
    /// named.
    detected: Option<Layout>,
    /// How many files there are.
    files: usize,
    /// Every migration, in the order in which they run, with its new id and files.
    migrations: Vec<Converted>,
    /// How many have another id: databases that have applied these know nothing of the new ones.
    ids_changed: usize,
    /// How many have another checksum and the same id: databases that have applied these take them for edited.
    checksums_changed: usize,
    /// What the layout can't express.
    losses: Vec<Loss>,
    /// The kinds of losses that were accepted.
    accepted: Vec<LossKind>,
}

impl ConvertData {
    fn of(set: &MigrationSet, conversion: &Conversion, output: &Path, accepted: &[LossKind]) -> Self {
        let migrations = conversion.migrations.clone();
        let is_renamed = |migration: &&Converted| migration.id != migration.new_id;
        let looks_edited = |migration: &&Converted| !is_renamed(migration) && !migration.checksum_kept;
        Self {
            from: set.layout,
            to: conversion.to,
            output: output.display().to_string(),
            written: false,
            detected: conversion.detected,
            files: conversion.file_count(),
            ids_changed: migrations.iter().filter(is_renamed).count(),
            checksums_changed: migrations.iter().filter(looks_edited).count(),
            migrations,
            losses: conversion.losses.clone(),
            accepted: accepted.to_vec(),
        }
    }

    fn render_losses(&self, text: &mut String) {
        for kind in LossKind::ALL {
            let of_kind: Vec<&Loss> = self.losses.iter().filter(|loss| loss.kind == *kind).collect();
            if of_kind.is_empty() {
                continue;
            }
            let is_accepted = self.accepted.contains(kind) && kind.can_be_accepted();
            let head = if is_accepted { paint(WAITING, "lost:") } else { paint(BAD, "would be lost:") };
            text.push_str(&format!("{head} {kind} ({})\n", count(of_kind.len(), "migration")));
            for loss in of_kind.iter().take(SHOWN) {
                let file = loss.file.as_ref().map(|file| format!("{}: ", file.display())).unwrap_or_default();
                let line = one_line(&format!("{file}{}", loss.what));
                text.push_str(&format!("  {}\n", paint(DIM, line)));
            }
            if of_kind.len() > SHOWN {
                text.push_str(&format!(
                    "  {}\n",
                    paint(DIM, format_args!("and {} more", of_kind.len() - SHOWN))
                ));
            }
        }
    }

    /// What databases make of it that have applied the old ones.
    fn about_databases(&self) -> String {
        match (self.ids_changed, self.checksums_changed) {
            (0, 0) => "the same ids and checksums: databases need nothing".to_owned(),
            (0, edited) => format!(
                "{} with another checksum: databases that have applied it take it for edited",
                count(edited, "migration")
            ),
            (renamed, _) => format!(
                "{} with another id: databases that have applied it take the new one for pending",
                count(renamed, "migration")
            ),
        }
    }
}

impl CommandData for ConvertData {
    fn render(&self, view: View) -> String {
        let mut text = String::new();
        self.render_losses(&mut text);
        if view.quiet {
            return text;
        }
        let from = self.from.map_or("no layout", Layout::as_str);
        let what = format!(
            "{}: {}, {from} to {}, {}",
            self.output,
            count(self.migrations.len(), "migration"),
            self.to,
            count(self.files, "file")
        );
        let head = if self.written { paint(GOOD, "created") } else { paint(DIM, "not written") };
        text.push_str(&format!("{head} {what}\n{}\n", self.about_databases()));
        if self.detected != Some(self.to) && !self.migrations.is_empty() {
            let taken = self.detected.map_or("no layout for certain", Layout::as_str);
            let to = self.to;
            text.push_str(&format!(
                "the files are taken for {taken}: say `--layout {to}`, or `layout = \"{to}\"`\n"
            ));
        }
        text
    }
}

pub(crate) fn run(args: &ConvertArgs, context: &Context) -> Result<Outcome<ConvertData>> {
    let set = context.load()?;
    let dir = set.root.as_deref().unwrap_or(Path::new("migrations"));
    for warning in &set.warnings {
        tracing::warn!("{warning}");
    }
    let conversion = convert(&set, args.to).map_err(|error| explain_load(&error))?;
    for warning in &conversion.warnings {
        tracing::warn!("afterwards: {warning}");
    }
    let output = args.output.clone().unwrap_or_else(|| beside(dir, args.to));
    let mut data = ConvertData::of(&set, &conversion, &output, &args.accept_loss);
    let outcome = match (args.dry_run, conversion.refused(&args.accept_loss)) {
        (true, losses) if !losses.is_empty() => Err(ConvertError::Lossy { to: args.to, losses }),
        (true, _) if output.symlink_metadata().is_ok() => Err(ConvertError::OutputExists { path: output }),
        (true, _) => return Ok(Outcome::done(data)),
        (false, _) => conversion.write(&output, &args.accept_loss),
    };
    match outcome {
        Ok(_) => {
            data.written = true;
            let command = format!("migration --dir {} --layout {} verify", quote(&data.output), args.to);
            let next = NextAction::run("compare it with a database", command);
            Ok(Outcome::done(data).advise([next]))
        }
        Err(ConvertError::Load(error)) => Err(explain_load(&error)),
        Err(error) => {
            let failure = advise(Failure::new(error.code(), error.to_string()), &error, args, context);
            Ok(Outcome::with_failure(data, failure))
        }
    }
}

/// `migrations` and `goose`: `migrations-goose`
fn beside(dir: &Path, to: Layout) -> PathBuf {
    let name = dir.file_name().map_or("migrations".into(), |name| name.to_string_lossy());
    dir.with_file_name(format!("{name}-{to}"))
}

/// What can be done about it.
fn advise(
    failure: Box<Failure>,
    error: &ConvertError,
    args: &ConvertArgs,
    context: &Context,
) -> Box<Failure> {
    let ConvertError::Lossy { losses, .. } = error else {
        return failure.advise(NextAction::manual("give another directory with `--output`"));
    };
    if losses.iter().any(|loss| !loss.kind.can_be_accepted()) {
        return failure.advise(NextAction::manual("choose another layout: this loss can't be accepted"));
    }
    let to = args.to.to_string();
    let mut words = vec!["convert", "--to", &to];
    let output = args.output.as_ref().map(|output| output.display().to_string());
    words.extend(output.iter().flat_map(|output| ["--output", output]));
    let is_lost =
        |kind: &&LossKind| args.accept_loss.contains(kind) || losses.iter().any(|loss| loss.kind == **kind);
    for kind in LossKind::ALL.iter().filter(is_lost) {
        words.extend(["--accept-loss", kind.as_str()]);
    }
    failure.advise(NextAction::run("if that doesn't matter, say so", context.call.command(&words)))
}
