//! goose's layout: `N_name.sql`, with the up part behind `-- +goose Up` and the down part behind `-- +goose Down`.
//!
//! As in its `NumericComponent` and `internal/sqlparser/parser.go` (v3): the version is what stands before the first `_`,
//! an `i64` greater than zero, unique, compared as a number. An annotation is a line that begins with `--`, without
//! blanks before it, and says one of `+goose Up`, `Down`, `StatementBegin`, `StatementEnd`, `NO TRANSACTION`,
//! `ENVSUB ON` and `ENVSUB OFF`, in any case; a comment with any other `+goose` is an error. Before `Up` there may be
//! comments and blank lines only; `Up` and `Down` stand once, in this order, and not inside of a block. `NO TRANSACTION`
//! is for both parts, wherever it stands.
//!
//! Where we differ:
//! * goose ends a statement at each line that ends in `;`, unless it is in a block; we know where statements end. So a
//!   body needs no block, and the last statement no semicolon.
//! * To goose a block is one text that it sends whole. Here its end is the end of a statement, even without a semicolon,
//!   and several statements in it run one by one. That means the same in a transaction. With `NO TRANSACTION`,
//!   PostgreSQL would take such a block whole or not at all; here what is done is noted in the journal, and the next run
//!   goes on after it.
//! * What `ENVSUB ON` would replace (a line with a `$`) is refused unless somebody asked for it: then it is done
//!   ([`environment`](super::environment)), and the checksum stays that of the file.
//! * Migrations in Go (`N_name.go`) are left out with a warning.

use super::listing::{Entry, Kind, Listing};
use super::publish::Draft;
use super::sections::{self, Covered, Fault, File, Sections, lines};
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration, number};

pub(super) const FORMAT: Format = Format { claims, load, draft };

const IN_GO: &str = "goose would run it, but it is written in Go";

/// By their names alone the files are sqlx's: the detection looks into the first.
#[expect(clippy::unnecessary_wraps, reason = "the signature is that of every layout")]
fn claims(_: &Listing) -> Result<Option<&Entry>, LoadError> {
    Ok(None)
}

fn load(listing: &Listing, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut files = Vec::with_capacity(listing.entries.len());
    for entry in &listing.entries {
        if entry.kind != Kind::Directory && is_in_go(&entry.name) {
            loaded.warnings.push(format!("`{}` is ignored: {IN_GO}", listing.path(entry).display()));
            continue;
        }
        let Some(stem) = sections::sql_file(listing, entry, "`N_name.sql`", &mut loaded.warnings) else {
            continue;
        };
        let Some((version, name)) = stem.split_once('_').filter(|(version, _)| looks_numeric(version)) else {
            loaded.warnings.extend(listing.ignored(entry, "`N_name.sql`"));
            continue;
        };
        match version.parse::<i64>() {
            Ok(number) if number > 0 => {
                files.push((number, File { entry, version, name, key: number.to_string() }));
            }
            _ => {
                let reason = "it is no whole number of 64 bits greater than zero";
                let path = listing.path(entry);
                return Err(LoadError::InvalidVersion { path, version: version.to_owned(), reason });
            }
        }
    }
    files.sort_by_key(|(number, _)| *number);
    let files = files.into_iter().map(|(_, file)| file).collect();
    sections::load(listing, files, cut, options.environment.as_ref(), &mut loaded)?;
    Ok(loaded)
}

fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    let versions = listing.entries.iter().filter_map(|entry| {
        let (version, _) = entry.name.split_once('_')?;
        (entry.name.ends_with(".sql") || is_in_go(&entry.name)).then_some(version)
    });
    let version = number::next(versions, new.at);
    if version.parse::<i64>().is_err() {
        let path = listing.root.clone();
        return Err(LoadError::InvalidVersion { path, version, reason: "it is too large" });
    }
    let parts = [
        ("-- +goose Up", Some(finished(new.up_text("-- The SQL that applies this migration.")))),
        ("-- +goose Down", new.down_text("-- The SQL that undoes this migration.").map(finished)),
    ];
    sections::draft(listing, new, Layout::Goose, &version, parts, cut)
}

/// goose looks for migrations in Go as well; it knows their tests by their names.
fn is_in_go(file: &str) -> bool {
    let name = file.strip_suffix(".go").filter(|stem| !stem.ends_with("_test"));
    name.and_then(|stem| stem.split_once('_')).is_some_and(|(version, _)| looks_numeric(version))
}

