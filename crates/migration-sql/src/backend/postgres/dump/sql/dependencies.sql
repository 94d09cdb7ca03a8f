-- Who needs whom, without the columns: `class` and `oid` need `other_class` and `other_oid` in the `way` of
-- <https://www.postgresql.org/docs/current/catalog-pg-depend.html>.
SELECT DISTINCT d.classid::int8 AS class, d.objid::int8 AS oid, d.refclassid::int8 AS other_class,
    d.refobjid::int8 AS other_oid, d.deptype::text AS way
FROM pg_depend d
WHERE d.objid >= 16384 AND d.refobjid >= 16384 AND d.deptype <> 'x'
