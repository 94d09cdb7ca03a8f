//! A chain: steps and functions, one after the other.

use std::fmt;
use std::sync::Arc;

use crate::error::Error;
use crate::spec::{Spec, Step};
use crate::transformer::{DataTransformer, of_step};

/// What happens to each record, in order. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    stages: Vec<Stage>,
}

/// One thing that happens to each record.
#[derive(Clone)]
#[non_exhaustive]
pub enum Stage {
    /// A step, which is data.
    Step(Arc<Step>),
    /// A function or another transformer of the program.
    Custom(Arc<dyn DataTransformer>),
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step(step) => step.fmt(f),
            Self::Custom(transformer) => f.write_str(transformer.name()),
        }
    }
}

impl Chain {
    /// In which nothing happens.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with a step after it.
    #[must_use]
    pub fn step(mut self, step: impl Into<Step>) -> Self {
        self.stages.push(Stage::Step(Arc::new(step.into())));
        self
    }

    /// The same with a function or another transformer after it.
    #[must_use]
    pub fn transformer(mut self, transformer: impl DataTransformer + 'static) -> Self {
        self.push(transformer);
        self
    }

    /// Adds a function or another transformer. One that can be said as data becomes steps.
    pub fn push(&mut self, transformer: impl DataTransformer + 'static) {
        match transformer.stages() {
            Some(stages) => self.stages.extend(stages),
            None => self.stages.push(Stage::Custom(Arc::new(transformer))),
        }
    }

    /// The transformers of all stages.
    ///
    /// # Errors
    /// If a step makes no sense, or a file that it names can't be read.
    pub(crate) fn compile(&self) -> Result<Vec<Arc<dyn DataTransformer>>, Error> {
        let numbered = self.stages.iter().zip(1..);
        numbered
            .map(|(stage, number)| match stage {
                Stage::Step(step) => of_step(step, number),
                Stage::Custom(transformer) => Ok(Arc::clone(transformer)),
            })
            .collect()
    }

    /// What happens, in order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }
}

impl From<Spec> for Chain {
    fn from(spec: Spec) -> Self {
        spec.steps.into_iter().fold(Self::new(), Self::step)
    }
}
