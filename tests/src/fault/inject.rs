//! The faults: which there are, how one is drawn, and how it is done to a run.

use std::fmt;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::proxy::{Cut, How, Point, Proxy, Stream};
use super::reference::Reference;
use super::run::{Ended, Run};
use super::{Subject, Way};

/// What kind of faults a campaign is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The command is killed (SIGKILL) at any instant of its time.
    RunnerKilled,
    /// This program, `apply-until-event`, dies at one of its events: before and after each statement and commit.
    RunnerDies(&'static str),
    /// The connection breaks after any number of bytes, in either direction, in one of several ways.
    ConnectionBreaks,
    /// The server is killed, or stopped in order, at any instant of a run, and started again.
    ServerKilled,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RunnerKilled => "runner killed at any instant",
            Self::RunnerDies(_) => "runner dies at each event",
            Self::ConnectionBreaks => "connection breaks at any byte",
            Self::ServerKilled => "server killed at any instant",
        })
    }
}

/// One fault.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    Kill {
        after: Duration,
    },
    Die {
        program: &'static str,
        event: usize,
    },
    /// With a companion another runner starts as soon as the connection is broken.
    Break {
        cut: Cut,
        companion: bool,
    },
    StopServer {
        when: When,
        in_order: bool,
    },
}

/// An instant of a run.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// So long after its start.
    After(Duration),
    /// So long after it has sent so many pieces to the server: while a certain statement runs, or right after it.
    Sent(u64, Duration),
}

/// What came of a fault.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Whether it met the run while that ran.
    pub(super) hit: bool,
    pub(super) ended: Ended,
    /// The end of the runner that came in between, if one did.
    pub(super) companion: Option<Ended>,
    /// Whether the runner was killed.
    pub(super) killed: bool,
    /// What still holds bytes back: they arrive while the next run is under way.
    pub(super) proxy: Option<Proxy>,
}

/// Where faults are drawn from.
#[derive(Debug)]
pub(super) struct Source {
    kind: Kind,
    rng: Rng,
    /// Events of either way that are still to be drawn: each comes before any comes again.
    events: [Vec<usize>; 2],
}

impl Source {
    pub(super) fn new(kind: Kind, seed: u64) -> Self {
        Self { kind, rng: Rng::with_seed(seed), events: Default::default() }
    }

    /// How many faults a round has.
    pub(super) fn faults_of_a_round(&mut self) -> usize {
        match self.rng.u8(..8) {
            0 => 3,
            1 | 2 => 2,
            _ => 1,
        }
    }

    /// A fault for a run that takes what the reference took; `later` ones of a round meet what is left to do.
    pub(super) fn draw(&mut self, way: Way, reference: &Reference, later: bool) -> Fault {
        let (rng, part) = (&mut self.rng, if later { 0.5 } else { 1.05 });
        let after = reference.time.mul_f64(rng.f64() * part);
        match self.kind {
            Kind::RunnerKilled => Fault::Kill { after },
            Kind::RunnerDies(program) if later => {
                Fault::Die { program, event: rng.usize(1..=reference.events.div_ceil(2).max(1)) }
            }
            Kind::RunnerDies(program) => {
                let events = &mut self.events[way as usize];
                if events.is_empty() {
                    events.extend(1..=reference.events);
                    rng.shuffle(events);
                }
                Fault::Die { program, event: events.pop().unwrap_or(1) }
            }
            Kind::ServerKilled => {
                // Half of the instants are spread over the time, half over the statements.
                let sent = When::Sent(
                    rng.u64(..(reference.pieces[0] / if later { 2 } else { 1 }).max(1)),
                    Duration::from_micros(rng.u64(..4_000)),
                );
                let when = if rng.bool() { When::After(after) } else { sent };
                Fault::StopServer { when, in_order: rng.u8(..4) == 0 }
            }
            Kind::ConnectionBreaks => {
                let stream = if rng.bool() { Stream::ToServer } else { Stream::ToClient };
                let share = if later { 2 } else { 1 };
                let bytes = reference.bytes[stream as usize] / share;
                let pieces = reference.pieces[stream as usize] / share;
                // A long script has many bytes, and its commit few: so a commit that arrives late, or in part, would be rare.
                let after = match rng.u8(..4) {
                    0 => Point::Byte(rng.u64(..bytes.max(1))),
                    1 => Point::Piece(rng.u64(..pieces.max(1)), rng.f64()),
                    _ => Point::Piece(rng.u64(..pieces.max(1)), 0.0),
                };
                let time = Duration::from_millis(rng.u64(1..400));
                let how = match rng.u8(..6) {
                    0 => How::Reset,
                    1 => How::HalfClose,
                    2 => How::HoldAndReset(time),
                    _ => How::Hold(time),
                };
                let cut = Cut { stream, after, how, all: rng.bool(), refuse: rng.bool() };
                Fault::Break { cut, companion: rng.bool() }
            }
        }
    }
}

