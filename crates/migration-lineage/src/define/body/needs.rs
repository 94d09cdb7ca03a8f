//! What a body can't do without though no value of it comes from there: the types of its variables, what its statements
//! change the definition of, lock or index.

use migration_syntax::{Dialect, Token};
use sqlparser::ast::{AlterTableOperation as Op, Statement};

use super::blocks::Words;
use super::{Run, clean};
use crate::catalogue::{Catalogue, Needs, is_base_type};
use crate::define::{names, table};
use crate::name::{Ident, ObjectName};
use crate::parse;

/// What a statement names of tables that are there, where it changes the schema.
pub(super) fn of_definition(text: &str, catalogue: &Catalogue) -> Needs {
    let dialect = catalogue.dialect();
    let mut needs = Needs::default();
    let read = parse::with_parsed(text, dialect, |trees| {
        for tree in trees {
            match tree {
                Statement::AlterTable(alter) if !alter.if_exists => {
                    let table = catalogue.canonical(&ObjectName::of(&alter.name, dialect));
                    for operation in &alter.operations {
                        let column = match operation {
                            Op::AlterColumn { column_name, .. } => column_name,
                            Op::RenameColumn { old_column_name, .. } => old_column_name,
                            Op::DropColumn { column_names, if_exists: false, .. } => {
                                match &column_names[..] {
                                    [only] => only,
                                    _ => continue,
                                }
                            }
                            _ => continue,
                        };
                        needs.column(&table, &Ident::of(column, dialect));
                    }
                    needs.table(table);
                }
                Statement::CreateIndex(create) => {
                    let table = catalogue.canonical(&ObjectName::of(&create.table_name, dialect));
                    let keys = create.columns.iter().map(|column| &column.column.expr);
                    for name in keys.chain(&create.predicate).flat_map(|key| table::names_in(key, dialect)) {
                        needs.column(&table, &name);
                    }
                    needs.table(table);
                }
                _ => {}
            }
        }
        Ok(())
    });
    drop(read);
    needs
}

/// The tables and columns behind the word of `COPY table (columns)` or `LOCK TABLE a, b`.
fn of_words(words: Words<'_>, catalogue: &Catalogue) -> Needs {
    let dialect = catalogue.dialect();
    let mut needs = Needs::default();
    let skips = |at: usize| words.get(at).is_some_and(|word| word.is_word("table") || word.is_word("only"));
    for part in clean::split_list(words) {
        let at = (0..part.len()).find(|at| !skips(*at)).unwrap_or_default();
        let Some((name, end)) = names::name_at(part, at, dialect) else { continue };
        let table = catalogue.canonical(&name);
        if let [open, inner @ ..] = part.get(end..).unwrap_or_default()
            && open.text == "("
        {
            let listed = inner.iter().take_while(|word| word.text != ")").filter(|word| word.text != ",");
            for column in listed.filter_map(|word| names::ident(word, dialect)) {
                needs.column(&table, &column);
            }
        }
        needs.table(table);
    }
    needs
}

/// The fields of variables whose type is that of a table's rows, wherever they stand: `name.field`, `(name).field`.
pub(in crate::define) fn fields(
    tokens: &[Token<'_>],
    table_of: &dyn Fn(&str) -> Option<ObjectName>,
    dialect: Dialect,
) -> Needs {
    let mut needs = Needs::default();
    for (at, token) in tokens.iter().enumerate() {
        let bare = usize::from(tokens.get(at + 1).is_some_and(|next| next.text == ")"));
        let (Some(dot), Some(field)) = (tokens.get(at + 1 + bare), tokens.get(at + 2 + bare)) else {
            continue;
        };
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        if dot.text != "." || before.is_some_and(|before| before.text == ".") {
            continue;
        }
        let Some(field) = names::ident(field, dialect) else { continue };
        if let Some(table) = table_of(token.text) {
            needs.column(&table, &field);
        }
    }
    needs
}

/// The table that a type can be the rows of.
pub(in crate::define) fn row_of_type(data_type: &str, catalogue: &Catalogue) -> Option<ObjectName> {
    let tokens = names::words(data_type, catalogue.dialect());
    let (name, end) = names::name_at(&tokens, 0, catalogue.dialect())?;
    let whole = end == tokens.len() && !is_base_type(&name.to_string());
    whole.then(|| catalogue.canonical(&name))
}

impl Run<'_> {
    /// Expressions whose values nobody keeps: of `RAISE`, of `ASSERT`.
    pub(super) fn look(&mut self, parts: Words<'_>) {
        for part in clean::split_list(parts) {
            let _ = self.query(part);
        }
    }

    /// `COPY` and `LOCK`.
    pub(super) fn name_tables(&mut self, words: Words<'_>) {
        let needs = of_words(words, self.catalogue);
        self.effects.needs.join(needs);
    }

    /// The type of a variable: `table%ROWTYPE`, `table.column%TYPE`, or the table itself. Gives the table of rows.
    pub(super) fn need_type(&mut self, of: Words<'_>) -> Option<ObjectName> {
        if self.dialect() != Dialect::Postgres {
            return None;
        }
        let (name, end) = names::name_at(of, 0, self.dialect())?;
        let rest = of.get(end..).unwrap_or_default();
        let is = |kind: &str| matches!(rest, [percent, word] if percent.text == "%" && word.is_word(kind));
        if is("type") {
            let qualifiers = name.qualifiers();
            let first = qualifiers.first()?;
            if self.variables.get(first).is_none() {
                let table = self.catalogue.canonical(&ObjectName::from_parts(qualifiers));
                self.effects.needs.column(&table, &name.last());
            }
            return None;
        }
        if is("rowtype") || rest.is_empty() && !is_base_type(&name.to_string()) {
            let table = self.catalogue.canonical(&name);
            self.effects.needs.table(table.clone());
            return Some(table);
        }
        None
    }
}
