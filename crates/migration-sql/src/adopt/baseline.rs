//! Which migrations a baseline stands for. Pure.

use super::{Adoption, BaselineMigration, BaselineReport};
use crate::MigrationSet;
use crate::error::AdoptError;
use crate::history::{History, RowState};

/// Everything up to the migration at this place. What is applied already has to be how the directory begins: of anything
/// else nobody could say what a migration that was left out means.
///
/// # Errors
/// [`AdoptError::NotTheBeginning`].
pub(crate) fn choose(
    set: &MigrationSet,
    history: &History,
    target: usize,
    dry_run: bool,
) -> Result<BaselineReport, AdoptError> {
    let applied = |row: &&crate::history::HistoryRow| row.state == RowState::Applied;
    if let Some(row) = history.rows.iter().filter(applied).find(|row| set.get(&row.id).is_none()) {
        return Err(AdoptError::NotTheBeginning { applied: row.id.clone(), before: None });
    }
    let migrations = set.migrations();
    let hole = migrations.iter().find(|migration| !history.is_applied(&migration.id));
    let hole_at = hole.and_then(|hole| set.position(&hole.id)).unwrap_or(migrations.len());
    // Repeatable ones come last, however old they are.
    let is_later = |m: &&crate::SqlMigration| history.is_applied(&m.id) && !m.repeatable;
    if let Some(later) = migrations[hole_at..].iter().find(is_later) {
        let before = hole.map(|hole| hole.id.clone());
        return Err(AdoptError::NotTheBeginning { applied: later.id.clone(), before });
    }
    let (upto, after) = migrations.split_at((target + 1).min(migrations.len()));
    let status = |id: &str| if history.is_applied(id) { Adoption::AlreadyApplied } else { Adoption::Adopted };
    let pending = after.iter().filter(|migration| !history.is_applied(&migration.id));
    Ok(BaselineReport {
        target: upto.last().map(|migration| migration.id.clone()).unwrap_or_default(),
        migrations: upto
            .iter()
            .map(|m| BaselineMigration { id: m.id.clone(), status: status(&m.id) })
            .collect(),
        pending: pending.map(|migration| migration.id.clone()).collect(),
        warnings: Vec::new(),
        dry_run,
    })
}
