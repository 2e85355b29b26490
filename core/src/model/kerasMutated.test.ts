import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { encodeZip, openHdf5, openZip } from "../formats/index.ts";
import { loadModel } from "./index.ts";

// Files that were made to take time or memory without end; damaged.test.ts has those that chance damaged.

const here = dirname(fileURLToPath(import.meta.url));
const archive = await openZip(
  new Uint8Array(readFileSync(join(here, "..", "..", "src", "model", "goldens", "keras.zip"))),
);
const bytesOf = async (name: string): Promise<Uint8Array> => archive.get(name)!.read();

test("JSON that nests without end is refused before it is parsed", async () => {
  const deep = `{"class_name":"Sequential","config":${"[".repeat(2_000_000)}`;
  const file = encodeZip(new Map([["config.json", new TextEncoder().encode(deep)]]));
  await assert.rejects(loadModel(file), /nests more than 200 deep/);
});

test("an HDF5 file whose tree of names leads to itself is refused", async () => {
  const file = (await bytesOf("sequential.h5")).slice();
  const view = new DataView(file.buffer);
  const tree = Number(view.getBigUint64(80, true)); // of the root, from the superblock's entry
  view.setBigUint64(tree + 32, BigInt(tree), true); // its first child
  assert.throws(() => openHdf5(file).names, /leads back to itself/);
});
