//! Functions are transformers.

use std::sync::Arc;

use super::{DataTransformer, Notes, Verdict};
use crate::chain::Stage;
use crate::reason::Reason;
use crate::value::Record;

/// What a function may return that changes records: nothing, whether the record goes on (`false` leaves it out), a
/// [`Verdict`], or one of these or an error, which rejects the record as [`Reason::Refused`].
pub trait IntoVerdict {
    /// What becomes of the record.
    fn into_verdict(self) -> Verdict;
}

impl IntoVerdict for () {
    fn into_verdict(self) -> Verdict {
        Verdict::Keep
    }
}

impl IntoVerdict for bool {
    fn into_verdict(self) -> Verdict {
        if self { Verdict::Keep } else { Verdict::Filter }
    }
}

impl IntoVerdict for Verdict {
    fn into_verdict(self) -> Verdict {
        self
    }
}

impl<T: IntoVerdict, E> IntoVerdict for Result<T, E> {
    fn into_verdict(self) -> Verdict {
        self.map_or(Verdict::Reject { reason: Reason::Refused, field: None }, T::into_verdict)
    }
}

impl<F, R> DataTransformer for F
where
    F: Fn(&mut Record) -> R + Send + Sync,
    R: IntoVerdict,
{
    fn transform(&self, record: &mut Record, _: &mut Notes<'_>) -> Verdict {
        self(record).into_verdict()
    }
}

impl DataTransformer for Arc<dyn DataTransformer> {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        (**self).transform(record, notes)
    }

    fn name(&self) -> &str {
        (**self).name()
    }

    fn may_reject(&self) -> bool {
        (**self).may_reject()
    }

    fn stages(&self) -> Option<Vec<Stage>> {
        (**self).stages()
    }
}
