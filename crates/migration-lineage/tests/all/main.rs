//! The crate from outside.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests, which clippy takes for a program"
)]

mod builder;
mod constructs;
mod histories;
mod impact;
#[cfg(feature = "openlineage")]
mod openlineage;
mod robust;
mod suites;
#[cfg(feature = "openlineage-http")]
mod transport;
