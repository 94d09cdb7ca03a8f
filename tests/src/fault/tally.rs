//! What a campaign came to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// What a campaign came to.
#[derive(Debug, Default)]
pub struct Tally {
    pub(super) subject: &'static str,
    pub(super) kind: String,
    pub(super) seeds: Vec<u64>,
    /// How many events an undisturbed run up and one down have.
    pub(super) events: usize,
    pub(super) rounds: usize,
    pub(super) runners_killed: usize,
    pub(super) servers_killed: usize,
    pub(super) connections_broken: usize,
    /// Faults that came when the run was already over.
    pub(super) missed: usize,
    /// How disturbed runs that could still say something ended.
    pub(super) ends: BTreeMap<String, usize>,
    /// Reports of such runs that were held against the database.
    pub(super) reports: usize,
    /// Why a run after a fault had to be repeated.
    pub(super) repeated: BTreeMap<String, usize>,
    /// Ends that are documented as nobody's to know.
    pub(super) undecidable: usize,
    pub(super) differences: Vec<String>,
    pub(super) time: Duration,
}

impl Tally {
    /// How many faults met a run.
    #[must_use]
    pub fn faults(&self) -> usize {
        self.runners_killed + self.servers_killed + self.connections_broken
    }

    /// Panics with the differences that were found, if any.
    ///
    /// # Panics
    /// That is what it is for.
    pub fn assert_none_differs(&self) {
        assert!(self.differences.is_empty(), "{self}\n\n{}", self.differences.join("\n"));
    }
}

/// One line, which `cargo xtask faults` also reads to add up.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seeds: Vec<_> = self.seeds.iter().map(u64::to_string).collect();
        write!(f, "faults: {}: {}, seed {}: ", self.subject, self.kind, seeds.join(" and "))?;
        let counts = [
            ("events", self.events),
            ("rounds", self.rounds),
            ("runners killed", self.runners_killed),
            ("servers killed", self.servers_killed),
            ("connections broken", self.connections_broken),
            ("too late", self.missed),
            ("reports checked", self.reports),
            ("undecidable", self.undecidable),
        ];
        for (what, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{count} {what}, ")?;
        }
        let list = |f: &mut fmt::Formatter<'_>, what: &str, map: &BTreeMap<String, usize>| {
            let entries: Vec<_> = map.iter().map(|(how, count)| format!("{count} {how}")).collect();
            if entries.is_empty() { Ok(()) } else { write!(f, "{what} ({}), ", entries.join(", ")) }
        };
        list(f, "disturbed runs ended", &self.ends)?;
        list(f, "repeated for", &self.repeated)?;
        write!(f, "{} differences, {:.1} s", self.differences.len(), self.time.as_secs_f64())
    }
}
