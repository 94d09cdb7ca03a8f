//! No HTTP in this build.

use std::convert::Infallible;
use std::time::Duration;

use super::{ConfigError, HttpSettings, SendError, Transport};

#[derive(Debug)]
pub(super) struct HttpTransport(Infallible);

impl HttpTransport {
    pub(super) fn new(_settings: &HttpSettings) -> Result<Self, ConfigError> {
        Err(ConfigError::FeatureMissing { feature: "openlineage-http" })
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, _event: &str, _limit: Duration) -> Result<(), SendError> {
        match self.0 {}
    }

    fn is_remote(&self) -> bool {
        match self.0 {}
    }
}
