import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { appendFile, mkdtemp, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { dtypes } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { openSafeTensors } from "./openSafeTensors.ts";
import { decodeSafeTensors, encodeSafeTensors, type StoredTensor } from "./safetensors.ts";
import { writeShards } from "./writeSafeTensors.ts";

const folder = mkdtempSync(join(tmpdir(), "chainrule-safetensors-"));
after(() => rmSync(folder, { recursive: true }));

const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => at * 7);
const sizes = { f32: 4, f16: 2, bf16: 2, i32: 4, u32: 4, i8: 1, u8: 1, bool: 1 } as const;
const tensors = new Map(
  dtypes.map((dtype): [string, StoredTensor] => [dtype, { dtype, shape: [2, 3], bytes: bytes(6 * sizes[dtype]) }]),
);
const whole = encodeSafeTensors({ tensors, metadata: { format: "pt" } });

test("an open file tells what it holds, and reads one tensor at a time: every dtype, from a path and from a Blob", async () => {
  const path = join(folder, "all.safetensors");
  writeFileSync(path, whole);
  for (const file of [path, new Blob([new Uint8Array(whole)])]) {
    const open = await openSafeTensors(file);
    assert.deepEqual([...open.entries.keys()], [...tensors.keys()]);
    assert.deepEqual(open.metadata["format"], "pt");
    for (const [name, tensor] of tensors) assert.deepEqual(await open.read(name), tensor);
    await assert.rejects(open.read("f64"), /there is no tensor "f64"[\s\S]*it holds 8: f32, f16/);
    await open.close();
  }
});

test("opening reads the header only", async () => {
  let read = 0;
  const blob = new Blob([new Uint8Array(whole)]);
  const counting = {
    size: blob.size,
    slice: (start: number, end: number) => {
      read += end - start;
      return blob.slice(start, end);
    },
  };
  const open = await openSafeTensors(counting);
  const data = [...tensors.values()].reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0);
  assert.equal(read, whole.byteLength - data);
  await open.read("u8");
  assert.equal(read, whole.byteLength - data + 6);
});

/** An index of two shards in a folder of their own. */
function shards(name: string, map: unknown): string {
  const place = join(folder, name);
  mkdirSync(place);
  for (const [file, names] of Object.entries({ "a.safetensors": ["f32", "u8"], "b.safetensors": ["bool"] })) {
    const own = new Map(names.map((each) => [each, tensors.get(each)!]));
    writeFileSync(join(place, file), encodeSafeTensors({ tensors: own, metadata: {} }));
  }
  const path = join(place, "model.safetensors.index.json");
  writeFileSync(path, JSON.stringify({ metadata: { total_size: 36 }, weight_map: map }));
  return path;
}

test("an index opens its shards as one file", async () => {
  const open = await openSafeTensors(
    shards("good", { f32: "a.safetensors", u8: "a.safetensors", bool: "b.safetensors" }),
  );
  assert.deepEqual([...open.entries.keys()], ["f32", "u8", "bool"]);
  for (const name of ["f32", "u8", "bool"]) assert.deepEqual(await open.read(name), tensors.get(name));
  await open.close();
});

const badIndexes: Readonly<Record<string, readonly [unknown, RegExp]>> = {
  "a path out of the folder": [{ f32: "../good/a.safetensors" }, /is said to be in "\.\.\/good\/a\.safetensors"/],
  "an absolute path": [{ f32: "/etc/passwd" }, /is said to be in "\/etc\/passwd"/],
  "a Windows path": [{ f32: "..\\a.safetensors" }, /is said to be in/],
  "a shard that is not there": [{ f32: "c.safetensors" }, /cannot read .*c\.safetensors: no such file/],
  "a tensor that its shard lacks": [{ bool: "a.safetensors" }, /there is no tensor "bool"/],
  "no map": [undefined, /no "weight_map"/],
  "a number for a file": [{ f32: 7 }, /is said to be in 7/],
};

for (const [name, [map, expected]] of Object.entries(badIndexes)) {
  test(`an index with ${name} is refused`, async () => {
    const path = shards(`bad ${name}`, map);
    await assert.rejects(openSafeTensors(path), (error) => error instanceof DataError && expected.test(error.message));
  });
}

test("a file that is missing, a folder, or cut short is refused with its name", async () => {
  await assert.rejects(
    openSafeTensors(join(folder, "none.safetensors")),
    /cannot read .*none\.safetensors: no such file/,
  );
  await assert.rejects(openSafeTensors(folder), /cannot read .*: it is no ordinary file/);
  const short = join(folder, "short.safetensors");
  writeFileSync(short, whole.subarray(0, 20));
  await assert.rejects(openSafeTensors(short), /short\.safetensors: the header would have \d+ bytes, but 12 follow/);
});

