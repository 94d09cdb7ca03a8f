//! From the library's errors to [`Failure`]: the place, the text around it, and what is in effect in words.

use std::path::Path;

use migration_kit::model::MigrationDirection;
use migration_kit::sql::{
    self, DatabaseError, EffectState, Effects, LoadError, MigrationEffect, MigrationSet, RunFailure,
};
use migration_kit::syntax::SplitError;

use crate::advice;
use crate::call::Call;
use crate::failure::{DatabaseInfo, Failure, Place, SourceText, causes};
use crate::secret;

/// An error of the library, explained. `set` is what was loaded, if it was: its texts are what spans refer to.
pub(crate) fn explain(error: &sql::Error, set: Option<&MigrationSet>, call: &Call) -> Box<Failure> {
    let mut failure = Failure::new(error.code(), error.to_string());
    if let Some(why) = causes(error) {
        failure = failure.because(why);
    }
    failure = match error {
        sql::Error::Load(error) => locate_load(failure, error),
        sql::Error::Connect { source, .. } | sql::Error::Database { source, .. } => {
            of_database(failure, source)
        }
        sql::Error::Split { migration, path, source } => match script_of(set, migration, path.as_deref()) {
            Some((name, text)) => failure.pointing_at(of_split(&name, text, source)),
            None => failure,
        },
        sql::Error::TransactionControl { path: Some(path), line, what, .. } => {
            match SourceText::of_file(path, *line, None, what) {
                Some(source) => failure.pointing_at(source),
                None => failure.at(Place { file: Some(shown(path)), line: Some(*line), ..Place::default() }),
            }
        }
        sql::Error::Changed { changed } => {
            match changed.first().and_then(|changed| changed.path.as_deref()) {
                Some(path) => failure.at(Place { file: Some(shown(path)), ..Place::default() }),
                None => failure,
            }
        }
        sql::Error::Failed(run) => of_run(failure, run, set),
        _ => failure,
    };
    if let Some(report) = error.report() {
        failure.effects = Some(report.effects.clone());
        failure.notes.extend(effects_in_words(&report.effects));
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
pub(crate) fn of_split(name: &str, text: impl Into<String>, error: &SplitError) -> SourceText {
    SourceText::new(name, text, error.offset()..error.offset() + 1, &error.kind().to_string())
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
    failure.database =
        Some(DatabaseInfo { engine: error.dialect.to_string(), sqlstate: error.sqlstate.clone() });
    failure
}

fn of_run(mut failure: Box<Failure>, run: &RunFailure, set: Option<&MigrationSet>) -> Box<Failure> {
    let place = &run.place;
    failure.why = Some(secret::mask(&run.source.message));
    failure.place = Some(Place {
        file: place.path.as_deref().map(shown),
        line: place.line,
        column: place.column,
        statement: place.statement,
    });
    let script = script_of(set, &run.migration, place.path.as_deref());
    failure.source = match (script, &place.span, &place.sql) {
        (Some((name, text)), Some(span), _) => {
            Some(SourceText::new(&name, text, span.clone(), &run.source.message))
        }
        (_, _, Some(sql)) => {
            let name = place.path.as_deref().map_or_else(|| run.migration.clone(), shown);
            Some(SourceText::new(&name, sql.clone(), 0..sql.len(), &run.source.message))
        }
        _ => None,
    };
    of_database(failure, &run.source)
}

/// The text of the script that stands in `path`, with the name to show for it.
fn script_of(set: Option<&MigrationSet>, id: &str, path: Option<&Path>) -> Option<(String, String)> {
    let migration = set?.get(id)?;
    let script = match &migration.down {
        Some(down)
            if path.is_some() && down.path.as_deref() == path && migration.up.path.as_deref() != path =>
        {
            down
        }
        _ => &migration.up,
    };
    let name = script.path.as_deref().map_or_else(|| id.to_owned(), shown);
    Some((name, script.text.to_string()))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What is in effect, for people.
pub(crate) fn effects_in_words(effects: &Effects) -> Vec<String> {
    let with = |effect: MigrationEffect| -> Vec<&str> {
        effects.migrations.iter().filter(|(_, e)| **e == effect).map(|(id, _)| id.as_str()).collect()
    };
    let all = match effects.state {
        EffectState::None => "nothing of this run is in effect",
        EffectState::Partial => "part of this run is in effect",
        EffectState::Complete => "all of this run is in effect",
        EffectState::Unknown => "the database could not be asked what of this run is in effect",
    };
    let parts = [
        ("applied", MigrationEffect::Applied),
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
        .assert_eq(&effects_in_words(&effects).join("\n"));
        assert_eq!(some_of(&["a", "b", "c", "d", "e", "f", "g"]), "a, b, c, d, e and 2 more");
    }
}
