//! Random graphs: several threads do what one does, and a rollback leaves the world as it was.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use migration_runner::{
    Action, Migration, MigrationDirection, MigrationResult, MigrationRunner, MigrationStatus, MigrationStep,
    OnFailure, RunOptions, StepStatus,
};
use proptest::prelude::*;

/// A cell for each step that is in effect. What it holds depends on the cells of the steps that it needs, so that any
/// wrong order shows.
#[derive(Clone, Default)]
struct World(Arc<Mutex<BTreeMap<usize, u64>>>);

/// For each step those that it needs, all with smaller numbers; and the order in which they are added.
#[derive(Debug, Clone)]
struct Graph {
    needs: Vec<Vec<usize>>,
    added: Vec<usize>,
}

fn graphs() -> impl Strategy<Value = Graph> {
    (0_usize..14).prop_flat_map(|size| {
        let needs: Vec<_> = (0..size).map(|n| prop::collection::vec(0..n.max(1), 0..=n.min(3))).collect();
        let added = Just((0..size).collect::<Vec<_>>()).prop_shuffle();
        (needs, added).prop_map(|(needs, added)| Graph { needs, added })
    })
}

impl World {
    fn cells(&self) -> BTreeMap<usize, u64> {
        self.0.lock().unwrap().clone()
    }

    fn migration(&self, graph: &Graph, failing: Option<usize>) -> Migration {
        let mut migration = Migration::new("m");
        for &n in &graph.added {
            let needs = graph.needs[n].clone();
            let dependents: Vec<usize> =
                (0..graph.needs.len()).filter(|other| graph.needs[*other].contains(&n)).collect();
            let (up, down) = (self.clone(), self.clone());
            let up = Action::new(move || {
                let mut cells = up.0.lock().unwrap();
                let value = needs.iter().try_fold(n as u64 + 1, |sum, need| {
                    let cell = cells.get(need).ok_or(format!("{n} is too early for {need}"))?;
                    Ok::<u64, String>(sum.wrapping_mul(31).wrapping_add(*cell))
                })?;
                if failing == Some(n) {
                    return Err("as told".to_owned());
                }
                match cells.insert(n, value) {
                    None => Ok(()),
                    Some(_) => Err(format!("{n} is done twice")),
                }
            });
            let down = Action::new(move || {
                let mut cells = down.0.lock().unwrap();
                if dependents.iter().any(|other| cells.contains_key(other)) {
                    return Err(format!("{n} is still needed"));
                }
                cells.remove(&n).map(drop).ok_or(format!("{n} is undone twice"))
            });
            let mut step = MigrationStep::new(n.to_string(), up).with_down(down);
            step.dependencies = graph.needs[n].iter().map(ToString::to_string).collect();
            migration.add_step(step);
        }
        migration
    }
}

/// All of a result but the times.
fn timeless(mut result: MigrationResult) -> MigrationResult {
    result.started_at = None;
    result.finished_at = None;
    result.duration = std::time::Duration::ZERO;
    for step in &mut result.steps {
        step.started_at = None;
        step.duration = std::time::Duration::ZERO;
    }
    result
}

fn run(
    world: &World,
    graph: &Graph,
    failing: Option<usize>,
    runner: &MigrationRunner,
    direction: MigrationDirection,
) -> MigrationResult {
    runner.run(&world.migration(graph, failing), direction).unwrap()
}

fn runner(threads: usize) -> MigrationRunner {
    MigrationRunner::new().with_options(RunOptions::new().threads(threads).on_failure(OnFailure::RollBack))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn several_threads_do_what_one_does(graph in graphs(), threads in 2_usize..6) {
        let (alone, together) = (World::default(), World::default());
        let (one, many) = (runner(1), runner(threads));
        for direction in [MigrationDirection::Up, MigrationDirection::Down] {
            let expected = run(&alone, &graph, None, &one, direction);
            let result = run(&together, &graph, None, &many, direction);
            prop_assert!(expected.is_success(), "{:?}", expected);
            prop_assert_eq!(timeless(result), timeless(expected));
            prop_assert_eq!(together.cells(), alone.cells());
        }
        prop_assert!(alone.cells().is_empty());
    }

    #[test]
    fn a_rollback_leaves_the_world_as_it_was(
        graph in graphs(),
        threads in 1_usize..5,
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!graph.needs.is_empty());
        let world = World::default();
        let runner = runner(threads);
        // A part of it is in effect already, since a run stopped at some step.
        let stopped = first.index(graph.needs.len());
        let stop = RunOptions::new().threads(threads);
        _ = runner.run_with(&world.migration(&graph, Some(stopped)), MigrationDirection::Up, &stop).unwrap();
        let before = world.cells();
        let failing = second.index(graph.needs.len());

        let result = run(&world, &graph, Some(failing), &runner, MigrationDirection::Up);
        if before.contains_key(&failing) {
            prop_assert_eq!(result.status, MigrationStatus::Completed, "{:?}", result);
            prop_assert_eq!(world.cells().len(), graph.needs.len());
        } else {
            prop_assert_eq!(result.status, MigrationStatus::RolledBack, "{:?}", result);
            prop_assert_eq!(result.failed_step.clone(), Some(failing.to_string()));
            prop_assert_eq!(&world.cells(), &before);
            let ledger = runner.ledger("m").unwrap();
            prop_assert_eq!(ledger.steps().count(), world.cells().len());
        }
        for step in &result.steps {
            let n: usize = step.id.parse().unwrap();
            let is_there = world.cells().contains_key(&n);
            prop_assert_eq!(step.effect == migration_runner::StepEffect::InEffect, is_there, "{:?}", step);
            prop_assert_eq!(step.status == StepStatus::Failed, n == failing && !before.contains_key(&n));
        }
        // From wherever it stopped there is a way forward and a way back.
        prop_assert!(run(&world, &graph, None, &runner, MigrationDirection::Up).is_success());
        prop_assert!(run(&world, &graph, None, &runner, MigrationDirection::Down).is_success());
        prop_assert!(world.cells().is_empty());
    }
}
