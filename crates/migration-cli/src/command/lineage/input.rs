//! What is analysed: SQL texts, and the directory of migrations by the rules of a dialect.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use migration_kit::lineage::{Analysis, Analyzer};
use migration_kit::sql::MigrationSet;
use migration_kit::syntax::{Dialect, SplitError};

use crate::context::Context;
use crate::explain::{explain_load, of_split};
use crate::failure::{Failure, Result};

/// A text, and what it is called.
#[derive(Debug)]
pub(crate) struct SqlText {
    /// The file, `<stdin>`, or what else stands for it.
    pub(crate) name: String,
    pub(crate) text: String,
}

impl SqlText {
    /// Reads a file; `-` is stdin.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let is_stdin = path == Path::new("-");
        let name = if is_stdin { "<stdin>".to_owned() } else { path.display().to_string() };
        let mut bytes = Vec::new();
        let read = if is_stdin { io::stdin().read_to_end(&mut bytes).map(|_| bytes) } else { fs::read(path) };
        let bytes = read.map_err(|error| {
            Failure::new("file.unreadable", format!("can't read {name}")).because(error.to_string())
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            Failure::new("file.not_utf8", format!("{name} is not UTF-8 text"))
                .because(format!("the byte at offset {}", error.utf8_error().valid_up_to()))
        })?;
        Ok(Self { name, text })
    }

    /// Analyses it as far as it can be read, and moves the analyzer's catalogue along. The rest is listed.
    pub(crate) fn analyze(&self, analyzer: &mut Analyzer) -> Analysis {
        analyzer.analyze_lossy(&self.text)
    }

    /// The error of a text that can't be split.
    pub(crate) fn unsplittable(&self, dialect: Dialect, error: &SplitError) -> Box<Failure> {
        Failure::new("split.unterminated", format!("{} can't be split into statements", self.name))
            .because(error.to_string())
            .pointing_at(of_split(&self.name, &self.text, dialect, error))
    }
}

/// The dialect that was named, else that of the database's URL.
pub(crate) fn dialect(named: Option<Dialect>, context: &Context) -> Result<Dialect> {
    match named {
        Some(dialect) => Ok(dialect),
        None if context.settings()?.database_url.is_none() => {
            let what = "whose rules hold is not known: name the dialect with --dialect, or a database";
            Err(Failure::new("usage.missing_argument", what))
        }
        None => Ok(context.settings()?.url()?.dialect()),
    }
}

/// The directory of migrations, read by the rules of a dialect.
pub(crate) fn load(dialect: Dialect, context: &Context) -> Result<MigrationSet> {
    let settings = context.settings()?;
    let mut options = settings.load_options();
    options.dialect = Some(dialect);
    MigrationSet::load_all(&settings.dirs.value, &options).map_err(|error| explain_load(&error))
}
