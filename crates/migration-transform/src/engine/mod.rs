//! A chain compiled for records as they are written: what no step touches is copied, not decoded.
//!
//! Three ways lead through it, each of which makes the same of every record:
//! * records whose keys come in the order of those before, through steps that look at one field each: one pass ([`fused`]);
//! * all other records: a table of where keys and values are ([`table`]), on which each step works ([`ops`]);
//! * steps that the table does not know, and functions: a [`Record`](crate::Record) for that stage only ([`owned`]).

mod compute;
mod csv;
mod explain;
mod fused;
mod lines;
mod names;
mod ops;
mod owned;
mod plan;
mod rows;
mod simd;
mod skip;
mod table;
mod values;
mod worker;

pub(crate) use self::csv::header as csv_header;
pub(crate) use self::rows::unclosed_quote;
pub(crate) use self::values::ValueEnds;
pub use self::worker::Worker;

use crate::chain::Chain;
use crate::chunk::Format;
use crate::error::Error;
use fused::Programs;
use names::Names;
use ops::Op;
use simd::Level;

/// How closely records are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Validate {
    /// Keys and the values of the record itself by the grammar of RFC 8259; within objects and arrays that no step looks
    /// into: strings closed, brackets balanced, no control characters.
    #[default]
    Structure,
    /// Everything by the grammar, and no deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
    Full,
}

/// Longest record, if nothing else is said: 8 MiB.
pub const MAX_RECORD: usize = 8 << 20;

/// A compiled chain. Shared by all workers.
#[derive(Debug)]
pub struct Engine {
    names: Names,
    ops: Vec<Op>,
    /// For NDJSON that stays NDJSON, if the operations can be done in one pass.
    programs: Option<Programs>,
    output: Format,
    /// The columns of a CSV that goes out.
    columns: csv::Columns,
    validate: Validate,
    limit: usize,
    level: Level,
}

impl Engine {
    /// Compiles a chain, whose records go out in a format.
    ///
    /// # Errors
    ///
    /// What is wrong with a step.
    pub fn compile(chain: &Chain, output: Format) -> Result<Self, Error> {
        let mut names = Names::default();
        let ops = plan::compile(chain, &mut names)?;
        let columns = match &output {
            Format::Csv(layout) => layout.columns.iter().map(|column| names.add(column)).collect(),
            _ => csv::Columns::default(),
        };
        let programs = Programs::new(&ops, &names).filter(|_| output == Format::Ndjson);
        let (validate, limit, level) = (Validate::default(), MAX_RECORD, Level::detect());
        Ok(Self { names, ops, programs, output, columns, validate, limit, level })
    }

    /// The same, looking at records more or less closely.
    #[must_use]
    pub fn with_validation(mut self, validate: Validate) -> Self {
        self.validate = validate;
        self
    }

    /// The same, with another limit to the length of a record in bytes; no more than 1 GiB.
    #[must_use]
    pub fn with_limit(mut self, limit: usize) -> Self {
        self.limit = limit.min(1 << 30);
        self
    }

    /// The scratch space of one thread.
    #[must_use]
    pub fn worker(&self) -> Worker<'_> {
        Worker::new(self)
    }
}

#[cfg(test)]
mod tests;
