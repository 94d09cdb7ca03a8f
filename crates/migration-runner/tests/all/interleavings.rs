//! What threads share, in every order in which they can get at it.

use loom::thread;

use crate::cancel::CancellationToken;
use crate::locks::LockTable;
use crate::sync::{Arc, AtomicBool, Ordering};

/// Long enough not to be over in a test: only being woken ends a wait.
const FOREVER: std::time::Duration = std::time::Duration::from_secs(86_400);

#[test]
fn nobody_sleeps_through_a_cancellation() {
    loom::model(|| {
        let token = CancellationToken::new();
        let written = Arc::new(AtomicBool::new(false));
        let sleepers = [0, 1].map(|_| {
            let (token, written) = (token.clone(), Arc::clone(&written));
            thread::spawn(move || {
                assert!(token.wait(FOREVER));
                // What was done before the cancellation is seen after it.
                assert!(written.load(Ordering::Relaxed));
            })
        });
        written.store(true, Ordering::Relaxed);
        token.cancel();
        assert!(token.is_cancelled());
        sleepers.into_iter().for_each(|sleeper| sleeper.join().unwrap());
    });
}

#[test]
fn cancelling_twice_wakes_everybody_once() {
    loom::model(|| {
        let token = CancellationToken::new();
        let others = [0, 1].map(|_| {
            let token = token.clone();
            thread::spawn(move || token.cancel())
        });
        assert!(token.wait(FOREVER));
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

/// Two threads want `a` and `b`, each alone, and a third shares `b`: no two are ever inside together, and what was taken
/// is free again at the end.
#[test]
fn nobody_gets_what_another_has() {
    loom::model(|| {
        let table = Arc::new(LockTable::new());
        let alone = Arc::new(AtomicBool::new(false));
        let visit =
            |names: &'static [(&'static str, bool)], alone: Arc<AtomicBool>, table: Arc<LockTable>| {
                let Some(held) = LockTable::try_take(&table, names) else { return false };
                assert!(!alone.swap(true, Ordering::Relaxed), "two at once");
                thread::yield_now();
                alone.store(false, Ordering::Relaxed);
                drop(held);
                true
            };
        let threads = [&[("a", true), ("b", true)][..], &[("b", false)][..]].map(|names| {
            let (alone, table) = (Arc::clone(&alone), Arc::clone(&table));
            thread::spawn(move || visit(names, alone, table))
        });
        let mine = visit(&[("b", true), ("a", true)], Arc::clone(&alone), Arc::clone(&table));
        let theirs = threads.map(|thread| thread.join().unwrap());
        assert!(mine || theirs.contains(&true), "nobody got anything");
        assert!(LockTable::try_take(&table, &[("a", true), ("b", true)]).is_some(), "something is left");
    });
}

#[test]
fn those_who_share_are_inside_together() {
    loom::model(|| {
        let table = Arc::new(LockTable::new());
        let mine = LockTable::try_take(&table, &[("a", false)]);
        let other = Arc::clone(&table);
        let thread = thread::spawn(move || LockTable::try_take(&other, &[("a", false)]).is_some());
        assert!(LockTable::try_take(&table, &[("a", true)]).is_none());
        assert!(thread.join().unwrap() && mine.is_some());
        drop(mine);
        assert!(LockTable::try_take(&table, &[("a", true)]).is_some());
    });
}
