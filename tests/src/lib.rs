//! What the tests share: throw-away directories of migrations, the compiled command, the corpora.

mod command;
mod corpora;
pub mod engine;
mod project;

pub use command::{Command, Output};
pub use corpora::{History, corpora, histories};
pub use project::Project;
