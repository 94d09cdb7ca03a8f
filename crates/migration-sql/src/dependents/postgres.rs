//! PostgreSQL: `pg_depend` (<https://www.postgresql.org/docs/current/catalog-pg-depend.html>).

use std::collections::BTreeSet;

use super::{Dependents, SchemaDependent};
use crate::connector::DatabaseConnector;
use crate::error::Result;
use crate::value::Value;
use migration_model::SchemaObjectKind as Kind;

/// Where a table is, and the number of a column; 0 for the whole table. Behind it the tables to which the change is handed
/// down: partitions go with the table, a column is changed in all that inherit it.
const FIND: &str = "\
WITH RECURSIVE family AS (
  SELECT c.oid, 0 AS depth FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relname = $2::text AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
     AND CASE WHEN $3::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $4::text END
  UNION
  SELECT h.oid, f.depth + 1 FROM family f JOIN pg_catalog.pg_inherits i ON i.inhparent = f.oid
    JOIN pg_catalog.pg_class h ON h.oid = i.inhrelid
   WHERE NOT $5::bool AND h.relkind IN ('r', 'p', 'f') AND (h.relispartition OR $1::text <> '')
)
SELECT f.oid::int8, coalesce(a.attnum, 0)::int8 FROM family f
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = f.oid AND a.attname = $1::text AND NOT a.attisdropped
 ORDER BY f.depth";

/// What depends on one thing, with its kind and names, and the thing in which the search goes on: whatever refuses to go
/// silently, which is what isn't `a` (goes along) or `i` (is a part), but for generated columns, which refuse all the same.
const DEPEND: &str = "\
WITH d AS (
  SELECT d.classid, d.objid, d.objsubid, d.deptype, d.refobjid, d.refobjsubid, w.sub = 0 AS whole
    FROM pg_catalog.pg_depend d, (SELECT $1::text AS class, $2::int8 AS id, $3::int8 AS sub) w
   WHERE d.refclassid = w.class::regclass AND d.refobjid = w.id::oid AND (w.sub = 0 OR d.refobjsubid = w.sub)
)
SELECT CASE r.rulename WHEN '_RETURN' THEN 'view' ELSE 'rule' END,
       CASE r.rulename WHEN '_RETURN' THEN t.relname ELSE r.rulename END::text,
       CASE r.rulename WHEN '_RETURN' THEN NULL ELSE t.relname END::text, n.nspname::text,
       CASE r.rulename WHEN '_RETURN' THEN 'pg_class' END, t.oid::int8, 0::int8
  FROM d JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid JOIN pg_catalog.pg_class t ON t.oid = r.ev_class
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.deptype = 'n'
   AND (r.ev_class <> d.refobjid OR (r.rulename <> '_RETURN' AND NOT d.whole))
UNION SELECT 'constraint', k.conname::text, t.relname::text, n.nspname::text, NULL, 0, 0
  FROM d JOIN pg_catalog.pg_constraint k ON k.oid = d.objid JOIN pg_catalog.pg_class t ON t.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.deptype = 'n' AND k.conparentid = 0 AND NOT (d.whole AND k.conrelid = d.refobjid)
UNION SELECT 'column', a.attname::text, t.relname::text, n.nspname::text, 'pg_class', t.oid::int8, a.attnum::int8
  FROM d JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  JOIN pg_catalog.pg_class t ON t.oid = f.adrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND a.attgenerated <> '' AND NOT d.whole
   AND (d.refobjid <> t.oid OR d.refobjsubid <> a.attnum)
UNION SELECT 'column', a.attname::text, t.relname::text, n.nspname::text, 'pg_class', t.oid::int8, a.attnum::int8
  FROM d JOIN pg_catalog.pg_class t ON t.oid = d.objid
  JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.objsubid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid <> 0
   AND (d.deptype = 'n' OR a.attgenerated <> '') AND NOT (d.whole AND t.oid = d.refobjid)
UNION SELECT 'table', t.relname::text, NULL, n.nspname::text, 'pg_class', t.oid::int8, 0
  FROM d JOIN pg_catalog.pg_class t ON t.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0 AND d.deptype = 'n' AND t.relkind IN ('r', 'p', 'f')
