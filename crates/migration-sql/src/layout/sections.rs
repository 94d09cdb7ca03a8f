//! What dbmate's and goose's layouts share: one file per migration, in which comments begin the up and the down part.
//!
//! **Places.** A script stands where its part stands in the file: what is before the part, and the comments that steer
//! the tool, become blanks of the same length, so that an error's line and byte are those of the file.
//!
//! **Checksums.** That of a migration is of its up part alone, as the file has it, without the comment that begins it and
//! without blanks at its ends. To write a down part later, or to correct one, is no edit of what was applied.
//!
//! **Empty down parts.** The tools ask for the comment that begins the down part, or write it into each new file. With
//! nothing but comments behind it there is no down script, and a rollback is refused, where the tools would call a
//! migration rolled back of which everything is still there.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use migration_model::Checksum;

use super::listing::{Entry, Kind, Listing};
use super::publish::Draft;
use super::read::Reader;
use super::{Layout, LoadError, Loaded, NewMigration, environment};
use crate::replaced::Replacer;
use crate::{Script, SqlMigration};

/// A file that holds a migration, its name taken apart.
pub(super) struct File<'a> {
    pub(super) entry: &'a Entry,
    /// The version as the name has it.
    pub(super) version: &'a str,
    /// What of the name follows the version, without the extension.
    pub(super) name: &'a str,
    /// What no two files may share: the version as the tool compares it.
    pub(super) key: String,
}

/// Where the parts of a file are, in bytes.
#[derive(Default)]
pub(super) struct Sections {
    pub(super) up: Range<usize>,
    pub(super) down: Option<Range<usize>>,
    pub(super) run_in_transaction: bool,
    pub(super) down_in_transaction: bool,
    /// Lines inside of the parts that are no SQL.
    pub(super) covered: Vec<Covered>,
    /// Lines into which values of the environment are to be put, each with its number.
    pub(super) substituted: Vec<(usize, Range<usize>)>,
    /// What a person should know, each with its line.
    pub(super) doubts: Vec<(usize, String)>,
}

/// A line that steers the tool.
pub(super) struct Covered {
    pub(super) place: Range<usize>,
    /// Whether the statement before it ends here, with or without a semicolon.
    pub(super) ends_statement: bool,
}

/// Why a file can't be cut into its parts.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) line: usize,
    pub(super) reason: &'static str,
}

impl Fault {
    fn of(self, path: &Path) -> LoadError {
        LoadError::InvalidAnnotation { path: path.to_owned(), line: self.line, reason: self.reason }
    }
}

/// A line of a file.
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    /// Its bytes, the line end included.
    pub(super) place: Range<usize>,
    /// Without the line end, and without a byte-order mark.
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// Whether it can't be part of a statement. Where it stands inside of a string nobody looks at it.
    pub(super) fn is_blank_or_comment(&self) -> bool {
        let text = self.text.trim_start();
        text.is_empty() || text.starts_with("--")
    }
}

/// How a layout cuts a file.
pub(super) type Cut = fn(&str) -> Result<Sections, Fault>;

pub(super) fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').enumerate().map(move |(index, line)| {
        let place = start..start + line.len();
        start = place.end;
        let text = line.trim_end_matches('\n').trim_end_matches('\r');
        let text = if index == 0 { text.trim_start_matches('\u{feff}') } else { text };
        Line { number: index + 1, place, text }
    })
}

/// The name of a file in SQL without its extension; `None` for all else, with a warning where it looks like `what`.
pub(super) fn sql_file<'a>(
    listing: &Listing,
    entry: &'a Entry,
    what: &str,
    warnings: &mut Vec<String>,
) -> Option<&'a str> {
    let stem = entry.name.strip_suffix(".sql");
    match (entry.kind, stem) {
        (Kind::File | Kind::Link, Some(stem)) => Some(stem),
        (Kind::Directory, None) => {
            warnings.extend(listing.not_searched(entry));
            None
        }
        _ => {
            warnings.extend(listing.ignored(entry, what));
            None
        }
    }
}

/// Reads files that are in the order in which they run.
pub(super) fn load(
    listing: &Listing,
    files: Vec<File<'_>>,
    cut: Cut,
    environment: Option<&HashMap<String, String>>,
    loaded: &mut Loaded,
) -> Result<(), LoadError> {
    let mut reader = Reader::new();
    let mut seen: HashMap<String, &Entry> = HashMap::with_capacity(files.len());
    loaded.migrations.reserve(files.len());
    for File { entry, version, name, key } in files {
        let path = listing.path(entry);
        if let Some(twin) = seen.insert(key, entry) {
            let paths = vec![listing.path(twin), path];
            return Err(LoadError::DuplicateVersion { version: version.to_owned(), paths });
        }
        let text = reader.text(&path, entry.kind)?;
        let sections = cut(text).map_err(|fault| fault.of(&path))?;
        if environment.is_none() {
            sections.refuse_substitution().map_err(|fault| fault.of(&path))?;
        }
        let stem = entry.name.strip_suffix(".sql").unwrap_or(&entry.name);
        let doubts = sections.doubts.iter();
        loaded
            .warnings
            .extend(doubts.map(|(line, doubt)| format!("`{}` line {line}: {doubt}", path.display())));
        loaded.migrations.push(SqlMigration {
            name: if name.is_empty() { stem } else { name }.to_owned(),
            version: Some(version.to_owned()),
            ..sections.migration(stem, path, text, environment)?
        });
    }
    Ok(())
}

