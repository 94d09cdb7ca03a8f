//! Sets written in other layouts: what is read again is what was there, or the difference is told.

use std::collections::BTreeMap;
use std::path::Path;

use migration_kit::sql::{ConvertError, Layout, LossKind, MigrationSet, Script, SqlMigration, convert};
use migration_tests::{Command, Project, corpora, histories};
use proptest::prelude::*;

/// What a set says, without where its files are: blanks around scripts and byte-order marks don't count, and neither does the
/// comment that sqlx wants on top of a script that runs in no transaction.
fn said(set: &MigrationSet) -> Vec<String> {
    let one = |m: &SqlMigration| {
        let text = |script: &Script| {
            let text = script.text.trim_start_matches('\u{feff}').trim();
            let rest = text.strip_prefix("-- no-transaction").filter(|_| !m.run_in_transaction);
            rest.unwrap_or(text).trim().to_owned()
        };
        let name = Some(&m.name).filter(|name| !m.id.contains(*name));
        let flags = (m.run_in_transaction, m.down_in_transaction.unwrap_or(m.run_in_transaction));
        let flags = if m.down.is_some() { flags } else { (flags.0, flags.0) };
        let about = (&m.id, name, &m.description, &m.dependencies, &m.created_at, flags);
        format!("{about:?} {:?} {:?}", text(&m.up), m.down.as_ref().map(text))
    };
    set.migrations().iter().map(one).collect()
}

/// Converts, writes and reads; `None` where the layout can't hold the set.
fn through(set: &MigrationSet, to: Layout, folder: &Path) -> Option<MigrationSet> {
    let conversion = convert(set, to).ok()?;
    let output = folder.join(to.as_str());
    match conversion.write(&output, &[]) {
        Ok(files) => assert_eq!(files.len(), conversion.file_count()),
        Err(ConvertError::Lossy { losses, .. }) => {
            assert!(!losses.is_empty() && !output.exists(), "{losses:?}");
            return None;
        }
        Err(error) => panic!("{error}"),
    }
    let loaded = MigrationSet::load(&output, Some(to)).unwrap();
    for (before, after) in conversion.migrations.iter().zip(loaded.migrations()) {
        assert_eq!((&before.new_id, &before.id), (&after.id, &after.id));
        assert_eq!(before.checksum_kept, set.get(&before.id).unwrap().checksum == after.checksum);
    }
    Some(loaded)
}

fn any_text() -> impl Strategy<Value = String> {
    let lines = prop_oneof![
        4 => "SELECT [0-9]{1,3};",
        2 => "CREATE TABLE [a-z]{1,4} \\(x int\\);",
        1 => Just("-- a comment".to_owned()),
        1 => Just("  ".to_owned()),
        1 => Just("SELECT '${who}', 'é🦀';".to_owned()),
        1 => prop_oneof![
            Just("-- +goose Down"), Just("-- +goose Up"), Just("-- +goose StatementBegin"),
            Just("-- migrate:down"), Just("-- migrate:up"), Just("--migrate:Up"), Just("-- no-transaction"),
        ].prop_map(str::to_owned),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("")];
    (prop::collection::vec(lines, 1..5), end, prop::bool::weighted(0.1)).prop_map(|(lines, end, mark)| {
        let text = lines.join(if end == "\r\n" { end } else { "\n" }) + end;
        if mark { format!("\u{feff}{text}") } else { text }
    })
}

fn any_migration() -> impl Strategy<Value = SqlMigration> {
    let text = any_text();
    let down = prop::option::of(any_text());
    let about = prop::option::weighted(0.2, "[a-z ]{1,9}[a-z]");
    let flags = (prop::bool::weighted(0.9), prop::option::weighted(0.1, any::<bool>()));
    ("[a-zé]{1,5}( [a-z]{1,3})?", text, down, about, flags).prop_map(|(name, up, down, about, flags)| {
        let mut migration = SqlMigration::new("", Script::from_text(up), down.map(Script::from_text));
        migration.name = name;
        migration.description = about.filter(|about| !about.trim().is_empty());
        (migration.run_in_transaction, migration.down_in_transaction) = flags;
        migration
    })
}

