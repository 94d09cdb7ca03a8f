//! Events for OpenLineage of what this call does, where its users have said where to send them.
//!
//! A run doesn't fail because of them and waits for them at its end for a few seconds at most: what could not be sent by then
//! waits in a folder, and stderr says so.

mod records;
mod together;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use migration_kit::lineage::openlineage::facet::ProcessingEngine;
use migration_kit::lineage::openlineage::{
    DatabaseNaming, Emit, MigrationFacts, ObserverSettings, OpenLineageObserver, SourceLocation,
    history_events,
};
use migration_kit::lineage::transport::{ConfigError, Delivery, Dispatcher, OpenLineageConfig, Surroundings};
use migration_kit::sql::{MigrationManager, MigrationSet};
use migration_kit::syntax::Dialect;

use crate::context::Context;
use crate::failure::{Result, causes};
use crate::screen::{self, count, printable};
use crate::secret;

pub(crate) use records::RecordsEvents;
use together::start;
pub(crate) use together::together;

/// How long a run waits for its events at the end.
const LIMIT: Duration = Duration::from_secs(5);

/// How much of that is for sending, at least.
const SENDING: Duration = Duration::from_secs(1);

/// The events of a run of migrations; when it is dropped, they are sent or put aside, unless others [run together](mod@together)
/// with it.
#[derive(Debug)]
pub(crate) struct Events {
    observer: Arc<OpenLineageObserver>,
    sending: Sending,
}

/// The way for events to get where they are to go.
#[derive(Debug, Clone)]
struct Sending {
    dispatcher: Arc<Dispatcher>,
    destination: String,
    is_quiet: bool,
}

/// The configuration, if there is one.
pub(crate) fn config() -> std::result::Result<Option<OpenLineageConfig>, ConfigError> {
    OpenLineageConfig::read(&Surroundings::of_process())
}

/// Begins to send, if somebody has said where to.
fn start_alone(context: &Context) -> Option<(Sending, OpenLineageConfig)> {
    let started = config().and_then(|config| {
        let Some(config) = config else { return Ok(None) };
        Ok(Some((Dispatcher::start(&config)?, config)))
    });
    match started {
        Ok(started) => {
            let (dispatcher, config) = started?;
            let destination = config.transport.shown();
            let sending =
                Sending { dispatcher: Arc::new(dispatcher), destination, is_quiet: context.view.quiet };
            Some((sending, config))
        }
        Err(error) => {
            say(&format!("no events are sent: {}", in_words(&error)));
            None
        }
    }
}

/// Has a manager's runs told, if somebody has said where to.
pub(crate) fn watch(manager: &mut MigrationManager, context: &Context) -> Option<Events> {
    let (sending, config) = start(context)?;
    // Where the history can't be read the run will say so.
    let applied = manager.get_applied_migrations().unwrap_or_default();
    let applied: HashSet<String> = applied.into_iter().map(|info| info.id).collect();
    let dialect = manager.connector().dialect();
    // And here: a connection was made by these settings.
    let mut settings = settings(manager.set(), dialect, context).ok()?;
    settings.applied.retain(|(id, _)| applied.contains(id));
    settings.namespace.clone_from(&config.namespace);
    settings.parent.clone_from(&config.parent);
    // One that doesn't tell its version is of some version all the same.
    let version = manager.connector().server_version().unwrap_or_else(|_| "unknown".to_owned());
    settings.engine = ProcessingEngine::of_database(dialect, &version);
    let observer = Arc::new(OpenLineageObserver::new(settings, sending.emit()));
    manager.observe(observer.clone());
    Some(Events { observer, sending })
}

/// The events of a history that nobody runs, up to a migration: a line for each.
pub(crate) fn events_of(
    set: &MigrationSet,
    dialect: Dialect,
    last: Option<&str>,
    context: &Context,
) -> Result<String> {
    let mut settings = settings(set, dialect, context)?;
    if let Some(place) = settings.applied.iter().position(|(id, _)| Some(id.as_str()) == last) {
        settings.applied.truncate(place + 1);
    }
    if let Some(namespace) = std::env::var("OPENLINEAGE_NAMESPACE").ok().filter(|name| !name.is_empty()) {
        settings.namespace = namespace;
    }
    Ok(history_events(&settings).iter().map(|event| event.to_json() + "\n").collect())
}

