use std::borrow::Cow;

use migration_model::{MigrationDirection, MigrationStatus};

use super::super::{Note, StepState};
use super::*;

fn exclusive(migration: &str) -> [Claim<'_>; 1] {
    [Claim { migration, access: Access::Exclusive }]
}

fn shared(migration: &str) -> [Claim<'_>; 1] {
    [Claim { migration, access: Access::Shared }]
}

fn started(step: &str) -> Entry<'_> {
    Entry::now(Note::StepStarted { step: Cow::Borrowed(step), direction: MigrationDirection::Up })
}

fn write(journal: &FileJournal, migration: &str, entries: &[Entry<'_>]) {
    journal.try_lock(&exclusive(migration)).unwrap().unwrap().append(migration, entries).unwrap();
}

#[test]
fn what_is_written_is_read_by_others() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path().join("a/b")).unwrap();
    assert!(journal.migrations().unwrap().is_empty());
    assert_eq!(journal.read("m").unwrap(), Ledger::default());

    let ids = ["m", "M", "a/b", "🦀", &"x".repeat(255), &"x".repeat(254)];
    for id in ids {
        write(&journal, id, &[started("s"), Entry::now(Note::Ended { status: MigrationStatus::Failed })]);
    }
    let other = FileJournal::open(folder.path().join("a/b")).unwrap();
    let mut found = other.migrations().unwrap();
    found.sort();
    let mut expected = ids.map(str::to_owned);
    expected.sort();
    assert_eq!(found, expected);
    let ledger = other.read("🦀").unwrap();
    assert_eq!(ledger.step("s"), Some(StepState::Uncertain(MigrationDirection::Up)));
    assert_eq!(ledger.status(), Some(MigrationStatus::Failed));
}

#[test]
fn it_goes_on_behind_what_was_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).unwrap();
    write(&journal, "m", &[started("a"), started("b")]);
    let file = journal.file("m");
    let whole = fs::read(&file).unwrap();
    for cut in 0..=whole.len() {
        fs::write(&file, &whole[..cut]).unwrap();
        let before = journal.read("m").unwrap();
        let mut hold = journal.try_lock(&exclusive("m")).unwrap().unwrap();
        hold.append("m", &[started("c")]).unwrap();
        hold.append("m", &[started("d")]).unwrap();
        drop(hold);
        let after = journal.read("m").unwrap();
        let uncertain = Some(StepState::Uncertain(MigrationDirection::Up));
        assert_eq!((after.step("c"), after.step("d")), (uncertain, uncertain), "{cut}");
        assert_eq!((after.step("a"), after.step("b")), (before.step("a"), before.step("b")), "{cut}");
        assert_eq!(journal.migrations().unwrap(), ["m"]);
    }
}

/// What was never completed must not come back as the end of what is written over it.
#[test]
fn a_rest_is_cut_away_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).unwrap();
    write(&journal, "m", &[started("a")]);
    let entry = |step: &'static str| Entry { at: std::time::SystemTime::UNIX_EPOCH, ..started(step) };
    let json = |step| serde_json::to_string(&entry(step)).unwrap();
    let file = journal.file("m");
    let mut bytes = fs::read(&file).unwrap();
    bytes.extend("x".repeat(json("c").len() + 1).bytes().chain(json("ghost").bytes()).chain([b'\n']));
    fs::write(&file, bytes).unwrap();
    write(&journal, "m", &[entry("c")]);
    let ledger = journal.read("m").unwrap();
    assert_eq!(ledger.step("ghost"), None);
    assert!(ledger.step("a").is_some() && ledger.step("c").is_some());
}

#[test]
fn who_keeps_out_whom() {
    let folder = tempfile::tempdir().unwrap();
    let one = FileJournal::open(folder.path()).unwrap();
    let two = FileJournal::open(folder.path()).unwrap();
    let get = |claims: &[Claim<'_>]| two.try_lock(claims).unwrap().is_some();
    {
        let _hold = one.try_lock(&exclusive("m")).unwrap().unwrap();
        assert!(!get(&exclusive("m")) && !get(&shared("m")));
        assert!(one.try_lock(&exclusive("m")).unwrap().is_none());
    }
    {
        let _hold = one.try_lock(&shared("m")).unwrap().unwrap();
        assert!(!get(&exclusive("m")) && get(&shared("m")));
    }
    assert!(get(&exclusive("m")));
    // A thousand at once need no more than 64 files, and those that share a lock don't get into each other's way.
    let ids: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let claims: Vec<_> = ids.iter().flat_map(|id| exclusive(id).into_iter().chain(shared(id))).collect();
    let _hold = one.try_lock(&claims).unwrap().unwrap();
    assert!(!get(&shared("999")));
    assert!(fs::read_dir(folder.path().join("locks")).unwrap().count() <= usize::from(LOCKS));
}

#[test]
fn a_file_of_another_migration_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let journal = FileJournal::open(folder.path()).unwrap();
    write(&journal, "m", &[started("a")]);
    fs::rename(journal.file("m"), journal.file("n")).unwrap();
    assert!(journal.read("n").unwrap_err().to_string().ends_with("is about the migration `m`"));
}

#[test]
fn what_can_not_be_opened_or_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let error = FileJournal::open(folder.path().join("file")).unwrap_err();
    assert!(std::error::Error::source(&error).is_some());

    let journal = FileJournal::open(folder.path()).unwrap();
    let mut hold = journal.try_lock(&exclusive("m")).unwrap().unwrap();
    fs::create_dir(journal.file("m")).unwrap();
    assert!(hold.append("m", &[started("a")]).is_err());
    fs::remove_dir(journal.file("m")).unwrap();
    let error = hold.append("m", &[started("a")]).unwrap_err();
    assert!(error.to_string().ends_with("could not be written before"), "{error}");
}
