//! SQLite, compiled in.
//!
//! * `connection`: opening, statements.
//! * `value`: values of rows.
//! * `refusal`: errors and their kinds.
//! * `segments`: which statements of a script can share a transaction.
//! * `lock`: one runner at a time; who holds a lock.
//! * `locate`: the place in a statement that an error is about.
//! * `dump`: the schema as SQL text.

mod connection;
mod dump;
mod locate;
mod lock;
mod refusal;
mod segments;
mod value;

pub(super) use connection::connect;
