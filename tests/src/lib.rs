//! What the tests share: throw-away directories of migrations and servers, the compiled command, the corpora.

#[cfg(unix)]
pub mod browser;
mod command;
mod corpora;
pub mod engine;
#[cfg(unix)]
pub mod fault;
mod project;
#[cfg(unix)]
pub mod server;

pub use command::{Command, Output};
pub use corpora::{History, corpora, histories};
pub use project::Project;
#[cfg(unix)]
pub use server::{
    MariadbServer, MysqlServer, PostgresServer, Shared, shared_mariadb, shared_mysql, shared_postgres,
};

/// The Rust examples of the pages for people, which rustdoc compiles from here.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../README.md")]
    struct Readme;

    #[doc = include_str!("../../docs/formats.md")]
    struct Formats;
}
