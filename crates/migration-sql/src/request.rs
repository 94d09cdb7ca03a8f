//! What a run is asked to do.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use migration_model::MigrationDirection;

/// What a plan is to be made for: which migrations, in which direction, how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// Apply or roll back.
    pub direction: MigrationDirection,
    /// How far.
    pub target: Target,
    /// Make every check and the plan, and change nothing.
    pub dry_run: bool,
    /// How migrations share transactions.
    pub commit: CommitMode,
    /// Go on though an applied migration's file is gone, and pass it over.
    pub ignore_missing: bool,
    /// Roll a migration back whose file is gone with the down part that the database kept.
    pub use_kept_rollbacks: bool,
    /// What becomes of a pending migration that comes before one that is applied already.
    pub out_of_order: OutOfOrder,
    /// Apply migrations though another tool has a history in the database and there is none of ours.
    pub ignore_foreign: bool,
}

impl Request {
    /// Apply all that is pending.
    #[must_use]
    pub fn up() -> Self {
        Self::new(MigrationDirection::Up, Target::All)
    }

    /// Roll back the newest.
    #[must_use]
    pub fn down() -> Self {
        Self::new(MigrationDirection::Down, Target::Steps(1))
    }

    /// A request with the default settings.
    #[must_use]
    pub fn new(direction: MigrationDirection, target: Target) -> Self {
        Self {
            direction,
            target,
            dry_run: false,
            commit: CommitMode::default(),
            ignore_missing: false,
            use_kept_rollbacks: true,
            out_of_order: OutOfOrder::default(),
            ignore_foreign: false,
        }
    }

    /// The same with another target.
    #[must_use]
    pub fn to(mut self, target: Target) -> Self {
        self.target = target;
        self
    }

    /// The same as a dry run.
    #[must_use]
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }
}

/// How far a run goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Everything that is pending, or everything that is applied.
    All,
    /// Up: until this migration is applied, what comes before it included. Down: until this migration is the newest that
    /// is applied; it stays.
    To(String),
    /// As many migrations.
    Steps(usize),
    /// Just this migration, whose dependencies (up) or dependents (down) must be out of the way already.
    Only(String),
}

/// How migrations share transactions, where the database can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommitMode {
    /// Each migration for itself; where a commit is expensive (SQLite), consecutive ones share it, each in a savepoint.
    #[default]
    Grouped,
    /// Each migration commits before the next begins.
    Each,
    /// All in one transaction, or none.
    Atomic,
}

/// What becomes of a pending migration that comes before one that is applied already, as a branch that was merged late
/// leaves behind. It is never passed over: it runs, or nothing does.
///
/// What a run that was cut off has begun is finished in either case, and a repeatable migration has no place in the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutOfOrder {
    /// It runs, in its place among those that are pending, and a warning of the plan names it.
    #[default]
    Apply,
    /// Nothing runs: [`Error::OutOfOrder`](crate::Error::OutOfOrder) names it.
    Refuse,
}

impl OutOfOrder {
    /// The name in the command line and in `migration.toml`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Refuse => "refuse",
        }
    }
}

/// A flag that stops a run between two statements. Clones share the flag.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks the run to stop; safe to call from a signal handler's thread.
    pub fn trigger(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked to.
    #[must_use]
    pub fn is_triggered(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
