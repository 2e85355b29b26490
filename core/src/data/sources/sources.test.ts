import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import { encodeNpy, encodeNpz, type NumpyArray } from "../../formats/index.ts";
import {
  csvDataset,
  type Dataset,
  isNdArray,
  jsonLinesDataset,
  NdArray,
  ndarray,
  npyDataset,
  npzDataset,
  numpyRandom,
  textDatasetFromDirectory,
  textLineDataset,
  timeseriesDatasetFromArray,
} from "../index.ts";

let root = "";
before(async () => {
  root = await mkdtemp(join(tmpdir(), "chainrule-sources-"));
});
after(() => rm(root, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const plain = (value: unknown): unknown => {
  if (isNdArray(value))
    return value.shape.length === 0
      ? value.item()
      : Array.from({ length: value.length }, (_, row) => plain(value.row(row)));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
};

async function all(data: Dataset<unknown>, skip = 0): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const element of data.iterate({ skip, seed: 1 })) elements.push(plain(element));
  return elements;
}

/** The same elements from every place on. */
async function demand(data: Dataset<unknown>, expected: readonly unknown[]): Promise<void> {
  for (let skip = 0; skip <= expected.length; skip++) assert.deepEqual(await all(data, skip), expected.slice(skip));
}

test("lines are those of the files, one file after the other, whatever ends them", async () => {
  const path = join(root, "lines.txt");
  await writeFile(path, "first\r\nsecond\n\nlast, without an end");
  const expected = ["first", "second", "", "last, without an end"];
  await demand(textLineDataset(path), expected);
  await demand(textLineDataset([path, bytes("a\nb\n"), new Blob(["ü"])]), [...expected, "a", "b", "ü"]);
  await demand(textLineDataset(new Uint8Array(0)), []);
  // Pieces of a file end anywhere, also inside of a letter.
  const long = Array.from({ length: 50_000 }, (_, index) => `Zeile ${index} – äöü`);
  assert.deepEqual(await all(textLineDataset(bytes(long.join("\n")))), long);
  assert.deepEqual(await all(textLineDataset(Uint8Array.of(228, 10), { encoding: "windows-1252" })), ["ä"]);
});

test("rows of CSV files are records, with types that are told or seen", async () => {
  const text = 'name,rooms,"price, in $",new\nAnn,3,1.5e5,true\n"B ""the"" b",NA,20,no\r\n"two\nlines",-1,,yes\n';
  const seen = [
    { name: "Ann", rooms: 3, "price, in $": 150000, new: "true" },
    { name: 'B "the" b', rooms: Number.NaN, "price, in $": 20, new: "no" },
    { name: "two\nlines", rooms: -1, "price, in $": Number.NaN, new: "yes" },
  ];
  await demand(csvDataset(bytes(text)), seen);
  const told = csvDataset(bytes(text), { columns: { new: "boolean", name: "string", rooms: (cell) => cell.length } });
  const [first] = await told.toArray();
  const typed: { readonly new: boolean; readonly name: string; readonly rooms: number } = first!;
  assert.deepEqual(typed, { new: true, name: "Ann", rooms: 1 });
  await demand(
    csvDataset(bytes("1;2\n# no\n\n3;4"), {
      header: false,
      columns: { a: "number", b: "integer" },
      delimiter: ";",
      comment: "#",
    }),
    [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ],
  );
  await demand(csvDataset([bytes("a,b\n1,x\n"), bytes("b,a\ny,2\n")]), [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ]);
  const many = Array.from({ length: 30_000 }, (_, index) => `${index},"a\n${"x".repeat(index % 20)}"`);
  const rows = await csvDataset(bytes(`n,text\n${many.join("\n")}`)).toArray();
  assert.deepEqual([rows.length, rows[29_999]], [30_000, { n: 29_999, text: `a\n${"x".repeat(19)}` }]);
  const batches = await csvDataset(bytes("a,b\n1,x\n2,y\n"), { columns: { a: "number", b: "string" } })
    .batch(2)
    .toArray();
  assert.deepEqual(plain(batches), [{ a: [1, 2], b: ["x", "y"] }]);
});

test("lines of files that gzip packed are read as they are unpacked", async () => {
  const order = Array.from({ length: 70_000 }, (_, index) => index);
  const many = order.map((value) => `{"a":${value}}`);
  const packed = new Uint8Array(gzipSync(many.join("\r\n")));
  assert.deepEqual(await all(textLineDataset(packed)), many);
  const values = await all(jsonLinesDataset<{ a: number }>([packed, bytes('{"a":-1}')]).map(({ a }) => a));
  assert.deepEqual(values, [...order, -1]);
});

