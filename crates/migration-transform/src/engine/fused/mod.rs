//! Records of NDJSON in one pass: keys are compared with those of the record before, values are converted while they are copied.
//!
//! Two ways to find the fields: [`template`] by the places of all quotes, [`walk`] one after the other, which objects and arrays
//! need. What is not as expected goes the general way, record by record; what comes of it is the same.

mod columns;
mod ending;
mod facts;
mod keys;
mod out;
mod places;
mod program;
mod quick;
mod state;
mod template;
mod value;
mod walk;

pub(crate) use self::columns::RowPass;
pub(crate) use self::program::Programs;
pub(crate) use self::walk::{Fused, General, Pass};
