-- The real definition of a view that `views.sql` made without one, under the name of its rule `_RETURN`.
SELECT r.tableoid::int8 AS class, r.oid::int8 AS oid, n.nspname || '.' || c.relname AS name,
    format(E'CREATE OR REPLACE VIEW %I.%I%s AS\n%s', n.nspname, c.relname,
        (
            SELECT format(' WITH (%s)', string_agg(format('%I = %L', o.option_name, o.option_value), ', '
                ORDER BY o.option_name COLLATE "C"))
            FROM pg_options_to_table(c.reloptions) o
            HAVING count(*) > 0
        ), pg_get_viewdef(c.oid)) AS sql,
    c.tableoid::int8 AS whole_class, c.oid::int8 AS whole_oid
FROM pg_rewrite r
JOIN pg_class c ON c.oid = r.ev_class AND c.relkind = 'v'
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename = '_RETURN' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
