//! One server of each kind for all tests: prints their URLs as one line of JSON, and runs until its input ends.
//!
//! `cargo xtask test` starts it. The end of the input comes also when that is killed, so nothing has to be stopped by
//! anybody.

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    use std::thread::spawn;

    use migration_tests::server::Options;
    use migration_tests::{MariadbServer, PostgresServer};

    let options = || Options { volatile: true, ..Options::default() };
    let postgres = spawn(move || PostgresServer::start_with(options()));
    let mariadb = spawn(move || MariadbServer::start_with(options()));
    // A thread that panics has said why.
    let (Ok(postgres), Ok(mariadb)) = (postgres.join(), mariadb.join()) else { return ExitCode::FAILURE };

    let urls = serde_json::json!({
        "MIGRATION_TEST_POSTGRES": postgres.url("postgres"),
        "MIGRATION_TEST_MARIADB": mariadb.url("mysql"),
    });
    println!("{urls}");
    _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    ExitCode::SUCCESS
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("servers are only started on Unix");
    ExitCode::FAILURE
}
