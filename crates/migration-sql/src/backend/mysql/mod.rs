//! MySQL and MariaDB, through the client library of either.
//!
//! * `connection`: opening, statements.
//! * `server`: which of the two it is, and what differs by version.
//! * `tls`: encryption, as far as the client library knows how.
//! * `show`: statements whose columns are known only once they have run.
//! * `value`: values from the wire.
//! * `refusal`: errors and their kinds.
//! * `segments`: which statements of a script can share a transaction.
//! * `lock`: one runner at a time.
//! * `blockers`: who holds a lock.
//! * `engines`: tables without transactions.
//! * `objects`: what a statement is about.
//! * `variables`: what a script keeps in the session.
//! * `in_flight`: what became of a statement that a crash cut off.
//! * `locate`: the place in a statement that an error is about.
//! * `dump`: the schema as SQL text.

mod blockers;
mod connection;
mod dump;
mod engines;
mod in_flight;
mod locate;
mod lock;
mod objects;
mod refusal;
mod segments;
mod server;
mod show;
mod tls;
mod value;
mod variables;

pub(super) use connection::connect;
