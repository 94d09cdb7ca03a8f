//! From what a tool's table says to the migrations of a directory. Pure.

use std::collections::{BTreeMap, HashMap};

use super::entry::{Entry, Key, Says};
use super::{AdoptReport, AdoptRequest, AdoptedMigration, Adoption, Facts, Tool};
use crate::error::{AdoptError, ForeignChange};
use crate::history::History;
use crate::{MigrationSet, SqlMigration};

/// What has to be known.
pub(crate) struct Mapping<'a> {
    pub(crate) tool: Tool,
    pub(crate) table: &'a str,
    pub(crate) set: &'a MigrationSet,
    pub(crate) history: &'a History,
    pub(crate) request: &'a AdoptRequest,
}

/// What a migration of the directory is applied by.
struct Match<'a> {
    entry: &'a Entry,
    verified: bool,
}

/// The migrations by what the tool knows them by; merged branches may have left several with one version.
type Keyed<'a> = BTreeMap<Key, Vec<&'a SqlMigration>>;

/// Brings a tool's history and a directory together. Of a migration that is applied by our own history, nothing that the
/// other one says matters any more.
///
/// # Errors
/// Migrations that failed, then files that are not what the tool ran, then files that are gone.
pub(crate) fn map(of: &Mapping<'_>, entries: &[Entry]) -> Result<AdoptReport, AdoptError> {
    let facts = of.tool.facts();
    let mut keyed = Keyed::new();
    for migration in of.set.migrations() {
        if let Some(key) = (facts.key)(migration) {
            keyed.entry(key).or_default().push(migration);
        }
    }
    check_none_failed(of, &keyed, entries)?;
    let mut matches: HashMap<&str, Match<'_>> = HashMap::new();
    let (mut missing, mut changed, mut edited) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        if matches!(entry.says, Says::UpToThis | Says::UpToAny) {
            // A migration with a row of its own is applied by that.
            for migration in keyed.iter().filter(|(key, _)| entry.key.reaches(key)).flat_map(|(_, all)| all) {
                matches.entry(&migration.id).or_insert(Match { entry, verified: false });
            }
            if entry.says == Says::UpToAny {
                continue;
            }
        }
        let Some(migration) = same(of, &keyed, entry)? else {
            missing.push(entry.label.clone());
            continue;
        };
        let verdict = verdict(facts, entry, migration);
        if verdict == Some(false) && !of.history.is_applied(&migration.id) {
            if entry.repeatable {
                edited.push(migration.id.clone());
                continue;
            }
            changed.push(ForeignChange {
                id: migration.id.clone(),
                path: migration.up.path.clone(),
                recorded: entry.checksum.clone().unwrap_or_default(),
            });
        }
        matches.insert(&migration.id, Match { entry, verified: verdict == Some(true) });
    }
    if !changed.is_empty() {
        return Err(AdoptError::Changed { tool: of.tool, changed });
    }
    if !missing.is_empty() && !of.request.ignore_missing {
        return Err(AdoptError::MissingFiles {
            tool: of.tool,
            table: of.table.to_owned(),
            versions: missing,
        });
    }
    let mut report = report(of, &matches, missing);
    let pending = |id: String| {
        format!("`{id}` was edited after {} ran it last: it is pending, as it is there", of.tool)
    };
    report.warnings.extend(edited.into_iter().map(pending));
    Ok(report)
}

fn report(of: &Mapping<'_>, matches: &HashMap<&str, Match<'_>>, missing: Vec<String>) -> AdoptReport {
    let mut report = AdoptReport {
        tool: of.tool,
        table: of.table.to_owned(),
        migrations: Vec::new(),
        missing,
        pending: Vec::new(),
        warnings: Vec::new(),
        dry_run: of.request.dry_run,
    };
    for migration in of.set.migrations() {
        let known = of.history.is_applied(&migration.id);
        match matches.get(migration.id.as_str()) {
            Some(Match { entry, verified }) => report.migrations.push(AdoptedMigration {
                id: migration.id.clone(),
                status: if known { Adoption::AlreadyApplied } else { Adoption::Adopted },
                applied_at: entry.applied_at.map(|time| time.to_string()),
                execution_time_ms: entry.execution_time_ms,
                checksum_verified: *verified,
            }),
            None if known => {}
            None => report.pending.push(migration.id.clone()),
        }
    }
    if !report.migrations.is_empty() {
        report.warnings.extend(of.tool.facts().note.map(str::to_owned));
    }
    report
}

/// No migration may have failed, of those that our own history doesn't have.
fn check_none_failed(of: &Mapping<'_>, keyed: &Keyed<'_>, entries: &[Entry]) -> Result<(), AdoptError> {
    let is_ours = |entry: &Entry| match keyed.get(&entry.key).map(Vec::as_slice) {
        Some([only]) => of.history.is_applied(&only.id),
        _ => false,
    };
    let failed = entries.iter().filter(|entry| entry.says == Says::Failed && !is_ours(entry));
    let rows: Vec<String> = failed.map(|entry| entry.label.clone()).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let Facts { failed: meaning, mend, .. } = of.tool.facts();
    Err(AdoptError::FailedRow { tool: of.tool, table: of.table.to_owned(), rows, meaning, mend })
}

/// The migration that a row is about: by its version, and where several have that, by its checksum.
fn same<'a>(
    of: &Mapping<'a>,
    keyed: &Keyed<'a>,
    entry: &Entry,
) -> Result<Option<&'a SqlMigration>, AdoptError> {
    let facts = of.tool.facts();
    let twins = keyed.get(&entry.key).map_or(&[][..], Vec::as_slice);
    if twins.len() < 2 || entry.says == Says::UpToThis {
        return Ok(twins.first().copied());
    }
    let fitting: Vec<_> = twins.iter().filter(|m| verdict(facts, entry, m) == Some(true)).collect();
    match fitting.as_slice() {
        [only] => Ok(Some(only)),
        _ => Err(AdoptError::SeveralFiles {
            tool: of.tool,
            table: of.table.to_owned(),
            version: entry.label.clone(),
            ids: twins.iter().map(|m| m.id.clone()).collect(),
        }),
    }
}

/// Whether the checksum of a row is that of a file; `None` where there is none.
fn verdict(facts: &Facts, entry: &Entry, migration: &SqlMigration) -> Option<bool> {
    Some((facts.fits?)(entry.checksum.as_deref()?, migration))
}
