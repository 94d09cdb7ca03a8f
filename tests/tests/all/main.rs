//! Tests that cross crates or need a process, in one binary.

mod concurrency;
mod crash;
mod histories;
