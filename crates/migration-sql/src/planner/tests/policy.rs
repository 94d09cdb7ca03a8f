//! What comes late: applied with a warning, or refused.

use super::*;
use crate::request::OutOfOrder;

fn refusing(target: Target) -> Request {
    Request { out_of_order: OutOfOrder::Refuse, ..up(target) }
}

#[test]
fn the_policy_decides_about_what_comes_late() {
    let (all, steps) = (|| Target::All, Target::Steps);
    for (migrations, applied, target, expected) in [
        // Nothing is late.
        ("a, b, c", "", all(), "a b c"),
        ("a, b, c", "a", all(), "b c"),
        ("a, b, c", "a b c", all(), ""),
        // Something is, wherever it stands.
        (
            "a, b, c",
            "b",
            all(),
            "a pending migration is out of order: `a` comes before `b`, which is applied",
        ),
        (
            "a, b, c",
            "a c",
            all(),
            "a pending migration is out of order: `b` comes before `c`, which is applied",
        ),
        (
            "a, b, c, d",
            "c",
            all(),
            "pending migrations are out of order: `a`, `b` come before `c`, which is applied",
        ),
        // What the target leaves out is no reason to refuse, and what it takes in is one.
        (
            "a, b, c",
            "b",
            steps(1),
            "a pending migration is out of order: `a` comes before `b`, which is applied",
        ),
        (
            "a, b, c",
            "b",
            Target::Only("a".into()),
            "a pending migration is out of order: `a` comes before `b`, which is applied",
        ),
        ("a, b, c", "b", Target::Only("c".into()), "c"),
        (
            "a, b, c, d",
            "a c",
            Target::To("b".into()),
            "a pending migration is out of order: `b` comes before `c`, which is applied",
        ),
        // Dependencies make the order: `a` has to come after `c`.
        ("a <- c, b, c", "b", all(), "c a"),
        // Repeatable ones are never late, and nothing is late for their sake.
        ("a, b, R__v", "R__v", all(), "a b"),
        ("a, b, R__v, R__w", "a b R__w", all(), "R__v"),
        ("a, b, R__v", "a b R__v*", all(), "R__v"),
    ] {
        check(migrations, applied, &refusing(target), expected);
    }
}

#[test]
fn what_comes_late_is_applied_by_default_and_named() {
    check("a, b, c", "b", &up(Target::All), "a c");
    let set = set("a, b, c");
    let plan = plan(&set, &history(&set, "b"), &Journal::default(), &Request::up()).unwrap();
    assert_eq!(plan.migrations.iter().map(|m| m.out_of_order).collect::<Vec<_>>(), [true, false]);
    assert_eq!(plan.warnings, ["migration `a` is applied after some that come later in order"]);
}

#[test]
fn what_was_begun_is_finished_whatever_the_policy() {
    let set = set("a, b");
    let whole = plan(&set, &History::default(), &Journal::default(), &Request::up()).unwrap();
    let entry = JournalEntry {
        direction: MigrationDirection::Up,
        statements_done: 1,
        statements_total: 2,
        checksum: prefix_checksum(&whole.migrations[0].statements[..1]),
        in_flight: None,
        session: None,
    };
    let journal = Journal::default().with("a", entry);
    let resumed = plan(&set, &history(&set, "b"), &journal, &refusing(Target::All)).unwrap();
    assert_eq!((resumed.migrations.len(), resumed.migrations[0].resume_after), (1, 1));
}

#[test]
fn the_way_down_knows_no_order_to_break() {
    let request = Request { out_of_order: OutOfOrder::Refuse, ..down(Target::All) };
    check("a, b, c", "b c", &request, "c b");
}