test("lines of JSON are values", async () => {
  await demand(jsonLinesDataset<{ a: number }>(bytes('{"a":1}\n\n{"a":2}\n[3]')), [{ a: 1 }, { a: 2 }, [3]]);
});

test("rows of NumPy's files are read when they are wanted, in any order, with the nearest type", async () => {
  const types: readonly (readonly [NumpyArray, string])[] = [
    [{ type: "f4", shape: [5, 2], data: Float32Array.from({ length: 10 }, (_, at) => at / 2) }, "f32"],
    [{ type: "f8", shape: [5], data: Float64Array.from({ length: 5 }, (_, at) => at / 4) }, "f32"],
    [{ type: "i8", shape: [5], data: BigInt64Array.from([1n, -2n, 3n, 4n, 5n]) }, "i32"],
    [{ type: "u1", shape: [5, 1, 2], data: Uint8Array.from({ length: 10 }, (_, at) => at) }, "u8"],
    [{ type: "f2", shape: [5], data: Uint16Array.from([0, 0x3c00, 0xc000, 0x3800, 0x4200]) }, "f32"],
  ];
  for (const [array, dtype] of types) {
    const path = join(root, `${array.type}.npy`);
    await writeFile(path, encodeNpy(array));
    const data = await npyDataset(path);
    const values = array.type === "f2" ? [0, 1, -2, 0.5, 3] : Array.from(array.data, Number);
    const expected = plain(new NdArray(Float32Array.from(values), array.shape)) as unknown[];
    await demand(data, expected);
    await demand(data.batch(2), [expected.slice(0, 2), expected.slice(2, 4), expected.slice(4)]);
    const [batch] = await data.batch(5).toArray();
    assert.deepEqual([batch!.dtype, batch!.shape], [dtype, array.shape]);
    const shuffled = await all(data.shuffle().batch(5));
    assert.deepEqual(new Set((shuffled[0] as unknown[]).map(String)), new Set(expected.map(String)));
  }
  const npz = await encodeNpz(
    new Map<string, NumpyArray>([
      ["x_train", types[0]![0]],
      ["y_train", types[2]![0]],
    ]),
  );
  const some = await npzDataset(npz, { x: "x_train", y: "y_train" });
  assert.deepEqual((await all(some.skip(4)))[0], { x: [4, 4.5], y: 5 });
});

test("sequences of a series are those that Keras documents", async () => {
  // The examples of the documentation of keras.utils.timeseries_dataset_from_array.
  const sequences = timeseriesDatasetFromArray(
    Float32Array.from({ length: 99 }, (_, at) => at),
    {
      sequenceLength: 10,
      sequenceStride: 3,
      samplingRate: 2,
      batchSize: null,
    },
  );
  const found = await all(sequences);
  const sequence = (start: number): number[] => Array.from({ length: 10 }, (_, step) => start + step * 2);
  assert.deepEqual(
    found,
    Array.from({ length: 27 }, (_, index) => ({ x: sequence(index * 3) })),
  );
  const data = Array.from({ length: 15 }, (_, at) => at);
  const pairs = timeseriesDatasetFromArray(data.slice(0, -10), {
    targets: data.slice(10),
    sequenceLength: 3,
    batchSize: 2,
  });
  await demand(pairs, [
    {
      x: [
        [0, 1, 2],
        [1, 2, 3],
      ],
      y: [10, 11],
    },
    { x: [[2, 3, 4]], y: [12] },
  ]);
  // The first and last indices: data before and after are not used, nor are their targets.
  const part = timeseriesDatasetFromArray(ndarray(data.map((at) => [at, -at])), {
    targets: Int32Array.from(data),
    sequenceLength: 2,
    startIndex: 3,
    endIndex: 7,
  });
  await demand(part, [
    {
      x: [
        [
          [3, -3],
          [4, -4],
        ],
        [
          [4, -4],
          [5, -5],
        ],
        [
          [5, -5],
          [6, -6],
        ],
      ],
      y: [3, 4, 5],
    },
  ]);
});

