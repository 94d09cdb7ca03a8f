//! Events into a file: a line for each, at its end; or a file for each.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use super::{FileSettings, SendError, Transport};

#[derive(Debug)]
pub(super) struct FileTransport {
    settings: FileSettings,
    /// How many files were written, so that two at the same moment have two names.
    written: usize,
}

impl FileTransport {
    pub(super) fn new(settings: &FileSettings) -> Self {
        Self { settings: settings.clone(), written: 0 }
    }

    fn path(&mut self) -> PathBuf {
        if self.settings.append {
            return self.settings.path.clone();
        }
        self.written += 1;
        let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S.%6f").to_string();
        let mut name = self.settings.path.clone().into_os_string();
        name.push(format!("-{now}-{}-{:04}.json", std::process::id(), self.written));
        name.into()
    }
}

impl Transport for FileTransport {
    fn send(&mut self, event: &str, _limit: Duration) -> Result<(), SendError> {
        let path = self.path();
        let open = OpenOptions::new().create(true).append(true).open(&path);
        // One call: lines of several processes don't get into each other.
        let written = open.and_then(|mut file| file.write_all(format!("{event}\n").as_bytes()));
        let reason = |error| format!("can't write {}: {error}", path.display());
        written.map_err(|error| SendError::Away { reason: reason(error), soon: false })
    }

    fn is_remote(&self) -> bool {
        false
    }
}
