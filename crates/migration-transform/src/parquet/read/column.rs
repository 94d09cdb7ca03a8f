//! One column: levels and values of the records that are decoded.

use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use ::parquet::errors::Result;
use ::parquet::schema::types::ColumnDescPtr;

use super::kind::Kind;

/// The decoded part of a column. Each entry has a definition level (how much of its path is there) and a repetition level
/// (which list it continues); a value only if all of the path is there.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) kind: Kind,
    max_definition: i16,
    max_repetition: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Values,
    entries: usize,
    at: usize,
    value: usize,
}

/// Values of one physical type.
#[derive(Debug, Default)]
struct Values {
    bools: Vec<bool>,
    ints: Vec<i32>,
    longs: Vec<i64>,
    int96s: Vec<Int96>,
    floats: Vec<f32>,
    doubles: Vec<f64>,
    bytes: Vec<ByteArray>,
    fixed: Vec<FixedLenByteArray>,
}

/// One value as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stored<'a> {
    Bool(bool),
    Int(i32),
    Long(i64),
    Int96(&'a Int96),
    Float(f32),
    Double(f64),
    Bytes(&'a [u8]),
}

impl Column {
    /// # Errors
    /// If there is no text for what it has.
    pub(super) fn new(description: &ColumnDescPtr) -> std::result::Result<Self, String> {
        let unreadable = |why: String| format!("column `{}`: {why}", description.path().string());
        Ok(Self {
            kind: Kind::of(description.self_type()).map_err(unreadable)?,
            max_definition: description.max_def_level(),
            max_repetition: description.max_rep_level(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            values: Values::default(),
            entries: 0,
            at: 0,
            value: 0,
        })
    }

    /// Decodes the next records, in place of those that were there. Returns how many those are.
    pub(super) fn fill(&mut self, reader: &mut ColumnReader, records: usize) -> Result<usize> {
        self.definitions.clear();
        self.repetitions.clear();
        (self.at, self.value) = (0, 0);
        let (definitions, repetitions) = (Some(&mut self.definitions), Some(&mut self.repetitions));
        macro_rules! read {
            ($($variant:ident => $values:ident),*) => {
                match reader {
                    $(ColumnReader::$variant(reader) => {
                        self.values.$values.clear();
                        reader.read_records(records, definitions, repetitions, &mut self.values.$values)?
                    })*
                }
            };
        }
        let (records, _, entries) = read!(
            BoolColumnReader => bools,
            Int32ColumnReader => ints,
            Int64ColumnReader => longs,
            Int96ColumnReader => int96s,
            FloatColumnReader => floats,
            DoubleColumnReader => doubles,
            ByteArrayColumnReader => bytes,
            FixedLenByteArrayColumnReader => fixed
        );
        self.entries = entries;
        Ok(records)
    }

    /// The definition level of the next entry; none if there is none.
    pub(super) fn definition(&self) -> Option<i16> {
        match self.max_definition {
            0 => (self.at < self.entries).then_some(0),
            _ => self.definitions.get(self.at).copied(),
        }
    }

    /// The repetition level of the next entry; 0 at the end, where the next record begins.
    pub(super) fn repetition(&self) -> i16 {
        if self.max_repetition == 0 { 0 } else { self.repetitions.get(self.at).copied().unwrap_or(0) }
    }

    /// Whether all of the next entry's path is there, so that it has a value.
    pub(super) fn is_there(&self) -> bool {
        self.definition() == Some(self.max_definition)
    }

    /// Goes on without looking at the value.
    pub(super) fn skip(&mut self) {
        self.value += usize::from(self.is_there());
        self.at += 1;
    }

    /// The value of the next entry, and goes on; none if it has none.
    pub(super) fn next(&mut self) -> Option<Stored<'_>> {
        let is_there = self.is_there();
        self.at += 1;
        if !is_there {
            return None;
        }
        let at = self.value;
        self.value += 1;
        let Values { bools, ints, longs, int96s, floats, doubles, bytes, fixed } = &self.values;
        // Only one of them has values.
        bools
            .get(at)
            .map(|value| Stored::Bool(*value))
            .or_else(|| longs.get(at).map(|value| Stored::Long(*value)))
            .or_else(|| bytes.get(at).map(|value| Stored::Bytes(value.data())))
            .or_else(|| doubles.get(at).map(|value| Stored::Double(*value)))
            .or_else(|| ints.get(at).map(|value| Stored::Int(*value)))
            .or_else(|| floats.get(at).map(|value| Stored::Float(*value)))
            .or_else(|| fixed.get(at).map(|value| Stored::Bytes(value.data())))
            .or_else(|| int96s.get(at).map(Stored::Int96))
    }
}
