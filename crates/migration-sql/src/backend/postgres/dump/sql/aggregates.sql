SELECT p.tableoid::int8 AS class, p.oid::int8 AS oid,
    format('%s.%s(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS name,
    concat(
        format('CREATE AGGREGATE %I.%I(', n.nspname, p.proname),
        COALESCE(NULLIF(pg_get_function_arguments(p.oid), ''), '*'),
        E') (\n    SFUNC = ', a.aggtransfn::regproc,
        E',\n    STYPE = ', format_type(a.aggtranstype, NULL),
        E',\n    SSPACE = ' || NULLIF(a.aggtransspace, 0),
        E',\n    FINALFUNC = ' || NULLIF(a.aggfinalfn::oid, 0)::regproc,
        CASE WHEN a.aggfinalextra THEN E',\n    FINALFUNC_EXTRA' END,
        E',\n    FINALFUNC_MODIFY = ' || CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
            ELSE 'READ_WRITE' END,
        E',\n    COMBINEFUNC = ' || NULLIF(a.aggcombinefn::oid, 0)::regproc,
        E',\n    SERIALFUNC = ' || NULLIF(a.aggserialfn::oid, 0)::regproc,
        E',\n    DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::oid, 0)::regproc,
        E',\n    INITCOND = ' || quote_literal(a.agginitval),
        E',\n    MSFUNC = ' || NULLIF(a.aggmtransfn::oid, 0)::regproc,
        E',\n    MINVFUNC = ' || NULLIF(a.aggminvtransfn::oid, 0)::regproc,
        E',\n    MSTYPE = ' || format_type(NULLIF(a.aggmtranstype, 0), NULL),
        E',\n    MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
        E',\n    MFINALFUNC = ' || NULLIF(a.aggmfinalfn::oid, 0)::regproc,
        CASE WHEN a.aggmfinalextra THEN E',\n    MFINALFUNC_EXTRA' END,
        CASE WHEN a.aggmtransfn::oid <> 0 THEN E',\n    MFINALFUNC_MODIFY = ' || CASE a.aggmfinalmodify
            WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
        E',\n    MINITCOND = ' || quote_literal(a.aggminitval),
        (
            SELECT format(E',\n    SORTOP = OPERATOR(%I.%s)', m.nspname, o.oprname)
            FROM pg_operator o
            JOIN pg_namespace m ON m.oid = o.oprnamespace
            WHERE o.oid = a.aggsortop
        ),
        CASE WHEN a.aggkind = 'h' THEN E',\n    HYPOTHETICAL' END,
        E',\n    PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
        E'\n)'
    ) AS sql
FROM pg_aggregate a
JOIN pg_proc p ON p.oid = a.aggfnoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
