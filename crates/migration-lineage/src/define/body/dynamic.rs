//! What a body makes of the schema, and texts that it runs as statements.

use migration_syntax::{Dialect, StatementKind, Token, TokenKind, split};
use sqlparser::ast::{Expr, Statement};

use super::blocks::{Block, Words};
use super::read::Given;
use super::{Frame, Run, Texts, clean, needs, texts};
use crate::catalogue::{Catalogue, Made};
use crate::define::names::words;
use crate::fault::Fault;
use crate::flow::{ColumnRef, Subtype};
use crate::parse;
use crate::result::Findings;

/// Why a text is not read.
const UNKNOWN_TEXT: Fault = Fault::Unsupported("a text that is put together when it runs");

impl Run<'_> {
    /// A statement that changes the schema. It is done once, however often the body is gone through.
    pub(super) fn define(&mut self, text: &str, at: Words<'_>) {
        if !self.last {
            return;
        }
        let Ok(statements) = split(text, self.dialect()) else { return };
        for statement in &statements {
            if let Some(made) = self.catalogue.session.made.as_mut().filter(|_| self.body.runs) {
                let conditional = self.frames.iter().any(|frame| frame.block != Block::Plain);
                made.push(Made { statement: statement.text.to_owned(), conditional });
            }
            let needs = needs::of_definition(statement.text, self.catalogue);
            let mut inside = Findings::default();
            if let Err(fault) = crate::define::apply(statement, self.catalogue, &mut inside) {
                self.fault(at, &fault);
            }
            for part in std::mem::take(&mut inside.unanalysed) {
                self.fault(at, &Fault::Told(part.reason));
            }
            let guard = self.guard();
            let targets: Vec<ColumnRef> = inside
                .flows()
                .filter(|(_, flow)| !flow.is_empty())
                .map(|(target, _)| target.clone())
                .collect();
            targets.into_iter().for_each(|target| inside.column(target, guard.clone()));
            if !self.body.runs {
                // A function that is only made renames nothing yet.
                inside.changes.clear();
            }
            self.effects.changes_schema = true;
            self.effects.inputs.extend(inside.inputs.iter().cloned());
            self.effects.outputs.extend(inside.outputs.iter().cloned());
            self.effects.reads.append(&mut inside.touched);
            self.effects.needs.join(needs);
            self.defined.join(inside);
        }
    }

    /// `PREPARE name FROM text`, or with the statement itself behind `AS`.
    pub(super) fn prepare(&mut self, name: Words<'_>, text: Words<'_>) {
        let Some(name) = self.name(name) else { return };
        let texts = self.expression(text).and_then(|given| given.texts);
        if texts.is_none() {
            self.fault(text, &UNKNOWN_TEXT);
        }
        self.catalogue.session.prepare(name, texts);
    }

    /// `EXECUTE text INTO … USING …`, or MySQL's `EXECUTE name USING …`.
    pub(super) fn execute(&mut self, all: Words<'_>) -> Option<Given> {
        let into = outside(all, "into");
        let using = outside(all, "using");
        let end = into.unwrap_or(all.len()).min(using.unwrap_or(all.len()));
        let text = &all[..end];
        let variables = into.map(|at| clean::variables(all, at + 1, self.dialect()).0).unwrap_or_default();
        let used = using.map_or(&[][..], |at| {
            let end = into.filter(|into| *into > at).unwrap_or(all.len());
            all.get(at + 1..end).unwrap_or_default()
        });
        let given = if self.dialect() == Dialect::Mysql {
            Given { texts: self.immediate(text), ..Given::default() }
        } else {
            self.expression(text).unwrap_or_default()
        };
        // What decides on the text decides on what it does.
        let condition = given.value().through(Subtype::Conditional);
        let Given { texts: known, begins, .. } = given;
        let Some(known) = known else {
            if begins.is_none_or(|begins| !begins_with_nothing(&begins, self.dialect())) {
                self.effects.changes_schema = true;
                self.fault(all, &UNKNOWN_TEXT);
            }
            return None;
        };
        self.effects.changes_schema = true;
        let used: Vec<String> = clean::split_list(used).into_iter().map(clean::join).collect();
        self.frames.push(Frame::deciding(condition));
        let mut all_given: Option<Given> = None;
        for text in known {
            let given = self.run(&text, &used, all);
            all_given = match (all_given, given) {
                (Some(mut before), Some(given)) => {
                    before.rows.add(given.rows);
                    for ((_, before), (_, flow)) in before.columns.iter_mut().zip(given.columns) {
                        before.add(flow);
                    }
                    Some(before)
                }
                (before, given) => given.or(before),
            };
        }
        self.frames.pop();
        self.give(&variables, all_given.as_ref());
        all_given
    }

    /// MySQL: what a prepared statement says; or `EXECUTE IMMEDIATE` with a text.
    fn immediate(&mut self, text: Words<'_>) -> Texts {
        if text.first().is_some_and(|word| word.is_word("immediate")) {
            return self.expression(&text[1..]).and_then(|given| given.texts);
        }
        let name = self.name(text)?;
        // What was not known when it was prepared has been listed there.
        Some(self.catalogue.session.prepared(&name)?.clone().unwrap_or_default())
    }

    /// A text that is run, with these values for its parameters.
    fn run(&mut self, text: &str, used: &[String], at: Words<'_>) -> Option<Given> {
        let dialect = self.dialect();
        let text = texts::in_own_database(&filled(text, used, dialect));
        let Ok(statements) = split(&text, dialect) else {
            self.fault(at, &Fault::Unsupported("a text that is no statement"));
            return None;
        };
        let mut given = None;
        for statement in &statements {
            use StatementKind as K;
            let about_rows = matches!(
                statement.kind,
                K::Select
                    | K::Values
                    | K::Insert
                    | K::Update
                    | K::Delete
                    | K::Replace
                    | K::Merge
                    | K::Truncate
                    | K::Call
            );
            if about_rows {
                given = self.statement(statement.text, at);
            } else {
                self.define(statement.text, at);
            }
        }
        given
    }
}

