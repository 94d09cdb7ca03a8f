//! A set written in another layout, without loss, or with every loss named.
//!
//! What a layout can hold is not known here: what would be written is written, to a temporary folder, and read again by the
//! layout's own loader. Whatever differs then is a loss. So nothing can be lost that is not told, and a rule that a loader
//! gets applies here at once.

mod files;
mod loss;
mod name;
mod place;

use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

pub use loss::{Loss, LossKind, UnknownLoss};

use super::{Layout, LoadError, detect};
use crate::{MigrationSet, SqlMigration};
use files::File;
use name::Naming;
use place::Scratch;

/// A set as it would stand in another layout. Nothing is written yet.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Conversion {
    /// The layout that it is written in.
    pub to: Layout,
    /// What the files would be taken for if nobody says which layout they are in; `None` where they are in none or in doubt.
    pub detected: Option<Layout>,
    /// The migrations, in the order in which they run.
    pub migrations: Vec<Converted>,
    /// What the layout can't express, in the order of the migrations.
    pub losses: Vec<Loss>,
    /// What its loader has to say of the new files.
    pub warnings: Vec<String>,
    files: Vec<File>,
}

/// A migration before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Converted {
    /// Its id.
    pub id: String,
    /// Its id in the other layout. If that is another one, a database that has applied the first knows nothing of it.
    pub new_id: String,
    /// Whether its checksum stays the same. If not, a database that has applied it takes it for edited.
    pub checksum_kept: bool,
    /// Its files, relative to the new directory.
    pub files: Vec<PathBuf>,
}

/// Why a set was not written in another layout. Nothing is left behind.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The files could not be written, or what would be written can't be read.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The layout can't express something, and nobody has accepted that.
    #[error("the layout {to} can't hold everything: {}", loss::summary(losses))]
    #[expect(missing_docs, reason = "the message says what the fields are")]
    Lossy { to: Layout, losses: Vec<Loss> },
    /// There is something where the new directory should be.
    #[error("`{}` is there already: nothing is overwritten", path.display())]
    #[expect(missing_docs, reason = "the message says what the field is")]
    OutputExists { path: PathBuf },
}

impl ConvertError {
    /// The kind of error, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Load(error) => error.code(),
            Self::Lossy { .. } => "convert.lossy",
            Self::OutputExists { .. } => "convert.output_exists",
        }
    }
}

/// What a set would be in another layout.
///
/// Ids are kept where the layout's names allow it and the order stays the same; else they are made of the versions, and if
/// that doesn't do either, of numbers. SQL is kept byte for byte, but for blanks around the parts of files that hold both.
///
/// # Errors
/// [`LoadError`] if nothing can be written to the system's folder for temporary files, or if the layout's loader refuses
/// what would be written: SQL that holds a line by which the layout's tool would begin another part, for one.
pub fn convert(set: &MigrationSet, to: Layout) -> Result<Conversion, LoadError> {
    let mut best: Option<Conversion> = None;
    let mut refused = None;
    for naming in Naming::ALL {
        match attempt(set, to, naming) {
            // Other names would only add other ids to what is lost.
            Ok(conversion) if matches!(weight(&conversion), (0, 0, _)) => return Ok(conversion),
            Ok(conversion) if best.as_ref().is_none_or(|best| weight(&conversion) < weight(best)) => {
                best = Some(conversion);
            }
            Ok(_) => {}
            Err(error) => refused = Some(error),
        }
    }
    match (best, refused) {
        (Some(conversion), _) => Ok(conversion),
        (None, Some(error)) => Err(error),
        // There is at least one way to name files.
        (None, None) => Err(LoadError::NoPlace { layout: to, what: "migrations" }),
    }
}

/// How bad it is: what can't be accepted weighs more than other ids, and these more than all else.
fn weight(conversion: &Conversion) -> (usize, usize, usize) {
    let count = |is: fn(&Loss) -> bool| conversion.losses.iter().filter(|loss| is(loss)).count();
    (
        count(|loss| !loss.kind.can_be_accepted()),
        count(|loss| loss.kind == LossKind::Ids),
        conversion.losses.len(),
    )
}

fn attempt(set: &MigrationSet, to: Layout, naming: Naming) -> Result<Conversion, LoadError> {
    let names = naming.names(set, to);
    let files = files::of_set(set, to, &names);
    let scratch = Scratch::new()?;
    place::write(scratch.path(), &files)?;
    let loaded =
        MigrationSet::load(scratch.path(), Some(to)).map_err(|error| elsewhere(error, set, &files))?;
    let detected = detect(scratch.path()).ok().flatten();
    let losses = loss::between(set, &loaded, to, &names);
    let converted = |(place, migration): (usize, &SqlMigration)| {
        let new = loaded.get(&names[place]);
        let own = files.iter().filter(|file| file.migration == Some(place));
        Converted {
            id: migration.id.clone(),
            new_id: names[place].clone(),
            checksum_kept: new.is_some_and(|new| new.checksum == migration.checksum),
            files: own.map(|file| file.path.clone()).collect(),
        }
    };
    let migrations = set.migrations().iter().enumerate().map(converted).collect();
    let in_place = |warning: &String| warning.replace(&format!("{}/", scratch.path().display()), "");
    let warnings = loaded.warnings.iter().map(in_place).collect();
    Ok(Conversion { to, detected, migrations, losses, warnings, files })
}

/// The error of a file that is not there any more, at the file that it was made of.
fn elsewhere(error: LoadError, set: &MigrationSet, files: &[File]) -> LoadError {
    let source = |path: &Path| {
        let file = files.iter().find(|file| path.ends_with(&file.path))?;
        set.migrations().get(file.migration?)?.up.path.clone()
    };
    match error {
        LoadError::InvalidAnnotation { path, line, reason } => match source(&path) {
            Some(original) => {
                let what = format!(
                    "can't stand in the other layout: {reason} (line {line} of `{}`)",
                    name_of(&path)
                );
                LoadError::Unsupported { path: original, line: None, column: None, what }
            }
            None => LoadError::InvalidAnnotation { path, line, reason },
        },
        other => other,
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Conversion {
    /// The losses of a kind that is not among `accepted`, or can't be accepted.
    #[must_use]
    pub fn refused(&self, accepted: &[LossKind]) -> Vec<Loss> {
        let is_accepted = |loss: &&Loss| loss.kind.can_be_accepted() && accepted.contains(&loss.kind);
        self.losses.iter().filter(|loss| !is_accepted(loss)).cloned().collect()
    }

    /// How many files there are.
    #[must_use]
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Writes the new directory: whole under a hidden name beside it, then renamed, so that whoever looks sees all of it or
    /// nothing. Returns the files.
    ///
    /// # Errors
    /// [`ConvertError::Lossy`] for losses that are not `accepted`, [`ConvertError::OutputExists`] if anything has the name
    /// of the directory, and what the file system refuses.
    pub fn write(&self, output: &Path, accepted: &[LossKind]) -> Result<Vec<PathBuf>, ConvertError> {
        let losses = self.refused(accepted);
        if !losses.is_empty() {
            return Err(ConvertError::Lossy { to: self.to, losses });
        }
        if output.symlink_metadata().is_ok() {
            return Err(ConvertError::OutputExists { path: output.to_owned() });
        }
        place::publish(output, &self.files)?;
        Ok(self.files.iter().map(|file| output.join(&file.path)).collect())
    }
}
