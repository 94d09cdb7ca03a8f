//! Repeatable migrations: when they run again, and where they go on.

use super::*;
use crate::journal::Intent;

#[test]
fn they_run_last_and_again_when_they_change() {
    for (migrations, applied, target, expected) in [
        ("R__v, a, R__u, b", "", up(Target::All), "a b R__v R__u"),
        ("a, R__v", "a R__v", up(Target::All), ""),
        ("a, R__v", "a R__v*", up(Target::All), "R__v"),
        ("a, b, R__v, R__w", "a R__v* R__w", up(Target::All), "b R__v"),
        ("a, b, R__v", "a R__v*", up(Target::To("b".into())), "b"),
        ("a, b, R__v", "a R__v*", up(Target::Steps(1)), "b"),
        ("a, R__v", "a R__v*", up(Target::Only("R__v".into())), "R__v"),
        ("a, R__v", "a R__v", up(Target::Only("R__v".into())), "migration `R__v` is applied already"),
        // An edit of any other is still one.
        ("a, R__v", "a* R__v*", up(Target::All), "migration `a` was edited after being applied"),
    ] {
        check(migrations, applied, &target, expected);
    }
}

#[test]
fn the_way_down_passes_over_them() {
    check("a, b, R__v", "a b R__v", &down(Target::Steps(1)), "b");
    check("a, b, R__v", "a b R__v*", &down(Target::All), "b a");
    check("a, R__v", "R__v", &down(Target::All), "");
    check("a, b, R__v", "a b R__v", &down(Target::To("a".into())), "b");
    check(
        "a, R__v",
        "a R__v",
        &down(Target::Only("R__v".into())),
        "a migration has no down part and can't be rolled back: `R__v`",
    );
}

#[test]
fn a_plan_says_that_one_runs_again() {
    let set = set("R__v, R__w");
    let plan = plan(&set, &history(&set, "R__v*"), &Journal::default(), &Request::up()).unwrap();
    let flags: Vec<_> =
        plan.migrations.iter().map(|m| (m.repeatable, m.runs_again, m.replaces_row)).collect();
    assert_eq!(flags, [(true, true, true), (true, false, false)]);
}

/// One that was cut off after its first statement.
fn cut_off(checksum: Checksum, in_flight: Option<Intent>) -> Journal {
    let entry = JournalEntry {
        direction: MigrationDirection::Up,
        statements_done: 1,
        statements_total: 2,
        checksum,
        in_flight,
        session: Some("SET x = 1".into()),
    };
    Journal::default().with("R__v", entry)
}

#[test]
fn one_that_was_cut_off_goes_on_or_begins_again() {
    let set = set("R__v");
    let whole = plan(&set, &History::default(), &Journal::default(), &Request::up()).unwrap();
    let statements = &whole.migrations[0].statements;
    let same = prefix_checksum(&statements[..1]);
    let other = Checksum::of("an earlier text");
    let intent = |sql: &str| {
        let digest = Checksum::of_text(sql);
        Some(Intent { statement: 2, fingerprint: Some(format!("text {} x", digest.short())) })
    };
    // The row may say that this very text is applied: it was, before another one was begun.
    for applied in ["", "R__v*", "R__v"] {
        for (journal, resume_after, in_flight, restarts) in [
            (cut_off(same.clone(), None), 1, None, false),
            (cut_off(same.clone(), intent("SELECT 1")), 1, Some(2), false),
            (cut_off(same.clone(), intent("SELECT 2")), 0, None, true),
            (cut_off(other.clone(), None), 0, None, true),
            (cut_off(other.clone(), intent("SELECT 1")), 0, None, true),
        ] {
            let plan = plan(&set, &history(&set, applied), &journal, &Request::up()).unwrap();
            let [planned] = &plan.migrations[..] else { panic!("{applied}: {plan:?}") };
            assert_eq!((planned.resume_after, planned.in_flight), (resume_after, in_flight), "{applied}");
            assert!(planned.replaces_entry, "{applied}");
            assert_eq!(planned.session_state.is_some(), !restarts, "{applied}");
            assert_eq!(planned.runs_again, !applied.is_empty());
            assert_eq!(plan.warnings.len(), usize::from(restarts), "{:?}", plan.warnings);
        }
    }
}
