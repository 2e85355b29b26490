import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { dtypes } from "../base/dtype.ts";
import { DataError } from "../base/errors.ts";
import { mutated } from "./mutated.test.body.ts";
import { openSafeTensors } from "./openSafeTensors.ts";
import { encodeSafeTensors, type StoredTensor } from "./safetensors.ts";

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

test("10,000 damaged files: each is opened and read, or refused with a DataError", async () => {
  for (const damaged of mutated([whole], 10_000)) {
    try {
      const open = await openSafeTensors(new Blob([new Uint8Array(damaged)]));
      for (const name of open.entries.keys()) await open.read(name);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
});
