//! `migration impact`: what a change would break, by the catalogue that the history builds; runs nothing.

mod change;
mod live;
mod show;

use std::collections::BTreeSet;

use migration_kit::lineage::{Analyzer, Catalogue, Coverage, Dependent, Impact, StatementLineage};
use migration_kit::syntax::{Dialect, Statement, StatementKind, split};
use schemars::JsonSchema;
use serde::Serialize;

use self::change::{Change, Part};
use self::live::Live;
use crate::args::ImpactArgs;
use crate::command::lineage::object::alike;
use crate::context::Context;
use crate::failure::{Failure, NextAction, Result};
use crate::outcome::{CommandData, Outcome};
use crate::screen::{View, count};

/// What a change would do to what depends on the things that it changes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImpactData {
    /// Whose rules hold.
    dialect: Dialect,
    /// Whether the database was asked: then its schema is what there was before, and not the history's.
    live: bool,
    /// What the change was compared with.
    history: HistoryRead,
    /// The statements that change something, and those of which that can't be told, in order.
    statements: Vec<StatementImpact>,
    /// How much there is of each kind.
    summary: Summary,
}

/// The migrations that were read before the change.
#[derive(Debug, Serialize, JsonSchema)]
struct HistoryRead {
    /// How many; none if the database was asked for its schema.
    migrations: usize,
    /// How much of them was understood.
    coverage: Coverage,
}

/// One statement and what it would do.
#[derive(Debug, Serialize, JsonSchema)]
struct StatementImpact {
    /// The migration that it is of.
    migration: Option<String>,
    /// The file, `<stdin>` or `<sql>`.
    file: String,
    /// The line that it begins in, from 1.
    line: usize,
    /// Byte offset of its first byte.
    start: usize,
    /// Byte offset behind its last byte.
    end: usize,
    /// What it does, by its first words.
    kind: StatementKind,
    /// The statement.
    text: String,
    /// One for each change that it makes, in order.
    impacts: Vec<Impact>,
    /// Why it could not be read; then `impacts` is empty.
    not_understood: Option<String>,
}

/// How many statements would be refused, and how many things are affected by the others.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Summary {
    /// Statements that the database would refuse.
    refused: usize,
    /// Things that would fail afterwards.
    broken: usize,
    /// Views whose columns would be other ones.
    reshaped: usize,
    /// Things that would go as well.
    vanished: usize,
    /// Changes of tables and columns that nothing has made.
    unknown: usize,
    /// Statements that could not be read.
    not_understood: usize,
}

impl Summary {
    fn of(statements: &[StatementImpact]) -> Self {
        let mut summary = Self::default();
        for statement in statements {
            summary.not_understood += usize::from(statement.not_understood.is_some());
            summary.refused += usize::from(statement.impacts.iter().any(|impact| impact.refused));
            let so = |all: &BTreeSet<Dependent>| all.iter().filter(|dependent| !dependent.denied).count();
            for impact in &statement.impacts {
                // The database has said it in its own words.
                summary.unknown += usize::from(impact.unknown.is_some() && impact.engine_says.is_none());
                summary.broken += so(&impact.broken);
                summary.reshaped += so(&impact.reshaped);
                summary.vanished += so(&impact.vanished);
            }
        }
        summary
    }

    /// What makes the answer another than "all well".
    fn failure(&self) -> Option<Box<Failure>> {
        if self.refused + self.broken + self.vanished > 0 {
            let refused = count(self.refused, "statement");
            let message = format!(
                "{refused} would be refused, {} would break, {} would vanish",
                self.broken, self.vanished
            );
            return Some(Failure::new("impact.findings", message));
        }
        if self.unknown > 0 {
            let what = match self.unknown {
                1 => "a table or column".to_owned(),
                number => format!("{number} tables or columns"),
            };
            let message = format!("{what} that nothing has made would be changed");
            return Some(Failure::new("impact.unknown_object", message));
        }
        (self.not_understood > 0).then(|| {
            let message = format!("{} could not be read", count(self.not_understood, "statement"));
            Failure::new("impact.not_understood", message)
        })
    }
}

impl CommandData for ImpactData {
    fn render(&self, view: View) -> String {
        show::render(self, view)
    }
}

pub(crate) fn run(args: &ImpactArgs, context: &Context) -> Result<Outcome<ImpactData>> {
    let mut live = if args.live { Some(Live::open(context)?) } else { None };
    let change = change::read(args, live.as_ref().map(Live::dialect), context)?;
    let Change { dialect, mut history, parts } = change;
    let mut analyzer = Analyzer::new(dialect);
    let mut read: Vec<StatementLineage> = Vec::new();
    if let Some(live) = &mut live {
        history.clear();
        read.extend(live.schema()?.analyze(&mut analyzer).statements);
    }
    for part in &history {
        read.extend(part.sql.analyze(&mut analyzer).statements);
    }
    let history = HistoryRead { migrations: history.len(), coverage: Coverage::of(&read) };
    let mut statements = Vec::new();
    for part in &parts {
        look_at(part, &mut analyzer, live.as_mut(), &mut statements)?;
    }
    let summary = Summary::of(&statements);
    let failure =
        summary.failure().map(|failure| advise(failure, &statements, analyzer.catalogue(), live.is_some()));
    let data = ImpactData { dialect, live: live.is_some(), history, statements, summary };
    Ok(match failure {
        Some(failure) => Outcome::with_failure(data, failure),
        None => Outcome::done(data),
    })
}

