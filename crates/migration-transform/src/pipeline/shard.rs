//! A part of a run, so that many machines can share it: which bytes, which name, and the manifest that says that it is done.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::FileFormat;
use super::error::RunError;
use super::positioned::read_at;
use super::publish::Draft;
use super::report::Report;
use crate::value::{Record, Value};

/// Which of how many parts; the first is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// Part `index` of `of`.
    #[must_use]
    pub fn new(index: u64, of: u64) -> Option<Self> {
        (index < of).then_some(Self { index, of })
    }

    /// The bytes of an input of this length in which its records begin.
    #[must_use]
    pub fn range(self, length: u64) -> Range<u64> {
        let at = |index: u64| {
            let place = u128::from(length) * u128::from(index) / u128::from(self.of);
            u64::try_from(place).unwrap_or(length)
        };
        at(self.index)..at(self.index + 1)
    }

    /// `part-00002-of-00008`.
    #[must_use]
    pub fn stem(self) -> String {
        format!("part-{:05}-of-{:05}", self.index, self.of)
    }

    /// The name of its file.
    pub(crate) fn file(self, format: FileFormat) -> String {
        format!("{}.{}", self.stem(), format.name())
    }

    fn all(self) -> impl Iterator<Item = Self> {
        (0..self.of).map(move |index| Self { index, of: self.of })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || "expected I/N with I from 0 to N - 1, such as 0/8".to_owned();
        let (index, of) = text.split_once('/').ok_or_else(expected)?;
        match (index.parse(), of.parse()) {
            (Ok(index), Ok(of)) => Self::new(index, of).ok_or_else(expected),
            _ => Err(expected()),
        }
    }
}

/// What a part is made from: the same gives the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) input: String,
    pub(crate) input_bytes: u64,
    pub(crate) input_modified: u64,
    /// SHA-256 of the chain and of what else decides about the bytes.
    pub(crate) chain: String,
}

/// What is said of all parts, once all are done.
pub(crate) const ALL: &str = "manifest.json";

/// Where a part's manifest is: beside it.
pub(crate) fn manifest_of(folder: &Path, file: &str) -> PathBuf {
    folder.join(format!("{file}.manifest.json"))
}

/// Before a part gets another file: takes away what says that it, and all of them, are done.
///
/// # Errors
/// If that is there and stays.
pub(crate) fn withdraw(folder: &Path, file: &str) -> Result<(), RunError> {
    for path in [folder.join(ALL), manifest_of(folder, file)] {
        match fs::remove_file(&path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                return Err(RunError::Output { name: format!("`{}`", path.display()), source });
            }
            _ => {}
        }
    }
    Ok(())
}

/// Says that a part is done; written last. What is said of all parts comes then, by [`complete`].
///
/// # Errors
/// What writing came to.
pub(crate) fn finish(
    folder: &Path,
    shard: Shard,
    file: &str,
    origin: &Origin,
    report: &Report,
    digest: Sha256,
    sync: bool,
) -> Result<(), RunError> {
    let mut record = Record::new();
    record.push("part", shard.index);
    record.push("parts", shard.of);
    record.push("file", file);
    record.push("records", report.records_out);
    record.push("bytes", report.bytes_out);
    record.push("sha256", hex(digest));
    record.push("records_in", report.records_in);
    record.push("filtered", report.filtered);
    record.push("rejected", report.rejected);
    record.push("warnings", report.warnings);
    record.push("input", origin.input.as_str());
    record.push("input_bytes", origin.input_bytes);
    record.push("input_modified", origin.input_modified);
    record.push("chain", origin.chain.as_str());
    write(&manifest_of(folder, file), &record, sync)
}