test("sequences in random order begin in NumPy's, and are mixed anew in each pass", async () => {
  const options = { sequenceLength: 1, batchSize: null, shuffle: true, seed: 7 } as const;
  const data = timeseriesDatasetFromArray(
    Float32Array.from({ length: 3000 }, (_, at) => at),
    options,
  );
  const [first, second] = [await data.toArray(), await data.toArray()].map((pass) => pass.map(({ x }) => x.item()));
  assert.notDeepEqual(first, second);
  const starts = Uint32Array.from({ length: 3000 }, (_, at) => at);
  numpyRandom(7).shuffle(starts);
  // A buffer of 1024 lets nothing come much earlier than NumPy has it.
  const place = new Map([...starts].map((start, at) => [start, at]));
  first!.forEach((start, at) => {
    assert.ok(place.get(start)! < at + 1024);
  });
  assert.deepEqual(
    [...first!].sort((a, b) => a - b),
    Array.from({ length: 3000 }, (_, at) => at),
  );
});

test("texts of a folder are examples of the classes that their folders are", async () => {
  const folder = join(root, "texts");
  for (const [path, text] of Object.entries({
    "neg/a.txt": "bad",
    "neg/b.txt": "worse",
    "pos/c.txt": "good",
    "pos/d.md": "no",
  })) {
    await mkdir(join(folder, path.slice(0, 3)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const data = await textDatasetFromDirectory(folder, { shuffle: false, batchSize: 2 });
  assert.deepEqual(data.classNames, ["neg", "pos"]);
  assert.deepEqual(await all(data), [
    { x: ["bad", "worse"], y: [0, 0] },
    { x: ["good"], y: [1] },
  ]);
  const single = await textDatasetFromDirectory(folder, {
    shuffle: false,
    batchSize: null,
    maxLength: 2,
    labels: null,
  });
  const texts: string[] = (await single.toArray()).map(({ x }) => x);
  assert.deepEqual(texts, ["ba", "wo", "go"]);
});

const csv = (text: string, options: Parameters<typeof csvDataset>[1] = {}) =>
  csvDataset(bytes(text), options).toArray();
test("CSV as people write it: marks in the middle, doubled marks, other ends of lines and encodings, spaces, blank lines", async () => {
  const utf16 = new Uint8Array(Buffer.from("\ufeffa,b\n1,ü\n", "utf16le"));
  const cases: readonly (readonly [string | Uint8Array, unknown, Parameters<typeof csvDataset>[1]?])[] = [
    [
      'a,b\n1,5" disk\n2,x\n',
      [
        { a: 1, b: '5" disk' },
        { a: 2, b: "x" },
      ],
    ],
    [
      'a,b\n1,"5"" disk, big"\n2,""\n',
      [
        { a: 1, b: '5" disk, big' },
        { a: 2, b: "" },
      ],
    ],
    [
      'a,b\n1,"two\r\n""lines"""\n"2",x\n',
      [
        { a: 1, b: 'two\r\n"lines"' },
        { a: 2, b: "x" },
      ],
    ],
    ["\ufeffa,b\r\n1,x\r\n", [{ a: 1, b: "x" }]],
    [
      "a,b\r1,x\r2,y",
      [
        { a: 1, b: "x" },
        { a: 2, b: "y" },
      ],
    ],
    [utf16, [{ a: 1, b: "ü" }], { encoding: "utf-16le" }],
    // Files say so themselves, as Excel's do; and are packed.
    [utf16, [{ a: 1, b: "ü" }]],
    [utf16.slice().map((_, at) => utf16[at ^ 1]!), [{ a: 1, b: "ü" }]],
    [new Uint8Array(gzipSync("a,b\n1,ü\n")), [{ a: 1, b: "ü" }]],
    [new Uint8Array(gzipSync(utf16)), [{ a: 1, b: "ü" }]],
    [Uint8Array.of(97, 10, 233, 10), [{ a: "é" }], { encoding: "windows-1252" }],
    [
      "a , b\n 1 , x\n\n\n2,y\n\n",
      [
        { a: 1, b: " x" },
        { a: 2, b: "y" },
      ],
    ],
    ["a\tb\n1\t2\n", [{ a: 1, b: 2 }], { delimiter: "\t" }],
    ['a\n"1,000"\n', [{ a: "1,000" }]],
    ["a,b\n", []],
    ["", []],
  ];
  for (const [file, expected, options = {}] of cases)
    assert.deepEqual(await csvDataset(typeof file === "string" ? bytes(file) : file, options).toArray(), expected);
});

const wrong: { readonly [name: string]: readonly [() => unknown, RegExp] } = {
  "a file that is not there": [
    () => textLineDataset("/no/such/file").toArray(),
    /cannot read \/no\/such\/file: no such file/,
  ],
  "bytes that are no text": [
    () => textLineDataset(Uint8Array.of(255, 200, 10)).toArray(),
    /^the data: the file is no text in utf-8\n {2}hint .*encoding/,
  ],
  "a packed file that was cut off": [
    () => csvDataset(new Uint8Array(gzipSync("a,b\n1,2\n".repeat(99)).subarray(0, 30))).toArray(),
    /^the data: the packed data is damaged.*\n {2}hint .*fetch it again/,
  ],
  "a line without end in a packed file": [
    () => jsonLinesDataset(new Uint8Array(gzipSync(Buffer.alloc(2 ** 25, 32)))).toArray(),
    /^jsonLinesDataset: the data has a line of more than 16777216 characters/,
  ],
  "a line that is too long": [
    () => textLineDataset(bytes("x".repeat(100)), { longestLine: 10 }).toArray(),
    /^textLineDataset: the data has a line of more than 10 characters/,
  ],
  "no JSON": [
    () => jsonLinesDataset(bytes('{"a":1}\n{"a":')).toArray(),
    /^jsonLinesDataset: the data, line 2 is no JSON: .*\n {2}line {2}\{"a":\n/,
  ],
  "a number that is none": [
    () => csv("a,b\n1,2\n3,x\n", { columns: { b: "number" } }),
    /^csvDataset: the data, row 3, column "b" does not hold .*\n {2}expected {2}a number\n {2}received {2}"x"\n/,
  ],
  "a whole number that is none": [() => csv("a\n1.5\n", { columns: { a: "integer" } }), /expected {2}a integer/],
  "a missing value that may not be": [() => csv("a\n1\nNA\n", { missing: "error" }), /row 3, column "a"/],
  "a row with too few values": [
    () => csv("a,b\n1,2\n3\n"),
    /^csvDataset: the data, row 3 has 1 values, the header 2\n {2}row {3}3\n/,
  ],
  "a column that is not there": [
    () => csv("a,b\n1,2\n", { columns: { c: "number" } }),
    /has no column "c"\n {2}columns {2}a, b/,
  ],
  "two columns of one name": [() => csv("a,a\n1,2\n"), /has two columns named "a"/],
  "a column that no record can have": [() => csv("a,__proto__\n1,2\n"), /has a column named "__proto__"/],
  "no names": [() => csv("1,2\n", { header: false }), /^csvDataset: without a header/],
  "a quotation mark that is never closed": [
    () => csv(`a\n"${"x".repeat(200)}`, { longestRow: 100 }),
    /row of more than 100 characters/,
  ],
  "a broken quotation": [() => csv('a\n"x\ny\n'), /^csvDataset: the data cannot be read: Quote Not Closed/],
  "a truncated array": [
    () => npyDataset(encodeNpy({ type: "f4", shape: [4], data: new Float32Array(4) }).subarray(0, -3)),
    /\[4\] of f4 needs 16 bytes, but 13 follow/,
  ],
  "an array in column-major order": [
    () => {
      const file = encodeNpy({ type: "f4", shape: [2, 2], data: new Float32Array(4) });
      const text = new TextDecoder("latin1").decode(file).replace("False,", "True, ");
      return npyDataset(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
    },
    /column-major order/,
  ],
  "a number of 64 bits": [
    async () => (await npyDataset(encodeNpy({ type: "i8", shape: [1], data: BigInt64Array.of(2n ** 40n) }))).toArray(),
    /value 1099511627776 does not fit into 32 bits/,
  ],
  "an array that is not in the file": [
    async () =>
      npzDataset(await encodeNpz(new Map([["x", { type: "f4", shape: [1], data: new Float32Array(1) } as const]])), {
        y: "z",
      }),
    /there is no array "z"\n {2}hint .*"x"/,
  ],
  "an end that is before the beginning": [
    () => timeseriesDatasetFromArray(new Float32Array(9), { sequenceLength: 2, startIndex: 5, endIndex: 4 }),
    /^timeseriesDatasetFromArray: endIndex must be above startIndex .*received 4\n {2}data {2}9 steps/,
  ],
};
for (const [name, [attempt, message]] of Object.entries(wrong)) {
  test(`${name} is an error that says where`, async () => {
    await assert.rejects(
      async () => attempt(),
      (error: Error) => {
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
