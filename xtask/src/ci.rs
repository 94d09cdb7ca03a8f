//! `cargo xtask ci`: all that has to pass, what fails fastest first.

use crate::step::Result;
use crate::{doc, lint, test};

pub(crate) fn run() -> Result {
    lint::run()?;
    doc::run()?;
    test::run(&[])
}
