//! The options of a CSV.

use serde::{Deserialize, Serialize};

use crate::chunk::CsvDialect;

/// How a CSV is written; what isn't said is as usual (RFC 4180, header in the first row).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CsvOptions {
    /// Between values, one ASCII character: a comma, or a tab where the file is called `.tsv`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "ascii")]
    pub delimiter: Option<char>,
    /// Around values, one ASCII character; `quoting = false` if a quote is a sign like others.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "ascii")]
    pub quote: Option<char>,
    /// Whether values may be in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoting: Option<bool>,
    /// Before a quote inside of quotes, one ASCII character, where quotes aren't doubled: then an output needs it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "ascii")]
    pub escape: Option<char>,
    /// Whether two quotes inside of quotes are one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub double_quote: Option<bool>,
    /// A line that begins with this ASCII character is skipped.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "ascii")]
    pub comment: Option<char>,
    /// Whether the first row has the names of the columns: so it is, unless an input's `columns` are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// The names of the columns: of an input that has no header, or with `header = true` instead of those in it; of an output,
    /// which go out in which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<String>>,
}

impl CsvOptions {
    /// The dialect; what isn't said is as in `usual`.
    #[must_use]
    pub fn dialect(&self, usual: CsvDialect) -> CsvDialect {
        let byte = |sign: char| u8::try_from(sign).unwrap_or(b',');
        let quote = if self.quoting == Some(false) { None } else { self.quote.map(byte).or(usual.quote) };
        CsvDialect {
            delimiter: self.delimiter.map_or(usual.delimiter, byte),
            quote,
            escape: self.escape.map(byte).or(usual.escape),
            double_quote: self.double_quote.unwrap_or(usual.double_quote),
            comment: self.comment.map(byte).or(usual.comment),
            header: self.header.unwrap_or(usual.header),
        }
    }

    /// The dialect of what comes in: whoever names its columns says that no header does, unless he says otherwise.
    pub(crate) fn input_dialect(&self, usual: CsvDialect) -> CsvDialect {
        let header = self.header.unwrap_or(usual.header && self.columns.is_none());
        CsvDialect { header, ..self.dialect(usual) }
    }
}

fn ascii<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<char>, D::Error> {
    let sign = char::deserialize(deserializer)?;
    let fits = sign.is_ascii() && !matches!(sign, '\n' | '\r');
    if fits {
        Ok(Some(sign))
    } else {
        Err(serde::de::Error::custom(format!("{sign:?} is not one ASCII character")))
    }
}
