import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DataError } from "../../base/errors.ts";
import { mutated } from "../mutated.test.body.ts";
import { openHdf5, readHdf5 } from "./index.ts";

// Files of h5py, made by goldens/hdf5.py; tests run from dist, goldens stay in src.
const golden = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(fileURLToPath(import.meta.url), "../../../../src/formats/goldens", name)));

const element = (index: number): number => index;

test("packed chunks, halves, big-endian numbers and flags are read by the library", async () => {
  const bytes = golden("chunks.h5");
  assert.throws(() => openHdf5(bytes).get("model_weights/dense/kernel"), /h5wasm/);
  const root = await readHdf5(bytes, "chunks.h5");
  assert.equal(root.attributes.get("made by"), "h5py");
  const dataset = (name: string) => {
    const found = root.get(`model_weights/dense/${name}`);
    assert.ok(found?.kind === "dataset");
    assert.deepEqual(found.shape, [20, 30]);
    return { ...found, bytes: found.bytes(), view: new DataView(found.bytes().buffer) };
  };
  const expected = Array.from({ length: 600 }, (_, index) => element(index));
  const kernel = dataset("kernel");
  assert.deepEqual(kernel.type, { kind: "float", bytes: 4, bigEndian: false });
  assert.deepEqual(
    expected.map((index) => kernel.view.getFloat32(4 * index, true)),
    expected,
  );
  const big = dataset("big");
  assert.deepEqual(big.type, { kind: "float", bytes: 8, bigEndian: false }); // turned by the library
  assert.deepEqual(
    expected.map((index) => big.view.getFloat64(8 * index, true)),
    expected,
  );
  assert.deepEqual(dataset("half").type, { kind: "float", bytes: 2, bigEndian: false });
  const flags = dataset("flags");
  assert.deepEqual(flags.type, { kind: "bool", bytes: 1, bigEndian: false });
  assert.deepEqual(
    [...flags.bytes],
    expected.map((index) => Number(index > 300)),
  );
});

test("datasets that were never written are their fill values, as h5py reads them", () => {
  const root = openHdf5(golden("unwritten.h5"));
  const bytes = (name: string): DataView => {
    const found = root.get(name);
    assert.ok(found?.kind === "dataset");
    const { buffer, byteOffset, byteLength } = found.bytes();
    return new DataView(buffer, byteOffset, byteLength);
  };
  assert.deepEqual(new Uint8Array(bytes("zeros").buffer), new Uint8Array(24));
  assert.deepEqual(
    [0, 4, 8, 12].map((at) => bytes("halves").getFloat32(at, true)),
    [1.5, 1.5, 1.5, 1.5],
  );
  assert.deepEqual(
    [0, 4].map((at) => bytes("big").getInt32(at, false)),
    [-7, -7],
  );
  assert.equal(bytes("one").getFloat64(0, true), 0.25);
});

test("groups and attributes of new files are read by the library", async () => {
  const root = await readHdf5(golden("latest.h5"), "latest.h5");
  assert.equal(root.names.length, 20);
  assert.deepEqual(root.attributes.get("attribute 19"), [19, 20]);
  assert.deepEqual(root.attributes.get("names"), ["dense", "größer"]);
  const seven = root.get("value 7");
  assert.ok(seven?.kind === "dataset");
  assert.deepEqual([seven.shape, [...seven.bytes()]], [[], [7, 0, 0, 0]]);
});

test("40 mutated files are read, or refused in words, in bounded time and memory", async () => {
  const files = ["chunks.h5", "latest.h5"].map(golden);
  const before = process.memoryUsage.rss();
  let refused = 0;
  for (const given of mutated(files, 40)) {
    const started = performance.now();
    await readHdf5(given, "mutated").catch((error: unknown) => {
      assert.ok(error instanceof DataError, String(error));
      refused++;
    });
    assert.ok(performance.now() - started < 10_000, "no file may take long");
  }
  assert.ok(refused >= 10, `only ${refused} were refused`);
  assert.ok(process.memoryUsage.rss() - before < 400 * 2 ** 20, "threads give their memory back");
});
