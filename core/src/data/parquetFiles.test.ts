import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openZip } from "../formats/index.ts";
import { lz4Unpack } from "../formats/lz4.ts";
import { zstdUnpack } from "../formats/zstd/unpack.ts";
import { NdArray } from "./ndarray.ts";
import { parquetDataset } from "./parquet.ts";

// What pyarrow, pandas, fastparquet and polars have written: goldens/parquet.py makes it and explains it.

const here = dirname(fileURLToPath(import.meta.url));
const golden = join(here, "..", "..", "src", "data", "goldens", "parquet.zip");
const archive = await openZip(new Uint8Array(readFileSync(golden)));
const bytesOf = (name: string): Promise<Uint8Array> => archive.get(name)!.read();
type Value = number | boolean | string | null;
const columns = JSON.parse(new TextDecoder().decode(await bytesOf("cases.json"))) as {
  readonly [name: string]: Value[];
}; // our own file

/** A value of Python's as this library gives it. */
const ours = (value: Value, name: string): number | string => {
  if (value === null) return name === "note" ? "" : Number.NaN;
  if (name === "time") return new Date(`${value}Z`).toISOString();
  return typeof value === "string" ? value : Math.fround(Number(value));
};

for (const name of archive.keys()) {
  if (!name.endsWith(".parquet") || name === "odd.parquet") continue;
  test(`${name}: every column has the values that were written`, async () => {
    const data = await parquetDataset(await bytesOf(name), { missing: Number.NaN, batchSize: null });
    const found: { [name: string]: unknown[] } = {};
    for await (const batch of data)
      for (const [column, values] of Object.entries(batch))
        found[column] = [...(found[column] ?? []), ...(values instanceof NdArray ? values.data : values)];
    assert.deepEqual(Object.keys(found).sort(), Object.keys(columns).sort());
    for (const [column, values] of Object.entries(columns))
      assert.deepEqual(
        found[column],
        values.map((value) => ours(value, column)),
        column,
      );
  });
}

test("records, maps, lists of lists and bytes are refused by their names, and the columns beside them are read", async () => {
  const file = await bytesOf("odd.parquet");
  for (const column of ["record", "map", "lists", "bytes"])
    await assert.rejects((await parquetDataset(file, { columns: [column] })).toArray(), (error: Error) => {
      assert.match(error.message, new RegExp(`column "${column}".*(no number|no text)`, "s"));
      assert.match(error.message, /hint/);
      return true;
    });
});

test("Zstandard and LZ4 unpack to what was packed, at every level, and to nothing else", async () => {
  let tried = 0;
  for (const [name, member] of archive) {
    const [, stem, kind] = /^(\w+)(?:\.-?\d+)?\.(zstd|lz4)$/.exec(name) ?? [];
    if (stem === undefined) continue;
    const [packed, plain] = [await member.read(), await bytesOf(`${stem}.plain`)];
    const unpack = kind === "zstd" ? zstdUnpack : lz4Unpack;
    assert.deepEqual(Buffer.from(unpack(packed, plain.length)), Buffer.from(plain), name);
    assert.throws(() => unpack(packed, plain.length + 1), /fewer bytes/, name);
    if (plain.length > 0) assert.throws(() => unpack(packed, plain.length - 1), Error, name);
    assert.throws(() => unpack(packed.subarray(0, packed.length - 1), plain.length + 1), Error, name);
    tried++;
  }
  assert.equal(tried, 48);
});
