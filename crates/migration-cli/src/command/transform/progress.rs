//! How far a run is, on a terminal: records per second, and how long it will take.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use migration_kit::model::ObserverError;
use migration_kit::{Event, Observer};

use crate::screen::View;

/// The bar. Hidden where nobody could see it.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new(view: View) -> Self {
        if view.json || view.quiet || !stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar }
    }

    /// Takes it away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        if let Event::RecordsRead { records, bytes, total_bytes } = event
            && !self.bar.is_hidden()
        {
            if self.bar.length() != *total_bytes || self.bar.position() == 0 {
                let template = match total_bytes {
                    Some(_) => "{bar:24} {percent}% {binary_bytes_per_sec} {eta} {wide_msg}",
                    None => "{spinner} {bytes} {binary_bytes_per_sec} {elapsed} {wide_msg}",
                };
                if let Some(total) = total_bytes {
                    self.bar.set_length(*total);
                }
                if let Ok(style) = ProgressStyle::with_template(template) {
                    self.bar.set_style(style);
                }
            }
            self.bar.set_position(*bytes);
            let seconds = self.bar.elapsed().as_secs_f64().max(0.001);
            let rate = HumanCount((*records as f64 / seconds) as u64);
            self.bar.set_message(format!("{} records, {rate} records/s", HumanCount(*records)));
        }
        Ok(())
    }
}
