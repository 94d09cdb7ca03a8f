//! The schema of a MySQL or MariaDB database, as the server's own program and as we see it.

use migration_kit::sql::{DatabaseConnector, DumpOptions};
use migration_tests::server::{Kind, Shared};

/// Runs a text through the server's own client. Returns what it complains of.
pub(crate) fn client<K: Kind>(database: &Shared, sql: &str) -> Result<(), String> {
    K::find().expect("a server").query(&database.url(), sql).map(drop)
}

pub(crate) fn open(database: &Shared) -> DatabaseConnector {
    DatabaseConnector::open(&database.url()).unwrap()
}

/// The schema as the server's own program writes it, without what belongs to one database only: its name, counters, when
/// its events began, and our own tables.
pub(crate) fn schema(database: &Shared) -> String {
    let dump = database.dump().replace(database.name(), "<database>");
    let mut lines = Vec::new();
    let mut is_ours = false;
    for line in dump.lines() {
        if line.starts_with("DROP TABLE IF EXISTS") {
            is_ours = line.contains("`_migrations`") || line.contains("`_migration_journal`");
        }
        if !is_ours && !line.is_empty() && !line.starts_with("DO SETVAL(") {
            lines.push(without_start(&without_counter(line)));
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

/// This century's, which nobody has written.
fn without_start(line: &str) -> String {
    let Some((before, after)) = line.split_once(" STARTS '20") else { return line.to_owned() };
    format!("{before}{}", after.split_once('\'').map_or("", |(_, after)| after))
}

/// Two texts are the same; else the lines that only one has are told.
#[track_caller]
pub(crate) fn compare(what: &str, ours: &str, theirs: &str) {
    let without = |text: &str, other: &str| {
        let lines: Vec<_> = text.lines().filter(|line| !other.lines().any(|o| o == *line)).collect();
        lines.join("\n")
    };
    assert!(ours == theirs, "{what}:\n{}\ninstead of\n{}", without(ours, theirs), without(theirs, ours));
}

/// The schema as `migration dump` writes it.
pub(crate) fn dump(connector: &mut DatabaseConnector) -> String {
    let mut options = DumpOptions::default();
    options.without = vec!["_migrations".to_owned(), "_migration_journal".to_owned()];
    connector.dump(&options).unwrap()
}

/// Restores our dump by ourselves and by the client: it dumps as the same text, and is the `expected` [`schema`].
pub(crate) fn restore<K: Kind>(name: &str, text: &str, expected: &str) {
    for by_client in [false, true] {
        let what = if by_client { "the dump, restored by the client" } else { "the dump, restored" };
        let restored = K::shared();
        let mut connector = open(&restored);
        if by_client {
            client::<K>(&restored, text).unwrap_or_else(|error| panic!("{name}: {what}: {error}"));
        } else {
            connector.execute_script(text).unwrap_or_else(|error| panic!("{name}: {what}: {error:?}"));
        }
        compare(&format!("{name}: {what}, dumps as another text"), &dump(&mut connector), text);
        compare(&format!("{name}: {what}"), &schema(&restored), expected);
    }
}
