//! What a migration has to do, and what is to be done first. Pure.

use migration_model::{DependencyGraph, GraphError, Migration, MigrationDirection, MigrationStep, check_id};

use crate::action::{Action, OnUncertain};
use crate::error::{Error, Result};
use crate::journal::{Ledger, StepState};
use crate::schedule::Schedule;

/// A migration whose steps are known to have an order. Steps go by their rank in it.
pub(crate) struct Outline<'m> {
    pub(crate) migration: &'m Migration<Action>,
    /// The place in the migration of the step of each rank.
    order: Vec<usize>,
    /// Pairs of ranks: a step, and one that depends on it.
    edges: Vec<(usize, usize)>,
}

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Now {
    Out,
    In,
    /// It was going in this direction when a run was cut off.
    Unsure(MigrationDirection),
}

/// How to find out about a step that is [`Now::Unsure`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// Somebody has to say.
    Ask,
    /// Its probe is called.
    Probe,
    /// It is called again in the direction in which it was going.
    Repeat,
    /// The run calls it anyway, in the same direction.
    Leave,
}

impl<'m> Outline<'m> {
    /// # Errors
    /// Those of ids that are impossible, given twice or missing, and of cycles.
    pub(crate) fn new(migration: &'m Migration<Action>) -> Result<Self> {
        check_id(&migration.id).map_err(|source| Error::Id { source })?;
        let nodes = migration.steps.iter().map(|step| (step.id.as_str(), step.dependencies.as_slice()));
        let graph = DependencyGraph::in_order(nodes).map_err(|error| about_steps(&migration.id, error))?;

        let order = graph.places().to_vec();
        let mut rank_of = vec![0; order.len()];
        for (rank, place) in order.iter().enumerate() {
            rank_of[*place] = rank;
        }
        let needs = |(rank, place): (usize, &usize)| {
            graph.needs(*place).iter().map(|need| (rank_of[*need], rank)).collect::<Vec<_>>()
        };
        let edges = order.iter().enumerate().flat_map(needs).collect();
        Ok(Self { migration, order, edges })
    }

    pub(crate) fn id(&self) -> &'m str {
        &self.migration.id
    }

    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    pub(crate) fn step(&self, rank: usize) -> &'m MigrationStep<Action> {
        &self.migration.steps[self.order[rank]]
    }

    /// All steps on their way up, or down, which is the other way round. Nodes go by [`Self::rank`].
    pub(crate) fn schedule(&self, direction: MigrationDirection) -> Schedule {
        match direction {
            MigrationDirection::Up => Schedule::new(self.len(), &self.edges),
            MigrationDirection::Down => {
                let last = self.len().saturating_sub(1);
                let edges: Vec<_> = self.edges.iter().map(|(a, b)| (last - b, last - a)).collect();
                Schedule::new(self.len(), &edges)
            }
        }
    }

    /// The rank of a node of a schedule, and the other way round.
    pub(crate) fn rank(&self, node: usize, direction: MigrationDirection) -> usize {
        match direction {
            MigrationDirection::Up => node,
            MigrationDirection::Down => self.len() - 1 - node,
        }
    }

    /// Where each step stands, by rank.
    ///
    /// # Errors
    /// [`Error::UnknownSteps`] if steps are in effect, or may be, that the migration doesn't have.
    pub(crate) fn states(&self, ledger: &Ledger) -> Result<Vec<Now>> {
        let state = |rank| match ledger.step(&self.step(rank).id) {
            None => Now::Out,
            Some(StepState::InEffect) => Now::In,
            Some(StepState::Uncertain(direction)) => Now::Unsure(direction),
        };
        let states: Vec<Now> = (0..self.len()).map(state).collect();
        if states.iter().filter(|state| **state != Now::Out).count() == ledger.steps().count() {
            return Ok(states);
        }
        let is_ours = |id: &str| self.migration.steps.iter().any(|step| step.id == id);
        let mut steps: Vec<String> =
            ledger.steps().filter(|(id, _)| !is_ours(id)).map(|(id, _)| id.to_owned()).collect();
        steps.sort();
        Err(Error::UnknownSteps { migration: self.id().to_owned(), steps })
    }

    /// The steps that are in effect, or may be, and can't be undone, by rank.
    pub(crate) fn irreversible(&self, is_in: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.len()).filter(|&rank| is_in(rank) && self.step(rank).down.is_none()).collect()
    }

    pub(crate) fn ids(&self, ranks: &[usize]) -> Vec<String> {
        ranks.iter().map(|rank| self.step(*rank).id.clone()).collect()
    }
}

/// What to do about a step that was going in one direction when it was cut off, in a run that wants it to go in another.
pub(crate) fn settlement(
    step: &MigrationStep<Action>,
    cut_off: MigrationDirection,
    wanted: MigrationDirection,
) -> Settlement {
    match policy(step, cut_off) {
        OnUncertain::Ask => Settlement::Ask,
        OnUncertain::Probe(_) => Settlement::Probe,
        OnUncertain::Rerun if cut_off == wanted => Settlement::Leave,
        OnUncertain::Rerun => Settlement::Repeat,
    }
}

/// What a step says of its being cut off. The check of its `up` tells about its `down` as well.
pub(crate) fn policy(step: &MigrationStep<Action>, cut_off: MigrationDirection) -> &OnUncertain {
    let own = match cut_off {
        MigrationDirection::Up => step.up.on_uncertain.as_ref(),
        MigrationDirection::Down => step.down.as_ref().and_then(|down| {
            let probe = step.up.on_uncertain.as_ref().filter(|up| matches!(up, OnUncertain::Probe(_)));
            down.on_uncertain.as_ref().or(probe)
        }),
    };
    own.unwrap_or(&OnUncertain::Ask)
}

fn about_steps(migration: &str, error: GraphError) -> Error {
    let migration = migration.to_owned();
    match error {
        GraphError::Duplicate { ids } => Error::DuplicateSteps { migration, steps: ids },
        GraphError::Missing { missing } => Error::MissingSteps { migration, missing },
        GraphError::Cycle { path } => Error::StepCycle { migration, path },
        other => Error::Migrations { source: other },
    }
}

#[cfg(test)]
mod tests;