test("a file of 5 GB opens by its header alone, and gives a tensor at a time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chainrule-large-"));
  const path = join(folder, "large.safetensors");
  try {
    const huge = 5 * 2 ** 30;
    const header = JSON.stringify({
      huge: { dtype: "BF16", shape: [huge / 2], data_offsets: [0, huge] },
      last: { dtype: "F32", shape: [2], data_offsets: [huge, huge + 8] },
    }).padEnd(256);
    const prefix = Buffer.alloc(8);
    prefix.writeBigUInt64LE(256n);
    await writeFile(path, Buffer.concat([prefix, Buffer.from(header)]));
    // A hole: the file has its length, and takes no room on the disk.
    await truncate(path, 8 + 256 + huge);
    await appendFile(path, Buffer.from(Float32Array.of(1, 2).buffer));
    const before = process.memoryUsage().rss;
    const file = await openSafeTensors(path);
    assert.deepEqual([...file.entries.keys()], ["huge", "last"]);
    assert.deepEqual(new Float32Array((await file.read("last")).bytes.buffer), Float32Array.of(1, 2));
    await file.close();
    assert.ok(process.memoryUsage().rss - before < 64 * 2 ** 20, "nothing else was read");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("shards are written beside their index, none larger than it may be, and are read again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chainrule-shards-"));
  const path = join(folder, "model.safetensors.index.json");
  try {
    const tensors = [3, 5, 40, 2, 2].map((size, index) => ({
      name: index === 0 ? "__proto__" : `t${index}`,
      bytes: size * 4,
      read: async () => ({
        dtype: "i32" as const,
        shape: [size],
        bytes: new Uint8Array(Int32Array.from({ length: size }, (_, at) => at * index).buffer),
      }),
    }));
    await writeShards(path, tensors, 40);
    const names = (await readdir(folder)).sort();
    assert.deepEqual(names, [
      ...[1, 2, 3].map((at) => `model-0000${at}-of-00003.safetensors`),
      "model.safetensors.index.json",
    ]);
    const file = await openSafeTensors(path);
    for (const { name, read } of tensors) assert.deepEqual(await file.read(name), await read());
    await file.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("types that tensors do not have become those that they have, and whole numbers that do not fit are refused", async () => {
  const cases = [
    { code: "F64", dtype: "f32", data: Float64Array.of(0.5, -3, 1e-300), values: [0.5, -3, 0] },
    { code: "I64", dtype: "i32", data: BigInt64Array.of(-5n, 7n), values: [-5, 7] },
    { code: "U64", dtype: "u32", data: BigUint64Array.of(4294967295n), values: [4294967295] },
    { code: "I16", dtype: "i32", data: Int16Array.of(-300, 300), values: [-300, 300] },
    { code: "U16", dtype: "u32", data: Uint16Array.of(65535), values: [65535] },
  ] as const;
  const fileOf = (
    code: string,
    data: ArrayBufferView & { readonly length: number },
    shape = [data.length],
  ): Uint8Array => {
    const text = JSON.stringify({ x: { dtype: code, shape, data_offsets: [0, data.byteLength] } });
    const file = new Uint8Array(8 + text.length + data.byteLength);
    new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
    file.set(new TextEncoder().encode(text), 8);
    file.set(new Uint8Array(data.buffer), 8 + text.length);
    return file;
  };
  for (const { code, dtype, data, values } of cases) {
    const whole = decodeSafeTensors(fileOf(code, data)).tensors.get("x")!;
    const opened = await (await openSafeTensors(new Blob([fileOf(code, data) as Uint8Array<ArrayBuffer>]))).read("x");
    for (const tensor of [whole, opened]) {
      assert.equal(tensor.dtype, dtype);
      const made = { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[dtype];
      assert.deepEqual([...new made(tensor.bytes.slice().buffer)], values);
    }
  }
  assert.throws(() => decodeSafeTensors(fileOf("I64", BigInt64Array.of(2n ** 40n))), /does not fit i32/);
  assert.throws(() => decodeSafeTensors(fileOf("F4", Uint8Array.of(1))), /known are .*F64/s);
  // Complex numbers are pairs.
  const complex = decodeSafeTensors(fileOf("C64", Float32Array.of(1, 2, 3, -4), [2])).tensors.get("x")!;
  assert.deepEqual([complex.dtype, complex.shape], ["f32", [2, 2]]);
  assert.deepEqual([...new Float32Array(complex.bytes.slice().buffer)], [1, 2, 3, -4]);
  assert.throws(() => decodeSafeTensors(fileOf("C64", Float32Array.of(1, 2, 3), [2])), /needs 16 bytes, but has 12/);
});
