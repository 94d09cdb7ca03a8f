//! The columns of each engine's own functions that give rows, by its documentation: chapters "Set Returning Functions",
//! "JSON Functions", "Text Search Functions" and "System Administration Functions" for PostgreSQL; "JSON Functions And
//! Operators", "PRAGMA functions" and "The generate_series Table-Valued Function" for SQLite. MySQL and MariaDB have none but
//! `JSON_TABLE`, which is a syntax of its own.

use migration_syntax::Dialect;

/// What is known of the rows that a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// These columns; and those that can be named but are not among `*`.
    Columns(&'static [&'static str], &'static [&'static str]),
    /// One column, which is called as the function is.
    Value,
    /// One column for each argument, called as the function is.
    ValueOfEach,
    /// The columns of the type of its first argument.
    OfFirst,
    /// Nothing.
    Unknown,
}

impl Shape {
    /// By the name of the function, in lower case.
    pub(super) fn of(function: &str, dialect: Dialect) -> Self {
        match dialect {
            // Of the standard; in SQLite an extension brings it.
            _ if function == "unnest" => Shape::ValueOfEach,
            Dialect::Postgres => postgres(function),
            Dialect::Sqlite => sqlite(function),
            Dialect::Mysql => Shape::Unknown,
        }
    }
}

fn postgres(function: &str) -> Shape {
    let columns: &[&str] = match function {
        "json_populate_record"
        | "jsonb_populate_record"
        | "json_populate_recordset"
        | "jsonb_populate_recordset" => return Shape::OfFirst,
        // With a result of one value.
        "generate_series"
        | "generate_subscripts"
        | "regexp_matches"
        | "regexp_match"
        | "regexp_split_to_table"
        | "regexp_split_to_array"
        | "string_to_table"
        | "string_to_array"
        | "json_object_keys"
        | "jsonb_object_keys"
        | "jsonb_path_query"
        | "jsonb_path_query_tz"
        | "jsonb_path_query_array"
        | "jsonb_path_query_first"
        | "json_build_object"
        | "jsonb_build_object"
        | "json_build_array"
        | "jsonb_build_array"
        | "to_json"
        | "to_jsonb"
        | "row_to_json"
        | "to_tsvector"
        | "to_tsquery"
        | "plainto_tsquery"
        | "phraseto_tsquery"
        | "websearch_to_tsquery"
        | "now"
        | "clock_timestamp"
        | "random"
        | "nextval"
        | "currval"
        | "lastval"
        | "setval"
        | "version"
        | "current_database"
        | "current_setting"
        | "lower"
        | "upper"
        | "coalesce"
        | "concat"
        | "length"
        | "pg_ls_dir"
        | "pg_tablespace_databases"
        | "pg_backend_pid"
        | "skeys"
        | "svals"
        | "normal_rand" => {
            return Shape::Value;
        }
        "json_array_elements"
        | "jsonb_array_elements"
        | "json_array_elements_text"
        | "jsonb_array_elements_text" => &["value"],
        // `each` is of the extension `hstore`.
        "json_each" | "jsonb_each" | "json_each_text" | "jsonb_each_text" | "each" => &["key", "value"],
        "ts_stat" => &["word", "ndoc", "nentry"],
        "ts_parse" => &["tokid", "token"],
        "ts_token_type" => &["tokid", "alias", "description"],
        "ts_debug" => &["alias", "description", "token", "dictionaries", "dictionary", "lexemes"],
        "aclexplode" => &["grantor", "grantee", "privilege_type", "is_grantable"],
        "pg_options_to_table" => &["option_name", "option_value"],
        "pg_get_keywords" => &["word", "catcode", "barelabel", "catdesc", "baredesc"],
        "pg_input_error_info" => &["message", "detail", "hint", "sql_error_code"],
        "pg_partition_tree" => &["relid", "parentrelid", "isleaf", "level"],
        "pg_partition_ancestors" => &["relid"],
        "pg_timezone_names" => &["name", "abbrev", "utc_offset", "is_dst"],
        "pg_timezone_abbrevs" => &["abbrev", "utc_offset", "is_dst"],
        "pg_ls_logdir" | "pg_ls_waldir" | "pg_ls_tmpdir" | "pg_ls_archive_statusdir" => {
            &["name", "size", "modification"]
        }
        "pg_logical_slot_get_changes" | "pg_logical_slot_peek_changes" => &["lsn", "xid", "data"],
        "pg_event_trigger_ddl_commands" => &[
            "classid",
            "objid",
            "objsubid",
            "command_tag",
            "object_type",
            "schema_name",
            "object_identity",
            "in_extension",
            "command",
        ],
        "pg_event_trigger_dropped_objects" => &[
            "classid",
            "objid",
            "objsubid",
            "original",
            "normal",
            "is_temporary",
            "object_type",
            "schema_name",
            "object_name",
            "object_identity",
            "address_names",
            "address_args",
        ],
        // Of the extension PostGIS.
        "st_dump" | "st_dumppoints" | "st_dumprings" | "st_dumpsegments" => &["path", "geom"],
        _ => return Shape::Unknown,
    };
    Shape::Columns(columns, &[])
}

fn sqlite(function: &str) -> Shape {
    let (columns, hidden): (&[&str], &[&str]) = match function {
        "json_each" | "json_tree" | "jsonb_each" | "jsonb_tree" => {
            (&["key", "value", "type", "atom", "id", "parent", "fullkey", "path"], &["json", "root"])
        }
        "generate_series" => (&["value"], &["start", "stop", "step"]),
        _ => match function.strip_prefix("pragma_").and_then(pragma) {
            Some(columns) => (columns, &["arg", "schema"]),
            None => return Shape::Unknown,
        },
    };
    Shape::Columns(columns, hidden)
}

fn pragma(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "table_info" => &["cid", "name", "type", "notnull", "dflt_value", "pk"],
        "table_xinfo" => &["cid", "name", "type", "notnull", "dflt_value", "pk", "hidden"],
        "table_list" => &["schema", "name", "type", "ncol", "wr", "strict"],
        "index_list" => &["seq", "name", "unique", "origin", "partial"],
        "index_info" => &["seqno", "cid", "name"],
        "index_xinfo" => &["seqno", "cid", "name", "desc", "coll", "key"],
        "foreign_key_list" => &["id", "seq", "table", "from", "to", "on_update", "on_delete", "match"],
        "foreign_key_check" => &["table", "rowid", "parent", "fkid"],
        "database_list" => &["seq", "name", "file"],
        "collation_list" => &["seq", "name"],
        "function_list" => &["name", "builtin", "type", "enc", "narg", "flags"],
        "module_list" | "pragma_list" => &["name"],
        "compile_options" => &["compile_options"],
        "integrity_check" => &["integrity_check"],
        "quick_check" => &["quick_check"],
        "user_version" => &["user_version"],
        _ => return None,
    })
}
