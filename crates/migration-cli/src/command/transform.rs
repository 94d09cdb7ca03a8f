//! `migration transform`: records of a file or stream through a chain of steps; needs no database.

mod preview;
mod progress;
mod stdout;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use migration_kit::sql::{EffectState, Effects};
use migration_kit::transform::{
    Chain, Engine, Error, Format, Input, Output, Pipeline, Report, RunError, Sample, Spec, Validate,
};
use migration_kit::{Event, Observer};
use schemars::JsonSchema;
use serde::Serialize;

use self::progress::Progress;
use crate::args::{TransformArgs, ValidateArg};
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result, causes};
use crate::openlineage::RecordsEvents;
use crate::outcome::{CommandData, Outcome};
use crate::screen::{self, View, count, notes, printable};
use crate::{interrupt, shell};

/// How many records a dry run shows.
const SAMPLES: u64 = 5;

/// What became of the records.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct TransformData {
    #[serde(flatten)]
    report: Report,
    /// Whether nothing was written.
    dry_run: bool,
    /// Of a dry run: what would become of the first records.
    samples: Vec<Sample>,
    /// With `--explain`: how the chain is compiled.
    explanation: Option<String>,
    /// Nothing is to be said of it.
    #[serde(skip)]
    silent: bool,
    /// Stdout has the records.
    #[serde(skip)]
    to_stdout: bool,
}

impl CommandData for TransformData {
    fn render(&self, view: View) -> String {
        let text = match &self.explanation {
            Some(explanation) => return explanation.clone(),
            None if self.dry_run => return preview::render(&self.samples),
            None if self.silent || view.quiet => return String::new(),
            None => summary(&self.report),
        };
        if !self.to_stdout {
            return text;
        }
        screen::err(text.trim_end());
        String::new()
    }
}

/// How many records came in and went out, and what was odd.
fn summary(report: &Report) -> String {
    let mut lines = Vec::new();
    for warning in &report.warnings_by {
        let times = count(usize::try_from(warning.count).unwrap_or(usize::MAX), "time");
        let of = |e: &&_| example_of(e, warning);
        let example = report.warning_examples.iter().find(of).map(|example| {
            format!(", first in record {} (line {}): {}", example.record, example.line, example.value)
        });
        lines.push(format!("`{}`: {} {times}{}", warning.field, warning.reason, example.unwrap_or_default()));
    }
    for rejected in &report.rejected_by {
        let number = count(usize::try_from(rejected.count).unwrap_or(usize::MAX), "record");
        lines.push(format!("{number} rejected: {}", rejected.reason));
    }
    if !report.other_parts.is_empty() {
        let numbers: Vec<String> = report.other_parts.iter().map(ToString::to_string).collect();
        let (parts, are) = if numbers.len() == 1 { ("part", "is") } else { ("parts", "are") };
        lines.push(format!(
            "no manifest.json: {parts} {} {are} of another input, chain or options",
            numbers.join(", ")
        ));
    }
    let mut text = notes(&lines);
    if report.skipped {
        text.push_str("nothing to do: this part is finished already\n");
    }
    let Report { records_in, records_out, filtered, rejected, duration_seconds, .. } = report;
    text.push_str(&format!(
        "{records_in} records in, {records_out} out, {filtered} filtered, {rejected} rejected"
    ));
    text.push_str(&format!(", {} in {duration_seconds:.1} s\n", count_warnings(report.warnings)));
    text
}

fn example_of(
    example: &migration_kit::transform::WarningExample,
    warning: &migration_kit::transform::WarningCount,
) -> bool {
    example.field == warning.field && example.reason == warning.reason
}

fn count_warnings(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "warning")
}

pub(crate) fn run(args: &TransformArgs, context: &Context) -> Result<Outcome<TransformData>> {
    let args = &stdout::named(args);
    let spec = read_spec(&args.spec)?;
    let mut pipeline = Pipeline::default();
    (pipeline.from, pipeline.to) = (args.from, args.to);
    pipeline.csv_input = spec.input.clone().unwrap_or_default();
    pipeline.csv_output = spec.output.clone().unwrap_or_default();
    pipeline.parquet = spec.parquet.clone().unwrap_or_default();
    (pipeline.threads, pipeline.limit, pipeline.strict) = (args.threads, args.limit, args.strict);
    pipeline.validate = match args.validate {
        Some(ValidateArg::Full) => Validate::Full,
        None if args.strict => Validate::Full,
        Some(ValidateArg::Structure) | None => Validate::Structure,
    };
    pipeline.rejects = args.rejects.clone().filter(|path| !is_dash(path));
    (pipeline.overwrite, pipeline.append) = (args.overwrite, args.append);
    (pipeline.no_sync, pipeline.shard) = (args.no_sync, args.shard);
    pipeline.chain_file = Some(args.spec.clone());
    let chain = Chain::from(spec);
    if args.explain {
        let explanation =
            Engine::compile(&chain, Format::Ndjson).map_err(|error| invalid(&args.spec, &error))?;
        let explanation = Some(explanation.explain());
        return Ok(Outcome::done(TransformData { explanation, dry_run: true, ..TransformData::default() }));
    }
    if args.dry_run {
        static NEVER: AtomicBool = AtomicBool::new(false);
        let input = input(args, &NEVER);
        let samples = pipeline.preview(&chain, input, args.limit.unwrap_or(SAMPLES).min(1000));
        let samples = samples.map_err(|error| explained(args, &error, 0))?;
        return Ok(Outcome::done(TransformData { dry_run: true, samples, ..TransformData::default() }));
    }
    real_run(args, context, pipeline, &chain)
}

