//! From the library's errors to [`Failure`]: the place, the text around it, and what is in effect in words.

use std::path::Path;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{
    self, AdoptError, DatabaseError, EffectState, Effects, LoadError, MigrationEffect, RunFailure,
};
use migration_kit::syntax::{Dialect, SplitError};

use crate::advice;
use crate::call::Call;
use crate::failure::{DatabaseInfo, Failure, Place, SourceText, causes};
use crate::script::{self, Known};
use crate::secret;

/// An error of the library, explained. `known` is what was loaded, if it was: its texts are what spans refer to.
pub(crate) fn explain(error: &sql::Error, known: Option<Known<'_>>, call: &Call) -> Box<Failure> {
    let mut failure = Failure::new(error.code(), error.to_string());
    if let Some(why) = causes(error) {
        failure = failure.because(why);
    }
    failure = match error {
        sql::Error::Load(error) => locate_load(failure, error),
        sql::Error::Connect { source, .. }
        | sql::Error::NoSuchDatabase { source, .. }
        | sql::Error::Database { source, .. } => of_database(failure, source),
        sql::Error::Split { migration, path, source } => {
            match script::split_source(known, migration, path.as_deref(), source) {
                Some(source) => failure.pointing_at(source),
                None => failure,
            }
        }
        sql::Error::TransactionControl { path: Some(path), line, what, .. } => {
            // The line counts in the script, and a JSON file has that on a line of its own.
            let is_json = path.extension().is_some_and(|end| end == "json");
            match SourceText::of_file(path, *line, None, what).filter(|_| !is_json) {
                Some(source) => failure.pointing_at(source),
                None => failure.at(Place { file: Some(shown(path)), ..Place::default() }),
            }
        }
        sql::Error::Adopt(AdoptError::Changed { changed, .. }) => {
            match changed.first().and_then(|changed| changed.path.as_deref()) {
                Some(path) => failure.at(Place { file: Some(shown(path)), ..Place::default() }),
                None => failure,
            }
        }
        sql::Error::Changed { changed } => {
            match changed.first().and_then(|changed| changed.path.as_deref()) {
                Some(path) => failure.at(Place { file: Some(shown(path)), ..Place::default() }),
                None => failure,
            }
        }
        sql::Error::Hook { source, .. } => match source.downcast_ref::<DatabaseError>() {
            Some(source) => of_database(failure, source),
            None => failure,
        },
        sql::Error::Failed(run) => of_run(failure, run, known),
        _ => failure,
    };
    if let Some(report) = error.report() {
        failure.effects = Some(report.effects.clone());
        failure.notes.extend(effects_in_words(&report.effects, report.direction));
    }
    failure.next_actions.extend(advice::for_error(error, call));
    failure
}

/// The error of a directory that can't be read, explained.
pub(crate) fn explain_load(error: &LoadError) -> Box<Failure> {
    let mut failure = Failure::new(error.code(), error.to_string());
    if let Some(why) = causes(error) {
        failure = failure.because(why);
    }
    failure.next_actions = advice::for_load(error);
    locate_load(failure, error)
}

/// Where a text can't be split.
pub(crate) fn of_split(name: &str, text: &str, dialect: Dialect, error: &SplitError) -> SourceText {
    SourceText::of_sql(name, text, dialect, error.offset()..error.offset() + 1, &error.kind().to_string())
}

fn locate_load(failure: Box<Failure>, error: &LoadError) -> Box<Failure> {
    let Some((path, line, column)) = error.location() else { return failure };
    let label = failure.why.clone().unwrap_or_default();
    match line.and_then(|line| SourceText::of_file(path, line, column, &label)) {
        Some(source) => failure.pointing_at(source),
        None => failure.at(Place { file: Some(shown(path)), line, column, statement: None }),
    }
}

