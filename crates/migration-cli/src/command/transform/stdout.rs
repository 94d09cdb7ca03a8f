//! Paths that are stdout, such as `/dev/stdout`: what goes there must not meet the report.

use std::path::Path;

use migration_kit::transform::FileFormat;

use crate::args::TransformArgs;

const DASH: &str = "-";

/// The same arguments, with `-` for what is the open file that stdout is.
pub(super) fn named(args: &TransformArgs) -> TransformArgs {
    let mut args = args.clone();
    if is_stdout(&args.output) {
        // A named pipe may be both.
        args.to = args.to.or_else(|| FileFormat::of(&args.output).ok());
        args.output = DASH.into();
    }
    args.rejects = args.rejects.map(|path| if is_stdout(&path) { DASH.into() } else { path });
    args
}

#[cfg(unix)]
fn is_stdout(path: &Path) -> bool {
    use std::fs::{self, File};
    use std::io::{IsTerminal, stdout};
    use std::os::fd::AsFd;
    use std::os::unix::fs::{FileTypeExt, MetadataExt};

    let open = stdout().as_fd().try_clone_to_owned().map(File::from).and_then(|file| file.metadata());
    let (Ok(open), Ok(known)) = (open, fs::metadata(path)) else { return false };
    if (open.dev(), open.ino(), open.rdev()) != (known.dev(), known.ino(), known.rdev()) {
        return false;
    }
    // By its own name a file is replaced as a whole, and what goes to a device such as `/dev/null` meets nothing.
    let kind = known.file_type();
    kind.is_fifo() || kind.is_socket() || stdout().is_terminal() || is_descriptor(path)
}

/// Whether a path leads to the descriptor of stdout by its number.
#[cfg(unix)]
fn is_descriptor(path: &Path) -> bool {
    let (descriptors, mut path) = (Path::new("/dev/fd").canonicalize().ok(), path.to_owned());
    // As many links as Linux follows.
    for _ in 0..40 {
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        if folder.is_some() && folder == descriptors && path.ends_with("1") {
            return true;
        }
        let Ok(next) = path.read_link() else { return false };
        path = path.with_file_name(next);
    }
    false
}

#[cfg(not(unix))]
fn is_stdout(_: &Path) -> bool {
    false
}
