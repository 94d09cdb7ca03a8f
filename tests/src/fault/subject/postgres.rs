//! PostgreSQL.

use super::served::{Flavor, Flavored};
use crate::fault::workload::POSTGRES;
use crate::server::Postgres;

static FLAVOR: Flavor = Flavor {
    name: "postgres",
    workload: POSTGRES,
    // What a process has written outlives it, whether it is on the disk or not. Flushing it would only make each start
    // after a kill take seconds.
    settings: &[("fsync", "off")],
    // What the server itself says of each relation, column, index (with its three flags of validity), constraint,
    // function and trigger, outside of its own schemas. Then all rows, by statements that psql makes from the catalog.
    snapshot: r"
CREATE TEMP VIEW ours AS SELECT c.* FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema';
SELECT 'relation', oid::regclass::text, relkind, relispartition, pg_get_expr(relpartbound, oid),
    CASE WHEN relkind = 'v' THEN pg_get_viewdef(oid) END FROM ours ORDER BY 2;
SELECT 'column', attrelid::regclass::text, attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
    FROM pg_attribute JOIN ours ON ours.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND relkind <> 'i' ORDER BY 2, attnum;
SELECT 'index', pg_get_indexdef(indexrelid), indisvalid, indisready, indislive
    FROM pg_index JOIN ours ON ours.oid = indrelid ORDER BY 2;
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN ours ON ours.oid = conrelid ORDER BY 2, 3;
SELECT 'function', replace(pg_get_functiondef(p.oid), E'\n', ' ') FROM pg_proc p
    JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 2;
SELECT 'trigger', pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN ours ON ours.oid = tgrelid ORDER BY 2;
SELECT format('SELECT %L, (to_jsonb(t) - %L::text[])::text FROM %s t ORDER BY 2;', c.oid::regclass,
    '{applied_at,execution_time_ms,recorded_at}', c.oid::regclass)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY c.oid::regclass::text
\gexec
",
    has_history: "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename = '_migrations'",
    sessions: "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
};

impl Flavored for Postgres {
    fn flavor() -> &'static Flavor {
        &FLAVOR
    }
}
