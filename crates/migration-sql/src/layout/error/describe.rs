//! What an error is for programs: a code from a closed list, and a place.

use std::path::Path;

use migration_model::GraphError;

use super::LoadError;

impl LoadError {
    /// Every code that [`code`](Self::code) gives.
    pub const CODES: &'static [&'static str] = &[
        "load.directory_missing",
        "load.not_a_directory",
        "load.unreadable",
        "load.symlink_loop",
        "load.not_utf8",
        "load.invalid_json",
        "load.invalid_toml",
        "load.invalid_annotation",
        "load.checksum_mismatch",
        "load.invalid_id",
        "load.id_mismatch",
        "load.invalid_version",
        "load.duplicate_id",
        "load.duplicate_version",
        "load.missing_up",
        "load.missing_dependency",
        "load.cycle",
        "load.ambiguous_layout",
        "load.unknown_layout",
        "load.foreign_layout",
        "load.unsupported",
        "load.unset_value",
        "new.invalid_name",
        "new.other_layout",
        "new.no_place",
        "new.not_written",
    ];

    /// The kind of error, for programs: one of [`CODES`](Self::CODES). `load.…` is about what is there, `new.…` about
    /// what should be written.
    ///
    /// | code | meaning |
    /// |---|---|
    /// | `load.directory_missing` | there is no such directory |
    /// | `load.not_a_directory` | the path is that of a file |
    /// | `load.unreadable` | the operating system doesn't let us read a file, or a link leads nowhere |
    /// | `load.symlink_loop` | a symbolic link leads to itself |
    /// | `load.not_utf8` | a file, or its name, is not UTF-8 |
    /// | `load.invalid_json` | a `.json` file is no migration |
    /// | `load.invalid_toml` | a `metadata.toml` is malformed |
    /// | `load.invalid_annotation` | a comment that should steer the layout's tool can't be obeyed, or is missing |
    /// | `load.checksum_mismatch` | a JSON file was edited by hand |
    /// | `load.invalid_id` | an id is empty, too long, or has a path separator or a control character |
    /// | `load.id_mismatch` | a JSON file states another id than its name |
    /// | `load.invalid_version` | a version is no number, or too large a one |
    /// | `load.duplicate_id` | two migrations have one id |
    /// | `load.duplicate_version` | two migrations have one version |
    /// | `load.missing_up` | a migration has only a down script |
    /// | `load.missing_dependency` | a migration depends on one that is not there |
    /// | `load.cycle` | migrations depend on each other in a ring |
    /// | `load.ambiguous_layout` | files of more than one layout |
    /// | `load.unknown_layout` | SQL files of no known layout |
    /// | `load.foreign_layout` | files of a tool that keeps up and down in one file, which would be run whole |
    /// | `load.unsupported` | a file asks for something that its own tool does and we can't, such as a placeholder |
    /// | `load.unset_value` | a script has a placeholder or a variable without a value |
    /// | `new.invalid_name` | the name is empty, too long, or has a path separator or a control character |
    /// | `new.other_layout` | the directory is in another layout |
    /// | `new.no_place` | the layout can't hold what was asked for |
    /// | `new.not_written` | the operating system didn't let us write; nothing is left behind |
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Id(_) | Self::InvalidId { .. } => "load.invalid_id",
            Self::Graph(GraphError::Missing { .. }) | Self::MissingDependency { .. } => {
                "load.missing_dependency"
            }
            Self::Graph(GraphError::Cycle { .. }) | Self::Cycle { .. } => "load.cycle",
            // `Duplicate`, and whatever else the model may one day find wrong with a set.
            Self::Graph(_) | Self::DuplicateId { .. } => "load.duplicate_id",
            Self::DirectoryMissing { .. } => "load.directory_missing",
            Self::NotADirectory { .. } => "load.not_a_directory",
            Self::Unreadable { .. } => "load.unreadable",
            Self::SymlinkLoop { .. } => "load.symlink_loop",
            Self::NotUtf8 { .. } | Self::NotUtf8Name { .. } => "load.not_utf8",
            Self::InvalidJson { .. } => "load.invalid_json",
            Self::InvalidToml { .. } => "load.invalid_toml",
            Self::InvalidAnnotation { .. } => "load.invalid_annotation",
            Self::ChecksumMismatch { .. } => "load.checksum_mismatch",
            Self::IdMismatch { .. } => "load.id_mismatch",
            Self::InvalidVersion { .. } => "load.invalid_version",
            Self::DuplicateVersion { .. } => "load.duplicate_version",
            Self::MissingUp { .. } => "load.missing_up",
            Self::AmbiguousLayout { .. } => "load.ambiguous_layout",
            Self::UnknownLayout { .. } => "load.unknown_layout",
            Self::ForeignLayout { .. } => "load.foreign_layout",
            Self::Unsupported { .. } => "load.unsupported",
            Self::Unset { .. } => "load.unset_value",
            Self::InvalidName { .. } => "new.invalid_name",
            Self::OtherLayout { .. } => "new.other_layout",
            Self::NoPlace { .. } => "new.no_place",
            Self::NotWritten { .. } => "new.not_written",
        }
    }

    /// Where it is: the file (or the directory), and the line and column in it, counted from 1, where there is one. Of
    /// several files the last in the order of their names: the one that was most likely added last.
    #[must_use]
    pub fn location(&self) -> Option<(&Path, Option<usize>, Option<usize>)> {
        let (path, place) = match self {
            Self::InvalidAnnotation { path, line, .. } => return Some((path, Some(*line), None)),
            Self::Id(_) | Self::Graph(_) | Self::InvalidName { .. } | Self::NoPlace { .. } => return None,
            Self::NotUtf8 { path, line, column, .. }
            | Self::InvalidJson { path, line, column, .. }
            | Self::InvalidToml { path, line, column, .. }
            | Self::Unset { path, line, column, .. } => (path, Some((*line, *column))),
            Self::Unsupported { path, line, column, .. } => (path, line.zip(*column)),
            Self::DuplicateId { paths, .. }
            | Self::DuplicateVersion { paths, .. }
            | Self::Cycle { paths, .. } => (paths.iter().max()?, None),
            Self::MissingDependency { missing } => (&missing.first()?.0, None),
            Self::DirectoryMissing { path }
            | Self::NotADirectory { path }
            | Self::Unreadable { path, .. }
            | Self::SymlinkLoop { path, .. }
            | Self::NotUtf8Name { path }
            | Self::ChecksumMismatch { path, .. }
            | Self::InvalidId { path, .. }
            | Self::IdMismatch { path, .. }
            | Self::InvalidVersion { path, .. }
            | Self::MissingUp { path }
            | Self::UnknownLayout { path }
            | Self::ForeignLayout { path, .. }
            | Self::NotWritten { path, .. }
            | Self::AmbiguousLayout { directory: path, .. }
            | Self::OtherLayout { directory: path, .. } => (path, None),
        };
        Some((path, place.map(|(line, _)| line), place.map(|(_, column)| column)))
    }
}
