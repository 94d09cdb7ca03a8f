//! Ctrl-C and SIGTERM during a run: the first asks it to stop, the second ends the process.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use migration_kit::sql::Interrupt;

use crate::exit::Exit;
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

/// How long a run may take to end by itself: it may wait for a pipe that nobody writes to.
const GRACE: std::time::Duration = std::time::Duration::from_secs(1);

/// The same for a run that can be left at any instant: the flag, and soon after it the end of the process.
pub(crate) fn soon() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    let handler = || {
        if !STOP.swap(true, Ordering::Relaxed) {
            std::thread::sleep(GRACE);
        }
        std::process::exit(i32::from(Exit::Interrupted.code()));
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        tracing::warn!("signals can't be caught: {error}");
    }
    &STOP
}
