//! The part of a column that belongs to the row group that is being filled.

use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type,
    Int64Type,
};
use ::parquet::errors::Result;
use ::parquet::file::writer::SerializedColumnWriter;

use super::schema::DECIMAL_BYTES;

/// Levels and values of a column.
#[derive(Debug)]
pub(super) struct Buffer {
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    pub(super) values: Values,
    max_definition: i16,
    max_repetition: i16,
}

/// Values of one physical type.
#[derive(Debug)]
pub(super) enum Values {
    Bools(Vec<bool>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Doubles(Vec<f64>),
    /// One after the other, and where each ends.
    Bytes(Vec<u8>, Vec<usize>),
    Fixed(Vec<[u8; DECIMAL_BYTES]>),
}

/// How far a buffer was filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    entries: usize,
    values: usize,
}

impl Buffer {
    pub(super) fn new(values: Values, max_definition: i16, max_repetition: i16) -> Self {
        Self { definitions: Vec::new(), repetitions: Vec::new(), values, max_definition, max_repetition }
    }

    /// Adds an entry. If all of its path is there, its value has been added to the values.
    pub(super) fn push(&mut self, definition: i16, repetition: i16) {
        self.definitions.push(definition);
        if self.max_repetition > 0 {
            self.repetitions.push(repetition);
        }
    }

    /// Adds an entry that has its value.
    pub(super) fn push_value(&mut self, repetition: i16) {
        self.push(self.max_definition, repetition);
    }

    pub(super) fn mark(&self) -> Mark {
        let values = match &self.values {
            Values::Bools(values) => values.len(),
            Values::Ints(values) => values.len(),
            Values::Longs(values) => values.len(),
            Values::Doubles(values) => values.len(),
            Values::Bytes(_, ends) => ends.len(),
            Values::Fixed(values) => values.len(),
        };
        Mark { entries: self.definitions.len(), values }
    }

    /// Takes back what came after a mark.
    pub(super) fn reset(&mut self, mark: Mark) {
        let Mark { entries, values: length } = mark;
        self.definitions.truncate(entries);
        self.repetitions.truncate(entries);
        match &mut self.values {
            Values::Bools(values) => values.truncate(length),
            Values::Ints(values) => values.truncate(length),
            Values::Longs(values) => values.truncate(length),
            Values::Doubles(values) => values.truncate(length),
            Values::Bytes(bytes, ends) => {
                ends.truncate(length);
                bytes.truncate(ends.last().copied().unwrap_or(0));
            }
            Values::Fixed(values) => values.truncate(length),
        }
    }

    /// Writes what is in it, and empties it.
    pub(super) fn write(&mut self, column: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let definitions = Some(&self.definitions[..]);
        let repetitions = Some(&self.repetitions[..]).filter(|_| self.max_repetition > 0);
        macro_rules! write {
            ($kind:ty, $values:expr) => {
                column.typed::<$kind>().write_batch($values, definitions, repetitions)?
            };
        }
        match &mut self.values {
            Values::Bools(values) => write!(BoolType, values),
            Values::Ints(values) => write!(Int32Type, values),
            Values::Longs(values) => write!(Int64Type, values),
            Values::Doubles(values) => write!(DoubleType, values),
            Values::Bytes(bytes, ends) => {
                let whole = ByteArray::from(std::mem::take(bytes));
                let mut start = 0;
                let slice = |end: &usize| {
                    let from = std::mem::replace(&mut start, *end);
                    whole.slice(from, end - from)
                };
                let values: Vec<_> = ends.iter().map(slice).collect();
                write!(ByteArrayType, &values)
            }
            Values::Fixed(values) => {
                let values: Vec<_> =
                    values.iter().map(|value| FixedLenByteArray::from(value.to_vec())).collect();
                write!(FixedLenByteArrayType, &values)
            }
        };
        self.reset(Mark { entries: 0, values: 0 });
        Ok(())
    }
}
