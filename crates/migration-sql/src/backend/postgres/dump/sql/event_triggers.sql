SELECT e.tableoid::int8 AS class, e.oid::int8 AS oid, e.evtname::text AS name,
    concat(
        format('CREATE EVENT TRIGGER %I ON %s', e.evtname, e.evtevent),
        E'\n    WHEN TAG IN (' || (SELECT string_agg(quote_literal(g), ', ' ORDER BY g) FROM unnest(e.evttags) g) || ')',
        format(E'\n    EXECUTE FUNCTION %s()', e.evtfoid::regproc),
        CASE WHEN e.evtenabled <> 'O'
            THEN format(E';\nALTER EVENT TRIGGER %I %s', e.evtname,
                CASE e.evtenabled WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END)
        END
    ) AS sql
FROM pg_event_trigger e
