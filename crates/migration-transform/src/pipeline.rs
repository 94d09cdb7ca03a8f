//! Streams of records from files and pipes through a compiled chain, on all cores, in order and in bounded memory.
//!
//! Each thread takes a chunk of whole records, has the engine make bytes of it and hands those on. In the order of the
//! input each chunk gets its place in the output; where that is a file, several threads write at once.

mod aligned;
pub(crate) mod columnar;
mod columns;
mod compression;
mod cut;
mod direct;
mod ends;
mod error;
mod format;
mod grown;
mod keep;
mod ledger;
mod order;
mod origin;
mod parquet;
mod part;
mod patience;
mod place;
pub(crate) mod positioned;
mod preview;
mod publish;
mod records;
mod rejects;
mod report;
mod shadow;
mod shard;
mod sink;
mod slot;
mod source;
mod stream;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;
use std::time::Instant;

use migration_model::{Event, Observer};
use sha2::{Digest, Sha256};

use crate::chain::Chain;
use crate::chunk::Format;
use crate::engine::{Engine, MAX_RECORD, Validate};
use crate::spec::{CsvOptions, ParquetOptions};
use crate::warnings::{Place, Warnings};
use ledger::{Ledger, Sink};
use order::Order;
use rejects::RejectFile;
use shard::Origin;

pub use ends::{Input, Output};
pub use error::RunError;
pub use format::FileFormat;
#[cfg(feature = "parquet")]
pub(crate) use ledger::failed;
pub use preview::{Sample, SampleOutcome};
pub use records::Records;
pub use report::{RejectCount, Report};
pub use shard::Shard;

/// How much of an input is read at once.
const CHUNK: usize = 256 << 10;
/// With more threads than this chunks are smaller, so that as much is in flight.
const THREADS: usize = 8;

/// How a stream of records is run through a chain.
///
/// ```
/// use migration_transform::{Chain, Input, Output, Pipeline, Spec};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let chain: Chain = Spec::from_json(r#"{"step": [{"rename": {"a": "b"}}]}"#)?.into();
/// let folder = std::env::temp_dir();
/// let output = folder.join(format!("pipeline-{}.ndjson", std::process::id()));
/// let input = Input::Reader("example".to_owned(), Box::new(&b"{\"a\":1}\n"[..]));
/// let report = Pipeline::default().run(&chain, input, Output::File(output.clone()))?;
/// assert_eq!((report.records_in, report.records_out), (1, 1));
/// assert_eq!(std::fs::read_to_string(&output)?, "{\"b\":1}\n");
/// # std::fs::remove_file(output)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Pipeline<'a> {
    /// How the input is written; by its name, else NDJSON.
    pub from: Option<FileFormat>,
    /// How the output is to be written; by its name, else as the input.
    pub to: Option<FileFormat>,
    /// Options of an input that is a CSV.
    pub csv_input: CsvOptions,
    /// Options of an output that is a CSV.
    pub csv_output: CsvOptions,
    /// How an output that is Parquet is to be written.
    pub parquet: ParquetOptions,
    /// How many threads; as many as there are cores if it isn't said.
    pub threads: Option<usize>,
    /// How many bytes are read at once, if it isn't left to the pipeline.
    pub chunk_bytes: Option<usize>,
    /// Only the first so many records.
    pub limit: Option<u64>,
    /// The first record that is rejected, or has a warning, ends the run; nothing is published.
    pub strict: bool,
    /// How closely records are looked at.
    pub validate: Validate,
    /// The file that the chain was read from, if nothing is to be written to it.
    pub chain_file: Option<PathBuf>,
    /// The file for rejected records.
    pub rejects: Option<PathBuf>,
    /// Rejected records are written to this, and to no file.
    pub rejects_to: Option<Arc<Mutex<dyn Write + Send>>>,
    /// A file that exists may be replaced.
    pub overwrite: bool,
    /// Records are added to the end of a file that exists; not atomic: a run that is killed leaves some of them.
    pub append: bool,
    /// Files are not flushed to the disk before they get their names.
    pub no_sync: bool,
    /// Only this part of the input, which is a file that is not compressed; the output is a folder.
    pub shard: Option<Shard>,
    /// Is told of progress, and in the end of what came from where ([`Event::RecordsFinished`]).
    pub observer: Option<&'a dyn Observer>,
    /// Ends the run as soon as it is set. Files stay, or become again, what they were.
    pub interrupt: Option<&'a AtomicBool>,
    /// Is set while the run waits for somebody who may let it wait for ever, such as the reader of a pipe: then it can't see
    /// [`Pipeline::interrupt`].
    pub blocked: Option<&'a AtomicBool>,
}

impl fmt::Debug for Pipeline<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline")
            .field("from", &self.from)
            .field("to", &self.to)
            .field("threads", &self.threads)
            .field("limit", &self.limit)
            .field("strict", &self.strict)
            .field("shard", &self.shard)
            .finish_non_exhaustive()
    }
}

