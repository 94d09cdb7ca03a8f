//! dbmate's layout: `DIGITS….sql`, with the up part behind `-- migrate:up` and the down part behind `-- migrate:down`.
//!
//! As in its `pkg/dbmate/db.go` and `migration.go` (v2): the version is all the digits that the name begins with, and must
//! be unique; files run in the order of their names as texts, so that `10_b.sql` goes before `9_a.sql`. The comment that
//! begins a part stands at the start of a line, in small letters, with any blanks behind `--` and options behind it, of
//! which `transaction:false` is the only one that does anything, for this part alone; dbmate passes over all others
//! (`transaction: false`, `transaction:False`), which is worth a warning. Before the up part there may be comments and
//! blank lines only.
//!
//! Where we differ:
//! * A file without `-- migrate:down`, which dbmate 1 took and dbmate 2 refuses, can't be rolled back, with a warning.
//! * A comment that only looks like one that begins a part (`-- Migrate:Down`) is refused: to dbmate it is part of the up
//!   part, and so would be what undoes it.
//! * Several up or down parts in a file are refused: versions of dbmate differ in what they make of them.

use super::listing::{Entry, Kind, Listing};
use super::publish::Draft;
use super::read::Reader;
use super::sections::{self, Fault, File, Line, Sections, lines};
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration, detect, number};

pub(super) const FORMAT: Format = Format { claims, load, draft };

/// Names with a `_` are also sqlx's: there the detection looks into the first file. Without, they are nobody else's.
fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    let is_own = |entry: &&Entry| {
        entry.kind != Kind::Directory
            && digits(&entry.name) > 0
            && !entry.name.contains('_')
            && entry.name.ends_with(".sql")
    };
    let Some(entry) = listing.entries.iter().find(is_own) else { return Ok(None) };
    let marked = detect::marked(listing, entry, &mut Reader::new())?;
    Ok(Some(entry).filter(|_| marked == Some(Layout::Dbmate)))
}

fn load(listing: &Listing, _: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut files: Vec<File<'_>> = Vec::with_capacity(listing.entries.len());
    // The entries come in the order of their names.
    for entry in &listing.entries {
        let what = "a file `DIGITS_name.sql`";
        let Some(stem) = sections::sql_file(listing, entry, what, &mut loaded.warnings) else { continue };
        let (version, name) = stem.split_at(digits(stem));
        if version.is_empty() {
            loaded.warnings.extend(listing.ignored(entry, what));
            continue;
        }
        if let Some(before) = files.last().filter(|before| is_greater(before.version, version)) {
            let (first, second) = (listing.path(before.entry), listing.path(entry));
            let (first, second) = (first.display(), second.display());
            loaded.warnings.push(format!("`{first}` runs before `{second}`: dbmate compares names as texts"));
        }
        let name = name.trim_start_matches(['_', '-', '.', ' ']);
        files.push(File { entry, version, name, key: version.to_owned() });
    }
    sections::load(listing, files, cut, None, &mut loaded)?;
    Ok(loaded)
}

/// dbmate itself always takes a time stamp. A directory with other versions goes on with them, as long as the new file
/// comes last.
fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let names = || listing.entries.iter().filter(|entry| entry.name.ends_with(".sql"));
    let versions = || names().map(|entry| &entry.name[..digits(&entry.name)]).filter(|v| !v.is_empty());
    let mut version = number::next(versions(), new.at);
    if versions().any(|other| other.len() != version.len() && other > version.as_str()) {
        version = number::next(std::iter::empty(), new.at);
    }
    if versions().any(|other| other.len() != version.len() && other > version.as_str()) {
        let path = listing.root.clone();
        let reason = "dbmate compares names as texts, by which it would not come last";
        return Err(LoadError::InvalidVersion { path, version, reason });
    }
    let down = new.down_text("-- The SQL that undoes this migration.");
    let parts = [
        ("-- migrate:up", Some(new.up_text("-- The SQL that applies this migration."))),
        ("-- migrate:down", Some(down.unwrap_or_default())),
    ];
    sections::draft(listing, new, Layout::Dbmate, &version, parts, cut)
}

fn digits(name: &str) -> usize {
    name.bytes().take_while(u8::is_ascii_digit).count()
}

fn is_greater(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
    a.len().cmp(&b.len()).then(a.cmp(b)).is_gt()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

/// The part that a line begins, and the options behind it.
fn beginning(line: &str) -> Option<(Direction, &str)> {
    let rest = line.strip_prefix("--")?.trim_start().strip_prefix("migrate:")?;
    let (direction, options) = match (rest.strip_prefix("up"), rest.strip_prefix("down")) {
        (Some(options), _) => (Direction::Up, options),
        (_, Some(options)) => (Direction::Down, options),
        _ => return None,
    };
    (options.is_empty() || options.starts_with(|c: char| c.is_ascii_whitespace()))
        .then_some((direction, options))
}

/// Whether a person might take the line for the beginning of a part.
fn looks_like_beginning(line: &str) -> bool {
    let Some(comment) = line.trim_start().strip_prefix("--") else { return false };
    let comment = comment.trim_start_matches('-').trim_start().to_ascii_lowercase();
    comment.starts_with("migrate:up") || comment.starts_with("migrate:down")
}

/// Whether a part runs in a transaction. The last option counts.
fn in_transaction(line: &Line<'_>, options: &str, doubts: &mut Vec<(usize, String)>) -> bool {
    let mut in_transaction = true;
    for option in options.split_ascii_whitespace() {
        if let ["transaction", value] = option.split(':').collect::<Vec<_>>().as_slice() {
            in_transaction = *value != "false";
            if matches!(*value, "true" | "false") {
                continue;
            }
        }
        doubts.push((line.number, format!("dbmate passes over the option `{option}`")));
    }
    in_transaction
}

/// Finds the parts.
fn cut(text: &str) -> Result<Sections, Fault> {
    let mut sections =
        Sections { run_in_transaction: true, down_in_transaction: true, ..Sections::default() };
    let (mut up, mut down) = (None, None);
    for line in lines(text) {
        let fault = |reason| Err(Fault { line: line.number, reason });
        match beginning(line.text) {
            Some((Direction::Up, _)) if up.is_some() => {
                return fault("there is more than one `-- migrate:up`");
            }
            Some((Direction::Up, options)) => {
                sections.run_in_transaction = in_transaction(&line, options, &mut sections.doubts);
                up = Some(line.place.end);
            }
            Some((Direction::Down, _)) if up.is_none() => {
                return fault("`-- migrate:down` stands before `-- migrate:up`");
            }
            Some((Direction::Down, _)) if down.is_some() => {
                return fault("there is more than one `-- migrate:down`");
            }
            Some((Direction::Down, options)) => {
                sections.down_in_transaction = in_transaction(&line, options, &mut sections.doubts);
                down = Some(line.place);
            }
            None if looks_like_beginning(line.text) => {
                return fault("dbmate takes this for a comment only, and not for the beginning of a part");
            }
            None if up.is_none() && !line.is_blank_or_comment() => {
                return fault("dbmate takes nothing but comments before `-- migrate:up`");
            }
            None => {}
        }
    }
    let Some(up) = up else {
        return Err(Fault { line: 1, reason: "dbmate needs a `-- migrate:up`" });
    };
    if down.is_none() {
        sections.doubts.push((1, "dbmate 2 refuses a file without `-- migrate:down`".to_owned()));
    }
    sections.up = up..down.as_ref().map_or(text.len(), |line| line.start);
    sections.down = down.map(|line| line.end..text.len());
    Ok(sections)
}
