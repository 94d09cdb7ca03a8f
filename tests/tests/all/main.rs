//! Tests that cross crates or need a process, in one binary.

mod bad_input;
mod concurrency;
mod crash;
mod diesel_interop;
mod docs;
mod histories;
mod lifecycle;
mod python;
#[cfg(unix)]
mod servers;
mod splitter;
