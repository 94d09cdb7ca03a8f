//! Tests that cross crates or need a process, in one binary.

#[cfg(unix)]
mod bad_input;
mod busy;
mod concurrency;
mod crash;
mod diesel_interop;
mod docs;
mod dump_mysql;
#[cfg(unix)]
mod every_server;
#[cfg(unix)]
mod faults;
mod histories;
mod histories_mysql;
mod histories_postgres;
mod kept_rollbacks;
mod lifecycle;
#[cfg(unix)]
mod mysql;
mod mysql_schema;
mod postgres;
mod python;
mod servers;
mod sessions;
mod splitter;
mod steps_in_rust;
#[cfg(unix)]
mod transform;
