//! The scripts of DuckDB, Polars and DataFusion for records that are nested or wide: as these tools would best be told.
//!
//! * Nested values: DuckDB keeps them as the text that they are (its type JSON), which is the least work that it can have.
//!   Polars and DataFusion have to know their types, which they find by reading all records first; what a record lacks they
//!   then write as null, or leave out where it was null.
//! * Wide records: types by the columns' names, so that nobody has to look for them.

use super::jobs::Job;

/// Python that all begin with: what becomes of which name, and which type the values get.
fn beginning(job: &Job) -> Option<String> {
    let columns = match job.name {
        "j1-events" => "'id type actor repo payload public created_at latency_ms sampled org'.split()",
        "j1-wide" => "list(json.loads(open('INPUT', encoding='utf-8').readline()))",
        _ => return None,
    };
    let table = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| format!("'{key}': '{value}'")).collect::<Vec<_>>().join(", ")
    };
    Some(format!(
        "import json\nR = {{{}}}\nC = {{{}}}\nK = {columns}\n",
        table(job.renames),
        table(job.conversions)
    ))
}

/// The expressions of a `SELECT`.
const SELECT: &str = "S = {'int': 'BIGINT', 'float': 'DOUBLE', 'bool': 'BOOLEAN', 'timestamp': 'TIMESTAMP'}\n\
    def E(k):\n    n = R.get(k, k)\n    return (f'TRY_CAST({k} AS {S[C[n]]})' if n in C else k) + f' AS {n}'\n\
    E = ', '.join(map(E, K))\n";

pub(super) fn duckdb(job: &Job) -> Option<String> {
    let types = if job.name == "j1-events" {
        "{k: 'VARCHAR' if k == 'type' or R.get(k, k) in C else 'JSON' for k in K}"
    } else {
        "{k: {'int': 'BIGINT', 'float': 'DOUBLE'}.get(k.rsplit('_', 1)[1], 'VARCHAR') for k in K}"
    };
    Some(format!(
        "{}{SELECT}import duckdb\nT = {types}\n\
         duckdb.sql(f\"COPY (SELECT {{E}} FROM read_json('INPUT', format = 'newline_delimited', columns = {{T}})) TO 'OUTPUT' (FORMAT json)\")\n",
        beginning(job)?
    ))
}

pub(super) fn datafusion(job: &Job) -> Option<String> {
    let schema = if job.name == "j1-events" {
        "schema_infer_max_records=10**9"
    } else {
        "schema=pa.schema([(k, {'int': pa.int64(), 'float': pa.float64()}.get(k.rsplit('_', 1)[1], pa.string())) for k in K])"
    };
    Some(format!(
        "{}{SELECT}import pyarrow as pa, datafusion\n\
         c = datafusion.SessionContext(datafusion.SessionConfig().with_target_partitions(2))\n\
         c.register_json('t', 'INPUT', file_extension='.ndjson', {schema})\n\
         c.sql(f\"COPY (SELECT {{E}} FROM t) TO 'OUTPUT' STORED AS JSON\").collect()\n",
        beginning(job)?
    ))
}

pub(super) fn polars(job: &Job) -> Option<String> {
    let schema = if job.name == "j1-events" {
        "infer_schema_length=None"
    } else {
        "schema={k: {'int': pl.Int64, 'float': pl.Float64}.get(k.rsplit('_', 1)[1], pl.String) for k in K}"
    };
    Some(format!(
        "{}import polars as pl\ndef E(n, t):\n    c = pl.col(n)\n    return {{\n\
         \x20       'int': lambda: c.cast(pl.Int64, strict=False), 'float': lambda: c.cast(pl.Float64, strict=False),\n\
         \x20       'bool': lambda: c.replace_strict({{'true': True, 'false': False}}, default=None, return_dtype=pl.Boolean),\n\
         \x20       'timestamp': lambda: c.str.replace('T', ' ').str.replace('Z', '').str.to_datetime('%Y-%m-%d %H:%M:%S', strict=False),\n\
         \x20   }}[t]()\n\
         t = pl.scan_ndjson('INPUT', {schema}).rename(R)\n\
         t.with_columns(E(n, t) for n, t in C.items()).sink_ndjson('OUTPUT')\n",
        beginning(job)?
    ))
}
