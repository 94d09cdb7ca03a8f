//! One server of each kind for all tests: prints their URLs as one line of JSON, and runs until its input ends. Arguments
//! name the kinds; without any they are those of the everyday tests.
//!
//! `cargo xtask test` and `cargo xtask servers` start it. The end of the input comes also when they are killed, so nothing
//! has to be stopped by anybody.

use std::process::ExitCode;

#[cfg(unix)]
fn main() -> ExitCode {
    use std::thread::{JoinHandle, spawn};

    use migration_tests::server::{Mariadb, Mysql, Postgres};
    use unix::{Started, start};

    let named: Vec<_> = std::env::args().skip(1).collect();
    let everyday = ["postgres", "mariadb"].map(str::to_owned).to_vec();
    let mut starting: Vec<JoinHandle<Started>> = Vec::new();
    for kind in if named.is_empty() { everyday } else { named } {
        starting.push(match kind.as_str() {
            "postgres" => spawn(start::<Postgres>),
            "mariadb" => spawn(start::<Mariadb>),
            "mysql" => spawn(start::<Mysql>),
            _ => {
                eprintln!("`{kind}` is none of postgres, mariadb, mysql");
                return ExitCode::FAILURE;
            }
        });
    }
    // A thread that panics has said why. The others are waited for, so that their servers are stopped in order.
    let joined: Vec<_> = starting.into_iter().map(JoinHandle::join).collect();
    let Ok(started) = joined.into_iter().collect::<Result<Vec<_>, _>>() else { return ExitCode::FAILURE };

    let urls: serde_json::Map<_, _> = started.iter().flat_map(|started| started.urls.clone()).collect();
    println!("{}", serde_json::Value::from(urls));
    _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    ExitCode::SUCCESS
}

#[cfg(unix)]
mod unix {
    use std::any::Any;

    use migration_tests::server::{Kind, Options, Server};
    use serde_json::Value;

    /// A server that runs until this is dropped.
    pub(crate) struct Started {
        pub(crate) urls: [(String, Value); 2],
        _server: Box<dyn Any + Send>,
    }

    pub(crate) fn start<E: Kind>() -> Started {
        let server = Server::<E>::start_with(Options { volatile: true, ..Options::default() });
        let database = server.first_database();
        let urls = [
            (E::VARIABLE.to_owned(), server.url(database).into()),
            (format!("{}_SOCKET", E::VARIABLE), server.socket_url(database).into()),
        ];
        Started { urls, _server: Box::new(server) }
    }
}

#[cfg(not(unix))]
fn main() -> ExitCode {
    eprintln!("servers are only started on Unix");
    ExitCode::FAILURE
}
