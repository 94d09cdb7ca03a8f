//! Flyway's layout: `V1.2__name.sql`, with `U1.2__name.sql` to undo it and `R__name.sql` for what is repeatable.
//!
//! As in its `ResourceNameParser`, `MigrationVersion` and `FileSystemScanner` (10) with the default settings: folders are
//! searched, hidden ones are not; the version ends at the first `__`, its parts are numbers between `.` or `_` and compare
//! as such; two files of one version are an error; repeatable ones come last, by their descriptions; `NAME.sql.conf` beside
//! a script holds its settings ([`ScriptConfig`]). Its own settings files are not read.
//!
//! Placeholders are replaced on request ([`placeholders`]); otherwise a script that has one is refused, where Flyway would
//! refuse it for a name without a value only. The checksum of a repeatable migration is that of its text with the values in
//! their places, as Flyway's: it runs again when a value changes; unless that is secret, as a checksum can be guessed at.
//!
//! What differs: a baseline that has to run as there is nothing before it is refused. Callbacks and migrations in other
//! languages are named in a warning.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use migration_model::{Checksum, message};

use super::flyway_name::{Name, Prefix, Version};
use super::listing::{Entry, Kind, Listing};
use super::numbered::described;
use super::publish::Draft;
use super::read::{Reader, place};
use super::script_config::ScriptConfig;
use super::tree::{self, Found, Links};
use super::{Format, Layout, LoadError, LoadOptions, Loaded, NewMigration, number, placeholders, refinery};
use crate::{Script, SqlMigration};

pub(super) const FORMAT: Format = Format { claims, load, draft };

const CONF: &str = ".sql.conf";
/// What its callbacks begin with; `createSchema` is the only one that is neither before nor after something.
const CALLBACKS: [&str; 3] = ["before", "after", "createSchema"];

/// Names of Flyway, unless refinery's own are among them and nothing is there that refinery doesn't know. Folders are
/// looked into only where nothing else in the directory speaks for a layout.
fn claims(listing: &Listing) -> Result<Option<&Entry>, LoadError> {
    if let Some(entry) = listing.entries.iter().find(|entry| of_layout(&entry.name)) {
        return Ok(if refinery::is_certain(listing)? && !is_certain(listing)? { None } else { Some(entry) });
    }
    let others = Layout::ALL.iter().filter(|other| !matches!(other, Layout::Flyway | Layout::Refinery));
    for other in others {
        if (other.format().claims)(listing)?.is_some() {
            return Ok(None);
        }
    }
    for entry in listing.entries.iter().filter(|entry| entry.kind != Kind::File) {
        let folder = match Listing::read(&listing.path(entry)) {
            Ok(folder) => folder,
            Err(_) if entry.kind == Kind::Link => continue,
            Err(error) => return Err(error),
        };
        if claims(&folder)?.is_some() {
            return Ok(if refinery::is_certain(listing)? && !is_certain(listing)? {
                None
            } else {
                Some(entry)
            });
        }
    }
    Ok(None)
}

/// Whether a file is a migration of Flyway by its name.
pub(super) fn of_layout(file: &str) -> bool {
    let name = file.strip_suffix(".sql").and_then(Name::parse);
    name.is_some_and(|name| !name.description.is_empty() || name.prefix == Prefix::Versioned)
}

/// Whether there is something that refinery doesn't know: versions of several parts, repeatable migrations, baselines,
/// settings of scripts, signs in names that it doesn't take.
pub(super) fn is_certain(listing: &Listing) -> Result<bool, LoadError> {
    let certain = |found: &Found| {
        let Some(stem) = found.name.strip_suffix(".sql") else { return found.name.ends_with(CONF) };
        Name::parse(stem).is_some_and(|name| {
            matches!(name.prefix, Prefix::Repeatable | Prefix::Baseline)
                || Version::is_dotted(name.version)
                || !refinery::takes(&name)
        })
    };
    Ok(tree::files(listing, Links::Followed)?.iter().any(certain))
}

