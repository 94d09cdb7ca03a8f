//! PostgreSQL, through libpq.
//!
//! * `connection`: opening, statements.
//! * `copy`: `COPY … FROM stdin`.
//! * `value`: values from the wire.
//! * `refusal`: errors and their kinds.
//! * `segments`: which statements of a script can share a transaction.
//! * `lock`: one runner at a time.
//! * `blockers`: who holds a lock.
//! * `in_flight`: what became of a statement that a crash cut off.
//! * `locate`: the place in a statement that an error is about.
//! * `dump`: the schema as SQL text.

mod blockers;
mod connection;
mod copy;
mod dump;
mod in_flight;
mod locate;
mod lock;
mod refusal;
mod segments;
mod value;

pub(super) use connection::connect;
