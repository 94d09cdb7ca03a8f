//! What the exit code is: one table from error codes to exit codes, the same for every command.

use migration_kit::sql::EffectState;

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, or nothing to do.
    Ok = 0,
    /// A bug in this tool.
    Bug = 1,
    /// The command line, a file or the database's state is not as it has to be; nothing was begun.
    Usage = 2,
    /// What was asked for was not confirmed; nothing was begun.
    Declined = 3,
    /// The question was answered, and the answer is not "all well".
    Findings = 4,
    /// A run failed and left nothing behind. The same call may succeed another time.
    NothingDone = 7,
    /// A run failed and what it did is in effect, in part or as a whole, or can't be found out.
    PartlyDone = 8,
    /// Ctrl-C or SIGTERM.
    Interrupted = 130,
}

impl Exit {
    pub(crate) fn code(self) -> u8 {
        self as u8
    }
}

/// Error code (or what it begins with) to exit code, for errors that come before anything ran; the first line that fits
/// counts.
///
/// The rule: 2 where the caller has to change something (the call, a file, the URL, a decision that is due) before the
/// same call can succeed; 7 where the call was right and the world was in the way, so that trying again is sensible: the
/// lock is held, the disk is full, the connection broke.
const TABLE: &[(&str, Exit)] = &[
    ("internal.", Exit::Bug),
    ("run.interrupted", Exit::Interrupted),
    // Drift: the directory and the history tell different stories.
    ("history.changed", Exit::Findings),
    ("history.missing_file", Exit::Findings),
    ("adopt.changed", Exit::Findings),
    ("adopt.missing_file", Exit::Findings),
    ("verify.", Exit::Findings),
    ("status.", Exit::Findings),
    ("tenants.findings", Exit::Findings),
    ("impact.", Exit::Findings),
    // Somebody said no.
    ("environment.declined", Exit::Declined),
    // The caller has to change something.
    ("usage.", Exit::Usage),
    ("environment.", Exit::Usage),
    ("new.", Exit::Usage),
    ("convert.", Exit::Usage),
    ("config.", Exit::Usage),
    ("url.", Exit::Usage),
    ("load.", Exit::Usage),
    ("split.", Exit::Usage),
    ("file.", Exit::Usage),
    ("lineage.not_written", Exit::NothingDone),
    ("lineage.not_sent", Exit::NothingDone),
    ("lineage.", Exit::Usage),
    ("connect.", Exit::Usage),
    ("plan.", Exit::Usage),
    ("history.", Exit::Usage),
    ("adopt.", Exit::Usage),
    ("baseline.", Exit::Usage),
    ("database.read_only", Exit::Usage),
    ("database.not_a_database", Exit::Usage),
    ("database.cant_open", Exit::Usage),
    ("database.corrupt", Exit::Usage),
    ("database.denied", Exit::Usage),
    // The world was in the way.
    ("database.", Exit::NothingDone),
    ("apply.", Exit::NothingDone),
    ("transform.input_failed", Exit::NothingDone),
    ("transform.output_failed", Exit::NothingDone),
    ("transform.output_busy", Exit::NothingDone),
    ("transform.strict", Exit::NothingDone),
    ("transform.", Exit::Usage),
    ("run.", Exit::NothingDone),
    ("tenants.failed", Exit::NothingDone),
    ("tenants.", Exit::Usage),
    ("hook.failed", Exit::NothingDone),
    ("hook.", Exit::Usage),
    ("output.", Exit::NothingDone),
];

/// The exit code of an error. `effects` is what is in effect of a run, if one was begun, and decides over the table.
pub(crate) fn exit_of(code: &str, effects: Option<EffectState>) -> Exit {
    let by_code =
        TABLE.iter().find(|(prefix, _)| code.starts_with(prefix)).map_or(Exit::Bug, |(_, exit)| *exit);
    match (by_code, effects) {
        (Exit::Interrupted | Exit::Bug, _) | (_, None) => by_code,
        (_, Some(EffectState::None)) => Exit::NothingDone,
        (_, Some(EffectState::Partial | EffectState::Complete | EffectState::Unknown)) => Exit::PartlyDone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_anything_ran() {
        let cases = [
            ("internal.panic", 1),
            ("usage.unknown_argument", 2),
            ("config.invalid", 2),
            ("url.invalid", 2),
            ("load.duplicate_id", 2),
            ("new.not_written", 2),
            ("split.unterminated", 2),
            ("connect.refused", 2),
            ("connect.database_missing", 2),
            ("plan.unknown_migration", 2),
            ("history.foreign_table", 2),
            ("history.failed_row", 2),
            ("history.foreign_tool", 2),
            ("adopt.ambiguous", 2),
            ("adopt.changed", 4),
            ("adopt.missing_file", 4),
            ("baseline.not_the_beginning", 2),
            ("database.read_only", 2),
            ("database.not_a_database", 2),
            ("environment.mismatch", 2),
            ("environment.declined", 3),
            ("history.changed", 4),
            ("history.missing_file", 4),
            ("verify.findings", 4),
            ("status.pending", 4),
            ("database.locked", 7),
            ("database.full", 7),
            ("database.connection_lost", 7),
            ("tenants.failed", 7),
            ("tenants.findings", 4),
            ("tenants.none", 2),
            ("impact.findings", 4),
            ("impact.unknown_object", 4),
            ("lineage.unknown_object", 2),
            ("lineage.not_written", 7),
            ("hook.failed", 7),
            ("hook.invalid", 2),
            ("run.interrupted", 130),
            ("a code that nobody thought of", 1),
        ];
        for (code, exit) in cases {
            assert_eq!(exit_of(code, None).code(), exit, "{code}");
        }
    }

    #[test]
    fn every_code_of_the_loader_is_in_the_table() {
        for code in migration_kit::sql::LoadError::CODES {
            assert_eq!(exit_of(code, None), Exit::Usage, "{code}");
        }
    }

    #[test]
    fn what_is_in_effect_decides_after_a_run() {
        let code = "apply.statement_failed";
        assert_eq!(exit_of(code, Some(EffectState::None)), Exit::NothingDone);
        assert_eq!(exit_of(code, Some(EffectState::Partial)), Exit::PartlyDone);
        assert_eq!(exit_of(code, Some(EffectState::Complete)), Exit::PartlyDone);
        assert_eq!(exit_of("database.full", Some(EffectState::Unknown)), Exit::PartlyDone);
        assert_eq!(exit_of("run.interrupted", Some(EffectState::Partial)), Exit::Interrupted);
    }
}