impl Pipeline<'_> {
    /// Runs all records through the chain.
    ///
    /// # Errors
    /// If the input or output can't be used. What is wrong with a record is counted, and is no error unless
    /// [`Pipeline::strict`] is set.
    pub fn run(&self, chain: &Chain, input: Input<'_>, output: Output<'_>) -> Result<Report, RunError> {
        match self.run_through(chain, input, output) {
            // That is how waiting for the input ends.
            Err(RunError::Input { .. }) if self.is_interrupted() => Err(RunError::Interrupted),
            result => result,
        }
    }

    fn run_through(&self, chain: &Chain, input: Input<'_>, output: Output<'_>) -> Result<Report, RunError> {
        let started = Instant::now();
        let from = self.input_format(&input)?;
        let to = match (&output, self.to) {
            (Output::Sink(_), _) => FileFormat::Ndjson,
            (_, Some(to)) => to,
            (Output::File(path), None) if self.shard.is_none() => FileFormat::of(path)?,
            // Who reads a stream reads lines.
            (Output::Writer(..), None) if from == FileFormat::Parquet => FileFormat::Ndjson,
            _ => from,
        };
        keep::check(self, chain, &input, &output, to)?;
        let mut part = self.part(chain, &input, &output, from, to)?;
        // What it rejects is in no manifest.
        let is_wanted = |_: &Report| self.rejects.is_none() && self.rejects_to.is_none();
        if let Some(part) = &mut part
            && let Some(mut report) = part.finished.take_if(|report| is_wanted(report))
        {
            if !shard::is_complete(&part.folder) {
                report.other_parts = part.complete(to, !self.no_sync)?;
            }
            report.output = Some(part.folder.join(&part.file).display().to_string());
            report.duration_seconds = started.elapsed().as_secs_f64();
            return Ok(report);
        }
        let (output, replaces) = match &part {
            Some(part) => (Output::File(part.folder.join(&part.file)), part.replaces),
            None => (output, self.overwrite),
        };
        // Before the input is waited for.
        let target = sink::claim(self, &output, to, replaces)?;
        let rejects = RejectFile::claim(self)?;

        let threads = self.threads.unwrap_or_else(|| available_parallelism().map_or(1, usize::from)).max(1);
        let usual = (CHUNK * THREADS / threads.max(THREADS)).max(CHUNK / 8);
        let chunk = self.chunk_bytes.unwrap_or(usual).max(1);
        let mut source = source::open(self, input, from, chunk)?;
        let layout = columns::of_output(self, chain, &mut source, &output, to)?;
        let mut engine = self.compile(chain, layout.clone())?;
        if matches!(output, Output::Sink(_)) || to == FileFormat::Parquet {
            // Whoever takes records will read them.
            engine = engine.with_validation(Validate::Full);
        }
        let engine = Arc::new(engine);
        let sink = sink::open(self, output, to, target)?;
        let rejects = RejectFile::open(self, rejects)?;

        let mut ledger = Ledger {
            sink: sink.to,
            name: sink.name.clone(),
            output: layout.clone(),
            origin: columnar::Origin::new(Arc::clone(&engine), source.format.clone()),
            rejects,
            report: Report { bytes_in: source.bytes, ..Report::default() },
            warnings: Warnings::new(),
            strict: self.strict,
            digest: part.is_some().then(Sha256::new),
            observer: self.observer,
            total: source.total,
            before: Place { record: 0, line: source.lines },
            begun: false,
        };
        let file = sink.target.file();
        if sink.is_new {
            ledger.write(&columns::header(&layout)?)?;
        }
        let input = source.name.clone();
        let names = (source.format, source.name);
        let order = Order::new(&engine, source.feed, names, ledger, file, self.interrupt, (chunk, threads));
        let mut ledger = order.run()?;
        let end = ledger.end();
        ledger.write(end)?;
        if let (Some((place, rest)), Some(file)) = (ledger.rest(), file) {
            positioned::write_at(file, &rest, place).map_err(|error| ledger.failed(error))?;
        }

        let Ledger { sink: mut written, rejects, mut report, warnings, mut digest, .. } = ledger;
        if self.is_interrupted() {
            return Err(RunError::Interrupted);
        }
        if let Sink::Columns(columns) = &mut written {
            report.bytes_out = columns.finish()?;
        }
        report.output = sink.target.path().map(|path| path.display().to_string());
        report.set_warnings(&warnings);
        // First what a reader of the output may want to look up.
        rejects.map(|rejects| rejects.publish(!self.no_sync)).transpose()?;
        if let (Some(part), Some(digest)) = (&part, &mut digest) {
            part.check(sink.target.file().filter(|_| matches!(written, Sink::Columns(_))), digest)?;
            shard::withdraw(&part.folder, &part.file)?;
        }
        sink.target.finish(written, &sink.name, !self.no_sync)?;
        if let (Some(part), Some(digest)) = (&part, digest) {
            let Part { folder, shard, file, origin, .. } = part;
            shard::finish(folder, *shard, file, origin, &report, digest, !self.no_sync)?;
            report.other_parts = part.complete(to, !self.no_sync)?;
        }
        report.duration_seconds = started.elapsed().as_secs_f64();
        if let Some(observer) = self.observer {
            let (flow, output) = (chain.record_flow(), report.output.as_deref().unwrap_or(&sink.name));
            let (records_in, records_out) = (report.records_in, report.records_out);
            let event =
                Event::RecordsFinished { input: &input, output, flow: &flow, records_in, records_out };
            // An observer that fails changes nothing.
            let _ = observer.on_event(&event);
        }
        Ok(report)
    }

    /// What becomes of the first records, one by one; nothing is written.
    ///
    /// # Errors
    /// As [`Pipeline::run`].
    pub fn preview(&self, chain: &Chain, input: Input<'_>, records: u64) -> Result<Vec<Sample>, RunError> {
        preview::preview(self, chain, input, records)
    }

    fn is_interrupted(&self) -> bool {
        self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    fn compile(&self, chain: &Chain, output: Format) -> Result<Engine, RunError> {
        Ok(Engine::compile(chain, output)?.with_validation(self.validate).with_limit(MAX_RECORD))
    }

    fn input_format(&self, input: &Input<'_>) -> Result<FileFormat, RunError> {
        match (self.from, input) {
            (_, Input::Source(_)) => Ok(FileFormat::Ndjson),
            (Some(from), _) => Ok(from),
            (None, Input::File(path)) => FileFormat::of(path),
            (None, Input::Reader(..)) => Ok(FileFormat::Ndjson),
        }
    }

    fn part(
        &self,
        chain: &Chain,
        input: &Input<'_>,
        output: &Output<'_>,
        from: FileFormat,
        to: FileFormat,
    ) -> Result<Option<Part>, RunError> {
        let Some(shard) = self.shard else { return Ok(None) };
        let unsupported = |what: &str| Err(RunError::Unsupported { what: what.to_owned() });
        let (Input::File(path), Output::File(folder)) = (input, output) else {
            return unsupported("a shard needs an input that is a file and an output that is a folder");
        };
        let special = path.metadata().is_ok_and(|known| !known.is_file());
        if special || compression::Compression::of(path).is_some() {
            return unsupported("only a file that is not compressed can be read in shards");
        }
        if self.append || self.limit.is_some() {
            return unsupported("a shard goes without a limit, and is added to nothing");
        }
        let origin = Origin::of(self, chain, path, (from, to))?;
        fs::create_dir_all(folder).map_err(|source| RunError::NotCreated { path: folder.clone(), source })?;
        let file = shard.file(to);
        let target = folder.join(&file);
        let finished = shard::finished(folder, &file, &origin);
        let found = target.is_file() && finished.is_none() && !self.overwrite;
        if found && shard::manifest_of(folder, &file).exists() {
            return Err(RunError::Exists { path: target });
        }
        let (replaces, found) = (self.overwrite || found || finished.is_some(), found.then_some(target));
        Ok(Some(Part { folder: folder.clone(), shard, file, origin, finished, found, replaces }))
    }
}

