//! Events of a transformation of records.

use std::sync::{Arc, Mutex, PoisonError};

use migration_kit::lineage::openlineage::{DatasetId, RecordsRun, RecordsSummary};
use migration_kit::model::ObserverError;
use migration_kit::transform::{Report, RunError};
use migration_kit::{Event, Observer};

use super::{LIMIT, Sending, start};
use crate::args::TransformArgs;
use crate::context::Context;
use crate::failure::causes;

/// The run that is under way.
static RUNNING: Mutex<Option<Arc<RecordsEvents>>> = Mutex::new(None);

/// The events of one run of a chain.
#[derive(Debug)]
pub(crate) struct RecordsEvents {
    run: RecordsRun,
    sending: Sending,
}

impl RecordsEvents {
    /// Tells that a run begins, if somebody has said whom.
    pub(crate) fn start(args: &TransformArgs, context: &Context) -> Option<Arc<Self>> {
        let (sending, config) = start(context)?;
        let chain = args.spec.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
        let inputs = vec![DatasetId::of_file(&args.input, "stdin")];
        let output = DatasetId::of_file(&args.output, "stdout");
        let outputs = [Some(output), args.rejects.as_ref().map(|path| DatasetId::of_file(path, "stdout"))];
        let places = (inputs, outputs.into_iter().flatten().collect());
        let description = format!("the chain of {}", args.spec.display());
        let job = format!("transform.{chain}");
        let run = RecordsRun::start(sending.emit(), &config.namespace, &job, Some(&description), places);
        let events = Arc::new(Self { run, sending });
        *running() = Some(Arc::clone(&events));
        Some(events)
    }

    /// Tells that the process ends in the middle of a run, if there is one.
    pub(crate) fn leave() {
        let Some(events) = running().take() else { return };
        events.run.abort("interrupted", &RecordsSummary::default());
        events.sending.finish(LIMIT);
    }

    /// Tells what came of it.
    pub(crate) fn finish(&self, outcome: &Result<Report, RunError>) {
        *running() = None;
        match outcome {
            Ok(report) => self.run.complete(&RecordsSummary {
                records_in: report.records_in,
                bytes_in: report.bytes_in,
                records_out: report.records_out,
                bytes_out: report.bytes_out,
            }),
            Err(error) => {
                let message = match causes(error) {
                    Some(why) => format!("{error}: {why}"),
                    None => error.to_string(),
                };
                let ended = matches!(error, RunError::ReaderGone) || error.code() == "run.interrupted";
                let tell = if ended { RecordsRun::abort } else { RecordsRun::fail };
                tell(&self.run, &message, &RecordsSummary::default());
            }
        }
        self.sending.finish(LIMIT);
    }
}

/// What it is told is said at its end.
impl Observer for RecordsEvents {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        self.run.on_event(event)
    }
}

fn running() -> std::sync::MutexGuard<'static, Option<Arc<RecordsEvents>>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
