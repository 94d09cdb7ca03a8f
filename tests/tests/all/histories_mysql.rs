//! Real MySQL histories: each applies from empty, and the server's own program for dumps sees the same schema as after its
//! own client ran the files; so it does after the way back, as far as there is one, and after the way up again. What
//! doesn't apply fails in the same place and leaves the same behind. Our own dump, restored by us and by the client, dumps
//! as the same text.

use migration_kit::sql::{
    DatabaseConnector, DumpOptions, Error, MigrationManager, MigrationSet, Request, Target,
};
use migration_tests::server::{Kind, Shared};
use migration_tests::{History, histories, on_servers};

/// Histories that begin in the middle: what they change is made by no file.
const LEFT_OUT: &[&str] = &[
    "killbill-account",
    "killbill-catalog",
    "killbill-invoice",
    "killbill-payment",
    "killbill-subscription",
    "killbill-util",
];

/// The tests, and the histories of each.
const NUMBERED: &[&str] = &["diesel-own", "authelia", "gophish", "openfga", "cfssl", "ncps", "fathom"];
const GENERATED: &[&str] = &["umami", "homarr", "uaa", "kestra", "conductor", "genie", "trino-gateway"];
const SERVICES: &[&str] = &["temporal", "temporal-visibility", "cadence", "memos"];
const SCHEDULERS: &[&str] =
    &["dolphinscheduler", "stroom-index", "stroom-node", "stroom-job", "fineract-list"];
const LONG: &[&str] = &["fineract-tenant"];
const LONG_AND_BACK: &[&str] = &["hydra"];

/// The same text for the client. The tool of one sends a file as a whole, so that the server cuts it.
fn for_client(history: &History, sql: &str) -> String {
    let as_a_whole = history.layout == "authelia";
    if as_a_whole { format!("DELIMITER <<end>>\n{sql}\n<<end>>\n") } else { sql.to_owned() }
}

/// Runs a text through the server's own client. Returns what it complains of.
fn client<K: Kind>(database: &Shared, sql: &str) -> Result<(), String> {
    K::find().expect("a server").query(&database.url(), sql).map(drop)
}

/// The schema as the server's own program writes it, without what belongs to one database only: its name, counters and our
/// own tables.
fn schema(database: &Shared) -> String {
    let dump = database.dump().replace(database.name(), "<database>");
    let mut lines = Vec::new();
    let mut is_ours = false;
    for line in dump.lines() {
        if line.starts_with("DROP TABLE IF EXISTS") {
            is_ours = line.contains("`_migrations`") || line.contains("`_migration_journal`");
        }
        if !is_ours && !line.is_empty() {
            lines.push(without_counter(line));
        }
        is_ours &= !line.contains("@saved_cs_client */;") || line.contains("SET @saved_cs_client");
    }
    lines.join("\n")
}

