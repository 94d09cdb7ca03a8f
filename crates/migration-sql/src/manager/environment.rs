//! Which environment the database is: reading the marker, and setting it.

use super::MigrationManager;
use crate::backend::refused;
use crate::environment;
use crate::error::Result;
use crate::tracking::Tracking;

impl MigrationManager {
    /// The environment that the database is marked as; `None` where it is not marked.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) when the marker can't be read.
    pub fn environment_marker(&mut self) -> Result<Option<String>> {
        let backend = self.connector.backend();
        let tracking = Tracking::find(backend, &self.settings)?;
        environment::read(backend, &tracking.environment)
    }

    /// Marks the database as an environment, whatever it was marked as before; `None` takes the marker away. Returns what it
    /// was.
    ///
    /// The first [`run`](MigrationManager::run) upwards does this by itself for the environment of the settings.
    ///
    /// # Errors
    /// [`Error::Locked`](crate::Error::Locked) while another run goes on, and
    /// [`Error::Database`](crate::Error::Database) when the marker can't be written.
    pub fn mark_environment(&mut self, name: Option<&str>) -> Result<Option<String>> {
        self.exclusively(|this| {
            let before = this.environment_marker()?;
            if before.as_deref() != name {
                this.write_marker(name)?;
            }
            Ok(before)
        })
    }

    /// Refuses a database that is marked as another environment than that of the settings.
    pub(super) fn check_environment(&mut self, tracking: &Tracking) -> Result<Option<String>> {
        let marked = environment::read(self.connector.backend(), &tracking.environment)?;
        environment::check(self.settings.environment.as_deref(), marked.as_deref())?;
        Ok(marked)
    }

    /// Marks a database that has no marker as the environment of the settings, if they name one.
    pub(super) fn claim_environment(&mut self) -> Result<()> {
        let Some(name) = self.settings.environment.clone() else { return Ok(()) };
        if self.environment_marker()?.is_some() {
            return Ok(());
        }
        self.exclusively(|this| {
            // Another runner may have been the first.
            let tracking = Tracking::find(this.connector.backend(), &this.settings)?;
            match this.check_environment(&tracking)? {
                Some(_) => Ok(()),
                None => {
                    this.check_writable()?;
                    this.write_marker(Some(&name))
                }
            }
        })
    }

    fn write_marker(&mut self, name: Option<&str>) -> Result<()> {
        let backend = self.connector.backend();
        let tracking = Tracking::find(backend, &self.settings)?;
        let written = environment::write(backend, &tracking.environment, name);
        written.map_err(|error| refused(backend, "the database can't be marked", error))
    }
}
