//! SQL texts to analyse.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use migration_kit::lineage::{Analysis, Analyzer};

use crate::explain::of_split;
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

    /// Analyses all of it, and moves the analyzer's catalogue along.
    pub(crate) fn analyze(&self, analyzer: &mut Analyzer) -> Result<Analysis> {
        analyzer.analyze(&self.text).map_err(|error| self.unsplittable(&error))
    }

    /// The error of a text that can't be split.
    pub(crate) fn unsplittable(&self, error: &migration_kit::syntax::SplitError) -> Box<Failure> {
        Failure::new("split.unterminated", format!("{} can't be split into statements", self.name))
            .because(error.to_string())
            .pointing_at(of_split(&self.name, self.text.as_str(), error))
    }
}
