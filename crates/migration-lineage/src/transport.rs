//! Ways for events to get to who keeps them: over HTTP, into a file, onto the console.
//!
//! [`OpenLineageConfig`] reads what users of OpenLineage set; [`Dispatcher`] takes events and sends them from a thread of its
//! own; what can't be sent waits in a folder, the [`Spool`], for the next run or for [`replay`].

mod console;
mod dispatcher;
mod file;
#[cfg(feature = "openlineage-http")]
mod http;
#[cfg(not(feature = "openlineage-http"))]
mod no_http;
mod patience;
mod settings;
mod spool;

use std::fmt;
use std::time::Duration;

use thiserror::Error;

#[cfg(feature = "openlineage-http")]
use http::HttpTransport;
#[cfg(not(feature = "openlineage-http"))]
use no_http::HttpTransport;

pub use dispatcher::{Delivery, Dispatcher};
pub use settings::{
    ConfigError, FileSettings, HttpSettings, OpenLineageConfig, Retry, Surroundings, TransportSettings,
};
pub use spool::{Replayed, Spool, SpoolError, replay};

/// A way for events to get to who keeps them.
pub trait Transport: Send {
    /// Sends an event, as a line of JSON without its end, in no more than a time.
    ///
    /// # Errors
    /// [`SendError`] says whether it may work later.
    fn send(&mut self, event: &str, limit: Duration) -> Result<(), SendError>;

    /// Whether what can't be sent is to be kept for later.
    fn is_remote(&self) -> bool;
}

/// Why an event was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SendError {
    /// Nobody is there, or nobody who would take it now.
    #[error("{reason}")]
    Away {
        /// Why, without secrets.
        reason: String,
        /// Whether to try again soon: a key that is wrong stays wrong for longer.
        soon: bool,
    },
    /// This event will never be taken.
    #[error("the event was refused: {reason}")]
    Refused {
        /// Why, without secrets.
        reason: String,
    },
}

/// Makes the transport that settings describe.
///
/// # Errors
/// [`ConfigError`] for one that this build doesn't have, or whose settings contradict each other.
pub fn connect(settings: &TransportSettings) -> Result<Box<dyn Transport>, ConfigError> {
    Ok(match settings {
        TransportSettings::Http(settings) => Box::new(HttpTransport::new(settings)?),
        TransportSettings::File(settings) => Box::new(file::FileTransport::new(settings)),
        TransportSettings::Console => Box::new(console::ConsoleTransport),
    })
}

/// A text that is not to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text: never for output.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
