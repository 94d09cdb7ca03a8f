//! What threads share, in every order in which they can get at it.

use loom::thread;

use crate::cancel::CancellationToken;
use crate::locks::LockTable;
use crate::sync::{Arc, AtomicBool, Ordering};

/// Long enough not to be over in a test: only being woken ends a wait.
const FOREVER: std::time::Duration = std::time::Duration::from_secs(86_400);

/// With three threads, all orders in which a thread is interrupted at most so often where it need not wait: that finds what
/// there is to find (Musuvathi and Qadeer, PLDI 2007), in a second instead of minutes.
fn three_threads(test: impl Fn() + Sync + Send + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

#[test]
fn nobody_sleeps_through_a_cancellation() {
    three_threads(|| {
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
fn cancelling_twice_is_cancelling_once() {
    three_threads(|| {
        let token = CancellationToken::new();
        let others = [0, 1].map(|_| {
            let token = token.clone();
            thread::spawn(move || token.cancel())
        });
        assert!(token.wait(FOREVER));
        others.into_iter().for_each(|other| other.join().unwrap());
    });
}

/// One thread wants `a` and `b`, another the same in the other order, each alone: they are never inside together, one of
/// them gets in, and what was taken is free again at the end.
#[test]
fn nobody_gets_what_another_has() {
    loom::model(|| {
        let table = Arc::new(LockTable::new());
        let alone = Arc::new(AtomicBool::new(false));
        let visit = |names: &[(&str, bool)], alone: &AtomicBool, table: &Arc<LockTable>| {
            let Some(held) = LockTable::try_take(table, names) else { return false };
            assert!(!alone.swap(true, Ordering::Relaxed), "two at once");
            alone.store(false, Ordering::Relaxed);
            drop(held);
            true
        };
        let (theirs, other) = (Arc::clone(&alone), Arc::clone(&table));
        let thread = thread::spawn(move || visit(&[("a", true), ("b", true)], &theirs, &other));
        let mine = visit(&[("b", true), ("a", true)], &alone, &table);
        assert!(thread.join().unwrap() || mine, "nobody got anything");
        assert!(LockTable::try_take(&table, &[("a", true), ("b", true)]).is_some(), "something is left");
    });
}

#[test]
fn who_wants_it_alone_waits_for_all_who_share_it() {
    loom::model(|| {
        let table = Arc::new(LockTable::new());
        let shared = LockTable::try_take(&table, &[("a", false), ("b", true)]);
        let other = Arc::clone(&table);
        let thread = thread::spawn(move || {
            let shared = LockTable::try_take(&other, &[("a", false)]);
            assert!(shared.is_some() && LockTable::try_take(&other, &[("a", true)]).is_none());
        });
        assert!(LockTable::try_take(&table, &[("a", true)]).is_none());
        drop(shared);
        thread.join().unwrap();
        assert!(LockTable::try_take(&table, &[("a", true), ("b", true)]).is_some());
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