fn looks_numeric(version: &str) -> bool {
    let digits = version.strip_prefix(['+', '-']).unwrap_or(version);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The text with a semicolon behind its last statement, without which goose would refuse it.
fn finished(text: String) -> String {
    let last = lines(&text).filter(|line| !line.is_blank_or_comment()).last().map(|line| line.text);
    match last {
        Some(line) if !ends_in_semicolon(line) => {
            let text = text.trim_end();
            // Behind a comment it would be part of that.
            let between = if text.ends_with(line.trim()) && !line.contains(['-', '#']) { "" } else { "\n" };
            format!("{text}{between};\n")
        }
        _ => text,
    }
}

/// Whether goose takes a line for the last of a statement.
fn ends_in_semicolon(line: &str) -> bool {
    let words = line.split_whitespace().take_while(|word| !word.starts_with("--"));
    words.last().is_some_and(|word| word.ends_with(';'))
}

/// What a line tells goose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Annotation {
    Up,
    Down,
    StatementBegin,
    StatementEnd,
    NoTransaction,
    EnvsubOn,
    EnvsubOff,
}

impl Annotation {
    /// `None` for a line that is none.
    fn of(line: &str) -> Option<Result<Self, &'static str>> {
        if !line.trim_start().starts_with("--") || !line.contains("+goose") {
            return None;
        }
        if line.starts_with(char::is_whitespace) {
            return Some(Err("goose takes no blanks before an annotation"));
        }
        let command = line.replace("--", "").replacen("+goose", "", 1);
        Some(match command.trim().to_ascii_lowercase().as_str() {
            "up" => Ok(Self::Up),
            "down" => Ok(Self::Down),
            "statementbegin" => Ok(Self::StatementBegin),
            "statementend" => Ok(Self::StatementEnd),
            "no transaction" => Ok(Self::NoTransaction),
            "envsub on" => Ok(Self::EnvsubOn),
            "envsub off" => Ok(Self::EnvsubOff),
            _ => Err(
                "goose knows no such annotation: it knows Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, \
                 ENVSUB ON and ENVSUB OFF",
            ),
        })
    }
}

/// Finds the parts.
fn cut(text: &str) -> Result<Sections, Fault> {
    let mut sections = Sections { run_in_transaction: true, ..Sections::default() };
    let (mut up, mut down, mut block) = (None, None, None);
    let (mut envsub, mut in_statement) = (false, false);
    for line in lines(text) {
        let fault = |reason| Err(Fault { line: line.number, reason });
        let annotation = match Annotation::of(line.text) {
            // A comment counts for goose only inside of a statement.
            None if line.is_blank_or_comment() && !in_statement => continue,
            None if up.is_none() => return fault("goose takes nothing but comments before `-- +goose Up`"),
            None => {
                if !line.is_blank_or_comment() {
                    in_statement = block.is_some() || !ends_in_semicolon(line.text);
                }
                if envsub && line.text.contains('$') {
                    sections.substituted.push((line.number, line.place));
                }
                continue;
            }
            Some(annotation) => annotation.map_err(|reason| Fault { line: line.number, reason })?,
        };
        match annotation {
            Annotation::Up if up.is_some() => return fault("there is more than one `-- +goose Up`"),
            Annotation::Up => up = Some(line.place.end),
            Annotation::Down if up.is_none() => {
                return fault("`-- +goose Down` stands before `-- +goose Up`");
            }
            Annotation::Down if block.is_some() => return fault("`-- +goose Down` stands inside of a block"),
            Annotation::Down if down.is_some() => return fault("there is more than one `-- +goose Down`"),
            Annotation::Down => down = Some(line.place.clone()),
            Annotation::StatementBegin if up.is_none() => {
                return fault("a block begins before `-- +goose Up`");
            }
            Annotation::StatementBegin if block.is_some() => {
                return fault("a block begins inside of a block");
            }
            Annotation::StatementBegin => block = Some(line.number),
            Annotation::StatementEnd if block.is_none() => return fault("a block ends that never began"),
            Annotation::StatementEnd => (block, in_statement) = (None, false),
            Annotation::NoTransaction => sections.run_in_transaction = false,
            Annotation::EnvsubOn => envsub = true,
            Annotation::EnvsubOff => envsub = false,
        }
        in_statement &= !matches!(annotation, Annotation::Up | Annotation::Down);
        let ends_statement = annotation == Annotation::StatementEnd;
        sections.covered.push(Covered { place: line.place, ends_statement });
    }
    if let Some(line) = block {
        return Err(Fault { line, reason: "the block that begins here has no `-- +goose StatementEnd`" });
    }
    let Some(up) = up else {
        return Err(Fault { line: 1, reason: "goose needs a `-- +goose Up`" });
    };
    let end = down.as_ref().map_or(text.len(), |line| line.start);
    sections.up = up..end;
    sections.down = down.map(|line| line.end..text.len());
    sections.down_in_transaction = sections.run_in_transaction;
    Ok(sections)
}
