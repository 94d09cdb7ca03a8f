//! The order in which the queries of a `WITH` are walked, where one can refer to another behind it: PostgreSQL and MariaDB
//! after `WITH RECURSIVE`, SQLite after any `WITH`.

use migration_syntax::{Dialect, TokenKind, tokens};
use sqlparser::ast::Cte;

use crate::name::Ident;

/// Each behind those that it reads, else as they are written.
pub(super) fn in_order(queries: &[Cte], dialect: Dialect) -> Vec<&Cte> {
    let names: Vec<_> = queries.iter().map(|cte| Ident::of(&cte.alias.name, dialect)).collect();
    let mut begun = vec![false; queries.len()];
    let mut order = Vec::with_capacity(queries.len());
    for first in 0..queries.len() {
        let mut open = vec![(first, false)];
        while let Some((at, is_behind)) = open.pop() {
            if is_behind {
                order.push(&queries[at]);
            } else if !std::mem::replace(&mut begun[at], true) {
                open.push((at, true));
                let read = reads(&queries[at], &names, dialect);
                open.extend(read.into_iter().rev().map(|next| (next, false)));
            }
        }
    }
    order
}

/// Which of the names stand where a query names what it reads. Some may be columns, which does no harm but in a circle.
fn reads(query: &Cte, names: &[Ident], dialect: Dialect) -> Vec<usize> {
    let text = query.query.to_string();
    let mut found = Vec::new();
    let mut before = String::new();
    for token in tokens(&text, dialect).map_while(Result::ok).filter(|token| !token.is_trivia()) {
        let is_name = matches!(token.kind, TokenKind::Word | TokenKind::QuotedIdentifier);
        if is_name && ["from", "join", ",", "(", "using"].contains(&before.as_str()) {
            let quoted = token.kind == TokenKind::QuotedIdentifier;
            let name = Ident::new(&token.identifier(), quoted, dialect);
            found.extend(names.iter().position(|known| *known == name));
        }
        before = token.text.to_ascii_lowercase();
    }
    found
}
