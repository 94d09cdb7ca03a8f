//! Everything about the crate that is seen from outside.

mod generate;
mod reference;

mod owned;
mod specs;
