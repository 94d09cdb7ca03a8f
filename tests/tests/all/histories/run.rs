//! One history on one database, beside the server's own client.

use migration_kit::sql::{DatabaseConnector, Error, MigrationManager, MigrationSet, Request, Target};
use migration_tests::History;

use super::{NOT_BACK, NOT_UNDONE, RECORDED_OTHERWISE, REFUSED, REWRITTEN, is_listed};
use crate::mysql_schema::{compare, dump};

/// A database, as its server's own client works with it.
pub(super) trait Client {
    /// Histories of this dialect are for it.
    const DIALECT: &'static str;

    /// A fresh database in which a history can begin.
    fn fresh(history: &History) -> Self;

    /// A fresh database with nothing in it.
    fn empty() -> Self;

    /// The server, as the corpora name it.
    fn server(&self) -> String;

    fn open(&self) -> DatabaseConnector;

    /// Gives the connection what the project's own program brings along.
    fn extend(&self, _connector: &mut DatabaseConnector) {}

    /// Runs the text of a file through the client. Where the server can undo it, a text that fails leaves nothing.
    fn run(&self, history: &History, sql: &str) -> Result<(), String>;

    /// The schema without our own tables.
    fn schema(&self) -> String;

    /// The recorded schema and this one, made comparable; `None` where another version of the server wrote that.
    fn beside_truth(&self, truth: &str) -> Option<(String, String)>;
}

/// What the client makes of a history, in a database that is gone again.
struct Reference {
    /// The migration that it stops at.
    fails: Option<String>,
    /// The schema then.
    full: String,
    /// How many down files work after that, the newest first.
    back: usize,
    /// Whether the next one fails; else there is none.
    next_fails: bool,
    /// The schema then.
    after_back: String,
}

impl Reference {
    fn of<C: Client>(history: &History, set: &MigrationSet) -> Self {
        let database = C::fresh(history);
        let works = |sql: &str| match database.run(history, sql) {
            Ok(()) => true,
            Err(complaint) => {
                println!("{}: the client: {}", history.project, complaint.lines().next().unwrap_or_default());
                false
            }
        };
        let fails = set.migrations().iter().find(|migration| !works(&migration.up.text));
        let fails = fails.map(|migration| migration.id.clone());
        let full = database.schema();
        let (mut back, mut next_fails) = (0, false);
        if fails.is_none() {
            let truth = history.truth(&database.server()).filter(|_| !is_listed(RECORDED_OTHERWISE, history));
            if let Some((truth, ours)) = truth.and_then(|truth| database.beside_truth(&truth)) {
                compare(&format!("{}: as recorded", history.project), &ours, &truth);
            }
            let newest_first = set.migrations().iter().rev().filter(|_| !is_listed(NOT_BACK, history));
            let downs = newest_first.map_while(|migration| migration.down.as_ref());
            for down in downs {
                next_fails = !works(&down.text);
                if next_fails {
                    break;
                }
                back += 1;
            }
        }
        let after_back = if back > 0 || next_fails { database.schema() } else { String::new() };
        Self { fails, full, back, next_fails, after_back }
    }
}

/// Applies a history, restores its dump, rolls back as far as its own down files can, and applies that again.
pub(super) fn check<C: Client>(history: &History) {
    let project = &history.project;
    let set = history.set();
    // First, and not beside it: some files ask the server what any database has.
    let theirs = Reference::of::<C>(history, &set);
    let ours = C::fresh(history);
    let server = ours.server();

    let mut manager = MigrationManager::new(ours.open());
    manager.use_set(set.clone());
    ours.extend(manager.connector());
    let failed = match manager.apply_pending_migrations() {
        Ok(report) => {
            assert_eq!(report.results.len(), set.len());
            None
        }
        Err(Error::Failed(failure)) => Some(failure),
        Err(error @ (Error::TransactionControl { .. } | Error::Split { .. }))
            if is_listed(REFUSED, history) =>
        {
            println!("{project} on {server}: refused before anything runs: {error}");
            return;
        }
        Err(error) => panic!("{project}: {error:?}"),
    };
    let stopped_at = failed.as_ref().map(|failure| &failure.migration);
    assert_eq!(stopped_at, theirs.fails.as_ref(), "{project}: {failed:?}");
    compare(&format!("{project}: up"), &ours.schema(), &theirs.full);
    restore::<C>(history, &dump(manager.connector()), &theirs.full);
    if let Some(id) = stopped_at {
        println!("{project} on {server}: stops at {id}, as the client does");
        return;
    }

    let steps = theirs.back + usize::from(theirs.next_fails);
    let layout = set.layout.map_or(history.layout.clone(), |layout| layout.to_string());
    let mut told = format!("{project} on {server} ({layout}): up {}, down {}", set.len(), theirs.back);
    if steps > 0 {
        ours.extend(manager.connector());
        match manager.run(&Request::down().to(Target::Steps(steps))) {
            Ok(_) => assert!(!theirs.next_fails, "{project}: a down file works that the client refuses"),
            Err(Error::Failed(failure)) if theirs.next_fails => {
                let refused = &set.migrations()[set.len() - steps].id;
                assert_eq!(&failure.migration, refused, "{project}: {failure:?}");
                told.push_str(", the next is refused as by the client");
            }
            Err(error) => panic!("{project}: down: {error:?}"),
        }
        compare(&format!("{project}: down"), &ours.schema(), &theirs.after_back);
    }
    if steps > 0 && !theirs.next_fails && !is_listed(NOT_UNDONE, history) {
        ours.extend(manager.connector());
        manager.apply_pending_migrations().unwrap_or_else(|error| panic!("{project}: up again: {error:?}"));
        compare(&format!("{project}: up again"), &ours.schema(), &theirs.full);
        told.push_str(", up again");
    }
    println!("{told}");
}

/// Restores our dump by ourselves and by the client: it dumps as the same text, and is the `expected` schema.
fn restore<C: Client>(history: &History, text: &str, expected: &str) {
    let project = &history.project;
    if REWRITTEN.contains(&project.as_str()) {
        return;
    }
    for by_client in [false, true] {
        let what = if by_client { "the dump, restored by the client" } else { "the dump, restored" };
        let restored = C::empty();
        let mut connector = restored.open();
        restored.extend(&mut connector);
        if by_client {
            restored.run(history, text).unwrap_or_else(|error| panic!("{project}: {what}: {error}"));
        } else {
            connector.execute_script(text).unwrap_or_else(|error| panic!("{project}: {what}: {error:?}"));
        }
        compare(&format!("{project}: {what}, dumps as another text"), &dump(&mut connector), text);
        compare(&format!("{project}: {what}"), &restored.schema(), expected);
    }
}
