//! MariaDB, and MySQL by the same statements.

use super::served::{Flavor, Flavored};
use crate::fault::workload::MARIADB;
use crate::server::{Mariadb, Mysql};

impl Flavored for Mariadb {
    fn flavor() -> &'static Flavor {
        static IT: Flavor = Flavor { name: "mariadb", ..FLAVOR };
        &IT
    }
}

impl Flavored for Mysql {
    fn flavor() -> &'static Flavor {
        static IT: Flavor = Flavor { name: "mysql", ..FLAVOR };
        &IT
    }
}

const FLAVOR: Flavor = Flavor {
    name: "",
    workload: MARIADB,
    // With 2 a commit is written, and flushed to the disk later: a process that is killed loses nothing of that.
    settings: &[("innodb-flush-log-at-trx-commit", "2")],
    snapshot: r"
SELECT 'table', table_name, table_type, engine, table_collation FROM information_schema.tables
    WHERE table_schema = database() ORDER BY 2;
SELECT 'column', table_name, column_name, column_type, is_nullable, column_default, column_key, extra
    FROM information_schema.columns WHERE table_schema = database() ORDER BY 2, ordinal_position;
SELECT 'index', table_name, index_name, seq_in_index, column_name, non_unique
    FROM information_schema.statistics WHERE table_schema = database() ORDER BY 2, 3, 4;
SELECT 'key', table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
    FROM information_schema.key_column_usage WHERE table_schema = database() ORDER BY 2, 3, 4;
SELECT 'view', table_name, view_definition FROM information_schema.views WHERE table_schema = database() ORDER BY 2;
SELECT 'routine', routine_name, routine_definition FROM information_schema.routines
    WHERE routine_schema = database() ORDER BY 2;
SELECT 'trigger', trigger_name, event_object_table, action_timing, event_manipulation, action_statement
    FROM information_schema.triggers WHERE trigger_schema = database() ORDER BY 2;
SET SESSION group_concat_max_len = 1000000;
SELECT concat(group_concat(q SEPARATOR ' UNION ALL '), ' ORDER BY 1, 2') INTO @rows FROM (
    SELECT concat('SELECT ''', table_name, ''', json_object(', group_concat(concat('''', column_name, ''', `', column_name,
        '`') ORDER BY ordinal_position), ') FROM `', table_name, '`') AS q
    FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
    WHERE table_schema = database() AND table_type = 'BASE TABLE'
    AND column_name NOT IN ('applied_at', 'execution_time_ms', 'recorded_at') GROUP BY table_name) AS queries;
PREPARE all_rows FROM @rows;
EXECUTE all_rows;
",
    has_history: "SELECT table_name FROM information_schema.tables \
                  WHERE table_schema = database() AND table_name = '_migrations'",
    sessions: "SELECT id, command, info FROM information_schema.processlist \
               WHERE db = database() AND id <> connection_id()",
};
