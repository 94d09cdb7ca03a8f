//! Ctrl-C and SIGTERM during a run: the first asks it to stop, the second ends the process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use migration_kit::sql::Interrupt;

use crate::exit::Exit;
use crate::openlineage::RecordsEvents;
use crate::screen;

/// The flag that stops a run, set by the first signal. Commands that run nothing keep the system's way.
///
/// There is one for all runs of the process.
pub(crate) fn install() -> Interrupt {
    static FLAG: OnceLock<Interrupt> = OnceLock::new();
    FLAG.get_or_init(catch_signals).clone()
}

fn catch_signals() -> Interrupt {
    let interrupt = Interrupt::default();
    let flag = interrupt.clone();
    let handler = move || {
        if flag.is_triggered() {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
        flag.trigger();
        screen::err("stopping after the statement that runs now; press Ctrl-C again to leave at once");
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!("signals can't be caught: {error}");
    }
    interrupt
}

/// How long a run may wait for somebody, such as the reader of its output, once it is asked to stop.
const GRACE: Duration = Duration::from_secs(1);

/// A second signal that comes sooner is taken for the same: some programs send it to a process and to its group.
const SAME: Duration = Duration::from_millis(500);

/// For a run that can be left at any instant: it is asked to end by itself, as it does then what any failure takes.
pub(crate) struct Stop {
    /// The run is to end.
    pub(crate) asked: &'static AtomicBool,
    /// The run can't see that, as it waits for somebody. If it doesn't end, the process does.
    pub(crate) blocked: &'static AtomicBool,
}

/// Has the first signal set the flag, and the second end the process.
pub(crate) fn soon() -> Stop {
    static ASKED: AtomicBool = AtomicBool::new(false);
    static BLOCKED: AtomicBool = AtomicBool::new(false);
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let handler = || {
        let first = *FIRST.get_or_init(Instant::now);
        if !ASKED.swap(true, Ordering::Relaxed) {
            std::thread::spawn(|| leave_when_blocked(&BLOCKED));
        } else if first.elapsed() > SAME {
            leave();
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!("signals can't be caught: {error}");
    }
    Stop { asked: &ASKED, blocked: &BLOCKED }
}

/// Ends the process when the run has waited for somebody all the time.
fn leave_when_blocked(blocked: &AtomicBool) {
    const LOOK: Duration = Duration::from_millis(50);
    let mut since = Instant::now();
    while since.elapsed() < GRACE {
        std::thread::sleep(LOOK);
        if !blocked.load(Ordering::Relaxed) {
            since = Instant::now();
        }
    }
    RecordsEvents::leave();
    leave();
}

fn leave() {
    std::process::exit(i32::from(Exit::Interrupted.code()));
}
