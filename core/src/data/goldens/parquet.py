"""Parquet files of pyarrow, pandas, fastparquet and polars, for data/parquetFiles.test.ts.

Run with pandas 3, pyarrow 25, fastparquet 2026.9 and polars 1.44, from this folder: python parquet.py
Writes parquet.zip, which holds *.parquet, buffers packed by Zstandard and LZ4, and cases.json. Numbers are seeded.
"""

import io
import json
import os
import zipfile

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

random = np.random.default_rng(7)
rows = 120
table = pd.DataFrame({
    "whole": random.integers(-9, 9, rows),
    "small": random.integers(0, 255, rows).astype("u1"),
    "real": random.normal(size=rows).round(4),
    "single": random.normal(size=rows).astype("f4"),
    "is": random.integers(0, 2, rows).astype(bool),
    "text": random.choice(["a", "bb", "çé", "日本"], rows),
    "kind": pd.Categorical(random.choice(["x", "y"], rows)),
    "time": pd.date_range("2020-01-01", periods=rows, freq="h"),
    "gap": np.where(random.random(rows) < 0.2, np.nan, random.normal(size=rows).round(3)),
    "maybe": pd.array([None if row % 5 == 0 else row for row in range(rows)], dtype="Int64"),
    "note": [None if row % 7 == 0 else f"note {row}" for row in range(rows)],
})
values = {name: [None if value is pd.NA or value is None or value != value else value.isoformat() if hasattr(value, "isoformat") else value.item() if hasattr(value, "item") else value for value in table[name]] for name in table}
out = zipfile.ZipFile(os.path.join(os.path.dirname(os.path.abspath(__file__)), "parquet.zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=9)


def written(name, write):
    file = io.BytesIO()
    file.close_ = file.close
    file.close = lambda: None
    write(file)
    out.writestr(name, file.getvalue())


arrow = pa.Table.from_pandas(table)
for codec in ("snappy", "gzip", "zstd", "brotli", "lz4"):
    written(f"pandas.{codec}.parquet", lambda file: table.to_parquet(file, compression=codec, row_group_size=50))
written("pages2.parquet", lambda file: pq.write_table(arrow, file, data_page_version="2.0", compression="zstd"))
written("differences.parquet", lambda file: pq.write_table(arrow, file, use_dictionary=False, column_encoding={"whole": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "note": "DELTA_LENGTH_BYTE_ARRAY", "real": "BYTE_STREAM_SPLIT"}))
written("int96.parquet", lambda file: pq.write_table(arrow, file, version="1.0", use_deprecated_int96_timestamps=True))
written("fastparquet.parquet", lambda file: table.to_parquet(file, engine="fastparquet", compression="LZ4_RAW"))
written("polars.parquet", lambda file: pl.from_pandas(table).write_parquet(file))
odd = pa.table({"record": pa.array([{"a": 1}, {"a": 2}]), "map": pa.array([[("k", 1)], []], pa.map_(pa.string(), pa.int32())), "lists": pa.array([[[1], [2]], [[3], [4]]]), "bytes": pa.array([b"\xff\x00", b"a"])})
written("odd.parquet", lambda file: pq.write_table(odd, file))

# Buffers, so that all parts of Zstandard's format come up: levels from fast to slow, and data of several kinds.
words = b" ".join(random.choice([b"gradient", b"tensor", b"kernel", b"the", b"of", b"loss"], 3000))
buffers = {
    "words": words,
    "skewed": random.geometric(0.2, 20000).astype("u1").tobytes(),
    "noise": random.integers(0, 256, 1000).astype("u1").tobytes(),
    "equal": b"\x07" * 300000,
    "floats": np.sin(np.arange(8000) / 50).astype("f4").round(2).tobytes(),
    "empty": b"",
    "far": words[:5000] + random.integers(0, 256, 2000).astype("u1").tobytes() + words[:5000],
    "counting": np.arange(4000, dtype="i4").tobytes(),
}
for name, plain in buffers.items():
    out.writestr(f"{name}.plain", plain)
    for level in (-5, 1, 3, 9, 19):
        out.writestr(f"{name}.{level}.zstd", pa.Codec("zstd", compression_level=level).compress(plain, asbytes=True))
    out.writestr(f"{name}.lz4", pa.Codec("lz4_raw").compress(plain, asbytes=True))
out.writestr("cases.json", json.dumps(values))
out.close()