/// A part that is to be made.
struct Part {
    folder: PathBuf,
    shard: Shard,
    file: String,
    origin: Origin,
    /// What an earlier run that made it says.
    finished: Option<Report>,
    /// A file of this name without a manifest: of a run that was killed between the two, or of somebody else.
    found: Option<PathBuf>,
    /// Whether it may take the place of a file.
    replaces: bool,
}

impl Part {
    fn complete(&self, format: FileFormat, sync: bool) -> Result<Vec<u64>, RunError> {
        shard::complete(&self.folder, self.shard, format, &self.origin, sync)
    }

    /// Before it is published. A file that was found has to have the same bytes: else it isn't ours to replace. Bytes that
    /// went by unseen are read from `written`.
    fn check(&self, written: Option<&File>, digest: &mut Sha256) -> Result<(), RunError> {
        let name = || format!("`{}`", self.folder.join(&self.file).display());
        let failed = |source| RunError::Output { name: name(), source };
        if let Some(written) = written {
            *digest = shard::digest_of(written).map_err(failed)?;
        }
        let Some(path) = &self.found else { return Ok(()) };
        let found = File::open(path).and_then(|file| shard::digest_of(&file)).map_err(failed)?;
        if shard::hex(found) == shard::hex(digest.clone()) {
            return Ok(());
        }
        Err(RunError::Exists { path: path.clone() })
    }
}
