//! A table or view that gets another name or schema.

use migration_syntax::Dialect;

use crate::catalogue::RelationKind;
use crate::define::names;
use crate::name::ObjectName;

/// A table or view that gets another name or schema.
pub(crate) struct Moved {
    pub(crate) from: ObjectName,
    /// Without a schema, the old one.
    pub(crate) to: ObjectName,
    /// What the statement takes it for.
    pub(crate) said: RelationKind,
}

/// What `ALTER TABLE … RENAME TO` and `… SET SCHEMA` do, if the text is one of them.
pub(crate) fn renamed_table(text: &str, dialect: Dialect) -> Option<Moved> {
    let tokens = names::words(text, dialect);
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token.is_word(word));
    let (said, at) = match () {
        () if !is(0, "alter") => return None,
        () if is(1, "table") => (RelationKind::Table, 2),
        () if is(1, "foreign") && is(2, "table") => (RelationKind::Table, 3),
        () if is(1, "view") => (RelationKind::View, 2),
        () if is(1, "materialized") && is(2, "view") => (RelationKind::MaterializedView, 3),
        () => return None,
    };
    let (from, at) = names::name_at(&tokens, names::skip_guards(&tokens, at), dialect)?;
    let (to, end) = names::name_at(&tokens, at + 2, dialect)?;
    match () {
        () if tokens.get(end).is_some_and(|token| token.text != ";") => None,
        () if is(at, "rename") && is(at + 1, "to") => Some(Moved { from, to, said }),
        () if is(at, "set") && is(at + 1, "schema") => {
            let to = ObjectName::from_parts(&[to.last(), from.last()]);
            Some(Moved { from, to, said })
        }
        () => None,
    }
}
