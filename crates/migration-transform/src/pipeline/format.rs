//! How a file's records are written, by its name and by what was asked for.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use super::compression::Compression;
use super::error::RunError;
use crate::chunk::CsvDialect;

/// How records are written in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileFormat {
    /// A JSON object on each line.
    Ndjson,
    /// One JSON array of objects. What comes in may also be objects one after the other, on lines or over several.
    Json,
    /// Comma-separated values, RFC 4180.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// Columns in a file that is read from its end; needs the feature `parquet`.
    Parquet,
}

impl FileFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Ndjson, Self::Json, Self::Csv, Self::Tsv, Self::Parquet];

    /// The name, which is also the extension of files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Parquet => "parquet",
        }
    }

    /// By a file's extension; that of a compression is passed over.
    ///
    /// # Errors
    /// If it is no known one.
    pub fn of(path: &Path) -> Result<Self, RunError> {
        let inner = if Compression::of(path).is_some() { path.with_extension("") } else { path.to_owned() };
        let extension = inner.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "ndjson" | "jsonl" => Ok(Self::Ndjson),
            other => other.parse().map_err(|_| RunError::UnknownFormat { path: path.to_owned() }),
        }
    }

    /// How its values are separated, if it is one of values and separators.
    pub(crate) fn dialect(self) -> Option<CsvDialect> {
        match self {
            Self::Csv => Some(CsvDialect::default()),
            Self::Tsv => Some(CsvDialect { delimiter: b'\t', ..CsvDialect::default() }),
            Self::Ndjson | Self::Json | Self::Parquet => None,
        }
    }
}

impl fmt::Display for FileFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FileFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|format| format.name() == name)
            .ok_or_else(|| "expected ndjson, json, csv, tsv or parquet".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name() {
        let of =
            |name: &str| FileFormat::of(Path::new(name)).map(FileFormat::name).map_err(|e| e.to_string());
        assert_eq!(of("a.b/x.JSONL.gz").as_deref(), Ok("ndjson"));
        assert_eq!(of("x.tsv.zst").as_deref(), Ok("tsv"));
        assert_eq!(of("x.json").as_deref(), Ok("json"));
        assert_eq!(of("x.gz").unwrap_err(), "the format of `x.gz` is not known");
        assert_eq!(of("x.parquet").as_deref(), Ok("parquet"));
        assert!(of("data").is_err() && of("x.xlsx").is_err());
    }
}
