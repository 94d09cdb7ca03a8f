use MigrationDirection::{Down, Up};

use super::*;

fn step(id: &str, up: Action, down: Option<Action>) -> MigrationStep<Action> {
    MigrationStep { down, ..MigrationStep::new(id, up) }
}

fn noop() -> Action {
    Action::new(|| true)
}

#[test]
fn what_becomes_of_a_step_that_was_cut_off() {
    let probe = || noop().probe(|| true);
    let table = [
        // up's policy, down's policy, cut off, wanted
        (noop(), Some(noop()), Up, Up, Settlement::Ask),
        (noop().ask(), Some(noop()), Up, Down, Settlement::Ask),
        (noop().rerun(), None, Up, Up, Settlement::Leave),
        (noop().rerun(), Some(noop()), Up, Down, Settlement::Repeat),
        (probe(), None, Up, Up, Settlement::Probe),
        (probe(), Some(noop()), Up, Down, Settlement::Probe),
        // What an up says is nothing about its down, except how to look.
        (noop().rerun(), Some(noop()), Down, Down, Settlement::Ask),
        (probe(), Some(noop()), Down, Down, Settlement::Probe),
        (probe(), Some(noop().ask()), Down, Down, Settlement::Ask),
        (probe(), Some(noop().rerun()), Down, Down, Settlement::Leave),
        (noop(), Some(noop().rerun()), Down, Up, Settlement::Repeat),
        (noop(), Some(probe()), Down, Up, Settlement::Probe),
        // The way down was taken out of the program since.
        (noop().rerun(), None, Down, Up, Settlement::Ask),
        (probe(), None, Down, Up, Settlement::Ask),
    ];
    for (n, (up, down, cut_off, wanted, expected)) in table.into_iter().enumerate() {
        assert_eq!(settlement(&step("a", up, down), cut_off, wanted), expected, "line {n}");
    }
}

#[test]
fn steps_go_by_dependencies_and_otherwise_as_given() {
    let migration = Migration::new("m")
        .with_step(step("c", noop(), None).with_dependency("a"))
        .with_step(step("b", noop(), None))
        .with_step(step("a", noop(), None));
    let outline = Outline::new(&migration).unwrap();
    assert_eq!(outline.ids(&[0, 1, 2]), ["b", "a", "c"]);

    for direction in [Up, Down] {
        let mut schedule = outline.schedule(direction);
        let mut order = Vec::new();
        while let Some(node) = schedule.next() {
            order.push(outline.step(outline.rank(node, direction)).id.as_str());
            schedule.finished(node);
        }
        assert_eq!(order, if direction == Up { ["b", "a", "c"] } else { ["c", "a", "b"] });
    }
}

#[test]
fn what_can_not_be_ordered() {
    #[track_caller]
    fn check(steps: &[(&str, &[&str])], expected: &str) {
        let mut migration = Migration::new("m");
        for (id, needs) in steps {
            let mut step = step(id, noop(), None);
            step.dependencies = needs.iter().map(ToString::to_string).collect();
            migration.add_step(step);
        }
        assert_eq!(Outline::new(&migration).map(|_| ()).unwrap_err().to_string(), expected);
    }
    check(&[("a", &[]), ("a", &[])], "more than one step of `m` has the id `a`");
    check(&[("a", &["x"])], "steps of `m` depend on steps that it doesn't have: `a` on `x`");
    check(&[("a", &["b"]), ("b", &["a"])], "the steps of `m` depend on each other in a cycle: a -> b -> a");
    let odd = Migration::new("../m");
    assert!(matches!(Outline::new(&odd), Err(Error::Id { .. })));
}

#[test]
fn steps_that_are_gone() {
    let migration = Migration::new("m").with_step(step("a", noop(), None));
    let line = |step: &str| {
        let json =
            format!(r#"{{"at":"2026-01-01T00:00:00Z","note":"step_done","step":"{step}","direction":"up"}}"#);
        serde_json::from_str(&json).unwrap()
    };
    let outline = Outline::new(&migration).unwrap();
    assert_eq!(outline.states(&[line("a")].into_iter().collect()).unwrap(), [Now::In]);
    let error = outline.states(&[line("a"), line("z"), line("y")].into_iter().collect()).unwrap_err();
    assert!(matches!(error, Error::UnknownSteps { steps, .. } if steps == ["y", "z"]));
}
