use migration_model::Checksum;
use migration_syntax::{Dialect, SplitOptions};

mod policy;
mod repeatable;

use super::*;
use crate::Script;
use crate::journal::{JournalEntry, prefix_checksum};
use crate::plan::PlannedStatement;
use crate::rules::{Meaning, Role};

/// One transaction for each script, whatever stands in it.
struct OneTransaction;

impl Rules for OneTransaction {
    fn split_options(&self) -> SplitOptions {
        Dialect::Sqlite.into()
    }

    fn meaning(&self, _: &PlannedStatement) -> Meaning {
        Role::Plain.into()
    }
}

/// Migrations, one a line: `id [<- dependency …] [!]`, where `!` is one that can't be rolled back, as is `R__id`, which is
/// repeatable.
fn set(text: &str) -> MigrationSet {
    let migration = |line: &str| {
        let (line, reversible) = match line.strip_suffix('!') {
            Some(line) => (line, false),
            None => (line, true),
        };
        let (id, needs) = line.split_once("<-").unwrap_or((line, ""));
        let id = id.trim();
        let down = reversible.then(|| Script::from_text(format!("DROP TABLE {id}")));
        let mut migration =
            SqlMigration::new(id, Script::from_text(format!("CREATE TABLE {id} (x); SELECT 1")), down);
        migration.dependencies = needs.split_whitespace().map(str::to_owned).collect();
        if id.starts_with("R__") {
            (migration.repeatable, migration.down) = (true, None);
        }
        migration
    };
    MigrationSet::new(text.split(',').map(str::trim).filter(|l| !l.is_empty()).map(migration).collect())
        .unwrap()
}

fn row(set: &MigrationSet, id: &str) -> HistoryRow {
    HistoryRow {
        id: id.to_owned(),
        checksum: set.get(id).map(|m| m.checksum.clone()),
        ..HistoryRow::default()
    }
}

/// The ids that are applied; `id*` was another text when it was.
fn history(set: &MigrationSet, applied: &str) -> History {
    let row = |id: &str| match id.strip_suffix('*') {
        Some(id) => HistoryRow { checksum: Some(Checksum::of("something else")), ..row(set, id) },
        None => row(set, id),
    };
    History::new(applied.split_whitespace().map(row).collect())
}

fn plan(set: &MigrationSet, history: &History, journal: &Journal, request: &Request) -> Result<Plan> {
    Planner { set, history, journal, history_table: "_migrations", rules: &OneTransaction }.plan(request)
}

/// The ids of the plan, or the error.
fn check(migrations: &str, applied: &str, request: &Request, expected: &str) {
    let set = set(migrations);
    let plan = plan(&set, &history(&set, applied), &Journal::default(), request);
    let ids = plan.map(|plan| plan.migrations.iter().map(|m| m.id.clone()).collect::<Vec<_>>().join(" "));
    assert_eq!(
        ids.unwrap_or_else(|error| error.to_string()),
        expected,
        "{migrations} | {applied} | {request:?}"
    );
}

fn up(target: Target) -> Request {
    Request::new(MigrationDirection::Up, target)
}

fn down(target: Target) -> Request {
    Request::new(MigrationDirection::Down, target)
}

#[test]
fn up_takes_what_is_pending_up_to_the_target() {
    check("a, b, c", "", &up(Target::All), "a b c");
    check("a, b, c", "b", &up(Target::All), "a c");
    check("a, b, c", "a b c", &up(Target::All), "");
    check("a, b, c", "a", &up(Target::Steps(1)), "b");
    check("a, b, c", "", &up(Target::To("b".into())), "a b");
    check("a <- c, b, c", "", &up(Target::To("a".into())), "b c a");
    check("a, b", "", &up(Target::To("x".into())), "there is no migration `x`");
    check(
        "20240101_users",
        "",
        &up(Target::To("2024010_users".into())),
        "there is no migration `2024010_users`; did you mean `20240101_users`?",
    );
}

#[test]
fn down_takes_what_is_applied_newest_first() {
    check("a, b, c", "a b c", &down(Target::Steps(1)), "c");
    check("a, b, c", "a b c", &down(Target::All), "c b a");
    check("a, b, c", "a b c", &down(Target::To("a".into())), "c b");
    check("a, b, c", "a c", &down(Target::Steps(2)), "c a");
    check("a, b, c", "", &down(Target::Steps(1)), "");
    check("a, b, c", "a b", &down(Target::To("c".into())), "migration `c` is not applied");
    check(
        "a, b!, c!",
        "a b c",
        &down(Target::All),
        "migrations have no down part and can't be rolled back: `c`, `b`",
    );
}