/// The files by what they are.
#[derive(Default)]
struct Files<'a> {
    versioned: Vec<(Version, Name<'a>, &'a Found)>,
    undo: Vec<(Version, Name<'a>, &'a Found)>,
    baselines: Vec<(Version, &'a Found)>,
    repeatable: Vec<(String, Name<'a>, &'a Found)>,
    configs: HashMap<PathBuf, (&'a Found, bool)>,
}

fn load(listing: &Listing, options: &LoadOptions) -> Result<Loaded, LoadError> {
    let found = tree::files(listing, Links::Followed)?;
    let mut loaded = Loaded::default();
    let mut files = sort(&found, &mut loaded.warnings);
    unique(&files.versioned)?;
    unique(&files.undo)?;
    let described =
        |(description, _, found): &(String, Name<'_>, &Found)| (description.clone(), found.path.clone());
    let repeatable: Vec<_> = files.repeatable.iter().map(described).collect();
    if let Some([(description, first), (_, second)]) = repeatable.array_windows().find(|[a, b]| a.0 == b.0) {
        let paths = vec![first.clone(), second.clone()];
        return Err(LoadError::DuplicateId { id: format!("R__{description}"), paths });
    }
    baselines(&files, &mut loaded.warnings)?;

    let mut undo = std::mem::take(&mut files.undo);
    let mut reader = Reader::new();
    let mut script = |found: &Found, files: &mut Files<'_>| {
        let config = match files.configs.get_mut(&conf(&found.path)) {
            Some((conf, used)) => {
                *used = true;
                ScriptConfig::parse(reader.text(&conf.path, conf.kind)?, &conf.path)?
            }
            None => ScriptConfig::default(),
        };
        let text = reader.text(&found.path, found.kind)?;
        let script = match &options.placeholders {
            Some(placeholders) if config.placeholder_replacement => {
                placeholders::replace(text, &found.path, placeholders)?
            }
            None if config.placeholder_replacement => {
                check_placeholders(text, &found.path)?;
                Script::from_file(found.path.clone(), text)
            }
            _ => Script::from_file(found.path.clone(), text),
        };
        Ok::<_, LoadError>((script, config))
    };
    for (version, name, found) in std::mem::take(&mut files.versioned) {
        let (up, config) = script(found, &mut files)?;
        let down = undo.iter().position(|(other, ..)| *other == version).map(|at| undo.remove(at).2);
        let down = down.map(|found| script(found, &mut files)).transpose()?;
        if let Some((Script { path: Some(path), .. }, other)) = &down
            && other.execute_in_transaction != config.execute_in_transaction
        {
            let which = if config.execute_in_transaction { "in a" } else { "in no" };
            let path = path.display();
            loaded.warnings.push(format!("`{path}`: runs {which} transaction, as the script that it undoes"));
        }
        loaded.migrations.push(SqlMigration {
            name: name.label().to_owned(),
            version: Some(name.version.replace('_', ".")),
            run_in_transaction: config.execute_in_transaction,
            checksum: Checksum::of_text(up.in_file()),
            ..SqlMigration::new(name.stem.trim(), up, down.map(|(down, _)| down))
        });
    }
    for (_, name, found) in std::mem::take(&mut files.repeatable) {
        let (up, config) = script(found, &mut files)?;
        loaded.migrations.push(SqlMigration {
            name: name.label().to_owned(),
            run_in_transaction: config.execute_in_transaction,
            repeatable: true,
            checksum: Checksum::of_text(&up.shown()),
            ..SqlMigration::new(name.stem.trim(), up, None)
        });
    }

    let orphan = |found: &Found| found.left_out("there is no versioned migration that it undoes");
    loaded.warnings.extend(undo.iter().map(|(.., found)| orphan(found)));
    let unused = files.configs.into_values().filter(|(_, used)| !used);
    let mut unused: Vec<_> =
        unused.map(|(found, _)| found.left_out("there is no script of its name")).collect();
    unused.sort();
    loaded.warnings.extend(unused);
    Ok(loaded)
}

/// Flyway's numbers go on at the last part of the greatest version. An undo script is written only if there is SQL for it:
/// Flyway itself runs none in its free edition.
fn draft(listing: &Listing, new: &NewMigration) -> Result<Draft, LoadError> {
    if !new.dependencies.is_empty() {
        return Err(LoadError::NoPlace { layout: Layout::Flyway, what: "dependencies" });
    }
    let found = tree::files(listing, Links::Followed)?;
    let names = found.iter().filter_map(|found| Name::parse(found.name.strip_suffix(".sql")?));
    let versions = names.filter_map(|name| Some((Version::parse(name.version)?, name.version)));
    let versions: Vec<_> = versions.collect();
    let version = match versions.iter().max() {
        Some((_, greatest)) if Version::is_dotted(greatest) => {
            let end = greatest.rfind(['.', '_']).map_or(0, |at| at + 1);
            let (before, last) = greatest.split_at(end);
            format!("{before}{}", number::next(std::iter::once(last), new.at))
        }
        _ => number::next(versions.iter().map(|(_, text)| *text), new.at),
    };
    let slug = new.slug()?;
    let up = described(new.up_text("-- The SQL that applies this migration."), new.description.as_deref());
    let mut files = vec![(format!("V{version}__{slug}.sql"), up)];
    files.extend(new.rollback_sql.clone().map(|down| (format!("U{version}__{slug}.sql"), down)));
    Ok(Draft { folder: None, files })
}

/// Tells the files apart, names in `warnings` what is left out, and sorts each kind.
fn sort<'a>(found: &'a [Found], warnings: &mut Vec<String>) -> Files<'a> {
    let mut files = Files::default();
    for found in found {
        if found.name.ends_with(CONF) {
            files.configs.insert(found.path.clone(), (found, false));
            continue;
        }
        let Some(stem) = found.name.strip_suffix(".sql") else {
            let of_migration =
                found.name.rsplit_once('.').is_some_and(|(stem, _)| of_layout(&format!("{stem}.sql")));
            warnings.extend(if of_migration {
                Some(found.left_out("its name is that of a migration, but doesn't end in `.sql`"))
            } else {
                found.ignored("`V1__name.sql`, `U1__name.sql` or `R__name.sql`")
            });
            continue;
        };
        let Some(name) = Name::parse(stem) else {
            let event = stem.split("__").next().unwrap_or(stem);
            let is_callback = CALLBACKS.iter().any(|start| event.starts_with(start));
            warnings.extend(if is_callback {
                Some(found.left_out("Flyway would run it as a callback"))
            } else {
                found.ignored("`V1__name.sql`, `U1__name.sql` or `R__name.sql`")
            });
            continue;
        };
        let version = Version::parse(name.version);
        match (name.prefix, version) {
            (Prefix::Repeatable, _) => {
                files.repeatable.push((name.description.replace('_', " "), name, found));
            }
            (Prefix::Versioned, Some(version)) => files.versioned.push((version, name, found)),
            (Prefix::Undo, Some(version)) => files.undo.push((version, name, found)),
            (Prefix::Baseline, Some(version)) => files.baselines.push((version, found)),
            // A name that parses has a version that does.
            (_, None) => {}
        }
    }
    files.versioned.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    files.undo.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    files.repeatable.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    files
}

