//! Everything about the crate that is seen from outside.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on has failed; which ones are there depends on features"
)]

mod generate;
mod reference;

#[cfg(feature = "toml")]
mod docs;
mod edge;
mod engine;
mod examples;

mod expressions;
mod flows;
mod owned;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "toml")]
mod specs;
mod warned;
mod wide;
