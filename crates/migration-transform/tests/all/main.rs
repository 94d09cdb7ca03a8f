//! Everything about the crate that is seen from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod generate;
mod reference;

mod docs;
mod edge;
mod engine;
mod examples;
mod expressions;
mod owned;
mod specs;
