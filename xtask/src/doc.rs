//! `cargo xtask doc`: the API documentation, without a warning.

use crate::provision::{self, Purpose};
use crate::step::{Result, Step};

pub(crate) fn run() -> Result {
    provision::ensure(Purpose::BuildAll)?;
    Step::cargo(&["doc", "--workspace", "--no-deps", "--all-features"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .fix("most often a link in `[…]` to something that was renamed or is private")
        .run()
}
