//! Who stands in the way.

use std::fmt;

use migration_model::message::clip;
use serde::Serialize;

/// Somebody who holds a lock that a statement waited for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Blocker {
    /// The server's number for its session; of a SQLite database the process.
    pub pid: Option<i64>,
    /// Whose session it is.
    pub user: Option<String>,
    /// What it does, or did last.
    pub query: Option<String>,
    /// Since when its transaction has been open (RFC 3339, UTC).
    pub since: Option<String>,
    /// The same in words that the system has for it.
    pub description: String,
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)?;
        let mut parts = Vec::new();
        parts.extend(self.user.clone());
        parts.extend(self.since.as_ref().map(|since| format!("since {since}")));
        parts.extend(self.query.as_ref().map(|query| format!("`{}`", clip(query))));
        if parts.is_empty() { Ok(()) } else { write!(f, " ({})", parts.join(", ")) }
    }
}

/// All of them in a sentence.
pub(crate) fn listed(blockers: &[Blocker]) -> Option<String> {
    let texts: Vec<String> = blockers.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_said() {
        let mut blocker = Blocker { description: "session 7".to_owned(), ..Blocker::default() };
        assert_eq!(blocker.to_string(), "session 7");
        blocker.user = Some("ada".to_owned());
        blocker.since = Some("2026-01-01T00:00:00Z".to_owned());
        blocker.query = Some("LOCK TABLE t".to_owned());
        assert_eq!(blocker.to_string(), "session 7 (ada, since 2026-01-01T00:00:00Z, `LOCK TABLE t`)");
        assert_eq!(listed(&[]), None);
    }
}
