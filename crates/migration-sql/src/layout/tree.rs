//! The files of a directory and of all its folders, for the tools that search them.

use std::fs;
use std::path::PathBuf;

use super::LoadError;
use super::listing::{Entry, Kind, Listing};

/// A file somewhere below the directory.
pub(super) struct Found {
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// A link here is one that is not known to lead to a folder.
    pub(super) kind: Kind,
    /// The warning that it is left out, if a person might take it for a migration.
    suspicious: bool,
}

/// What tools disagree on: whether folders behind symbolic links are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    Followed,
    Left,
}

impl Found {
    /// The warning that it is left out, for this reason.
    pub(super) fn left_out(&self, reason: &str) -> String {
        format!("`{}` is ignored: {reason}", self.path.display())
    }

    /// The warning that it is not `what`; `None` for a README and the like.
    pub(super) fn ignored(&self, what: &str) -> Option<String> {
        self.suspicious.then(|| self.left_out(&format!("it is not {what}")))
    }
}

/// Every file that is not hidden, folder by folder in the order of the names. Hidden folders are not searched, and none
/// is searched twice, however many links lead to it.
pub(super) fn files(listing: &Listing, links: Links) -> Result<Vec<Found>, LoadError> {
    let several = !listing.more.is_empty();
    let mut walk = Walk { links, several, entered: Vec::new(), found: Vec::new() };
    walk.enter(listing)?;
    Ok(walk.found)
}

struct Walk {
    links: Links,
    /// Whether several directories are searched, of which one may be in another.
    several: bool,
    entered: Vec<PathBuf>,
    found: Vec<Found>,
}

impl Walk {
    fn enter(&mut self, listing: &Listing) -> Result<(), LoadError> {
        let leads_on = listing.entries.iter().any(|entry| entry.kind != Kind::File);
        // Only folders that lead on can lead back.
        if leads_on || self.several {
            for folder in listing.folders() {
                match folder.canonicalize() {
                    Ok(real) if self.entered.contains(&real) => return Ok(()),
                    Ok(real) => self.entered.push(real),
                    Err(source) => return Err(LoadError::unreadable(folder, source)),
                }
            }
        }
        for entry in &listing.entries {
            let path = listing.path(entry);
            let is_link = entry.kind == Kind::Link && fs::metadata(&path).is_ok_and(|target| target.is_dir());
            if entry.kind == Kind::Directory || is_link && self.links == Links::Followed {
                self.enter(&Listing::read(&path)?)?;
            } else {
                let file = file(listing, entry);
                self.found.push(Found { suspicious: file.suspicious || is_link, ..file });
            }
        }
        Ok(())
    }
}

fn file(listing: &Listing, entry: &Entry) -> Found {
    let suspicious = listing.ignored(entry, "").is_some();
    Found { name: entry.name.clone(), path: listing.path(entry), kind: entry.kind, suspicious }
}
