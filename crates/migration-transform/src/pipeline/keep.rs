//! What a run must not touch: nothing is written to what is read, nor two things to one file.

use std::path::{Path, PathBuf};

use super::error::RunError;
use super::place::{is_same, is_special, led_to, partial_of};
use super::{FileFormat, Input, Output, Pipeline, origin, shard};
use crate::chain::Chain;

/// A file that is written.
struct Written {
    path: PathBuf,
    what: &'static str,
    /// The name that it has until it is complete, and what that is.
    partial: Option<(PathBuf, &'static str)>,
}

/// Whether the files of a run are different ones, and those that it writes may be there if they are.
///
/// # Errors
/// If not.
pub(super) fn check(
    pipeline: &Pipeline<'_>,
    chain: &Chain,
    input: &Input<'_>,
    output: &Output<'_>,
    to: FileFormat,
) -> Result<(), RunError> {
    let input = if let Input::File(path) = input { Some((path.as_path(), "input")) } else { None };
    let chain_file = pipeline.chain_file.as_deref().map(|path| (path, "chain"));
    let read: Vec<(&Path, &str)> = input.into_iter().chain(chain_file).chain(origin::files(chain)).collect();
    let mut written = Vec::new();
    let mut add = |path: PathBuf, what, of_what| {
        let place = led_to(&path).ok().filter(|_| !pipeline.append && !is_special(&path));
        let partial = place.as_deref().and_then(partial_of).map(|partial| (partial, of_what));
        written.push(Written { path, what, partial });
    };
    if let Output::File(path) = output {
        let of_what = "the temporary file of the output";
        match pipeline.shard {
            None => add(path.clone(), "output", of_what),
            Some(shard) => {
                let file = shard.file(to);
                add(path.join(&file), "output", of_what);
                for manifest in [shard::manifest_of(path, &file), path.join(shard::ALL)] {
                    add(manifest, "manifest", "the temporary file of the manifest");
                }
            }
        }
    }
    if let Some(path) = &pipeline.rejects {
        add(path.clone(), "rejects", "the temporary file of the rejects");
    }
    for (number, file) in written.iter().enumerate() {
        for (path, what) in &read {
            differ((path, what), (&file.path, file.what))?;
            if let Some((partial, of_what)) = &file.partial {
                differ((path, what), (partial, of_what))?;
            }
        }
        for other in &written[..number] {
            differ((&other.path, other.what), (&file.path, file.what))?;
            for (file, other) in [(file, other), (other, file)] {
                if let Some((partial, of_what)) = &other.partial {
                    differ((&file.path, file.what), (partial, of_what))?;
                }
            }
        }
    }
    let may_be_there = pipeline.overwrite || pipeline.append;
    // Of a part its origin decides.
    let is_part = |file: &Written| pipeline.shard.is_some() && file.what != "rejects";
    match written.into_iter().find(|file| !may_be_there && !is_part(file) && file.path.is_file()) {
        Some(Written { path, .. }) => Err(RunError::Exists { path }),
        None => Ok(()),
    }
}

fn differ((a, first): (&Path, &'static str), (b, second): (&Path, &'static str)) -> Result<(), RunError> {
    if is_same(a, b) { Err(RunError::SameFile { path: b.to_owned(), first, second }) } else { Ok(()) }
}
