//! Observers, told one after the other.

use std::fmt;
use std::sync::Arc;

use migration_model::{Event, Observer, ObserverError};

/// Any number of observers; one that fails is passed over.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Vec<Arc<dyn Observer>>);

impl Watchers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.0.push(observer);
    }

    /// These, if there are any.
    pub(crate) fn any(&self) -> Option<&dyn Observer> {
        (!self.0.is_empty()).then_some(self)
    }
}

impl Observer for Watchers {
    fn on_event(&self, event: &Event<'_>) -> Result<(), ObserverError> {
        for observer in &self.0 {
            // What an observer fails at changes nothing for the records.
            let _ = observer.on_event(event);
        }
        Ok(())
    }
}

impl fmt::Debug for Watchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}
