//! Real histories of public projects, all of them in one way: each loads whole and in order, applies from empty to the
//! schema that the server's own client makes of the same files (and to the one that was recorded elsewhere), goes down as
//! far as the client does, and up again. Our own dump, restored, dumps as the same text.
//!
//! By default every history loads, all apply on SQLite and MariaDB, and on PostgreSQL those in [`PROMPT`] or of
//! [`PROMPT_LAYOUTS`]; `MIGRATION_HISTORIES=all` in the environment applies every one on every server, which takes minutes
//! more, and names of projects between commas only theirs. What a history needs that others don't is in the tables below and nowhere else.

mod load;
mod mysql_client;
mod postgres_client;
mod run;
mod sqlite;

use migration_tests::server::Kind;
use migration_tests::{History, histories, on_servers};
use run::{Client, check};

/// Histories that begin in the middle: what they change is made by no file.
const FRAGMENTS: &[&str] = &[
    "killbill-account",
    "killbill-catalog",
    "killbill-invoice",
    "killbill-payment",
    "killbill-subscription",
    "killbill-util",
];

/// Their down parts don't undo all that their up parts do: the way up again ends elsewhere, if it can be gone.
const NOT_UNDONE: &[(&str, &str)] =
    &[("arcane", "sqlite"), ("fathom", "sqlite"), ("lakefs", "postgres"), ("stellar-ticker", "postgres")];

/// Their down parts leave references that lead nowhere, which we find and undo, and the client doesn't look for.
const NOT_BACK: &[(&str, &str)] = &[("hydra", "sqlite")];

/// Refused before anything runs: a script that ends the transaction which its tool has begun, and one with commands for `psql`.
const REFUSED: &[(&str, &str)] = &[("homarr", "sqlite"), ("cas-cif", "postgres")];

/// The recorded schema is without one of two files that have one version, or has tables that are named for the day.
const RECORDED_OTHERWISE: &[(&str, &str)] =
    &[("cdk-wallet", "sqlite"), ("cdk-wallet", "postgres"), ("tensorzero", "postgres")];

/// PostgreSQL writes a cast in their check constraints in another way once it has read its own text: so does `pg_dump`. Of the
/// last, our dump sorts the storage parameters of a table, and `pg_dump` has them in the order in which they were given.
const REWRITTEN: &[&str] = &["graph-node", "taproot-assets", "stellar-horizon"];

/// Layouts whose PostgreSQL histories always apply.
const PROMPT_LAYOUTS: &[&str] = &["diesel", "golang-migrate", "sqlx"];

/// One or two PostgreSQL histories of the other layouts, which always apply.
const PROMPT: &[&str] = &["hoppscotch", "marquez", "conductor", "rauthy", "ncps", "openfga", "umami"];

/// How many tests share the histories of a server.
const SHARDS: usize = 4;

fn is_listed(list: &[(&str, &str)], history: &History) -> bool {
    list.iter().any(|(project, dialect)| *project == history.project && *dialect == history.dialect)
}

/// The histories of a dialect that apply in this run, those with most files first.
fn chosen(dialect: &str) -> Vec<History> {
    let which = std::env::var("MIGRATION_HISTORIES").unwrap_or_default();
    let asked: Vec<&str> = which.split(',').filter(|project| !project.is_empty()).collect();
    let all = asked == ["all"];
    let mut chosen = histories(dialect, &[]);
    chosen.retain(|history| {
        let prompt = dialect != "postgres"
            || PROMPT_LAYOUTS.contains(&history.layout.as_str())
            || PROMPT.contains(&history.project.as_str());
        let is_chosen =
            if all || asked.is_empty() { all || prompt } else { asked.contains(&history.project.as_str()) };
        is_chosen && !FRAGMENTS.contains(&history.project.as_str())
    });
    chosen.sort_by_key(|history| std::cmp::Reverse(history.up_files));
    chosen
}

/// One test's share. One history that fails must not hide the others.
fn shard<C: Client>(number: usize) {
    let chosen = chosen(C::DIALECT);
    let failed: Vec<&str> = chosen
        .iter()
        .skip(number)
        .step_by(SHARDS)
        .filter(|history| std::panic::catch_unwind(|| check::<C>(history)).is_err())
        .map(|history| history.project.as_str())
        .collect();
    assert!(failed.is_empty(), "{failed:?}");
}

/// The client of a kind of server.
trait OfServer: Kind {
    type Client: Client;
}

fn first_quarter<K: OfServer>() {
    shard::<K::Client>(0);
}

fn second_quarter<K: OfServer>() {
    shard::<K::Client>(1);
}

fn third_quarter<K: OfServer>() {
    shard::<K::Client>(2);
}

fn fourth_quarter<K: OfServer>() {
    shard::<K::Client>(3);
}

on_servers!([postgres, mariadb, mysql] [first_quarter, second_quarter, third_quarter, fourth_quarter]);

#[test]
fn first_quarter_on_sqlite() {
    shard::<sqlite::Sqlite>(0);
}

#[test]
fn second_quarter_on_sqlite() {
    shard::<sqlite::Sqlite>(1);
}

#[test]
fn third_quarter_on_sqlite() {
    shard::<sqlite::Sqlite>(2);
}

#[test]
fn fourth_quarter_on_sqlite() {
    shard::<sqlite::Sqlite>(3);
}
