//! What an undisturbed run comes to, and how long it takes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::compare;
use super::inject::Kind;
use super::proxy::Proxy;
use super::run::Run;
use super::{Subject, Way};

/// What an undisturbed run in one direction comes to.
#[derive(Debug, Clone, Default)]
pub(super) struct Reference {
    pub(super) snapshot: Vec<String>,
    pub(super) applied: BTreeSet<String>,
    pub(super) time: Duration,
    /// How many events it has; only for [`Kind::RunnerDies`].
    pub(super) events: usize,
    /// How many bytes pass to the server and to the client; only for [`Kind::ConnectionBreaks`] and [`Kind::ServerKilled`].
    pub(super) bytes: [u64; 2],
    /// In how many pieces.
    pub(super) pieces: [u64; 2],
}

/// Up, down and up again; the first is compared with the last.
///
/// # Panics
/// When a run fails, or up and down and up comes to something else than up.
pub(super) fn measure(subject: &mut dyn Subject, kind: Kind) -> [Reference; 2] {
    subject.renew();
    let first = undisturbed(subject, kind, Way::Up);
    let down = undisturbed(subject, kind, Way::Down);
    let up = undisturbed(subject, kind, Way::Up);
    if let Err(difference) = compare::same(&first.snapshot, &up.snapshot) {
        panic!("up, down and up again is something else than up\n{difference}");
    }
    assert_ne!(up.snapshot, down.snapshot, "the way down does nothing");
    // The first run also makes the tracking tables.
    let larger =
        |of: fn(&Reference) -> [u64; 2]| [0, 1].map(|stream| of(&first)[stream].max(of(&up)[stream]));
    let (bytes, pieces) = (larger(|reference| reference.bytes), larger(|reference| reference.pieces));
    let (time, events) = (first.time.max(up.time), first.events.max(up.events));
    [Reference { time, events, bytes, pieces, ..up }, down]
}

fn undisturbed(subject: &mut dyn Subject, kind: Kind, way: Way) -> Reference {
    let proxy = match kind {
        Kind::ConnectionBreaks | Kind::ServerKilled => {
            subject.server().map(|server| Proxy::start(server.port(), None))
        }
        _ => None,
    };
    let run = match kind {
        Kind::RunnerDies(program) => Run::until_event(program, subject, way, usize::MAX),
        _ => Run::of(subject, way, proxy.as_ref().map(Proxy::port)),
    };
    let ended = run.end().unwrap_or_else(|problem| panic!("{problem}"));
    let why = &ended.json()["error"];
    assert_eq!(ended.code, Some(0), "nothing disturbs it: {why:#}\n{}", ended.stderr);
    subject.wait_until_idle().unwrap_or_else(|problem| panic!("{problem}"));
    Reference {
        snapshot: subject.snapshot(),
        applied: subject.applied(),
        time: ended.took,
        events: ended.stdout.trim().parse().unwrap_or(0),
        bytes: proxy.as_ref().map_or([0; 2], Proxy::bytes),
        pieces: proxy.as_ref().map_or([0; 2], Proxy::pieces),
    }
}