/// What is known before anything runs: of the whole set, as if all of it were applied.
fn settings(set: &MigrationSet, dialect: Dialect, context: &Context) -> Result<ObserverSettings> {
    let known = context.settings()?;
    let url = match known.database_url {
        Some(_) => Some(known.url()?).filter(|url| url.dialect() == dialect),
        None => None,
    };
    let naming = url.and_then(|url| DatabaseNaming::of_url(url.secret()).ok());
    let mut naming = naming.unwrap_or_else(|| DatabaseNaming::of_dialect(dialect));
    if let Some(schema) = &known.schema.value {
        naming = naming.in_schema(schema);
    }
    let mut settings = ObserverSettings::new(naming);
    let source = known.dirs.value.first().and_then(|folder| SourceLocation::of_folder(folder));
    for migration in set.migrations() {
        settings.applied.push((migration.id.clone(), migration.up.shown().into_owned()));
        let file = migration.up.path.as_ref();
        let location = source.as_ref().zip(file).and_then(|(source, file)| source.of_file(file));
        let facts = MigrationFacts { description: migration.description.clone(), location };
        settings.facts.insert(migration.id.clone(), facts);
    }
    Ok(settings)
}

impl Drop for Events {
    fn drop(&mut self) {
        if !together::takes(&self.observer) {
            finish(&self.sending, std::slice::from_ref(&self.observer), 0);
        }
    }
}

/// Waits until all is analysed and sent, but not too long, and says what people should know of it. `lost` statements of other
/// observers were left out.
fn finish(sending: &Sending, observers: &[Arc<OpenLineageObserver>], mut lost: u64) {
    let began = Instant::now();
    let mut is_whole = true;
    for observer in observers {
        is_whole &= observer.flush((LIMIT - SENDING).saturating_sub(began.elapsed()));
        lost += observer.lost();
    }
    sending.finish(LIMIT.saturating_sub(began.elapsed()).max(SENDING));
    if !is_whole {
        say("there was no time to analyse everything: the events of this run are not complete");
    }
    if lost > 0 {
        say(&format!("{} were not analysed: too much was waiting", count_of(lost, "statement")));
    }
}

impl Sending {
    fn emit(&self) -> Arc<dyn Emit> {
        self.dispatcher.clone()
    }

    /// Sends what waits, in no more than a time, and says what people should know of it.
    fn finish(&self, limit: Duration) {
        let delivery = self.dispatcher.close(limit);
        for line in self.said_of(&delivery) {
            say(&line);
        }
    }

    /// What people should know of what became of the events.
    fn said_of(&self, delivery: &Delivery) -> Vec<String> {
        let why = delivery.trouble.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        let mut lines = Vec::new();
        if delivery.spooled > 0 {
            let folder =
                delivery.spool.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
            lines.push(format!(
                "{} for {} wait in {folder}{why}; the next run sends them, or `migration lineage replay`",
                count_of(delivery.spooled, "event"),
                self.destination
            ));
        }
        if delivery.refused > 0 {
            lines.push(format!("{} refused {}{why}", self.destination, count_of(delivery.refused, "event")));
        }
        if delivery.lost > 0 {
            let unkept = delivery.unkept.as_ref().map(|why| format!("; not kept: {why}")).unwrap_or_default();
            let events = count_of(delivery.lost, "event");
            lines.push(format!("{events} for {} lost{why}{unkept}", self.destination));
        }
        if delivery.replayed > 0 && !self.is_quiet {
            lines.push(format!("{} of earlier runs sent", count_of(delivery.replayed, "event")));
        }
        lines
    }
}

/// An error with its causes, in one line.
pub(crate) fn in_words(error: &ConfigError) -> String {
    causes(error).map_or_else(|| error.to_string(), |why| format!("{error}: {why}"))
}

fn count_of(number: u64, noun: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), noun)
}

fn say(text: &str) {
    screen::err(&format!("openlineage: {}", printable(&secret::mask(text))));
}