/// Writes what is said of all parts, if all are done. Returns which of them were made from something else; then nothing can be
/// said of all.
///
/// # Errors
/// What writing came to.
pub(crate) fn complete(
    folder: &Path,
    shard: Shard,
    format: FileFormat,
    origin: &Origin,
    sync: bool,
) -> Result<Vec<u64>, RunError> {
    let done = |part: Shard| {
        let file = part.file(format);
        let record = read(&manifest_of(folder, &file))?;
        let length = fs::metadata(folder.join(&file)).ok()?.len();
        (number(&record, "bytes") == Some(length)).then_some(record)
    };
    let Some(parts) = shard.all().map(done).collect::<Option<Vec<Record>>>() else { return Ok(Vec::new()) };
    let others: Vec<u64> =
        parts.iter().zip(0..).filter(|(part, _)| !is_from(part, origin)).map(|(_, n)| n).collect();
    if !others.is_empty() {
        return Ok(others);
    }
    let sum = |name: &str| parts.iter().filter_map(|part| number(part, name)).sum::<u64>();
    let mut all = Record::new();
    for name in ["records", "bytes", "records_in", "filtered", "rejected", "warnings"] {
        all.push(name, sum(name));
    }
    all.push("parts", parts.into_iter().map(Value::Object).collect::<Vec<_>>());
    write(&folder.join(ALL), &all, sync)?;
    Ok(others)
}

/// Whether something is said of all parts.
pub(crate) fn is_complete(folder: &Path) -> bool {
    folder.join(ALL).exists()
}

/// What an earlier run that finished this very part says of it, if its file is still the same.
pub(crate) fn finished(folder: &Path, file: &str, origin: &Origin) -> Option<Report> {
    let record = read(&manifest_of(folder, file))?;
    if !is_from(&record, origin) || record.get("file")?.as_str()? != file {
        return None;
    }
    if hex(File::open(folder.join(file)).and_then(|file| digest_of(&file)).ok()?)
        != record.get("sha256")?.as_str()?
    {
        return None;
    }
    Some(Report {
        records_in: number(&record, "records_in")?,
        records_out: number(&record, "records")?,
        filtered: number(&record, "filtered")?,
        rejected: number(&record, "rejected")?,
        warnings: number(&record, "warnings")?,
        bytes_out: number(&record, "bytes")?,
        skipped: true,
        ..Report::default()
    })
}

fn is_from(part: &Record, origin: &Origin) -> bool {
    let text = |name: &str| part.get(name).and_then(Value::as_str);
    text("input") == Some(&origin.input)
        && text("chain") == Some(&origin.chain)
        && number(part, "input_bytes") == Some(origin.input_bytes)
        && number(part, "input_modified") == Some(origin.input_modified)
}

fn number(record: &Record, name: &str) -> Option<u64> {
    match record.get(name)? {
        Value::Number(number) => number.text().parse().ok(),
        _ => None,
    }
}

fn read(path: &Path) -> Option<Record> {
    Record::from_json(fs::read_to_string(path).ok()?.trim()).ok()
}

fn write(path: &Path, record: &Record, sync: bool) -> Result<(), RunError> {
    let draft = Draft::create(path, true)?;
    let written = draft.file().write_all(format!("{}\n", record.to_json()).as_bytes());
    written.map_err(|source| RunError::Output { name: format!("`{}`", path.display()), source })?;
    draft.publish(sync)
}

/// SHA-256 of a file.
pub(crate) fn digest_of(file: &File) -> io::Result<Sha256> {
    let (mut at, mut digest, mut buffer) = (0, Sha256::new(), vec![0; 256 << 10]);
    loop {
        match read_at(file, &mut buffer, at)? {
            0 => return Ok(digest),
            read => {
                digest.update(&buffer[..read]);
                at += read as u64;
            }
        }
    }
}

/// As `sha256sum` prints it.
pub(crate) fn hex(digest: Sha256) -> String {
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_meet() {
        for length in [0, 1, 7, 1000, u64::MAX] {
            let ranges: Vec<_> = (0..7).map(|i| Shard::new(i, 7).unwrap().range(length)).collect();
            assert_eq!((ranges[0].start, ranges[6].end), (0, length));
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }

    #[test]
    fn names() {
        let shard: Shard = "2/8".parse().unwrap();
        assert_eq!((shard.stem().as_str(), shard.to_string().as_str()), ("part-00002-of-00008", "2/8"));
        for wrong in ["8/8", "1", "a/2", "0/0", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().unwrap_err().contains("from 0"), "{wrong}");
        }
    }
}
