import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { ArgumentError, DataError } from "../base/errors.ts";
import { bytesSource, openParquet } from "../formats/index.ts";
import { NdArray } from "./ndarray.ts";
import { parquetDataset } from "./parquet.ts";

/** The part of the package `hyparquet-writer` that is used: other software's files. */
interface Writer {
  parquetWriteBuffer(options: {
    readonly columnData: readonly {
      readonly name: string;
      readonly data: ArrayLike<unknown>;
      readonly type?: string;
      readonly nullable?: boolean;
    }[];
    readonly codec?: string;
    readonly rowGroupSize?: number;
    readonly schema?: readonly object[];
    readonly compressors?: Readonly<Record<string, (plain: Uint8Array) => Uint8Array>>;
  }): ArrayBuffer;
}
const specifier = "hyparquet-writer";
const { parquetWriteBuffer } = (await import(specifier)) as Writer; // the package's documented interface

const rows = 100;
const of = <T>(make: (row: number) => T): T[] => Array.from({ length: rows }, (_, row) => make(row));
const columnData = [
  { name: "price", data: Float32Array.from(of((row) => row / 4)), type: "FLOAT" as const },
  { name: "exact", data: Float64Array.from(of((row) => row + 0.1)), type: "DOUBLE" as const },
  { name: "count", data: Int32Array.from(of((row) => row - 50)), type: "INT32" as const },
  { name: "id", data: of((row) => BigInt(row * 1000)), type: "INT64" as const },
  { name: "huge", data: of((row) => BigInt(row) * 10n ** 12n), type: "INT64" as const },
  { name: "name", data: of((row) => `name ${row % 7}`), type: "STRING" as const },
  { name: "is", data: of((row) => row % 3 === 0), type: "BOOLEAN" as const },
  { name: "maybe", data: of((row) => (row % 10 === 0 ? null : row)), type: "DOUBLE" as const, nullable: true },
  { name: "day", data: of((row) => new Date(Date.UTC(2020, 0, 1 + row))), type: "TIMESTAMP" as const },
];
const bytesOf = (codec: "SNAPPY" | "UNCOMPRESSED" | "GZIP", rowGroupSize = 30): Uint8Array =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData,
      codec,
      rowGroupSize,
      compressors: { GZIP: (plain: Uint8Array) => new Uint8Array(gzipSync(plain)) },
    }),
  );
const file = bytesOf("SNAPPY");
const root = mkdtempSync(join(tmpdir(), "chainrule-parquet-"));
after(() => rmSync(root, { recursive: true }));
const path = join(root, "table.parquet");
writeFileSync(path, file);

const valuesOf = (column: NdArray | readonly string[]): unknown[] =>
  column instanceof NdArray ? [...column.data] : [...column];

for (const codec of ["SNAPPY", "UNCOMPRESSED", "GZIP"] as const) {
  test(`all kinds of columns become arrays or texts: ${codec}`, async () => {
    const wanted = ["price", "exact", "count", "id", "name", "is", "day"];
    const dataset = await parquetDataset(bytesOf(codec), { columns: wanted, batchSize: null });
    assert.deepEqual([dataset.rows, dataset.cardinality, dataset.columnNames.length], [rows, 4, 9]);
    const found = await dataset.toArray();
    assert.deepEqual(
      found.map((batch) => valuesOf(batch["price"]!).length),
      [30, 30, 30, 10],
    );
    const column = (name: string): unknown[] => found.flatMap((batch) => valuesOf(batch[name]!));
    assert.deepEqual(
      column("price"),
      of((row) => row / 4),
    );
    assert.deepEqual(
      column("exact"),
      of((row) => Math.fround(row + 0.1)),
    );
    assert.deepEqual(
      column("count"),
      of((row) => row - 50),
    );
    assert.deepEqual(
      column("id"),
      of((row) => row * 1000),
    );
    assert.deepEqual(
      column("name"),
      of((row) => `name ${row % 7}`),
    );
    assert.deepEqual(
      column("is"),
      of((row) => Number(row % 3 === 0)),
    );
    assert.equal(column("day")[1], "2020-01-02T00:00:00.000Z");
    const dtypes = wanted.map((name) =>
      found[0]![name] instanceof NdArray ? (found[0]![name] as NdArray).dtype : "texts",
    );
    assert.deepEqual(dtypes, ["f32", "f32", "i32", "i32", "texts", "u8", "texts"]);
  });
}