fn without_counter(line: &str) -> String {
    match line.split_once(" AUTO_INCREMENT=") {
        Some((before, after)) if line.starts_with(')') => {
            format!("{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        _ => line.to_owned(),
    }
}

#[track_caller]
fn compare(what: &str, ours: &str, theirs: &str) {
    let without = |text: &str, other: &str| {
        let lines: Vec<_> = text.lines().filter(|line| !other.lines().any(|o| o == *line)).collect();
        lines.join("\n")
    };
    assert!(ours == theirs, "{what}:\n{}\ninstead of\n{}", without(ours, theirs), without(theirs, ours));
}

/// The schema as `migration dump` writes it.
fn dump(connector: &mut DatabaseConnector) -> String {
    let mut options = DumpOptions::default();
    options.without = vec!["_migrations".to_owned(), "_migration_journal".to_owned()];
    connector.dump(&options).unwrap()
}

fn open(database: &Shared) -> DatabaseConnector {
    DatabaseConnector::open(&database.url()).unwrap()
}

/// Restores our dump by ourselves and by the client.
fn restore<K: Kind>(project: &str, text: &str, expected: &str) {
    for by_client in [false, true] {
        let what = if by_client { "the dump, restored by the client" } else { "the dump, restored" };
        let restored = K::shared();
        let mut connector = open(&restored);
        if by_client {
            client::<K>(&restored, text).unwrap_or_else(|error| panic!("{project}: {what}: {error}"));
        } else {
            connector.execute_script(text).unwrap_or_else(|error| panic!("{project}: {what}: {error:?}"));
        }
        compare(&format!("{project}: {what}, dumps as another text"), &dump(&mut connector), text);
        compare(&format!("{project}: {what}"), &schema(&restored), expected);
    }
}

/// How many down files work, the newest first, and whether the next one fails.
fn back<K: Kind>(history: &History, database: &Shared, set: &MigrationSet) -> (usize, bool) {
    for (count, migration) in set.migrations().iter().rev().enumerate() {
        let Some(down) = &migration.down else { return (count, false) };
        if client::<K>(database, &for_client(history, &down.text)).is_err() {
            return (count, true);
        }
    }
    (set.len(), false)
}

fn check<K: Kind>(history: &History) {
    let project = &history.project;
    let set = history.load_plain();
    let (ours, theirs) = (K::shared(), K::shared());
    let server = ours.engine().to_lowercase();
    let run = |text: &str| client::<K>(&theirs, &for_client(history, text));
    let fails = set.migrations().iter().find(|migration| run(&migration.up.text).is_err());
    let fails = fails.map(|migration| migration.id.clone());
    assert_eq!(fails.is_none(), history.clean[&server], "{project}: {fails:?}");

    let mut manager = MigrationManager::new(open(&ours));
    manager.use_set(set.clone());
    let failed = match manager.apply_pending_migrations() {
        Ok(report) => {
            assert_eq!(report.results.len(), set.len());
            None
        }
        Err(Error::Failed(failure)) => Some(failure),
        Err(error) => panic!("{project}: {error:?}"),
    };
    assert_eq!(failed.as_ref().map(|failure| &failure.migration), fails.as_ref(), "{project}: {failed:?}");
    let full = schema(&theirs);
    compare(&format!("{project}: up"), &schema(&ours), &full);
    restore::<K>(project, &dump(manager.connector()), &full);
    if let Some(id) = fails {
        println!("{project} on {server}: fails in {id}, as it does for the client");
        return;
    }

    let (count, next_fails) = back::<K>(history, &theirs, &set);
    let down = |count| Request::down().to(Target::Steps(count));
    if count > 0 && !next_fails {
        manager.run(&down(count)).unwrap_or_else(|error| panic!("{project}: down: {error:?}"));
        compare(&format!("{project}: down"), &schema(&ours), &schema(&theirs));
    } else if next_fails {
        let error = manager.run(&down(count + 1)).expect_err("a down file that the client refuses");
        let Error::Failed(failure) = error else { panic!("{project}: {error:?}") };
        assert_eq!(failure.migration, set.migrations()[set.len() - count - 1].id, "{project}: {failure:?}");
        compare(&format!("{project}: down"), &schema(&ours), &schema(&theirs));
    }
    let mut again = "";
    if count > 0 && !next_fails {
        again = ", and up again";
        match manager.apply_pending_migrations() {
            Ok(_) => compare(&format!("{project}: up again"), &schema(&ours), &full),
            Err(error) => again = Box::leak(format!(", up again: {error}").into_boxed_str()),
        }
    }
    println!(
        "{project} on {server}: up {}, down {count}{}{again}",
        set.len(),
        if next_fails { ", and the next fails as for the client" } else { "" }
    );
}

fn shard<K: Kind>(projects: &[&str]) {
    let histories = histories("mysql", &[]);
    for project in projects {
        if let Some(history) = histories.iter().find(|history| history.project == *project) {
            check::<K>(history);
        }
    }
}

fn numbered<K: Kind>() {
    shard::<K>(NUMBERED);
}

fn generated<K: Kind>() {
    shard::<K>(GENERATED);
}

fn services<K: Kind>() {
    shard::<K>(SERVICES);
}

fn schedulers<K: Kind>() {
    shard::<K>(SCHEDULERS);
}

fn long<K: Kind>() {
    shard::<K>(LONG);
}

fn long_and_back<K: Kind>() {
    shard::<K>(LONG_AND_BACK);
}

on_servers!([mariadb, mysql] [numbered, generated, services, schedulers, long, long_and_back]);

#[test]
fn no_history_is_forgotten() {
    let lists = [NUMBERED, GENERATED, SERVICES, SCHEDULERS, LONG, LONG_AND_BACK, LEFT_OUT];
    for history in histories("mysql", &[]) {
        let count = lists.iter().flat_map(|list| list.iter()).filter(|name| **name == history.project).count();
        assert_eq!(count, 1, "{}", history.project);
    }
}
