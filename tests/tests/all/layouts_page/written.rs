//! What is written is read again and compared: by `convert`, and by `new`.

use migration_kit::sql::{
    Layout, LossKind, MigrationSet, NewMigration, Script, SqlMigration, convert, detect, write_new,
};

use super::sample::Sample;
use super::{Case, Group};

pub(super) const PARTS: Group = Group {
    title: "What a migration can say",
    about: "`migration convert` writes it; what is lost is named before, and refused unless it is accepted.",
    cases: &[
        Case { what: "ids of any form", answer: |to| holds(to, |m| "migration of 7".clone_into(&mut m.id)) },
        Case {
            what: "down part",
            answer: |to| holds(to, |m| m.down = Some(Script::from_text("DROP TABLE a;"))),
        },
        Case { what: "no transaction", answer: |to| holds(to, |m| m.run_in_transaction = false) },
        Case { what: "no transaction on the way down only", answer: |to| holds(to, down_alone) },
        Case { what: "description", answer: |to| holds(to, |m| m.description = Some("why".to_owned())) },
        Case { what: "dependencies", answer: depends },
        Case {
            what: "time of writing",
            answer: |to| holds(to, |m| m.created_at = Some("2024-05-01T12:00:00Z".to_owned())),
        },
        Case { what: "repeatable", answer: repeats },
        Case {
            what: "`${name}` in SQL as it stands",
            answer: |to| holds(to, |m| m.up = Script::from_text("SELECT '${name}';")),
        },
        Case { what: "a line `-- +goose Down` in SQL", answer: |to| line(to, "-- +goose Down") },
        Case { what: "a line `-- migrate:down` in SQL", answer: |to| line(to, "-- migrate:down") },
    ],
};

pub(super) const WRITING: Group = Group {
    title: "Writing",
    about: "What `new` and `convert` write is read again by the layout's own rules.",
    cases: &[
        Case { what: "`migration new`", answer: |to| new(to, None) },
        Case { what: "`migration new --rollback-sql`", answer: |to| new(to, Some("DROP TABLE a;")) },
        Case { what: "`convert` to every layout and back", answer: there_and_back },
    ],
};

pub(super) fn one(version: &str) -> SqlMigration {
    let mut migration =
        SqlMigration::new(format!("{version}_a"), Script::from_text("CREATE TABLE a (x int);"), None);
    "a".clone_into(&mut migration.name);
    migration.version = Some(version.to_owned());
    migration
}

pub(super) fn set(migrations: Vec<SqlMigration>) -> MigrationSet {
    MigrationSet::new(migrations).unwrap()
}

/// `yes` if nothing is lost of a migration but, where the layout names files otherwise, its id.
fn holds(to: Layout, change: fn(&mut SqlMigration)) -> String {
    let mut migration = one("1");
    change(&mut migration);
    let asks_for_id = migration.id != "1_a";
    held(to, &set(vec![migration]), asks_for_id)
}

fn held(to: Layout, set: &MigrationSet, with_ids: bool) -> String {
    match convert(set, to) {
        Ok(conversion) => {
            let mut lost = conversion.losses.iter().filter(|loss| with_ids || loss.kind != LossKind::Ids);
            if conversion.losses.iter().any(|loss| !loss.kind.can_be_accepted()) {
                "refused".to_owned()
            } else {
                if lost.next().is_some() { "no" } else { "yes" }.to_owned()
            }
        }
        Err(_) => "refused".to_owned(),
    }
}

fn down_alone(migration: &mut SqlMigration) {
    migration.down = Some(Script::from_text("DROP TABLE a;"));
    migration.down_in_transaction = Some(false);
}

fn depends(to: Layout) -> String {
    let mut second = one("2");
    second.dependencies = vec!["1_a".to_owned()];
    held(to, &set(vec![one("1"), second]), false)
}

fn repeats(to: Layout) -> String {
    let mut view = one("1");
    "R__v".clone_into(&mut view.id);
    "v".clone_into(&mut view.name);
    view.version = None;
    view.repeatable = true;
    held(to, &set(vec![one("1"), view]), false)
}

fn line(to: Layout, line: &str) -> String {
    let mut migration = one("1");
    migration.up = Script::from_text(format!("SELECT '\n{line}\n';"));
    held(to, &set(vec![migration]), false)
}

fn new(to: Layout, rollback_sql: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut request = NewMigration::new("a", "2024-05-01T12:00:00Z".parse().unwrap());
    request.sql = Some("CREATE TABLE a (x int);".to_owned());
    request.rollback_sql = rollback_sql.map(str::to_owned);
    if write_new(folder.path(), to, &request).is_err() {
        return "refused".to_owned();
    }
    let set = MigrationSet::load(folder.path(), Some(to)).unwrap();
    assert!(detect(folder.path()).unwrap().is_some());
    if set.migrations()[0].down.is_some() == rollback_sql.is_some() { "yes" } else { "no" }.to_owned()
}

/// `yes` if the SQL of two migrations is the same after it was in each of the other layouts.
fn there_and_back(from: Layout) -> String {
    let sample = Sample::new(from);
    _ = sample.migration("", "1", "a", "CREATE TABLE a (x int);");
    _ = sample.migration("", "2", "b", "-- größer\nCREATE TABLE b (x int);\nINSERT INTO b VALUES (1);");
    let original = sample.load().unwrap();
    let sql = |set: &MigrationSet| -> Vec<_> {
        // Whatever stands for the layout in a file has gone over in blanks.
        set.migrations().iter().map(|migration| migration.up.text.trim().to_owned()).collect()
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |set: &MigrationSet, to: Layout, name: String| {
        let directory = folder.path().join(name);
        _ = convert(set, to).unwrap().write(&directory, &[LossKind::Ids]).unwrap();
        MigrationSet::load(directory, Some(to)).unwrap()
    };
    let fails = Layout::ALL.iter().filter(|other| {
        let there = write(&original, **other, format!("to-{other}"));
        let back = write(&there, from, format!("from-{other}"));
        sql(&there) != sql(&original) || sql(&back) != sql(&original)
    });
    let fails: Vec<_> = fails.map(|other| format!("not `{other}`")).collect();
    if fails.is_empty() { "yes".to_owned() } else { fails.join(", ") }
}