test("batches go across the groups of the file, pass after pass", async () => {
  const dataset = await parquetDataset(path, { columns: { count: "f32", name: "string" }, batchSize: 32 });
  for (let pass = 0; pass < 2; pass++) {
    const batches = await dataset.toArray();
    assert.deepEqual(
      batches.map(({ count, name }) => `${count.dtype} ${count.shape} ${name.length}`),
      ["f32 32 32", "f32 32 32", "f32 32 32", "f32 4 4"],
    );
    assert.deepEqual(
      batches.flatMap(({ count }) => [...count.data]),
      of((row) => row - 50),
    );
  }
  assert.equal(dataset.cardinality, 4);
});

test("only what is asked for is read", async () => {
  let read = 0;
  const source = bytesSource(file);
  const counting = {
    ...source,
    read: (start: number, length: number) => {
      read += length;
      return source.read(start, length);
    },
  };
  const parquet = await openParquet(counting);
  const directory = read;
  await parquet.read(2, ["price"]);
  assert.ok(read - directory < 400, `${read - directory} of ${file.length} bytes`);
});

test("what a column cannot become is said, with its row", async () => {
  const cases: readonly (readonly [Record<string, "f32" | "i32" | "u8" | "string"> | string[], RegExp])[] = [
    [["nothing"], /no column "nothing"[\s\S]*price, exact/],
    [["maybe"], /column "maybe": row 0 is missing[\s\S]*missing: NaN/],
    [["huge"], /column "huge": row 1 holds 1000000000000, which is no i32[\s\S]*"f32"/],
    [{ price: "i32" }, /column "price": row 1 holds 0\.25, which is no i32/],
    [{ count: "u8" }, /column "count": row 0 holds -50, which is no u8/],
    [{ name: "f32" }, /column "name": row 0 holds "name 0", which is no number/],
  ];
  for (const [columns, reason] of cases) {
    await assert.rejects(
      async () => (await parquetDataset(path, { columns })).toArray(),
      (error) =>
        (error instanceof ArgumentError || error instanceof DataError) &&
        reason.test(error.message) &&
        error.message.startsWith(path),
      String(reason),
    );
  }
  const [first] = await (
    await parquetDataset(path, { columns: { huge: "f32", maybe: "f32", is: "f32" }, missing: Number.NaN })
  ).toArray();
  assert.deepEqual(
    [first!.huge.data[1], first!.maybe.data[0], first!.maybe.data[1], first!.is.data[3]],
    [Math.fround(1e12), Number.NaN, 1, 1],
  );
});

test("lists of one length are rows of an array", async () => {
  const schema = [
    { name: "root", num_children: 1 },
    { name: "vector", repetition_type: "REQUIRED" as const, num_children: 1, converted_type: "LIST" as const },
    { name: "list", repetition_type: "REPEATED" as const, num_children: 1 },
    { name: "element", type: "FLOAT" as const, repetition_type: "REQUIRED" as const },
  ];
  const lists = (data: number[][]): Uint8Array =>
    new Uint8Array(parquetWriteBuffer({ columnData: [{ name: "vector", data }], schema }));
  const [batch] = await (
    await parquetDataset(
      lists([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    )
  ).toArray();
  const vector = batch!["vector"] as NdArray;
  assert.deepEqual(
    [vector.shape, [...vector.data]],
    [
      [3, 2],
      [1, 2, 3, 4, 5, 6],
    ],
  );
  await assert.rejects(
    async () => (await parquetDataset(lists([[1, 2], [3]]))).toArray(),
    /row 1 has 1 values, row 0 has 2/,
  );
});