fn of_database(mut failure: Box<Failure>, error: &DatabaseError) -> Box<Failure> {
    failure.database = Some(DatabaseInfo {
        engine: error.dialect.to_string(),
        sqlstate: error.sqlstate.clone(),
        blocked_by: Vec::new(),
    });
    failure
}

fn of_run(mut failure: Box<Failure>, run: &RunFailure, known: Option<Known<'_>>) -> Box<Failure> {
    let place = &run.place;
    failure.why = Some(secret::mask(&run.cause.message));
    let named = place.path.as_deref().map(shown);
    let told =
        Place { file: named.clone(), line: place.line, column: place.column, statement: place.statement };
    // A failed commit, or a lock that was not to be had, is nowhere.
    failure.place = Some(told).filter(|place| *place != Place::default());
    let span = place.span.clone();
    let source = span.and_then(|span| {
        script::source(known, &run.migration, run.report.direction, span, &run.cause.message)
    });
    if let Some(source) = &source {
        failure.place = Some(Place { statement: place.statement, ..source.place() });
    }
    failure.source = source.or_else(|| {
        let sql = place.sql.as_deref()?;
        let name = named.as_deref().unwrap_or(&run.migration);
        Some(SourceText::of_sql(name, sql, run.cause.dialect, 0..sql.len(), &run.cause.message))
    });
    let mut failure = of_database(failure, &run.cause);
    if let Some(database) = &mut failure.database {
        database.blocked_by.clone_from(&run.blocked_by);
    }
    failure
}

fn shown(path: &Path) -> String {
    // Somebody may have given a URL where a path is expected.
    secret::mask(&path.display().to_string())
}

/// What is in effect, for people.
pub(crate) fn effects_in_words(effects: &Effects, direction: MigrationDirection) -> Vec<String> {
    let with = |effect: MigrationEffect| -> Vec<&str> {
        effects.migrations.iter().filter(|(_, e)| **e == effect).map(|(id, _)| id.as_str()).collect()
    };
    let all = match effects.state {
        EffectState::None => "nothing of this run is in effect",
        EffectState::Partial => "part of this run is in effect",
        EffectState::Complete => "all of this run is in effect",
        EffectState::Unknown => "the database could not be asked what of this run is in effect",
    };
    let applied = match direction {
        MigrationDirection::Up => "applied",
        MigrationDirection::Down => "still applied",
    };
    let parts = [
        (applied, MigrationEffect::Applied),
        ("in part applied", MigrationEffect::Partial),
        ("rolled back", MigrationEffect::RolledBack),
        ("not run", MigrationEffect::NotRun),
        ("not known", MigrationEffect::Unknown),
    ];
    let mut words = vec![all.to_owned()];
    words.extend(parts.into_iter().filter_map(|(label, effect)| {
        let ids = with(effect);
        (!ids.is_empty()).then(|| format!("{label}: {}", some_of(&ids)))
    }));
    words
}

/// A list for people: at most five of them.
pub(crate) fn some_of(ids: &[&str]) -> String {
    let mut text = ids.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    if ids.len() > 5 {
        text.push_str(&format!(" and {} more", ids.len() - 5));
    }
    text
}

/// What a migration of a run came to, as a word.
pub(crate) fn done_word(direction: MigrationDirection) -> &'static str {
    match direction {
        MigrationDirection::Up => "applied",
        MigrationDirection::Down => "rolled back",
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn effects() {
        let effects = Effects {
            state: EffectState::Partial,
            migrations: [
                ("1".to_owned(), MigrationEffect::Applied),
                ("2".to_owned(), MigrationEffect::RolledBack),
                ("3".to_owned(), MigrationEffect::NotRun),
                ("4".to_owned(), MigrationEffect::NotRun),
            ]
            .into(),
        };
        expect![[r#"
            part of this run is in effect
            applied: 1
            rolled back: 2
            not run: 3, 4"#]]
        .assert_eq(&effects_in_words(&effects, MigrationDirection::Up).join("\n"));
        assert_eq!(some_of(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
    }
}
