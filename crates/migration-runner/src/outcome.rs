//! What functions may return to be steps or probes.

use crate::step_error::{BoxError, StepError};

/// What a step's function may return: nothing, a `bool`, or a `Result` of these with any error.
///
/// ```
/// use migration_runner::Action;
///
/// Action::new(|| println!("always well"));
/// Action::new(|| 2 + 2 == 4);
/// Action::new(|| std::fs::create_dir_all("target/example"));
/// Action::new(|| "12".parse::<u8>().map(|number| number > 9));
/// ```
pub trait StepOutcome {
    /// `Ok` if the step took effect.
    ///
    /// # Errors
    /// Why it did not.
    fn into_result(self) -> Result<(), StepError>;
}

impl StepOutcome for () {
    fn into_result(self) -> Result<(), StepError> {
        Ok(())
    }
}

impl StepOutcome for bool {
    fn into_result(self) -> Result<(), StepError> {
        if self { Ok(()) } else { Err(StepError::SaidNo) }
    }
}

impl<T: StepOutcome, E: Into<BoxError>> StepOutcome for Result<T, E> {
    fn into_result(self) -> Result<(), StepError> {
        match self {
            Ok(outcome) => outcome.into_result(),
            Err(error) => Err(StepError::Failed { source: error.into() }),
        }
    }
}

/// What a probe may return: whether the step is in effect, or an error if that can't be told.
pub trait ProbeOutcome {
    /// Whether the step is in effect.
    ///
    /// # Errors
    /// Why that can't be told.
    fn into_answer(self) -> Result<bool, StepError>;
}

impl ProbeOutcome for bool {
    fn into_answer(self) -> Result<bool, StepError> {
        Ok(self)
    }
}

impl<E: Into<BoxError>> ProbeOutcome for Result<bool, E> {
    fn into_answer(self) -> Result<bool, StepError> {
        self.map_err(|error| StepError::Failed { source: error.into() })
    }
}
