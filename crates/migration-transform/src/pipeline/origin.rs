//! What a part of a run is made from.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use sha2::{Digest as _, Sha256};

use super::error::RunError;
use super::shard::{Origin, hex};
use super::{FileFormat, Pipeline};
use crate::chain::{Chain, Stage};
use crate::error::Error;
use crate::spec::{Lookup, Step, Table};
use crate::transformer::{Digest, key_of};

impl Origin {
    /// Of an input, a chain with all that it reads, and the options that decide about the bytes.
    ///
    /// # Errors
    /// If the input, or a table or key of the chain, can't be read.
    pub(crate) fn of(
        pipeline: &Pipeline<'_>,
        chain: &Chain,
        input: &Path,
        (from, to): (FileFormat, FileFormat),
    ) -> Result<Self, RunError> {
        let unreadable = |source| RunError::Input { name: input.display().to_string(), begun: false, source };
        let known = fs::metadata(input).map_err(unreadable)?;
        let modified = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let Pipeline { csv_input, csv_output, parquet, validate, .. } = pipeline;
        let options = format!("{chain:?} {from} {to} {csv_input:?} {csv_output:?} {parquet:?} {validate:?}");
        let mut digest = Sha256::new_with_prefix(options);
        add_contents(&mut digest, chain)?;
        Ok(Self {
            input: input.display().to_string(),
            input_bytes: known.len(),
            input_modified: modified.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0)),
            chain: hex(digest),
        })
    }
}

/// The files that a chain reads, and what each is to it.
pub(crate) fn files(chain: &Chain) -> impl Iterator<Item = (&Path, &'static str)> {
    chain.stages().iter().filter_map(|stage| match stage {
        Stage::Step(step) => match &**step {
            Step::Lookup(Lookup { table: Table::File(path), .. }) => Some((path.as_path(), "table")),
            Step::Hash(hash) => hash.key_file.as_deref().map(|path| (path, "key")),
            _ => None,
        },
        Stage::Custom(_) => None,
    })
}

/// Adds what is in the files of tables and keys, which a chain only names. Each counts as one digest, so that no two
/// can be taken for others; that of a key is an HMAC, as those that it makes of values are.
fn add_contents(digest: &mut Sha256, chain: &Chain) -> Result<(), Error> {
    for (stage, number) in chain.stages().iter().zip(1..) {
        let Stage::Step(step) = stage else { continue };
        match &**step {
            Step::Lookup(Lookup { table: Table::File(path), .. }) => {
                let unreadable = |source| Error::File { step: number, path: path.clone(), source };
                digest.update(Sha256::digest(fs::read(path).map_err(unreadable)?));
            }
            Step::Hash(step) => {
                if let Some(key) = key_of(step, number)? {
                    digest.update(Digest::new(Some(&key)).hex(b"key"));
                }
            }
            _ => {}
        }
    }
    Ok(())
}
