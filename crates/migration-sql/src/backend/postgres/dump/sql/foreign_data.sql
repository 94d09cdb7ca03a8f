-- User mappings hold passwords and belong to roles: they are no part of the schema.
SELECT w.tableoid::int8 AS class, w.oid::int8 AS oid, '1 ' || w.fdwname AS name,
    concat(
        format('CREATE FOREIGN DATA WRAPPER %I', w.fdwname),
        ' HANDLER ' || NULLIF(w.fdwhandler, 0)::regproc,
        ' VALIDATOR ' || NULLIF(w.fdwvalidator, 0)::regproc,
        ' OPTIONS (' || (
            SELECT string_agg(format('%I %L', o.option_name, o.option_value), ', ')
            FROM pg_options_to_table(w.fdwoptions) o
        ) || ')'
    ) AS sql
FROM pg_foreign_data_wrapper w
UNION ALL
SELECT s.tableoid::int8, s.oid::int8, '2 ' || s.srvname,
    concat(
        format('CREATE SERVER %I', s.srvname),
        ' TYPE ' || quote_literal(s.srvtype),
        ' VERSION ' || quote_literal(s.srvversion),
        format(' FOREIGN DATA WRAPPER %I', w.fdwname),
        ' OPTIONS (' || (
            SELECT string_agg(format('%I %L', o.option_name, o.option_value), ', ')
            FROM pg_options_to_table(s.srvoptions) o
        ) || ')'
    )
FROM pg_foreign_server s
JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
