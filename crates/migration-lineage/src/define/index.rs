//! `ALTER INDEX`, by its words.

use migration_syntax::Token;

use super::names;
use crate::catalogue::Catalogue;

/// Follows a new name; whatever else is changed about an index says nothing about columns.
pub(super) fn alter(tokens: &[Token<'_>], catalogue: &mut Catalogue) {
    let dialect = catalogue.dialect();
    let named = names::name_at(tokens, names::skip_guards(tokens, 2), dialect);
    if let Some((old, at)) = named
        && let Some([rename, to, rest @ ..]) = tokens.get(at..)
        && (rename.is_word("rename") && to.is_word("to"))
        && let Some((new, _)) = names::name_at(rest, 0, dialect)
    {
        catalogue.rename_index(&old, &new.last());
    }
}
