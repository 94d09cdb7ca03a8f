//! Names: PostgreSQL's tree has them folded and without quotes, so they get quotes wherever they would not be read as the
//! same name again.

use pg_query::NodeEnum;
use pg_query::protobuf::{Alias, List, Node, RangeVar};
use sqlparser::ast::{Ident, ObjectName, TableAlias, TableAliasColumnDef};

use super::{Beyond, Lowered};

/// Words that are no name without quotes, of at least one place where a name can be: PostgreSQL's manual, appendix C,
/// all that are reserved in any way.
const RESERVED: &str = "
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
    both case cast char character check coalesce collate collation column concurrently constraint create
    cross current_catalog current_date current_role current_schema current_time current_timestamp
    current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch
    float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout
    int integer intersect interval into is isnull join lateral leading least left like limit localtime
    localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or
    order out outer overlaps overlay placing position precision primary real references returning right row
    select session_user setof similar smallint some substring symmetric system_user table tablesample then
    time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when
    where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi
    xmlroot xmlserialize xmltable
";

/// An identifier as the tree has it.
pub(super) fn ident(name: &str) -> Ident {
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && bytes
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'$')
        && !RESERVED.split_ascii_whitespace().any(|word| word == name);
    if plain { Ident::new(name) } else { Ident::with_quote('"', name) }
}

/// A word that is written as it stands: a keyword, or a function that the parser knows.
pub(super) fn word(text: &str) -> Ident {
    Ident::new(text)
}

pub(super) fn ident_or_none(name: &str) -> Option<Ident> {
    (!name.is_empty()).then(|| ident(name))
}

/// The text of a string node.
pub(super) fn string(node: &Node) -> Lowered<&str> {
    match &node.node {
        Some(NodeEnum::String(string)) => Ok(&string.sval),
        _ => Err(Beyond("something else than a name")),
    }
}

/// A list of string nodes, each a name of its own.
pub(super) fn idents(nodes: &[Node]) -> Lowered<Vec<Ident>> {
    nodes.iter().map(|node| string(node).map(ident)).collect()
}

/// String nodes that are the parts of one name.
pub(super) fn object(nodes: &[Node]) -> Lowered<ObjectName> {
    idents(nodes).map(ObjectName::from)
}

/// A name that is a list of parts, or one string.
pub(super) fn object_of(node: &Node) -> Lowered<ObjectName> {
    match &node.node {
        Some(NodeEnum::List(List { items })) => object(items),
        Some(NodeEnum::TypeName(name)) => object(&name.names),
        _ => string(node).map(|name| ObjectName::from(vec![ident(name)])),
    }
}

/// The name of a table, view or another relation.
pub(super) fn relation(relation: &RangeVar) -> ObjectName {
    let parts = [&relation.catalogname, &relation.schemaname, &relation.relname];
    let parts: Vec<_> = parts.into_iter().filter_map(|part| ident_or_none(part)).collect();
    ObjectName::from(parts)
}

/// The name of a relation that the statement can't do without.
pub(super) fn relation_in(found: Option<&RangeVar>) -> Lowered<ObjectName> {
    found.map(relation).ok_or(Beyond("a statement without its table"))
}

/// Whether it is there for a session only.
pub(super) fn is_temporary(relation: Option<&RangeVar>) -> bool {
    relation.is_some_and(|relation| relation.relpersistence == "t")
}

/// What something in `FROM` is called, with other names for its columns.
pub(super) fn alias(alias: &Alias) -> Lowered<TableAlias> {
    let column = |name| TableAliasColumnDef { name, data_type: None };
    Ok(TableAlias {
        explicit: true,
        name: ident(&alias.aliasname),
        columns: idents(&alias.colnames)?.into_iter().map(column).collect(),
        at: None,
    })
}

pub(super) fn alias_in(found: Option<&Alias>) -> Lowered<Option<TableAlias>> {
    found.map(alias).transpose()
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, ident};

    #[test]
    fn quotes_where_they_are_needed() {
        assert!(RESERVED.split_ascii_whitespace().is_sorted());
        let shown = |name| ident(name).to_string();
        assert_eq!(shown("a_1$"), "a_1$");
        assert_eq!(shown("name"), "name");
        assert_eq!(shown("user"), "\"user\"");
        assert_eq!(shown("A"), "\"A\"");
        assert_eq!(shown("1a"), "\"1a\"");
        assert_eq!(shown("é"), "\"é\"");
        assert_eq!(shown("a\"b"), "\"a\"\"b\"");
        assert_eq!(shown(""), "\"\"");
    }
}