/// The error with what may have been meant by names that nothing has made.
fn advise(
    mut failure: Box<Failure>,
    statements: &[StatementImpact],
    catalogue: &Catalogue,
    live: bool,
) -> Box<Failure> {
    let names = || {
        let relations = catalogue.relations();
        relations.flat_map(|relation| {
            let columns = relation.columns.iter().map(|column| format!("{}.{}", relation.name, column.name));
            std::iter::once(relation.name.to_string()).chain(columns)
        })
    };
    let impacts = statements.iter().flat_map(|statement| &statement.impacts);
    let unknown: BTreeSet<&String> = impacts.filter_map(|impact| impact.unknown.as_ref()).collect();
    for name in &unknown {
        let is_column = names().any(|known| name.starts_with(&format!("{known}.")));
        let like = alike(name, names().filter(|known| known.contains('.') || !is_column));
        if let Some(best) = like.first() {
            failure = failure.advise(NextAction::manual(format!("`{name}`: did you mean `{best}`?")));
        }
    }
    if !unknown.is_empty() && !live {
        let label = "what the database has beside what the migrations make is known with --live";
        failure = failure.advise(NextAction::manual(label));
    }
    failure
}

/// Asks of each statement of a text what it would do, after those before it. One that would be refused changes nothing for
/// those behind it.
fn look_at(
    part: &Part,
    analyzer: &mut Analyzer,
    mut live: Option<&mut Live<'_>>,
    found: &mut Vec<StatementImpact>,
) -> Result<()> {
    let dialect = analyzer.catalogue().dialect();
    let statements = split(&part.sql.text, dialect).map_err(|error| part.sql.unsplittable(&error))?;
    for statement in &statements {
        let mut asked = analyzer.catalogue().impact(statement.text);
        if let Some(live) = &mut live {
            let changes = analyzer.catalogue().changes(statement.text).unwrap_or_default();
            live.confirm(statement, &changes, &mut asked)?;
        }
        let refused = asked.as_ref().is_ok_and(|impacts| impacts.iter().any(|impact| impact.refused));
        if !refused {
            let lineage = analyzer.statement(statement);
            if let Some(live) = &mut live {
                live.passed(&lineage);
            }
        }
        let (impacts, not_understood) = match asked {
            Ok(impacts) if impacts.is_empty() => match unlooked_at(statement) {
                Some(what) => (impacts, Some(format!("what depends on a {what} is not looked at"))),
                None => continue,
            },
            Ok(impacts) => (impacts, None),
            Err(_) if !may_change(statement) => continue,
            Err(why) => (Vec::new(), Some(why)),
        };
        found.push(StatementImpact {
            migration: part.migration.clone(),
            file: part.sql.name.clone(),
            line: statement.line,
            start: statement.start,
            end: statement.end,
            kind: statement.kind,
            text: statement.text.to_owned(),
            impacts,
            not_understood,
        });
    }
    Ok(())
}

/// What a statement takes away or gives another name, if it is something of which is not known what depends on it.
fn unlooked_at(statement: &Statement<'_>) -> Option<String> {
    const WHAT: [&str; 14] = [
        "SCHEMA",
        "DATABASE",
        "FUNCTION",
        "PROCEDURE",
        "ROUTINE",
        "AGGREGATE",
        "TYPE",
        "DOMAIN",
        "SEQUENCE",
        "EXTENSION",
        "OPERATOR",
        "COLLATION",
        "CAST",
        "OWNED",
    ];
    let renames = || {
        let words: Vec<_> = statement.text.split_whitespace().map(str::to_ascii_lowercase).collect();
        let moves = |pair: &[String]| pair[0] == "set" && pair[1] == "schema";
        words.iter().any(|word| word == "rename") || words.windows(2).any(moves)
    };
    match statement.kind {
        StatementKind::Drop | StatementKind::DropDatabase => {}
        // Another name is as good as gone to whoever has the one that it had.
        StatementKind::Alter if renames() => {}
        _ => return None,
    }
    let word = statement.text.split_whitespace().nth(1)?.to_ascii_uppercase();
    WHAT.contains(&&*word).then(|| word.to_lowercase())
}

/// Whether a statement that can't be read may take something away or change it: new things break nothing.
fn may_change(statement: &Statement<'_>) -> bool {
    use StatementKind as K;
    matches!(
        statement.kind,
        K::AlterTable
            | K::Alter
            | K::DropTable
            | K::DropIndex
            | K::DropView
            | K::DropTrigger
            | K::DropDatabase
            | K::Drop
            | K::Rename
            | K::Do
            | K::Call
            | K::Other
    )
}
