"""Writes the small files of this folder with other programs; needs duckdb, polars and pyarrow (`target/peers/venv` has them).

    target/peers/venv/bin/python3 crates/migration-transform/tests/all/parquet/files/write.py
"""

import datetime as dt
import pathlib
from decimal import Decimal

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(__file__).parent

# Types of format version 1: times of 96 bits, lists without the usual names, pages of the first version.
pq.write_table(
    pa.table(
        {
            "time": pa.array([1704164645123456789, None], pa.timestamp("ns")),
            "lists": pa.array([[[1], [], None], None], pa.list_(pa.list_(pa.int32()))),
            "map": pa.array([[(1, "x")], []], pa.map_(pa.int32(), pa.string())),
            "half": pa.array([-1.5, float("nan")], pa.float16()),
            "decimal": pa.array([Decimal("12345678901234567890123456789012345678.901"), Decimal("-0.001")], pa.decimal256(60, 3)),
        }
    ),
    FOLDER / "pyarrow.parquet",
    version="1.0",
    use_deprecated_int96_timestamps=True,
    use_compliant_nested_type=False,
    use_dictionary=False,
    write_statistics=False,
    store_schema=False,
)

duckdb.sql(
    """copy (select 255::utinyint u, [{'a': i, 'b': null}] l, map{'k': i} m,
    uuid '550e8400-e29b-41d4-a716-446655440000' id, interval '1 month 2 days 3.5 seconds' iv, time '01:02:03.5' t,
    timestamptz '2024-01-02 03:04:05+02' tz, date '2024-02-29' d, 1.50::decimal(10, 2) p,
    '{"a": [1,\n2]}'::json j, '\\xFF'::blob x, 'x'::enum('x', 'y') e from range(2) t(i))
    to '"""
    + str(FOLDER / "duckdb.parquet")
    + "' (format parquet, compression gzip)"
)

pl.DataFrame(
    {
        "text": ["ü\n", None],
        "struct": [{"p": 1, "q": [True, None]}, {"p": None, "q": None}],
        "time": [dt.time(1, 2, 3, 4), None],
        "span": [dt.timedelta(seconds=1), None],
        "category": pl.Series(["a", None], dtype=pl.Categorical),
        "single": pl.Series([0.1, float("inf")], dtype=pl.Float32),
    }
).write_parquet(FOLDER / "polars.parquet", compression="zstd", statistics=False)