fn unique(sorted: &[(Version, Name<'_>, &Found)]) -> Result<(), LoadError> {
    match sorted.array_windows().find(|[(a, ..), (b, ..)]| a == b) {
        Some([(_, name, first), (.., second)]) => {
            let paths = vec![first.path.clone(), second.path.clone()];
            Err(LoadError::DuplicateVersion { version: name.version.replace('_', "."), paths })
        }
        None => Ok(()),
    }
}

/// A baseline stands for what is before it. Where that is still there, running it comes to the same.
fn baselines(files: &Files<'_>, warnings: &mut Vec<String>) -> Result<(), LoadError> {
    for (version, found) in &files.baselines {
        if !files.versioned.iter().any(|(other, ..)| other <= version) {
            return Err(LoadError::Unsupported {
                path: found.path.clone(),
                line: None,
                column: None,
                what: "a baseline script with no versioned migration before it can't be run: \
                       only Flyway knows which databases need it"
                    .into(),
            });
        }
        let reason = "in a new database Flyway would run it in the place of all versions up to its own, \
                      which run here";
        warnings.push(found.left_out(reason));
    }
    Ok(())
}

fn conf(script: &Path) -> PathBuf {
    let mut path = script.as_os_str().to_owned();
    path.push(".conf");
    path.into()
}

/// Flyway looks for placeholders everywhere, in strings and comments too.
fn check_placeholders(text: &str, path: &Path) -> Result<(), LoadError> {
    let Some(at) = text.find("${") else { return Ok(()) };
    let (line, column) = place(text.as_bytes(), at);
    let rest = &text[at..];
    let end = rest.find('}').map_or(rest.len(), |end| end + 1);
    let what = format!(
        "the placeholder `{}` is replaced only where values are given; if the text is meant as it stands, \
         say `placeholderReplacement=false` in `{}`",
        message::clip(rest[..end].lines().next().unwrap_or_default()),
        conf(path).file_name().unwrap_or_default().display()
    );
    Err(LoadError::Unsupported { path: path.to_owned(), line: Some(line), column: Some(column), what })
}