#[test]
fn one_migration_needs_its_neighbours_out_of_the_way() {
    let only = |id: &str| Target::Only(id.into());
    check("a, b <- a", "", &up(only("b")), "migration `b` needs `a` to be applied first");
    check("a, b <- a", "a", &up(only("b")), "b");
    check("a, b <- a", "a", &up(only("a")), "migration `a` is applied already");
    check(
        "a, b <- a, c <- b",
        "a b c",
        &down(only("a")),
        "migration `a` can't be rolled back while `b`, `c` depend on it",
    );
    check("a, b <- a", "a", &down(only("a")), "a");
    check("a, b <- a", "a", &down(only("b")), "migration `b` is not applied");
}

#[test]
fn files_must_be_what_was_applied() {
    let set = set("a, b");
    let mut changed = row(&set, "a");
    changed.checksum = Some(Checksum::of("something else"));
    let history = History::new(vec![changed.clone()]);
    let error = plan(&set, &history, &Journal::default(), &Request::up()).unwrap_err();
    assert_eq!(error.to_string(), "migration `a` was edited after being applied");
    let error = plan(&set, &history, &Journal::default(), &Request::down()).unwrap_err();
    assert_eq!(error.code(), "history.changed");

    changed.checksum = None;
    assert!(plan(&set, &History::new(vec![changed]), &Journal::default(), &Request::up()).is_ok());
}

#[test]
fn files_must_be_there() {
    let set = set("a, renamed");
    let gone = HistoryRow {
        id: "gone".into(),
        checksum: set.get("renamed").map(|m| m.checksum.clone()),
        ..HistoryRow::default()
    };
    let history = History::new(vec![row(&set, "a"), gone]);
    let error = plan(&set, &history, &Journal::default(), &Request::up()).unwrap_err();
    let Error::MissingFiles { ids, renamed } = error else { panic!("{error}") };
    assert_eq!(ids, ["gone"]);
    assert_eq!(renamed, [("gone".to_owned(), "renamed".to_owned())]);

    let ignoring = Request { ignore_missing: true, ..Request::up() };
    assert_eq!(plan(&set, &history, &Journal::default(), &ignoring).unwrap().migrations.len(), 1);
}

#[test]
fn rows_of_other_programs() {
    let set = set("a, b");
    let state = |state| HistoryRow { state, ..row(&set, "a") };
    let failed = History::new(vec![state(RowState::Failed)]);
    assert_eq!(
        plan(&set, &failed, &Journal::default(), &Request::up()).unwrap_err().code(),
        "history.failed_row"
    );
    let pending = History::new(vec![state(RowState::NotApplied)]);
    assert_eq!(plan(&set, &pending, &Journal::default(), &Request::up()).unwrap().migrations.len(), 2);
}

#[test]
fn late_migrations_are_named() {
    let set = set("a, b");
    let plan = plan(&set, &history(&set, "b"), &Journal::default(), &Request::up()).unwrap();
    assert!(plan.migrations[0].out_of_order);
    assert_eq!(plan.warnings, ["migration `a` is applied after some that come later in order"]);
}

#[test]
fn what_was_cut_off_is_resumed_if_it_is_still_the_same() {
    let set = set("a, b");
    let whole = plan(&set, &History::default(), &Journal::default(), &Request::up()).unwrap();
    let entry = |direction, checksum| JournalEntry {
        direction,
        statements_done: 1,
        statements_total: 2,
        checksum,
        in_flight: None,
        session: None,
    };
    let same = prefix_checksum(&whole.migrations[0].statements[..1]);

    let journal = Journal::default().with("a", entry(MigrationDirection::Up, same.clone()));
    let resumed = plan(&set, &History::default(), &journal, &Request::up()).unwrap();
    assert_eq!(resumed.migrations[0].resume_after, 1);
    assert_eq!(resumed.statement_count(), 3);
    let error = plan(&set, &history(&set, "b"), &journal, &Request::down()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "migration `a` was cut off on its way up, 1 of 2 statements done: finish that first"
    );

    let edited = Journal::default().with("a", entry(MigrationDirection::Up, Checksum::of("other")));
    assert_eq!(
        plan(&set, &History::default(), &edited, &Request::up()).unwrap_err().code(),
        "plan.partial_changed"
    );
    let shorter = JournalEntry { statements_done: 9, ..entry(MigrationDirection::Up, same) };
    let error =
        plan(&set, &History::default(), &Journal::default().with("a", shorter), &Request::up()).unwrap_err();
    assert_eq!(error.code(), "plan.partial_changed");
}
