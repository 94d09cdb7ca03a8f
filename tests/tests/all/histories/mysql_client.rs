//! MySQL's and MariaDB's own clients.

use migration_kit::sql::DatabaseConnector;
use migration_tests::History;
use migration_tests::server::{Kind, Mariadb, Mysql, Shared};

use super::run::Client;
use crate::mysql_schema::{client, open, schema};

/// A database on a server of a kind.
pub(super) struct OnServer<K> {
    database: Shared,
    kind: std::marker::PhantomData<K>,
}

/// The same text for the client. The tool of one history sends a file as a whole, so that the server cuts it. Two dashes
/// without a blank begin a comment where a statement would begin, but for a client that sends its comments to the server.
fn for_client(history: &History, sql: &str) -> String {
    if history.layout == "authelia" && !sql.contains("DELIMITER") {
        return format!("DELIMITER <<end>>\n{sql}\n<<end>>\n");
    }
    let lines = sql.split_inclusive('\n').map(|line| match line.strip_prefix("--") {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("-- {rest}"),
        _ => line.to_owned(),
    });
    lines.collect()
}

/// The lines inside of table definitions: what surrounds them differs between versions of the programs.
fn tables(schema: &str) -> String {
    let is_definition =
        |line: &&str| line.starts_with("CREATE TABLE") || line.starts_with("  ") || line.starts_with(") ");
    let mut lines: Vec<&str> = schema.lines().filter(is_definition).collect();
    lines.sort_unstable();
    lines.join("\n")
}

impl<K: Kind> Client for OnServer<K> {
    const DIALECT: &'static str = "mysql";

    fn fresh(_history: &History) -> Self {
        Self::empty()
    }

    fn empty() -> Self {
        Self { database: K::shared(), kind: std::marker::PhantomData }
    }

    fn server(&self) -> String {
        self.database.engine().to_lowercase()
    }

    fn open(&self) -> DatabaseConnector {
        open(&self.database)
    }

    fn run(&self, history: &History, sql: &str) -> Result<(), String> {
        client::<K>(&self.database, &for_client(history, sql))
    }

    fn schema(&self) -> String {
        schema(&self.database)
    }

    fn beside_truth(&self, truth: &str) -> Option<(String, String)> {
        Some((tables(truth), tables(&self.schema())))
    }
}

impl super::OfServer for Mariadb {
    type Client = OnServer<Self>;
}

impl super::OfServer for Mysql {
    type Client = OnServer<Self>;
}
