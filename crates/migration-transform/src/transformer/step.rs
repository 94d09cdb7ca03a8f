//! Steps as transformers of records in memory.

use std::env;
use std::fs;
use std::sync::Arc;

use super::DataTransformer;
use super::compute::LookedUp;
use super::default::Defaults;
use super::digest::Digest;
use super::each::EachField;
use super::rename::Renaming;
use super::table::Rows;
use crate::error::Error;
use crate::spec::{Hash, Step};

/// The transformer that a step describes; `number` is its place in the chain, from 1. Reads the files that the step names.
///
/// # Errors
/// If the step makes no sense, or a file can't be read.
pub(crate) fn of_step(step: &Arc<Step>, number: usize) -> Result<Arc<dyn DataTransformer>, Error> {
    step.check().map_err(|why| Error::Step { step: number, why })?;
    Ok(match &**step {
        Step::Rename(step) => Arc::new(Renaming::from(step)),
        Step::Convert(step) => Arc::new(EachField::convert(&step.fields, step.on_error)),
        Step::Map(step) => Arc::new(EachField::map(&step.fields, step.otherwise)),
        Step::Hash(step) => Arc::new(EachField::hash(&step.fields, digest(step, number)?)),
        Step::Mask(step) => Arc::new(EachField::mask(step)),
        Step::Lookup(step) => Arc::new(LookedUp {
            field: step.field.clone(),
            rows: Rows::load(step, number)?,
            take: step.take.clone(),
            policy: step.otherwise.into(),
        }),
        Step::Drop(step) => Arc::new(step.clone()),
        Step::Select(step) => Arc::new(step.clone()),
        Step::KeepWhere(step) => Arc::new(step.clone()),
        Step::Set(step) => Arc::new(step.clone()),
        Step::Default(step) => Arc::new(Defaults::from(step)),
        Step::Split(step) => Arc::new(step.clone()),
        Step::Merge(step) => Arc::new(step.clone()),
        Step::Flatten(step) => Arc::new(step.clone()),
        Step::Nest(step) => Arc::new(step.clone()),
    })
}

fn digest(step: &Hash, number: usize) -> Result<Digest, Error> {
    Ok(Digest::new(key_of(step, number)?.as_deref()))
}

/// The step's key, if it names one. An empty key would be none.
///
/// # Errors
/// If it can't be read.
pub(crate) fn key_of(step: &Hash, number: usize) -> Result<Option<Vec<u8>>, Error> {
    let wrong = |why: String| Error::Step { step: number, why: format!("`hash`: {why}") };
    let key = match (&step.key_env, &step.key_file) {
        (None, None) => return Ok(None),
        (Some(name), _) => {
            env::var(name).map_err(|_| wrong(format!("the environment has no text `{name}`")))?.into_bytes()
        }
        (None, Some(path)) => {
            let mut key =
                fs::read(path).map_err(|source| Error::File { step: number, path: path.clone(), source })?;
            for end in [b'\n', b'\r'] {
                if key.last() == Some(&end) {
                    key.pop();
                }
            }
            key
        }
    };
    if key.is_empty() {
        return Err(wrong("the key is empty".to_owned()));
    }
    Ok(Some(key))
}
