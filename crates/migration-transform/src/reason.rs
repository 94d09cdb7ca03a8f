//! Why a record was rejected or a value left as it was.

use std::fmt;

use serde::Serialize;

/// Why a record was rejected or a warning counted. [`Reason::code`] is its name in reports and files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// The line is no JSON.
    InvalidJson,
    /// The line is JSON but no object, or a path leads through what is no object.
    NotAnObject,
    /// The line is no UTF-8.
    InvalidUtf8,
    /// The record is longer than the limit, or an expression makes a text that is.
    TooLong,
    /// A value that has to be decoded is nested too deeply.
    TooDeep,
    /// The row of a CSV has more or fewer fields than the header.
    WrongNumberOfFields,
    /// A quote in the row of a CSV is never closed: the file may be cut off, or what follows be taken for one value.
    UnclosedQuote,
    /// The value can't be converted to the type.
    Malformed,
    /// A renamed field took the place of one that had the name already.
    Replaced,
    /// A field was not renamed, since another has the name already.
    NameTaken,
    /// The values don't go together with the operator or function.
    TypeMismatch,
    /// A number was divided by zero.
    DivisionByZero,
    /// A number became larger than the calculation can hold.
    Overflow,
    /// A value is in no row of the map or the table.
    NotFound,
    /// A record has a field that the output has no column for.
    ExtraField,
    /// A value can't be of the type that its column has in the output, or can't be written there so that it is read as what it is.
    DoesNotFit,
    /// A transformer that is a function refused the record.
    Refused,
}

impl Reason {
    /// The name in reports: `malformed`, `invalid-json`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid-json",
            Self::NotAnObject => "not-an-object",
            Self::InvalidUtf8 => "invalid-utf8",
            Self::TooLong => "too-long",
            Self::TooDeep => "too-deep",
            Self::WrongNumberOfFields => "wrong-number-of-fields",
            Self::UnclosedQuote => "unclosed-quote",
            Self::Malformed => "malformed",
            Self::Replaced => "replaced",
            Self::NameTaken => "name-taken",
            Self::TypeMismatch => "type-mismatch",
            Self::DivisionByZero => "division-by-zero",
            Self::Overflow => "overflow",
            Self::NotFound => "not-found",
            Self::ExtraField => "extra-field",
            Self::DoesNotFit => "does-not-fit",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
