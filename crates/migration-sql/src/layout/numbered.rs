//! What golang-migrate's and sqlx's layouts share: numbered files, of which up to two make a migration.

use super::listing::{Entry, Kind, Listing};
use super::publish::Draft;
use super::read::Reader;
use super::{Layout, LoadError, Loaded, NewMigration, number};
use crate::{Script, SqlMigration};

/// Which part of a migration a file is. The order is that in which the files of a version are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// `N_name.sql`
    Whole,
    /// `N_name.up.sql`
    Up,
    /// `N_name.down.sql`
    Down,
}

/// A file name, taken apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    /// All but the extensions.
    pub(super) stem: &'a str,
    /// What stands before the first `_`, as it is written.
    pub(super) version: &'a str,
    /// What stands after it.
    pub(super) name: &'a str,
    pub(super) part: Part,
}

impl<'a> Name<'a> {
    /// Takes a name of the form `VERSION_name[.up|.down].sql` apart, whatever the version is.
    pub(super) fn parse(file: &'a str) -> Option<Self> {
        let stem = file.strip_suffix(".sql")?;
        let (stem, part) = match (stem.strip_suffix(".up"), stem.strip_suffix(".down")) {
            (Some(stem), _) => (stem, Part::Up),
            (_, Some(stem)) => (stem, Part::Down),
            _ => (stem, Part::Whole),
        };
        let (version, name) = stem.split_once('_')?;
        Some(Self { stem, version, name, part })
    }

    /// Whether the version consists of nothing but decimal digits.
    pub(super) fn is_numeric(&self) -> bool {
        !self.version.is_empty() && self.version.bytes().all(|byte| byte.is_ascii_digit())
    }
}

