//! Real histories of public projects: each applies from empty, and the schema is the one that the `sqlite3` client makes
//! of the same files; where there are down files it goes down and up again.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use migration_kit::sql::{DumpOptions, MigrationManager, MigrationSet, Request};
use migration_kit::syntax::{Dialect, split};
use migration_tests::{History, Project, histories};

const LAYOUTS: &[&str] = &["dbmate", "diesel", "flyway", "golang-migrate", "goose", "prisma", "sqlx"];

/// Histories whose down parts don't undo all that their up parts do: the way up again ends elsewhere.
const NOT_UNDONE: &[&str] = &["arcane"];

/// Statements with their blanks folded, in no order.
fn normalized(schema: &str) -> BTreeSet<String> {
    let statements = split(schema, Dialect::Sqlite).unwrap();
    statements.iter().map(|s| s.text.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// A database that the `sqlite3` client makes of the same texts.
struct Client {
    database: PathBuf,
}

impl Client {
    fn run(&self, sql: &str) -> String {
        let mut child = Command::new("sqlite3")
            .args(["-batch", "-bail"])
            .arg(&self.database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the sqlite3 client, which `cargo xtask test` installs");
        // Functions that an older client hasn't: another one stands for them, which is as good in empty tables.
        let sql = sql.replace("UNHEX(", "printf(").replace("normalize(", "printf(");
        child.stdin.take().unwrap().write_all(sql.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}\n{sql}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn schema(&self) -> BTreeSet<String> {
        let select = "SELECT sql || char(10) || ';' FROM sqlite_schema \
                      WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\';";
        normalized(&self.run(select))
    }
}

fn manager(project: &Project, history: &History, set: MigrationSet) -> MigrationManager {
    let mut connector = project.connect();
    if let Some(prelude) = &history.prelude {
        connector.execute_script(prelude).unwrap();
    }
    let mut manager = MigrationManager::new(connector);
    manager.use_set(set);
    manager
}

fn dump(manager: &mut MigrationManager) -> String {
    let mut options = DumpOptions::default();
    options.without = vec!["_migrations".to_owned(), "_migration_journal".to_owned()];
    manager.connector().dump(&options).unwrap()
}

/// The function that the project `pocket-id` brings along.
#[diesel::declare_sql_function]
extern "SQL" {
    fn normalize(
        text: diesel::sql_types::Nullable<diesel::sql_types::Text>,
        form: diesel::sql_types::Text,
    ) -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
}

/// Applies a history, rolls back as many as its own down files can, and applies those again.
fn check(name: &str, rolled_back: usize) {
    let found = histories("sqlite", LAYOUTS);
    let Some(history) = found.iter().find(|history| history.project == name) else {
        assert!(found.is_empty(), "the corpora have no history `{name}`");
        return;
    };
    let project = Project::new("");
    let set = history.load(None);
    assert_eq!(set.layout.unwrap().to_string(), history.layout);
    let client = Client { database: project.path("client.db") };
    client.run(history.prelude.as_deref().unwrap_or_default());
    for migration in set.migrations() {
        client.run(&migration.up.text);
    }

    let mut manager = manager(&project, history, set.clone());
    let connection = manager.connector().sqlite_connection().unwrap();
    normalize_utils::register_impl(connection, |text: Option<String>, _: String| text).unwrap();
    let report = manager.apply_pending_migrations().unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(report.results.len(), history.up);
    assert!(report.results.iter().all(migration_kit::MigrationResult::is_success));
    let applied = client.schema();
    assert_eq!(normalized(&dump(&mut manager)), applied, "{name}: after all ups");

    let mut reverted = Vec::new();
    let refused = loop {
        let before = normalized(&dump(&mut manager));
        match manager.run(&Request::down()) {
            Ok(report) if report.results.is_empty() => break "nothing is left to roll back".to_owned(),
            Ok(report) => reverted.push(report.results[0].migration_id.clone()),
            Err(error) => {
                assert_eq!(
                    normalized(&dump(&mut manager)),
                    before,
                    "{name}: a failed rollback left something behind"
                );
                break format!("{error}: {}", error.source().map(ToString::to_string).unwrap_or_default());
            }
        }
    };
    for id in &reverted {
        client.run(&set.get(id).unwrap().down.as_ref().unwrap().text);
    }
    assert_eq!(normalized(&dump(&mut manager)), client.schema(), "{name}: after {} downs", reverted.len());
    assert_eq!(reverted.len(), rolled_back, "{name}: {refused}");

    let connection = manager.connector().sqlite_connection().unwrap();
    normalize_utils::register_impl(connection, |text: Option<String>, _: String| text).unwrap();
    let again = manager.apply_pending_migrations().unwrap_or_else(|error| panic!("{name}: {error:?}"));
    assert_eq!(again.results.len(), reverted.len());
    for id in reverted.iter().rev() {
        client.run(&set.get(id).unwrap().up.text);
    }
    let up_again = client.schema();
    assert_eq!(normalized(&dump(&mut manager)), up_again, "{name}: up again");
    if !NOT_UNDONE.contains(&name) {
        assert_eq!(up_again, applied, "{name}: up again is not as it was");
    }
    println!(
        "{name}: {} up, {} objects; {} down and up again; {refused}",
        history.up,
        applied.len(),
        reverted.len()
    );
}

#[test]
fn arcane() {
    check("arcane", 37);
}

#[test]
fn atuin_client() {
    check("atuin-client", 0);
}

#[test]
fn atuin_server() {
    check("atuin-server", 0);
}

#[test]
fn cdk_mint() {
    check("cdk-mint", 0);
}

#[test]
fn cdk_wallet() {
    check("cdk-wallet", 0);
}

#[test]
fn cfssl() {
    check("cfssl", 0);
}

#[test]
fn conductor() {
    check("conductor", 0);
}

#[test]
fn diesel_own() {
    check("diesel-own", 15);
}

#[test]
fn gitness() {
    check("gitness", 8);
}

#[test]
fn gophish() {
    check("gophish", 0);
}

#[test]
fn lnd() {
    check("lnd", 14);
}

#[test]
fn ncps() {
    check("ncps", 14);
}

#[test]
fn openfga() {
    check("openfga", 2);
}

#[test]
fn pocket_id() {
    check("pocket-id", 37);
}

#[test]
fn stump() {
    check("stump", 0);
}

#[test]
fn taproot_assets() {
    check("taproot-assets", 9);
}