/// Whether a text that begins so can touch no row and no column, however it goes on.
fn begins_with_nothing(text: &str, dialect: Dialect) -> bool {
    use StatementKind as K;
    let Ok(statements) = split(text, dialect) else { return false };
    let [statement] = statements.as_slice() else { return false };
    let tokens = words(statement.text, dialect);
    let holds_rows =
        ["table", "view", "materialized", "foreign", "schema", "temporary", "temp", "function", "procedure"];
    let second = |is: &[&str]| tokens.get(1).is_some_and(|token| is.iter().any(|word| token.is_word(word)));
    match statement.kind {
        K::CreateIndex | K::DropIndex => true,
        K::Create => crate::define::names::moves_nothing(statement.text),
        K::Alter | K::AlterTable if gives_away(&tokens) => true,
        K::Alter | K::Drop => tokens.len() > 1 && !second(&holds_rows),
        K::Explain => !tokens.iter().any(|token| token.is_word("analyze")),
        kind => crate::define::moves_nothing(kind),
    }
}

/// `… OWNER TO`.
fn gives_away(tokens: &[Token<'_>]) -> bool {
    tokens.windows(2).any(|pair| pair[0].is_word("owner") && pair[1].is_word("to"))
}

/// Where a word stands outside of brackets.
fn outside(words: &[Token<'_>], word: &str) -> Option<usize> {
    let mut depth = 0usize;
    words.iter().position(|token| {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is_word(word)
    })
}

/// A text with expressions in place of its parameters.
pub(crate) fn filled(text: &str, used: &[String], dialect: Dialect) -> String {
    if used.is_empty() {
        return text.to_owned();
    }
    let mut output = String::new();
    let (mut last, mut next) = (0, 0);
    for token in words(text, dialect).iter().filter(|token| token.kind == TokenKind::Parameter) {
        let at = match token.text.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()) {
            Some(number) => number.checked_sub(1),
            None if token.text == "?" => {
                next += 1;
                Some(next - 1)
            }
            None => None,
        };
        let Some(value) = at.and_then(|at| used.get(at)) else { continue };
        output.push_str(&text[last..token.start]);
        output.push_str(&format!("({})", value.trim()));
        last = token.end;
    }
    output.push_str(&text[last..]);
    output
}

/// The texts that an expression can come to, of what a caller knows.
pub(crate) fn known_texts(expr: &Expr, catalogue: &Catalogue) -> Texts {
    let known = texts::Known {
        dialect: catalogue.dialect(),
        variable: &|_| None,
        begins: &|_| None,
        schema: catalogue.schema(),
    };
    known.value(expr)
}

/// The same of an expression that is still a text.
pub(crate) fn texts_of(expr: &str, catalogue: &Catalogue) -> Texts {
    let read = parse::with_parsed(&format!("SELECT {expr}"), catalogue.dialect(), |trees| {
        let known = texts::Known {
            dialect: catalogue.dialect(),
            variable: &|_| None,
            begins: &|_| None,
            schema: catalogue.schema(),
        };
        let [Statement::Query(query)] = trees else { return Ok(None) };
        Ok(known.query(query))
    });
    read.ok().flatten()
}
