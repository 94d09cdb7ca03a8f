//! Everything about the crate that is seen from outside.

mod generate;
mod reference;

mod docs;
mod edge;
mod examples;
mod owned;
mod specs;