/// What a layout makes of a file.
pub(super) enum Verdict<'a> {
    /// It is part of the migration with this number.
    Part(Name<'a>, i128),
    /// The layout's tool does not look at it.
    Ignored,
    /// The layout's tool takes it for a migration, and we don't, for this reason.
    LeftOut(&'static str),
    /// It looks like a migration, but its version is not one.
    Refused { version: &'a str, reason: &'static str },
}

/// A file that is a part of a migration: its number, its name taken apart, the file.
type File<'a> = (i128, Name<'a>, &'a Entry);

/// Reads every migration, ordered by number. `what` says what the layout's files are like, for a warning.
pub(super) fn load(
    listing: &Listing,
    what: &str,
    judge: impl Fn(&str) -> Verdict<'_>,
) -> Result<Loaded, LoadError> {
    let mut loaded = Loaded::default();
    let mut parts = Vec::with_capacity(listing.entries.len());
    for entry in &listing.entries {
        match judge(&entry.name) {
            Verdict::Part(name, number) => parts.push((number, name, entry)),
            Verdict::Ignored if entry.kind == Kind::Directory => {
                loaded.warnings.extend(listing.not_searched(entry));
            }
            Verdict::Ignored => loaded.warnings.extend(listing.ignored(entry, what)),
            Verdict::LeftOut(reason) => {
                loaded.warnings.push(format!("`{}` is ignored: {reason}", listing.path(entry).display()));
            }
            Verdict::Refused { version, reason } => {
                let path = listing.path(entry);
                return Err(LoadError::InvalidVersion { path, version: version.to_owned(), reason });
            }
        }
    }
    // The entries come sorted by name, and the sort is stable.
    parts.sort_by_key(|(number, name, _)| (*number, name.part));

    let mut reader = Reader::new();
    for files in parts.chunk_by(|(a, ..), (b, ..)| a == b) {
        read(listing, files, &mut reader, &mut loaded)?;
    }
    Ok(loaded)
}

/// A file `N_name.sql`. Beside files in pairs `1_a_up.sql` doesn't count: it is a slip of the pen for `1_a.up.sql`.
pub(super) fn whole(listing: &Listing) -> Option<&Entry> {
    let names = || listing.entries.iter().filter_map(|entry| Some((entry, Name::parse(&entry.name)?)));
    let in_pairs = names().any(|(_, name)| name.part == Part::Up);
    let slip = |name: &Name<'_>| in_pairs && (name.stem.ends_with("_up") || name.stem.ends_with("_down"));
    // A folder may have any name.
    let is_script =
        |entry: &Entry| entry.kind != Kind::Directory || !listing.path(entry).join("migration.sql").is_file();
    let is_whole = |name: &Name<'_>| name.is_numeric() && name.part == Part::Whole && !slip(name);
    names().find(|(entry, name)| is_whole(name) && is_script(entry)).map(|(entry, _)| entry)
}

/// A new migration with the version that comes next in the directory's own style.
///
/// These files have no place for dependencies. A description becomes a comment, which nobody reads back.
pub(super) fn draft(
    listing: &Listing,
    new: &NewMigration,
    layout: Layout,
    limit: i128,
    whole: bool,
    hints: [&str; 2],
) -> Result<Draft, LoadError> {
    if !new.dependencies.is_empty() {
        return Err(LoadError::NoPlace { layout, what: "dependencies" });
    }
    let names = listing.entries.iter().filter_map(|entry| Name::parse(&entry.name));
    let version = number::next(names.map(|name| name.version), new.at);
    if version.parse::<i128>().map_or(true, |number| number > limit) {
        let path = listing.root.clone();
        return Err(LoadError::InvalidVersion { path, version, reason: "it is too large" });
    }
    let stem = format!("{version}_{}", new.slug()?);
    let up = described(new.up_text(hints[0]), new.description.as_deref());
    let mut files = vec![(format!("{stem}{}.sql", if whole { "" } else { ".up" }), up)];
    files.extend(new.down_text(hints[1]).filter(|_| !whole).map(|down| (format!("{stem}.down.sql"), down)));
    Ok(Draft { folder: None, files })
}

/// The text with a comment on top, or below sqlx's marker, which counts only on top.
pub(super) fn described(up: String, description: Option<&str>) -> String {
    let Some(description) = description else { return up };
    let comment: String = description.lines().map(|line| format!("-- {line}\n")).collect();
    let marker =
        if up.starts_with("-- no-transaction") { up.find('\n').map_or(up.len(), |end| end + 1) } else { 0 };
    format!("{}{comment}{}", &up[..marker], &up[marker..])
}

/// Reads the files of a version: most often one migration.
///
/// Branches that were merged leave several with one version. Their own tools refuse or skip such; other runners of the same
/// files go by the name, and so do we: each is a migration, in the order of their names, and a warning says so.
fn read(
    listing: &Listing,
    files: &[File<'_>],
    reader: &mut Reader,
    loaded: &mut Loaded,
) -> Result<(), LoadError> {
    let split = files.iter().take_while(|(_, name, _)| name.part != Part::Down).count();
    let (ups, downs) = files.split_at(split);
    for twins in [ups, downs] {
        if let Some([(_, name, first), (.., second)]) =
            twins.array_windows().find(|[a, b]| a.1.stem == b.1.stem)
        {
            let paths = vec![listing.path(first), listing.path(second)];
            return Err(LoadError::DuplicateVersion { version: name.version.to_owned(), paths });
        }
    }
    if let [(_, name, first), .., (.., last)] = ups {
        let (first, last) = (listing.path(first), listing.path(last));
        loaded.warnings.push(format!(
            "{} migrations have the version {}, from `{}` to `{}`: they run in the order of their names",
            ups.len(),
            name.version,
            first.display(),
            last.display()
        ));
    }
    // With one up script the down script is its own whatever its name; else the names must agree.
    let is_down_of =
        |up: &Name<'_>, down: &Name<'_>| ups.len() == 1 && downs.len() == 1 || up.stem == down.stem;
    for (_, down, entry) in downs {
        if !ups.iter().any(|(_, up, _)| is_down_of(up, down)) {
            let path = listing.path(entry);
            loaded
                .warnings
                .push(format!("`{}` is ignored: there is no up script that it undoes", path.display()));
        }
    }
    let mut script = |entry: &Entry| {
        let path = listing.path(entry);
        Ok::<_, LoadError>(Script::from_file(path.clone(), reader.text(&path, entry.kind)?))
    };
    for (_, name, entry) in ups {
        let down = downs.iter().find(|(_, down, _)| is_down_of(name, down));
        let down = down.map(|(.., entry)| script(entry)).transpose()?;
        loaded.migrations.push(SqlMigration {
            name: if name.name.is_empty() { name.stem } else { name.name }.to_owned(),
            version: Some(name.version.to_owned()),
            ..SqlMigration::new(name.stem, script(entry)?, down)
        });
    }
    Ok(())
}