fn real_run(
    args: &TransformArgs,
    context: &Context,
    mut pipeline: Pipeline<'_>,
    chain: &Chain,
) -> Result<Outcome<TransformData>> {
    let to_stdout = is_dash(&args.output);
    let rejects_to_stdout = args.rejects.as_deref().is_some_and(is_dash);
    let conflict = |what: &str| Err(Failure::new("usage.argument_conflict", what));
    match (to_stdout, rejects_to_stdout) {
        (true, true) => {
            return conflict("stdout has the records: name a file for the rejects with --rejects");
        }
        (true, _) if context.view.json => {
            return conflict("with --json stdout has the report: name a file for the records with --output");
        }
        (_, true) if context.view.json => {
            return conflict("with --json stdout has the report: name a file for the rejects with --rejects");
        }
        _ => {}
    }
    let written = Arc::new(AtomicU64::new(0));
    let stdout = || Counted(io::stdout(), Arc::clone(&written));
    let output = if to_stdout {
        Output::Writer("stdout".to_owned(), Box::new(stdout()))
    } else {
        Output::File(args.output.clone())
    };
    if rejects_to_stdout {
        pipeline.rejects_to = Some(Arc::new(Mutex::new(stdout())));
    }
    let to_stdout = to_stdout || rejects_to_stdout;
    let events = RecordsEvents::start(args, context);
    let progress = Progress::new(context.view);
    let stop = interrupt::soon();
    (pipeline.interrupt, pipeline.blocked) = (Some(stop.asked), Some(stop.blocked));
    let observer = |event: &Event<'_>| {
        // What an observer fails at changes nothing for the records.
        let _ = progress.on_event(event);
        let _ = events.as_ref().map(|events| events.on_event(event));
    };
    let pipeline = Pipeline { observer: Some(&observer), ..pipeline };
    let result = pipeline.run(chain, input(args, stop.asked), output);
    progress.finish();
    if let Some(events) = &events {
        events.finish(&result);
    }
    match result {
        Ok(report) => Ok(Outcome::done(TransformData { report, to_stdout, ..TransformData::default() })),
        // Who has seen enough wants no words.
        Err(RunError::ReaderGone) if is_dash(&args.output) => {
            Ok(Outcome::done(TransformData { silent: true, ..TransformData::default() }))
        }
        Err(error) => Err(explained(args, &error, written.load(Ordering::Relaxed))),
    }
}

fn input<'a>(args: &TransformArgs, stop: &'a AtomicBool) -> Input<'a> {
    if is_dash(&args.input) { Input::stdin(stop) } else { Input::File(args.input.clone()) }
}

/// The chain of a file.
pub(crate) fn read_spec(path: &Path) -> Result<Spec> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| {
        Failure::new("file.unreadable", format!("can't read {shown}")).because(error.to_string())
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::new("file.not_utf8", format!("{shown} is not UTF-8 text")))?;
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let spec = match extension.to_ascii_lowercase().as_str() {
        "json" => Spec::from_json(&text),
        "yaml" | "yml" => Spec::from_yaml(&text),
        _ => Spec::from_toml(&text),
    };
    let mut spec = spec.map_err(|error| invalid(path, &error))?;
    // What comes from a pipe has no place of its own.
    if let Some(folder) = path.parent().filter(|_| path.is_file()) {
        spec.relative_to(folder);
    }
    Ok(spec)
}

fn invalid(path: &Path, error: &Error) -> Box<Failure> {
    let failure = Failure::new(error.code(), format!("{}: {error}", path.display()));
    match causes(error) {
        Some(why) => failure.because(why),
        None => failure,
    }
}

/// An error of a run, with what of it is in effect: what was written to stdout can't be taken back.
fn explained(args: &TransformArgs, error: &RunError, written: u64) -> Box<Failure> {
    let mut failure = match error {
        RunError::Chain(error) => invalid(&args.spec, error),
        _ => Failure::new(error.code(), error.to_string()),
    };
    if let Some(why) = causes(error) {
        failure = failure.because(why);
    }
    if let RunError::Strict { text, .. } = error {
        failure = failure.because(printable(text));
    }
    let begun = matches!(
        error.code(),
        "transform.input_failed" | "transform.output_failed" | "transform.strict" | "run.interrupted"
    );
    if begun {
        let state = if written == 0 { EffectState::None } else { EffectState::Partial };
        failure.effects = Some(Effects { state, migrations: BTreeMap::new() });
        failure.notes.push(match written {
            0 => "nothing was published".to_owned(),
            _ => format!("{written} bytes went to stdout before"),
        });
    }
    match error {
        RunError::Exists { path } => {
            let or_add = if args.shard.is_none() { ", or add to it with --append" } else { "" };
            let advice = format!("replace {} with --overwrite{or_add}", path.display());
            failure.advise(NextAction::manual(advice))
        }
        RunError::UnknownFormat { .. } => failure.advise(NextAction::manual(
            "name the format with --from or --to: ndjson, json, csv, tsv or parquet",
        )),
        RunError::Strict { .. } => {
            let words = ["migration", "transform", &args.spec.to_string_lossy(), "--dry-run", "--input"];
            let words: Vec<String> = words.iter().map(|word| shell::quote(word)).collect();
            let command = format!("{} {}", words.join(" "), shell::quote(&args.input.to_string_lossy()));
            let advice = NextAction::run("see what becomes of the first records", command);
            if is_dash(&args.input) { failure } else { failure.advise(advice) }
        }
        _ => failure,
    }
}

fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// A writer that knows how much it has written.
struct Counted<W>(W, Arc<AtomicU64>);

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.0.write(bytes)?;
        self.1.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