UNION SELECT 'trigger', g.tgname::text, t.relname::text, n.nspname::text, NULL, 0, 0
  FROM d JOIN pg_catalog.pg_trigger g ON g.oid = d.objid JOIN pg_catalog.pg_class t ON t.oid = g.tgrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND d.deptype = 'n' AND NOT g.tgisinternal
   AND NOT (d.whole AND g.tgrelid = d.refobjid)
UNION SELECT 'policy', p.polname::text, t.relname::text, n.nspname::text, NULL, 0, 0
  FROM d JOIN pg_catalog.pg_policy p ON p.oid = d.objid JOIN pg_catalog.pg_class t ON t.oid = p.polrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
 WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND d.deptype = 'n' AND NOT (d.whole AND p.polrelid = d.refobjid)
UNION SELECT 'function', f.proname::text, NULL, n.nspname::text, 'pg_proc', f.oid::int8, 0
  FROM d JOIN pg_catalog.pg_proc f ON f.oid = d.objid JOIN pg_catalog.pg_namespace n ON n.oid = f.pronamespace
 WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'n'
UNION SELECT NULL, NULL, NULL, NULL, 'pg_type', y.oid::int8, 0
  FROM d JOIN pg_catalog.pg_type y ON y.oid = d.objid
 WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.deptype = 'i' AND d.whole";

/// The kinds of which `pg_depend` knows all. Functions whose bodies are texts are in it, but not what they read.
const COMPLETE: &[Kind] = &[Kind::View, Kind::Constraint, Kind::Column, Kind::Policy];

pub(super) fn dependents(
    connector: &mut DatabaseConnector,
    schema: Option<&str>,
    table: &str,
    column: Option<&str>,
    only: bool,
) -> Result<Option<Dependents>> {
    let schema = Value::from(schema.map(str::to_owned));
    let (column_name, only) = (Value::from(column.unwrap_or_default()), Value::from(only));
    let names = [column_name, Value::from(table), schema.clone(), schema, only];
    let found = connector.execute(FIND, &names)?;
    let place = |row: &Vec<Value>| Some((row.first()?.as_i64()?, row.get(1)?.as_i64()?));
    let mut places: Vec<(i64, i64)> = found.rows.iter().filter_map(place).collect();
    let Some((_, number)) = places.first() else { return Ok(None) };
    if column.is_some() && *number == 0 {
        return Ok(None);
    }
    places.retain(|(_, number)| column.is_none() || *number != 0);
    let mut dependents = Dependents { complete: COMPLETE.to_vec(), ..Dependents::default() };
    let mut open: Vec<_> =
        places.into_iter().map(|(oid, number)| ("pg_class".to_owned(), oid, number)).collect();
    let mut seen = BTreeSet::new();
    while let Some((class, id, sub)) = open.pop() {
        if !seen.insert((class.clone(), id, sub)) {
            continue;
        }
        let rows =
            connector.texts(DEPEND, &[Value::from(format!("pg_catalog.{class}")), id.into(), sub.into()])?;
        for row in rows {
            let [kind, name, table, schema, class, id, sub] = row.as_slice() else { continue };
            let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<i64>().ok());
            if let (Some(class), Some(id), Some(sub)) = (class, number(id), number(sub)) {
                open.push((class.clone(), id, sub));
            }
            // A table that is dropped may be found again by way of a view.
            if let (Some(kind), Some(name)) = (kind.as_deref().and_then(kind_of), name) {
                let (table, schema) = (table.clone(), schema.clone());
                dependents.found.push(SchemaDependent { kind, name: name.clone(), table, schema });
            }
        }
    }
    Ok(Some(dependents))
}

fn kind_of(text: &str) -> Option<Kind> {
    Some(match text {
        "table" => Kind::Table,
        "view" => Kind::View,
        "rule" => Kind::Rule,
        "constraint" => Kind::Constraint,
        "column" => Kind::Column,
        "trigger" => Kind::Trigger,
        "policy" => Kind::Policy,
        "function" => Kind::Function,
        _ => return None,
    })
}
