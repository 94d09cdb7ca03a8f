//! The planner: a pure function from (migrations, history, journal, request) to a plan or a reason why there is none.

mod order;
mod resume;
mod script;

pub(crate) use self::order::late;

use migration_model::message::list_ids;
use migration_model::{DependencyGraph, MigrationDirection};

use self::order::Late;
use crate::error::{ChangedMigration, Error, Result};
use crate::history::{History, HistoryRow, RowState};
use crate::journal::Journal;
use crate::plan::{Plan, PlannedMigration};
use crate::request::{Request, Target};
use crate::rules::{Outline, Rules, cut};
use crate::set::{MigrationSet, SqlMigration};

/// What a plan is made of.
pub(crate) struct Planner<'a> {
    pub(crate) set: &'a MigrationSet,
    pub(crate) history: &'a History,
    pub(crate) journal: &'a Journal,
    pub(crate) history_table: &'a str,
    pub(crate) rules: &'a dyn Rules,
}

impl Planner<'_> {
    /// The plan for a request.
    ///
    /// # Errors
    /// Whatever stands in the way: files that changed or are gone, dependencies, a missing down part, a migration that was
    /// cut off and can't be resumed, a script that can't be split.
    pub(crate) fn plan(&self, request: &Request) -> Result<Plan> {
        let mut plan = Plan {
            direction: request.direction,
            migrations: Vec::new(),
            warnings: Vec::new(),
            hooks: Vec::new(),
        };
        self.check_rows(request, &mut plan.warnings)?;
        let chosen = match request.direction {
            MigrationDirection::Up => self.choose_up(&request.target)?,
            MigrationDirection::Down => self.choose_down(&request.target)?,
        };
        self.check_partial(request.direction)?;
        if request.direction == MigrationDirection::Down {
            self.check_down(&chosen)?;
        }
        let late = match request.direction {
            MigrationDirection::Up => late(self.set, self.history),
            MigrationDirection::Down => Late::default(),
        };
        order::check(&late, &chosen, self.journal, request.out_of_order)?;
        for migration in chosen {
            let mut planned = self.planned(migration, request.direction, &mut plan.warnings)?;
            planned.out_of_order = late.contains(&migration.id);
            if planned.out_of_order {
                let id = &migration.id;
                plan.warnings
                    .push(format!("migration `{id}` is applied after some that come later in order"));
            }
            plan.migrations.push(planned);
        }
        Ok(plan)
    }

    /// The pending migrations up to the target.
    fn choose_up(&self, target: &Target) -> Result<Vec<&SqlMigration>> {
        let pending = self.set.migrations().iter().filter(|m| self.is_pending(m));
        match target {
            Target::All => Ok(pending.collect()),
            Target::Steps(count) => Ok(pending.take(*count).collect()),
            Target::To(text) => {
                let last = self.find(text)?;
                let limit = self.set.position(&last.id);
                Ok(pending.filter(|m| self.set.position(&m.id) <= limit).collect())
            }
            Target::Only(text) => {
                let migration = self.find(text)?;
                if !self.is_pending(migration) {
                    return Err(Error::AlreadyApplied { id: migration.id.clone() });
                }
                let needs: Vec<String> = migration
                    .dependencies
                    .iter()
                    .filter(|id| !self.history.is_applied(id))
                    .cloned()
                    .collect();
                if needs.is_empty() {
                    Ok(vec![migration])
                } else {
                    Err(Error::DependencyNotApplied { id: migration.id.clone(), needs })
                }
            }
        }
    }

    /// Whether a run up has something to do for it: it is not applied, or runs again.
    fn is_pending(&self, migration: &SqlMigration) -> bool {
        !self.history.is_applied(&migration.id) || self.runs_again(migration)
    }

    /// Whether it is repeatable, applied, and another one now; or was cut off when it ran again.
    fn runs_again(&self, migration: &SqlMigration) -> bool {
        let row = self.history.get(&migration.id).filter(|row| row.state == RowState::Applied);
        migration.repeatable
            && row.is_some_and(|row| {
                self.journal.get(&migration.id).is_some() || self.changed(row, migration).is_some()
            })
    }

    /// The applied migrations down to the target, newest first. Repeatable ones stay: their files say what shall be there.
    fn choose_down(&self, target: &Target) -> Result<Vec<&SqlMigration>> {
        let is_applied = |m: &&SqlMigration| self.history.is_applied(&m.id) && !m.repeatable;
        let applied = self.set.migrations().iter().rev().filter(is_applied);
        match target {
            Target::All => Ok(applied.collect()),
            Target::Steps(count) => Ok(applied.take(*count).collect()),
            Target::To(text) => {
                let stays = self.find(text)?;
                if !self.history.is_applied(&stays.id) {
                    return Err(Error::NotApplied { id: stays.id.clone() });
                }
                let limit = self.set.position(&stays.id);
                Ok(applied.take_while(|m| self.set.position(&m.id) > limit).collect())
            }
            Target::Only(text) => {
                let migration = self.find(text)?;
                if !self.history.is_applied(&migration.id) {
                    return Err(Error::NotApplied { id: migration.id.clone() });
                }
                let nodes = self.set.migrations().iter().map(|m| (m.id.as_str(), m.dependencies.as_slice()));
                let graph = DependencyGraph::in_order(nodes).map_err(crate::LoadError::from)?;
                let dependents: Vec<String> = graph
                    .dependents(&migration.id)
                    .into_iter()
                    .filter(|id| self.history.is_applied(id))
                    .map(str::to_owned)
                    .collect();
                if dependents.is_empty() {
                    Ok(vec![migration])
                } else {
                    Err(Error::DependentApplied { id: migration.id.clone(), dependents })
                }
            }
        }
    }

    fn find(&self, text: &str) -> Result<&SqlMigration> {
        self.set.find(text).ok_or_else(|| {
            if self.history.is_applied(text) {
                return Error::MissingFiles { ids: vec![text.to_owned()], renamed: Vec::new() };
            }
            Error::UnknownMigration { id: text.to_owned(), similar: similar(text, self.set) }
        })
    }

    /// What the tracking table says must agree with the directory.
    fn check_rows(&self, request: &Request, warnings: &mut Vec<String>) -> Result<()> {
        if let Some(row) = self.history.rows.iter().find(|row| row.state == RowState::Failed) {
            return Err(Error::RowFailed { id: row.id.clone(), table: self.history_table.to_owned() });
        }
        let (mut changed, mut ids) = (Vec::new(), Vec::new());
        for row in self.history.rows.iter().filter(|row| row.state == RowState::Applied) {
            match self.set.get(&row.id) {
                Some(migration) if migration.repeatable => {}
                Some(migration) => changed.extend(self.changed(row, migration)),
                None => ids.push(row.id.clone()),
            }
        }
        if request.direction == MigrationDirection::Up && !changed.is_empty() {
            return Err(Error::Changed { changed });
        }
        if request.ignore_missing && !ids.is_empty() {
            warnings.push(format!("passed over, as no file of the directory holds them: {}", list_ids(&ids)));
        }
        if request.ignore_missing || ids.is_empty() || matches!(request.target, Target::Only(_)) {
            return Ok(());
        }
        let renamed = ids.iter().filter_map(|id| Some((id.clone(), self.renamed(id)?))).collect();
        Err(Error::MissingFiles { ids, renamed })
    }

    fn changed(&self, row: &HistoryRow, migration: &SqlMigration) -> Option<ChangedMigration> {
        let applied = row.checksum.as_ref().filter(|checksum| !checksum.matches(&migration.checksum))?;
        Some(ChangedMigration {
            id: row.id.clone(),
            applied: applied.clone(),
            file: migration.checksum.clone(),
            path: migration.up.path.clone(),
            applied_at: row.applied_at.clone(),
        })
    }

    /// The pending migration whose text is that of a missing one.
    fn renamed(&self, id: &str) -> Option<String> {
        let checksum = self.history.get(id)?.checksum.as_ref()?;
        let same = |m: &&SqlMigration| !self.history.is_applied(&m.id) && m.checksum.matches(checksum);
        self.set.migrations().iter().find(same).map(|m| m.id.clone())
    }

    /// A migration that was cut off must be finished before anything goes the other way.
    fn check_partial(&self, direction: MigrationDirection) -> Result<()> {
        let mut other_way: Vec<_> =
            self.journal.iter().filter(|(_, entry)| entry.direction != direction).collect();
        other_way.sort_by_key(|(id, _)| *id);
        match other_way.first() {
            Some((id, entry)) => Err(Error::PartialOtherWay {
                id: (*id).to_owned(),
                was_going: entry.direction.as_str(),
                done: entry.statements_done,
                total: entry.statements_total,
            }),
            _ => Ok(()),
        }
    }

    fn check_down(&self, chosen: &[&SqlMigration]) -> Result<()> {
        let irreversible: Vec<String> =
            chosen.iter().filter(|m| m.down.is_none()).map(|m| m.id.clone()).collect();
        if !irreversible.is_empty() {
            return Err(Error::Irreversible { ids: irreversible });
        }
        let changed: Vec<_> =
            chosen.iter().filter_map(|m| self.changed(self.history.get(&m.id)?, m)).collect();
        if changed.is_empty() { Ok(()) } else { Err(Error::Changed { changed }) }
    }

    fn planned(
        &self,
        migration: &SqlMigration,
        direction: MigrationDirection,
        warnings: &mut Vec<String>,
    ) -> Result<PlannedMigration> {
        let script = match direction {
            MigrationDirection::Down => migration.down.as_ref().unwrap_or(&migration.up),
            MigrationDirection::Up => &migration.up,
        };
        let (statements, execution) = if script.code.is_some() {
            script::function(script)
        } else {
            let mut statements = script::statements(&migration.id, script, self.rules.split_options())?;
            let outline = Outline {
                migration: &migration.id,
                script,
                run_in_transaction: migration.in_transaction(direction),
            };
            let execution = cut(&outline, &mut statements, warnings, self.rules)?;
            (statements, execution)
        };
        let entry = self.journal.get(&migration.id);
        let restarts =
            migration.repeatable && entry.is_some_and(|entry| !resume::is_same(entry, &statements));
        let resumed = entry.filter(|_| !restarts);
        let resume_after = resumed.map_or(Ok(0), |entry| resume::after(entry, &migration.id, &statements))?;
        let intent = resumed.and_then(|entry| entry.in_flight.as_ref());
        if let Some(entry) = entry.filter(|_| restarts) {
            let (id, done) = (&migration.id, entry.statements_done);
            warnings.push(format!(
                "migration `{id}` was cut off and edited since: it begins again, on top of what {done} statements of its \
                 earlier text did"
            ));
        }
        if statements.is_empty() {
            let id = &migration.id;
            warnings.push(match direction {
                MigrationDirection::Up => format!("migration `{id}` holds no statement: nothing is done"),
                MigrationDirection::Down => {
                    format!("the down part of migration `{id}` holds no statement: nothing is undone")
                }
            });
        }
        Ok(PlannedMigration {
            id: migration.id.clone(),
            name: migration.name.clone(),
            description: migration.description.clone(),
            path: script.path.clone(),
            checksum: migration.checksum.clone(),
            out_of_order: false,
            repeatable: migration.repeatable,
            runs_again: direction == MigrationDirection::Up && self.runs_again(migration),
            resume_after,
            in_flight: intent.map(|intent| intent.statement),
            fingerprint: intent.and_then(|intent| intent.fingerprint.clone()),
            session_state: resumed.and_then(|entry| entry.session.clone()),
            rollback: if direction == MigrationDirection::Up { migration.rollback() } else { None },
            replaces_row: self.history.get(&migration.id).is_some(),
            replaces_entry: entry.is_some(),
            statements,
            segments: execution.segments,
            checks_foreign_keys: migration.in_transaction(direction),
            changes_session: execution.changes_session,
            defers_constraints: execution.defers_constraints,
        })
    }
}

/// The id that shares most with a text, if it shares enough: what a typing mistake leaves.
pub(crate) fn similar(text: &str, set: &MigrationSet) -> Option<String> {
    let text = text.to_lowercase();
    let score = |id: &str| {
        let id = id.to_lowercase();
        let pairs =
            |s: &str| s.as_bytes().windows(2).map(<[u8]>::to_vec).collect::<std::collections::HashSet<_>>();
        let (a, b) = (pairs(&text), pairs(&id));
        2.0 * a.intersection(&b).count() as f64 / (a.len() + b.len()).max(1) as f64
    };
    let best = set.migrations().iter().map(|m| (score(&m.id), &m.id)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= 0.5).then(|| best.1.clone())
}

#[cfg(test)]
mod tests;
