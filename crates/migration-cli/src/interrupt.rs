//! Ctrl-C and SIGTERM during a run: the first asks it to stop, the second ends the process.

use std::sync::OnceLock;

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
