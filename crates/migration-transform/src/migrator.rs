//! Records in memory through a chain, on all cores.

use std::sync::Arc;

use migration_model::{Observable, Observer};
use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use crate::chain::Chain;
use crate::error::Error;
use crate::pipeline::{Input, Output, Pipeline, Report, RunError};
use crate::reason::Reason;
use crate::spec::Spec;
use crate::transformer::{DataTransformer, Notes, Verdict};
use crate::value::Record;
use crate::warnings::{Place, Warnings};
use crate::watchers::Watchers;

/// How many records one thread takes at a time.
const BATCH: usize = 512;

/// Sends records through a chain of transformers. The result is the same as that of a stream with the same chain.
///
/// ```
/// use migration_transform::{DataMigrator, FieldRenameTransformer, FieldTypeTransformer, Record, Value};
/// use migration_transform::spec::Type;
///
/// let mut migrator = DataMigrator::default();
/// migrator
///     .add_transformer(FieldRenameTransformer::new([("customer_id", "id")])?)
///     .add_transformer(FieldTypeTransformer::new([("age", Type::Int)])?)
///     .add_transformer(|record: &mut Record| record.get("age") != Some(&Value::from(17))); // false leaves it out
///
/// let read = |text| Record::from_json(text).unwrap();
/// let records = vec![read(r#"{"customer_id":"a","age":" 42 "}"#), read(r#"{"age":"17"}"#), read(r#"{"age":"old"}"#)];
/// let migrated = migrator.migrate(records);
///
/// let records: Vec<String> = migrated.records.iter().map(Record::to_json).collect();
/// assert_eq!(records, [r#"{"id":"a","age":42}"#, r#"{"age":"old"}"#]);
/// assert_eq!((migrated.filtered, migrated.warnings.total()), (1, 1));
/// # Ok::<(), migration_transform::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DataMigrator {
    chain: Chain,
    transformers: Vec<Arc<dyn DataTransformer>>,
    watchers: Watchers,
}

/// What came of records: `records_in` is the sum of those that go out, those left out and those rejected.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Migrated {
    /// Those that go out, in the order in which they came.
    pub records: Vec<Record>,
    /// How many a condition or function left out.
    pub filtered: u64,
    /// Those with which something is wrong, in order.
    pub rejected: Vec<Rejected>,
    /// What was odd about those that went on.
    pub warnings: Warnings,
}

/// A record with which something is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rejected {
    /// Its number, from 1.
    pub number: u64,
    /// What is wrong.
    pub reason: Reason,
    /// Which field; none if it is the whole record.
    pub field: Option<Arc<str>>,
    /// As it came in.
    pub record: Record,
}

impl DataMigrator {
    /// With a chain, which may come from a file.
    ///
    /// # Errors
    /// If a step makes no sense, or a file that it names can't be read.
    pub fn new(chain: impl Into<Chain>) -> Result<Self, Error> {
        let chain = chain.into();
        Ok(Self { transformers: chain.compile()?, chain, watchers: Watchers::default() })
    }

    /// With another transformer or function after those that are there.
    pub fn add_transformer(&mut self, transformer: impl DataTransformer + 'static) -> &mut Self {
        let transformer: Arc<dyn DataTransformer> = Arc::new(transformer);
        self.chain.push(Arc::clone(&transformer));
        self.transformers.push(transformer);
        self
    }

    /// The chain.
    #[must_use]
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Sends records through, on all cores of rayon's current pool; their order stays.
    #[must_use]
    pub fn migrate(&self, records: Vec<Record>) -> Migrated {
        let batches = records.into_par_iter().chunks(BATCH).map(|batch| self.migrate_batch(batch));
        let mut whole = Migrated::default();
        let mut before = 0;
        for (batch, length) in batches.collect::<Vec<_>>() {
            whole.records.extend(batch.records);
            whole.filtered += batch.filtered;
            whole.rejected.extend(
                batch
                    .rejected
                    .into_iter()
                    .map(|rejected| Rejected { number: rejected.number + before, ..rejected }),
            );
            whole.warnings.merge(&batch.warnings, Place { record: before, line: before });
            before += length;
        }
        whole
    }

    /// Sends all records of a source to a sink: in order, on all cores, and in bounded memory. An end is an [`Input`] or
    /// [`Output`] (a file, a pipe) or any [`RecordSource`](migration_model::RecordSource) or
    /// [`RecordSink`](migration_model::RecordSink), such as [`Records`](crate::Records) in memory or a table. Formats follow
    /// from the names of files; [`Pipeline::run`] is the same with options, such as a file for rejected records.
    ///
    /// ```
    /// use migration_transform::{DataMigrator, Spec};
    ///
    /// let migrator = DataMigrator::new(Spec::from_json(r#"{"step": [{"drop": ["secret"]}]}"#)?)?;
    /// let mut output = Vec::new();
    /// let report = migrator.run(&b"{\"id\":1,\"secret\":2}\nno JSON\n"[..], &mut output)?;
    /// assert_eq!((report.records_in, report.rejected), (2, 1));
    /// assert_eq!(output, b"{\"id\":1}\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`Pipeline::run`]. What is wrong with a record is counted and is none.
    pub fn run<'a>(
        &self,
        source: impl Into<Input<'a>>,
        sink: impl Into<Output<'a>>,
    ) -> Result<Report, RunError> {
        let pipeline = Pipeline { observer: self.watchers.any(), ..Pipeline::default() };
        pipeline.run(&self.chain, source.into(), sink.into())
    }

    /// Sends one record through: it, or nothing if it is left out. Warnings are added to those that are there.
    ///
    /// # Errors
    /// If it is rejected.
    pub fn migrate_single(
        &self,
        record: Record,
        warnings: &mut Warnings,
    ) -> Result<Option<Record>, Rejected> {
        self.send(record, 1, warnings)
    }

    fn migrate_batch(&self, batch: Vec<Record>) -> (Migrated, u64) {
        let mut migrated = Migrated::default();
        let length = batch.len() as u64;
        for (record, number) in batch.into_iter().zip(1..) {
            match self.send(record, number, &mut migrated.warnings) {
                Ok(Some(record)) => migrated.records.push(record),
                Ok(None) => migrated.filtered += 1,
                Err(rejected) => migrated.rejected.push(rejected),
            }
        }
        (migrated, length)
    }

    fn send(
        &self,
        mut record: Record,
        number: u64,
        warnings: &mut Warnings,
    ) -> Result<Option<Record>, Rejected> {
        let may_reject = self.transformers.iter().any(DataTransformer::may_reject);
        let original = may_reject.then(|| record.clone());
        let mut notes = Notes::new(warnings, Place { record: number, line: number });
        for transformer in &self.transformers {
            match transformer.transform(&mut record, &mut notes) {
                Verdict::Keep => {}
                Verdict::Filter => return Ok(None),
                Verdict::Reject { reason, field } => {
                    return Err(Rejected { number, reason, field, record: original.unwrap_or(record) });
                }
            }
        }
        Ok(Some(record))
    }
}

/// Observers are told of what [`DataMigrator::run`] does. Records in memory have no names and are nobody's business.
impl Observable for DataMigrator {
    fn add_observer(&mut self, observer: Arc<dyn Observer>) {
        self.watchers.add(observer);
    }
}

impl Spec {
    /// The chain that it describes.
    #[must_use]
    pub fn into_chain(self) -> Chain {
        self.into()
    }
}
