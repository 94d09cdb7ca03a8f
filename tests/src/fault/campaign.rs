//! Round after round: a run meets faults, runs again, and is compared.

use std::time::{Duration, Instant};

use super::compare;
use super::inject::{Fault, Kind, Outcome, Source};
use super::reference::{self, Reference};
use super::run::{Ended, Run};
use super::{Effort, Subject, Tally, Way};

/// How often a run may be repeated after a fault: what a supervisor does that starts it again.
const REPEATS: usize = 4;

/// After so many rounds the database is made anew, so that the first run of all is disturbed as well.
const ROUNDS_PER_DATABASE: usize = 6;

/// A campaign ends early with so many differences.
const ENOUGH: usize = 5;

/// One kind of faults on one subject.
#[derive(Debug)]
pub struct Campaign<'a> {
    subject: &'a mut dyn Subject,
    kind: Kind,
    references: [Reference; 2],
    tally: Tally,
}

impl<'a> Campaign<'a> {
    /// Runs as many rounds as it takes until the effort's number of faults has hit, for each seed. Prints what it came to.
    ///
    /// # Panics
    /// When undisturbed runs don't work.
    pub fn run(subject: &'a mut dyn Subject, kind: Kind, effort: &Effort) -> Tally {
        let started = Instant::now();
        let references = reference::measure(subject, kind);
        let tally = Tally {
            subject: subject.name(),
            kind: kind.to_string(),
            seeds: effort.seeds.clone(),
            events: references.iter().map(|reference| reference.events).sum(),
            ..Tally::default()
        };
        let mut campaign = Self { subject, kind, references, tally };
        for (place, seed) in effort.seeds.iter().enumerate() {
            let wanted = effort.faults.saturating_mul(place + 1);
            campaign.rounds(*seed, wanted);
        }
        campaign.tally.time = started.elapsed();
        println!("{}", campaign.tally);
        campaign.tally
    }

    fn rounds(&mut self, seed: u64, wanted: usize) {
        let mut source = Source::new(self.kind, seed);
        let limit = self.tally.rounds + 4 * wanted;
        let mut way = Way::Up;
        self.subject.renew();
        let mut on_this_database = 0;
        while self.tally.faults() < wanted
            && self.tally.rounds < limit
            && self.tally.differences.len() < ENOUGH
        {
            self.tally.rounds += 1;
            let mut trail =
                format!("{}, seed {seed}, round {}, {}:\n", self.kind, self.tally.rounds, way.name());
            let result = self.round(&mut source, way, &mut trail);
            on_this_database += 1;
            way = way.other();
            let is_usable = match result {
                Ok(is_usable) => is_usable,
                Err(difference) => {
                    self.tally.differences.push(format!("{trail}{difference}"));
                    false
                }
            };
            if !is_usable || on_this_database == ROUNDS_PER_DATABASE {
                self.subject.renew();
                (way, on_this_database) = (Way::Up, 0);
            }
        }
    }

    /// Returns whether the database can be used for another round.
    fn round(&mut self, source: &mut Source, way: Way, trail: &mut String) -> Result<bool, String> {
        let reference = self.references[way as usize].clone();
        // What holds bytes back stays until the next runs are over.
        let mut proxies = Vec::new();
        for number in 0..source.faults_of_a_round() {
            let fault = source.draw(way, &reference, number > 0);
            let mut outcome = fault.inject(self.subject, way)?;
            note(trail, &fault.to_string(), &outcome.ended);
            if let Some(companion) = &outcome.companion {
                note(trail, "companion", companion);
            }
            proxies.extend(outcome.proxy.take());
            self.count(fault, &outcome);
            self.check(way, &reference, &outcome)?;
            if !outcome.hit {
                break;
            }
        }
        let is_decided = self.recover(way, trail)?;
        if is_decided {
            self.subject.wait_until_idle()?;
            compare::same(&reference.snapshot, &self.subject.snapshot())?;
        }
        Ok(is_decided)
    }

    fn count(&mut self, fault: Fault, outcome: &Outcome) {
        let tally = &mut self.tally;
        if !outcome.hit {
            tally.missed += 1;
            return;
        }
        match fault {
            Fault::Kill { .. } | Fault::Die { .. } => tally.runners_killed += 1,
            Fault::StopServer { .. } => tally.servers_killed += 1,
            Fault::Break { .. } => tally.connections_broken += 1,
        }
        if !outcome.killed {
            *tally.ends.entry(outcome.ended.how()).or_default() += 1;
        }
    }

    /// What a disturbed run says of itself has to be true.
    fn check(&mut self, way: Way, reference: &Reference, outcome: &Outcome) -> Result<(), String> {
        for ended in [Some(&outcome.ended), outcome.companion.as_ref()].into_iter().flatten() {
            let died = ended.code.is_none() && !outcome.killed;
            if died || matches!(ended.code, Some(1 | 101)) || ended.stderr.contains("panicked") {
                return Err(format!(
                    "a run ended badly: {:?}\n{}\n{}",
                    ended.code, ended.stdout, ended.stderr
                ));
            }
        }
        // No statement of the history can fail by itself.
        let error = &outcome.ended.json()["error"];
        if error["code"] == "apply.statement_failed" {
            return Err(format!("a broken connection is reported as another failure: {error:#}"));
        }
        if outcome.killed || outcome.companion.is_some() {
            return Ok(());
        }
        self.subject.wait_until_idle()?;
        let is_checked = compare::honest(self.subject, way, &outcome.ended, &reference.applied)?;
        self.tally.reports += usize::from(is_checked);
        Ok(())
    }

    /// Runs again until it succeeds. Returns whether the outcome is one that can be known.
    fn recover(&mut self, way: Way, trail: &mut String) -> Result<bool, String> {
        for repeat in 0..=REPEATS {
            let ended = Run::of(self.subject, way, None).end()?;
            note(trail, "run again", &ended);
            if ended.code == Some(0) {
                return Ok(true);
            }
            if self.is_undecidable(&ended) {
                self.tally.undecidable += 1;
                return Ok(false);
            }
            *self.tally.repeated.entry(ended.how()).or_default() += 1;
            if repeat < REPEATS {
                std::thread::sleep(
                    Duration::from_millis(100) * 4_u32.pow(u32::try_from(repeat).unwrap_or(0)),
                );
            }
        }
        Err("it never succeeds again".to_owned())
    }

    /// Whether the run says that nobody can know how far it got, of a migration of which that is documented.
    fn is_undecidable(&self, ended: &Ended) -> bool {
        let json = ended.json();
        let undecided = json["error"]["code"] == "run.undecided";
        undecided && self.subject.undecidable().iter().any(|id| json["error"].to_string().contains(id))
    }
}

/// How the lines of a log begin.
const LEVELS: [&str; 4] = ["ERROR", " WARN", " INFO", "DEBUG"];

/// Writes down what a run did, as it says itself.
fn note(trail: &mut String, what: &str, ended: &Ended) {
    trail.push_str(&format!("* {what}: {}\n", ended.how()));
    for line in ended.stderr.lines().filter(|line| LEVELS.iter().any(|level| line.starts_with(level))) {
        trail.push_str(&format!("    {line}\n"));
    }
    if let Some(message) = ended.json()["error"]["message"].as_str() {
        trail.push_str(&format!("    {message}\n"));
    }
}