/// Sets with ids as one of several tools gives them, and a few dependencies on earlier ones.
fn any_set() -> impl Strategy<Value = MigrationSet> {
    let form = 0..5_usize;
    (form, prop::collection::vec((any_migration(), prop::bool::weighted(0.15)), 1..12)).prop_map(
        |(form, all)| {
            let mut migrations: Vec<SqlMigration> = Vec::new();
            for (place, (mut migration, depends)) in all.into_iter().enumerate() {
                let number = place + 8;
                let name = migration.name.replace(' ', "_");
                let version = match form {
                    0 => format!("{number}"),
                    1 => format!("{number:04}"),
                    2 => format!("202401{number:02}120000"),
                    3 => format!("1.{number}"),
                    _ => format!("{}", 1_700_000_000 + number),
                };
                migration.id = match form {
                    3 => format!("V{version}__{name}"),
                    4 => format!("migration_{version}_{name}"),
                    _ => format!("{version}_{name}"),
                };
                migration.version = (form < 4).then_some(version);
                let before = migrations.last().filter(|_| depends).map(|before| before.id.clone());
                migration.dependencies = before.into_iter().collect();
                migrations.push(migration);
            }
            MigrationSet::new(migrations).unwrap()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Through any two layouts one after the other, a set says the same, or was refused.
    #[test]
    fn what_is_written_is_what_was_read(set in any_set()) {
        let folder = tempfile::tempdir().unwrap();
        for to in Layout::ALL {
            let Some(first) = through(&set, *to, folder.path()) else { continue };
            prop_assert_eq!(said(&first), said(&set), "{}", to);
            for next in Layout::ALL {
                let second = folder.path().join(format!("from-{to}"));
                if let Some(second) = through(&first, *next, &second) {
                    prop_assert_eq!(said(&second), said(&set), "{} {}", to, next);
                }
            }
        }
    }
}

/// What a layout has no place for, or may have none for: the rest of a history is never lost.
fn may_lose(to: Layout) -> &'static [LossKind] {
    use LossKind::{Down, Ids, Names, Repeatable, Transactions};
    match to {
        // Letters, digits and `_` only.
        Layout::Refinery => &[Ids, Names, Down, Transactions, Repeatable],
        // Blanks in a name, too.
        Layout::Prisma => &[Ids, Names, Down, Transactions, Repeatable],
        // A down part of blanks alone is none.
        Layout::Json => &[Ids, Down, Transactions, Repeatable],
        Layout::GolangMigrate => &[Ids, Names, Transactions, Repeatable],
        // A down part of comments alone is none.
        Layout::Goose | Layout::Dbmate => &[Ids, Names, Down, Repeatable],
        // Blanks in a name.
        _ => &[Ids, Names, Repeatable],
    }
}

/// Real histories (those of up to 25 migrations, or all with `MIGRATION_HISTORIES=all`) in every layout: the same texts in the
/// same order, and nothing lost but what the layout has no place for.
#[test]
fn real_histories_in_every_layout() {
    if corpora().is_none() {
        return;
    }
    let all = std::env::var("MIGRATION_HISTORIES").is_ok_and(|which| which == "all");
    let mut tally: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for history in ["sqlite", "postgres", "mysql"].into_iter().flat_map(|dialect| histories(dialect, &[])) {
        if history.own_layout().is_none() || !all && history.up > 25 {
            continue;
        }
        let set = history.set();
        for to in Layout::ALL {
            let outcome = match convert(&set, *to) {
                Ok(conversion) => {
                    assert_eq!(conversion.migrations.len(), set.len());
                    let lost = |kind: &&LossKind| conversion.losses.iter().any(|loss| loss.kind == **kind);
                    let kinds: Vec<LossKind> = LossKind::ALL.iter().filter(lost).copied().collect();
                    if let Some(loss) =
                        conversion.losses.iter().find(|loss| !may_lose(*to).contains(&loss.kind))
                    {
                        wrong.push(format!("{} in {to}: {loss:?}", history.project));
                    }
                    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" ")
                }
                Err(error) => {
                    wrong.push(format!("{} in {to}: {error}", history.project));
                    continue;
                }
            };
            *tally.entry((to.to_string(), outcome)).or_default() += 1;
        }
    }
    for ((to, lost), count) in &tally {
        println!("{count} histories in {to}, lost: {}", if lost.is_empty() { "nothing" } else { lost });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_command_writes_all_or_nothing() {
    let project = Project::new(
        "//- migrations/1_a/up.sql\nCREATE TABLE a (x);\n//- migrations/1_a/down.sql\nDROP TABLE a;\n\
         //- migrations/2_b/up.sql\nCREATE TABLE b (x);\n//- migrations/2_b/metadata.toml\nrun_in_transaction = true\n\
         description = \"why\"\ndepends_on = [\"1_a\"]\n",
    );
    let run = |words: &[&str], exit: i32| {
        let words = [&["convert", "--json"], words].concat();
        Command::migration(&words).current_dir(project.root()).run().expect(exit).json()
    };
    let refused = run(&["--to", "goose"], 2);
    assert_eq!(refused["error"]["code"], "convert.lossy", "{refused:#}");
    let kinds: Vec<_> =
        refused["data"]["losses"].as_array().unwrap().iter().map(|loss| &loss["kind"]).collect();
    assert_eq!(kinds, ["descriptions", "dependencies"]);
    assert_eq!(refused["data"]["losses"][0]["file"], "migrations/2_b/up.sql");
    assert!(!project.path("migrations-goose").exists());
    let command = refused["next_actions"][0]["command"].as_str().unwrap();
    assert_eq!(command, "migration convert --to goose --accept-loss descriptions --accept-loss dependencies");

    let accept = ["--to", "goose", "--accept-loss", "descriptions", "--accept-loss", "dependencies"];
    let dry = run(&[&accept[..], &["--dry-run"]].concat(), 0);
    assert_eq!((&dry["data"]["written"], &dry["data"]["files"]), (&false.into(), &2.into()));
    assert!(!project.path("migrations-goose").exists());
    let done = run(&accept, 0);
    assert_eq!(done["data"]["written"], true, "{done:#}");
    assert_eq!(done["data"]["detected"], "goose");
    let text = std::fs::read_to_string(project.path("migrations-goose/1_a.sql")).unwrap();
    assert_eq!(text, "-- +goose Up\nCREATE TABLE a (x);\n\n-- +goose Down\nDROP TABLE a;\n");

    // Nothing is overwritten, and nothing of ours is left.
    let again = run(&accept, 2);
    assert_eq!(again["error"]["code"], "convert.output_exists", "{again:#}");
    let mut names: Vec<_> =
        std::fs::read_dir(project.root()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["migrations", "migrations-goose"]);

    let unknown = run(&["--to", "goose", "--accept-loss", "sql"], 2);
    assert_eq!(unknown["error"]["code"], "usage.invalid_value", "{unknown:#}");
}

/// A body that holds what begins a part would end up in that part.
#[test]
fn a_body_that_would_be_cut_is_refused() {
    let project =
        Project::new("//- migrations/1_a/up.sql\nSELECT '\n-- +goose Down\n';\n-- migrate:down\nSELECT 1;\n");
    for to in ["goose", "dbmate"] {
        let words = ["convert", "--to", to, "--json"];
        let json = Command::migration(&words).current_dir(project.root()).run().expect(2).json();
        let refused = json["error"].to_string();
        assert!(refused.contains("migrations/1_a/up.sql"), "{json:#}");
        assert!(!project.path(&format!("migrations-{to}")).exists());
    }
}

/// Where one checksum is of a part and the other of a file, they agree as long as nothing surrounds the SQL.
#[test]
fn databases_need_nothing_where_ids_and_checksums_stay() {
    let project = Project::new(
        "//- migrations/1_a.sql\n-- migrate:up\nCREATE TABLE a (x);\n-- migrate:down\nDROP TABLE a;\n",
    );
    let migration = |words: &[&str]| {
        let url = project.url();
        let words = [words, &["--database-url", &url]].concat();
        Command::migration(&words).current_dir(project.root()).run()
    };
    _ = migration(&["up"]).expect(0);
    for to in ["golang-migrate", "diesel", "goose", "flyway"] {
        let accepted: &[&str] = if to == "flyway" { &["--accept-loss", "ids"] } else { &[] };
        let words = [&["convert", "--to", to, "--json"], accepted].concat();
        let json = migration(&words).expect(0).json();
        assert_eq!(json["data"]["checksums_changed"], 0, "{json:#}");
        let folder = format!("migrations-{to}");
        let status = migration(&["--dir", &folder, "status", "--exit-code"]);
        _ = if to == "flyway" { status.expect(4) } else { status.expect(0) };
    }
}