impl Fault {
    /// Does it to a run.
    ///
    /// # Errors
    /// When a run hangs.
    pub(super) fn inject(self, subject: &mut dyn Subject, way: Way) -> Result<Outcome, String> {
        match self {
            Self::Kill { after } => {
                let mut run = Run::of(subject, way, None);
                std::thread::sleep(after);
                run.kill();
                let ended = run.end()?;
                let killed = ended.code.is_none();
                Ok(Outcome { hit: killed, ended, companion: None, killed, proxy: None })
            }
            Self::Die { program, event } => {
                let ended = Run::until_event(program, subject, way, event).end()?;
                let killed = ended.code.is_none();
                Ok(Outcome { hit: killed, ended, companion: None, killed, proxy: None })
            }
            Self::StopServer { when, in_order } => stop_server(subject, way, when, in_order),
            Self::Break { cut, companion } => break_connection(subject, way, cut, companion),
        }
    }
}

fn stop_server(subject: &mut dyn Subject, way: Way, when: When, in_order: bool) -> Result<Outcome, String> {
    let port = subject.server().expect("a subject with a server").port();
    let proxy = Proxy::start(port, None);
    let mut run = Run::of(subject, way, Some(proxy.port()));
    match when {
        When::After(time) => std::thread::sleep(time),
        When::Sent(pieces, time) => {
            while proxy.pieces()[Stream::ToServer as usize] <= pieces && !run.has_ended() {
                std::thread::sleep(Duration::from_micros(100));
            }
            std::thread::sleep(time);
        }
    }
    let hit = !run.has_ended();
    let server = subject.server().expect("a subject with a server");
    if in_order {
        server.stop();
    } else {
        server.kill();
    }
    let ended = run.end();
    server.start();
    Ok(Outcome { hit, ended: ended?, companion: None, killed: false, proxy: None })
}

fn break_connection(
    subject: &mut dyn Subject,
    way: Way,
    cut: Cut,
    companion: bool,
) -> Result<Outcome, String> {
    let port = subject.server().expect("a subject with a server").port();
    let proxy = Proxy::start(port, Some(cut));
    let mut run = Run::of(subject, way, Some(proxy.port()));
    let started = Instant::now();
    while !proxy.has_tripped() && !run.has_ended() && started.elapsed() < Duration::from_secs(60) {
        std::thread::sleep(Duration::from_micros(200));
    }
    let hit = proxy.has_tripped();
    // Who isn't told that the connection is gone would wait for a long time.
    let killed = hit && matches!(cut.how, How::Hold(_) | How::HoldAndReset(_));
    if killed {
        run.kill();
    }
    let companion = (hit && companion).then(|| Run::of(subject, way, None));
    let ended = run.end()?;
    let companion = companion.map(Run::end).transpose()?;
    Ok(Outcome { hit, ended, companion, killed, proxy: Some(proxy) })
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill { after } => write!(f, "SIGKILL after {after:.3?}"),
            Self::Die { event, .. } => write!(f, "death at event {event}"),
            Self::StopServer { when, in_order: true } => write!(f, "server stopped {when:.3?}"),
            Self::StopServer { when, in_order: false } => write!(f, "server killed {when:.3?}"),
            Self::Break { cut, companion } => write!(f, "{cut:?}, with companion: {companion}"),
        }
    }
}
