//! What a step does: a function, and how it is to be called.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use migration_model::{DataUse, Migration, MigrationStep};

use crate::context::StepContext;
use crate::outcome::{ProbeOutcome, StepOutcome};
use crate::retry::Retry;
use crate::step_error::StepError;

/// What a function comes to, whatever it takes and returns.
pub(crate) type Call<T> = Arc<dyn Fn(&StepContext<'_>) -> Result<T, StepError> + Send + Sync>;

/// A function that does or undoes a step, how long it may take, whether it is tried again, and what becomes of it if the
/// process dies while it runs.
///
/// The function may take nothing or a [`StepContext`], and return whatever is a [`StepOutcome`]. **It takes effect as a
/// whole or not at all**: if it fails, the runner takes it that it left nothing behind. What can't be done so is better
/// two steps.
///
/// ```
/// use std::time::Duration;
/// use migration_runner::{Action, Retry, StepContext};
///
/// let copy = Action::new(|context: &StepContext<'_>| {
///     for row in 0..10 {
///         context.check()?; // stops when the run is cancelled, or after the timeout
///         context.progress(row, Some(10));
///     }
///     Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
/// })
/// .timeout(Duration::from_secs(60))
/// .retry(Retry::attempts(3))
/// .rerun();
/// # let _ = copy;
/// ```
#[derive(Clone)]
pub struct Action {
    pub(crate) call: Call<()>,
    pub(crate) timeout: Option<Duration>,
    /// Few steps have one, and there may be a million of them.
    pub(crate) retry: Option<Box<Retry>>,
    pub(crate) on_uncertain: Option<OnUncertain>,
    /// What its author says that it does with data.
    pub(crate) declared: Option<Box<DataUse>>,
}

/// What to do with a step that was under way when a run was cut off.
#[derive(Clone)]
pub(crate) enum OnUncertain {
    Ask,
    Rerun,
    Probe(Probe),
}

impl Action {
    /// A function without a time limit, called once; of which nothing is assumed if it is cut off.
    pub fn new<M>(function: impl IntoAction<M>) -> Self {
        function.into_action()
    }

    /// A function that is given a [`StepContext`]: the same as [`Action::new`], but the compiler knows the type of the
    /// closure's argument.
    pub fn with_context<R: StepOutcome>(
        function: impl Fn(&StepContext<'_>) -> R + Send + Sync + 'static,
    ) -> Self {
        Self {
            call: Arc::new(move |context| function(context).into_result()),
            timeout: None,
            retry: None,
            on_uncertain: None,
            declared: None,
        }
    }

    /// Says that it reads a dataset, for whoever keeps track of lineage. Changes nothing for the runner.
    ///
    /// ```
    /// use migration_runner::Action;
    ///
    /// let totals = Action::new(|| ()).reads("orders").reads("customers").writes("totals");
    /// # let _ = totals;
    /// ```
    #[must_use]
    pub fn reads(self, dataset: impl Into<String>) -> Self {
        self.declare(|declared| declared.reading(dataset))
    }

    /// Says that it writes a dataset, likewise.
    #[must_use]
    pub fn writes(self, dataset: impl Into<String>) -> Self {
        self.declare(|declared| declared.writing(dataset))
    }

    fn declare(mut self, more: impl FnOnce(DataUse) -> DataUse) -> Self {
        let declared = self.declared.take().map(|declared| *declared).unwrap_or_default();
        self.declared = Some(Box::new(more(declared)));
        self
    }

    /// How long each call may take. After that the call is reported
    /// ([`Event::StepOverran`](migration_model::Event::StepOverran)) and its context says that it shall stop; the runner
    /// waits for it in any case, since a thread can't be ended from outside. A call that succeeds late has succeeded:
    /// what it did is in effect, and the result says that it overran.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// Tries again when it fails.
    #[must_use]
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(Box::new(retry));
        self
    }

    /// After a crash in the middle of it, it may just be called again: doing it twice is the same as doing it once.
    #[must_use]
    pub fn rerun(mut self) -> Self {
        self.on_uncertain = Some(OnUncertain::Rerun);
        self
    }

    /// After a crash in the middle of it, `check` finds out whether **the step is in effect**. The check of an `up` serves
    /// for a `down` that has none of its own.
    #[must_use]
    pub fn probe<M>(mut self, check: impl IntoProbe<M>) -> Self {
        self.on_uncertain = Some(OnUncertain::Probe(check.into_probe()));
        self
    }

    /// After a crash in the middle of it, somebody has to say whether the step is in effect
    /// ([`MigrationRunner::settle`](crate::MigrationRunner::settle)); until then the migration is refused. That is so
    /// unless told otherwise; saying it keeps a `down` from using the check of its `up`.
    #[must_use]
    pub fn ask(mut self) -> Self {
        self.on_uncertain = Some(OnUncertain::Ask);
        self
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on_uncertain = match self.on_uncertain {
            None | Some(OnUncertain::Ask) => "ask",
            Some(OnUncertain::Rerun) => "rerun",
            Some(OnUncertain::Probe(_)) => "probe",
        };
        f.debug_struct("Action")
            .field("timeout", &self.timeout)
            .field("retry", &self.retry)
            .field("on_uncertain", &on_uncertain)
            .finish_non_exhaustive()
    }
}

/// What can be an [`Action`]: one already, a function without arguments, or one of a [`StepContext`].
///
/// `M` only tells these apart for the compiler, which finds it by itself.
pub trait IntoAction<M> {
    /// The action.
    fn into_action(self) -> Action;
}

impl IntoAction<()> for Action {
    fn into_action(self) -> Action {
        self
    }
}

impl<F, R> IntoAction<fn() -> R> for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: StepOutcome,
{
    fn into_action(self) -> Action {
        Action::with_context(move |_| self())
    }
}

impl<F, R> IntoAction<fn(&StepContext<'_>) -> R> for F
where
    F: Fn(&StepContext<'_>) -> R + Send + Sync + 'static,
    R: StepOutcome,
{
    fn into_action(self) -> Action {
        Action::with_context(self)
    }
}

/// What can tell whether a step is in effect: a function without arguments, or one of a [`StepContext`], that returns a
/// [`ProbeOutcome`].
pub trait IntoProbe<M> {
    /// The check.
    fn into_probe(self) -> Probe;
}

/// A function that tells whether a step is in effect.
#[derive(Clone)]
pub struct Probe(pub(crate) Call<bool>);

impl fmt::Debug for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}

impl<F, R> IntoProbe<fn() -> R> for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: ProbeOutcome,
{
    fn into_probe(self) -> Probe {
        Probe(Arc::new(move |_| self().into_answer()))
    }
}

impl<F, R> IntoProbe<fn(&StepContext<'_>) -> R> for F
where
    F: Fn(&StepContext<'_>) -> R + Send + Sync + 'static,
    R: ProbeOutcome,
{
    fn into_probe(self) -> Probe {
        Probe(Arc::new(move |context| self(context).into_answer()))
    }
}

/// Steps in one line each.
///
/// ```
/// use migration_runner::{AddCallables, Migration};
///
/// let mut migration = Migration::new("2026-01-greeting");
/// migration
///     .add("folder", "Make the folder", || std::fs::create_dir_all("target/hi"), || std::fs::remove_dir("target/hi"))
///     .add_irreversible("mail", "Tell everybody", || println!("hi"));
/// assert!(!migration.is_reversible());
/// ```
pub trait AddCallables {
    /// Adds a step at the end: id, name for people, what does it, what undoes it.
    fn add<U, D>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        up: impl IntoAction<U>,
        down: impl IntoAction<D>,
    ) -> &mut Self;

    /// Adds a step that can't be undone.
    fn add_irreversible<U>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        up: impl IntoAction<U>,
    ) -> &mut Self;
}

impl AddCallables for Migration<Action> {
    fn add<U, D>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        up: impl IntoAction<U>,
        down: impl IntoAction<D>,
    ) -> &mut Self {
        let step = MigrationStep::new(id, up.into_action()).with_name(name);
        self.add_step(step.with_down(down.into_action()))
    }

    fn add_irreversible<U>(
        &mut self,
        id: impl Into<String>,
        name: impl Into<String>,
        up: impl IntoAction<U>,
    ) -> &mut Self {
        self.add_step(MigrationStep::new(id, up.into_action()).with_name(name))
    }
}
