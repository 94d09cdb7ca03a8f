//! Why a directory of migrations can't be used.

use migration_model::{GraphError, InvalidId};
use thiserror::Error;

/// Why a directory of migrations can't be used. Nothing was changed: a directory is read before a database is touched.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// An id that can't be one.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// Duplicate ids, dependencies that don't exist, a cycle.
    #[error(transparent)]
    Graph(#[from] GraphError),
}