impl Sections {
    fn migration(
        &self,
        id: &str,
        path: PathBuf,
        text: &str,
        environment: Option<&HashMap<String, String>>,
    ) -> Result<SqlMigration, LoadError> {
        let script = |part: &Range<usize>| {
            let blanked = self.script(text, part);
            let Some(variables) = environment.filter(|_| !self.substituted.is_empty()) else {
                return Ok(Script::from_file(path.clone(), blanked));
            };
            let lines: Vec<_> = self.substituted.iter().map(|(_, line)| line.clone()).collect();
            let lines: Vec<_> = lines.into_iter().filter(|line| part.contains(&line.start)).collect();
            let mut replacer = Replacer::new(&blanked);
            environment::substitute(&blanked, &lines, variables, &path, &mut replacer)?;
            let (text, replaced) = replacer.finish();
            Ok::<_, LoadError>(Script { replaced, ..Script::from_file(path.clone(), text) })
        };
        let down = self.down.clone().filter(|down| holds_sql(&text[down.clone()]));
        let down = down.map(|down| script(&down)).transpose()?;
        let up = script(&self.up)?;
        let differs = down.is_some() && self.run_in_transaction != self.down_in_transaction;
        Ok(SqlMigration {
            run_in_transaction: self.run_in_transaction,
            down_in_transaction: differs.then_some(self.down_in_transaction),
            checksum: Checksum::of_text(text[self.up.clone()].trim()),
            ..SqlMigration::new(id, up, down)
        })
    }

    /// What nobody asked for is no part of a migration.
    fn refuse_substitution(&self) -> Result<(), Fault> {
        match self.substituted.first() {
            Some((line, _)) => Err(Fault {
                line: *line,
                reason: "the file asks for values of the environment (`ENVSUB ON`), which it gets only on request",
            }),
            None => Ok(()),
        }
    }

    /// The text of a part, behind as many blanks as the file has bytes before it.
    fn script(&self, text: &str, part: &Range<usize>) -> String {
        let mut script = String::with_capacity(part.end);
        blank(&text[..part.start], &mut script);
        for line in self.covered.iter().filter(|line| part.contains(&line.place.start)) {
            script.push_str(&text[script.len()..line.place.start]);
            // An annotation is longer than a semicolon.
            let rest = if line.ends_statement { line.place.start + 1 } else { line.place.start };
            script.extend(line.ends_statement.then_some(';'));
            blank(&text[rest..line.place.end], &mut script);
        }
        script.push_str(&text[script.len()..part.end]);
        script
    }
}

/// Whether there is more than comments. Of block comments nothing is known here: one counts as SQL.
fn holds_sql(part: &str) -> bool {
    lines(part).any(|line| !line.is_blank_or_comment() && line.text.trim() != ";")
}

/// Appends blanks of the same length, with the same line ends.
fn blank(text: &str, to: &mut String) {
    to.extend(text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }));
}

/// A new migration as one file. These files have no place for dependencies; a description becomes a comment.
///
/// `begin` are the comments that begin the parts; a file in which the given SQL has more of them is refused if it could
/// not be read.
pub(super) fn draft(
    listing: &Listing,
    new: &NewMigration,
    layout: Layout,
    version: &str,
    parts: [(&str, Option<String>); 2],
    cut: Cut,
) -> Result<Draft, LoadError> {
    if !new.dependencies.is_empty() {
        return Err(LoadError::NoPlace { layout, what: "dependencies" });
    }
    let [(up, up_text), (down, down_text)] = parts;
    let comment = new.description.iter().flat_map(|text| text.lines()).map(|line| format!("-- {line}\n"));
    let mut text = format!("{up}\n{}{}", comment.collect::<String>(), up_text.unwrap_or_default());
    if let Some(down_text) = down_text {
        text.push_str(&format!("\n{down}\n{down_text}"));
    }
    let name = format!("{version}_{}.sql", new.slug()?);
    // A file that asks for the environment would be refused unless every call asked for that as well.
    let read = cut(&text).and_then(|sections| sections.refuse_substitution());
    read.map_err(|fault| fault.of(&listing.root.join(&name)))?;
    Ok(Draft { folder: None, files: vec![(name, text)] })
}
