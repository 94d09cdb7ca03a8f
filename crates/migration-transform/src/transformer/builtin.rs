//! The transformers that programs put together themselves.

use std::sync::Arc;

use super::{DataTransformer, Notes, Verdict, of_step};
use crate::chain::{Chain, Stage};
use crate::error::Error;
use crate::path::{InvalidPath, Path};
use crate::spec::{Convert, OnConflict, OnError, Rename, Step, Target};
use crate::value::Record;

/// Gives fields other names, all at once: `[("a", "b"), ("b", "a")]` swaps.
#[derive(Clone)]
pub struct FieldRenameTransformer(Single);

impl FieldRenameTransformer {
    /// From old paths to new ones.
    ///
    /// # Errors
    /// If a text is no path, or two fields would get the same name.
    pub fn new<'a>(names: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        Self::with_conflicts(names, OnConflict::Replace)
    }

    /// The same, and what becomes of a field whose new name another field has.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_conflicts<'a>(
        names: impl IntoIterator<Item = (&'a str, &'a str)>,
        on_conflict: OnConflict,
    ) -> Result<Self, Error> {
        let fields = names.into_iter().map(|(old, new)| Ok((old.parse()?, new.parse()?)));
        let fields = fields.collect::<Result<_, InvalidPath>>()?;
        Single::new(Step::Rename(Rename { fields, on_conflict })).map(Self)
    }
}

/// Converts values to types; what can't be converted stays as it is and is counted.
#[derive(Clone)]
pub struct FieldTypeTransformer(Single);

impl FieldTypeTransformer {
    /// The type of each field.
    ///
    /// # Errors
    /// If a text is no path.
    pub fn new<'a, T: Into<Target>>(types: impl IntoIterator<Item = (&'a str, T)>) -> Result<Self, Error> {
        Self::with_policy(types, OnError::Keep)
    }

    /// The same, and what becomes of a value that can't be converted.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_policy<'a, T: Into<Target>>(
        types: impl IntoIterator<Item = (&'a str, T)>,
        on_error: OnError,
    ) -> Result<Self, Error> {
        let fields = types.into_iter().map(|(path, to)| Ok((path.parse::<Path>()?, to.into())));
        let fields = fields.collect::<Result<_, InvalidPath>>()?;
        Single::new(Step::Convert(Convert { fields, on_error })).map(Self)
    }
}

/// Several transformers, one after the other, as one.
#[derive(Clone, Debug)]
pub struct CompositeTransformer {
    chain: Chain,
    transformers: Vec<Arc<dyn DataTransformer>>,
}

impl CompositeTransformer {
    /// What a chain does.
    ///
    /// # Errors
    /// If a step makes no sense, or a file that it names can't be read.
    pub fn new(chain: Chain) -> Result<Self, Error> {
        let transformers = chain.compile()?;
        Ok(Self { chain, transformers })
    }
}

/// One step.
#[derive(Clone)]
struct Single {
    step: Arc<Step>,
    transformer: Arc<dyn DataTransformer>,
}

impl Single {
    fn new(step: Step) -> Result<Self, Error> {
        let step = Arc::new(step);
        let transformer = of_step(&step, 1)?;
        Ok(Self { step, transformer })
    }
}

impl DataTransformer for CompositeTransformer {
    fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
        let mut verdicts = self.transformers.iter().map(|transformer| transformer.transform(record, notes));
        verdicts.find(|verdict| *verdict != Verdict::Keep).unwrap_or(Verdict::Keep)
    }

    fn name(&self) -> &str {
        "composite"
    }

    fn may_reject(&self) -> bool {
        self.transformers.iter().any(DataTransformer::may_reject)
    }

    fn stages(&self) -> Option<Vec<Stage>> {
        Some(self.chain.stages().to_vec())
    }
}

macro_rules! single {
    ($($transformer:ident)*) => {$(
        impl DataTransformer for $transformer {
            fn transform(&self, record: &mut Record, notes: &mut Notes<'_>) -> Verdict {
                self.0.transformer.transform(record, notes)
            }

            fn name(&self) -> &str {
                self.0.transformer.name()
            }

            fn may_reject(&self) -> bool {
                self.0.transformer.may_reject()
            }

            fn stages(&self) -> Option<Vec<Stage>> {
                Some(vec![Stage::Step(Arc::clone(&self.0.step))])
            }
        }

        impl std::fmt::Debug for $transformer {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.step.fmt(f)
            }
        }
    )*};
}

single! { FieldRenameTransformer FieldTypeTransformer }

impl std::fmt::Debug for dyn DataTransformer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
