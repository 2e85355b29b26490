import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ChainruleError } from "../base/errors.ts";
import { encodeZip, type Hdf5Group, openHdf5, openZip } from "../formats/index.ts";
import { mutated } from "../formats/mutated.test.body.ts";
import { layers } from "../nn/index.ts";
import { loadModel, sequential } from "./index.ts";

// A file of a stranger may be anything: it is read, or refused in words. What takes memory or time without bound would end this
// test by its own limits.

const count = 10_000;
const here = dirname(fileURLToPath(import.meta.url));
const archive = await openZip(
  new Uint8Array(readFileSync(join(here, "..", "..", "src", "model", "goldens", "keras.zip"))),
);
const bytesOf = async (name: string): Promise<Uint8Array> => archive.get(name)!.read();

/** How many of the files were read; all others must be refused by an error of ours. */
async function tried(
  files: Iterable<Uint8Array>,
  read: (file: Uint8Array) => unknown,
): Promise<{ readonly whole: number; readonly refused: number }> {
  let whole = 0;
  let refused = 0;
  for (const file of files) {
    try {
      await read(file);
      whole++;
    } catch (error) {
      if (!(error instanceof ChainruleError)) throw error;
      refused++;
    }
  }
  return { whole, refused };
}

/** Demands that damage was found, and that not all was refused for some other reason. */
function assertBoth({ whole, refused }: { readonly whole: number; readonly refused: number }, all = count): void {
  assert.equal(whole + refused, all);
  assert.ok(whole > 0 && refused > all / 4, `${whole} were read, ${refused} refused`);
}

/** Reads everything in a group. */
function walk(group: Hdf5Group, depth = 0): void {
  assert.ok(group.attributes.size >= 0);
  for (const name of group.names) {
    const member = group.get(name);
    if (member?.kind === "dataset") assert.ok(member.bytes().length + member.attributes.size >= 0);
    else if (member !== undefined && depth < 20) walk(member, depth + 1); // groups may hold themselves
  }
}

test(`${count} damaged HDF5 files are read or refused in words`, async () => {
  const files = await Promise.all(
    ["sequential.weights.h5", "sequential.h5", "lion.h5", "adam.h5"].filter((name) => archive.has(name)).map(bytesOf),
  );
  assertBoth(await tried(mutated(files, count), (file) => walk(openHdf5(file))));
});

test(`${count} damaged .weights.h5 files are read or refused in words`, async () => {
  const model = sequential([
    layers.dense(6),
    layers.batchNormalization(),
    layers.dense(3, { useBias: false }),
  ]).buildFor([null, 4]);
  assertBoth(await tried(mutated([await bytesOf("sequential.weights.h5")], count), (file) => model.loadWeights(file)));
});

test(`${count} damaged legacy .h5 files are read or refused in words`, async () => {
  assertBoth(await tried(mutated([await bytesOf("sequential.h5")], count), (file) => loadModel(file)));
});

test(`${count} damaged .keras archives, packed or not, are read or refused in words`, async () => {
  const files = [await bytesOf("bins.keras"), await bytesOf("packed.keras")];
  assertBoth(await tried(mutated(files, count), (file) => loadModel(file)));
});

/** What stands where something else should. */
const absurd: readonly unknown[] = [
  ...[1e9, -1, 0, 1e18, 0.5, 2 ** 31, null, true, "x", "__proto__", "a".repeat(5000), [], {}, [[[[[[]]]]]]],
  ...[
    { class_name: "Dense", config: { units: 1e9 } },
    { class_name: "__lambda__", config: { value: "4wEA" } },
  ],
  ...[Array.from({ length: 100 }, () => 1e6), ["dense", 0, 0], { class_name: "__keras_tensor__", config: {} }],
];

/** Configs with values replaced, moved, left out and added. */
function* damagedConfigs(configs: readonly string[], weights: readonly Uint8Array[]): Generator<Uint8Array> {
  let state = 1;
  const below = (limit: number): number => {
    state = (state * 48271) % 2147483647; // Lehmer's generator: the damage is the same in every run
    return Math.floor((state / 2147483647) * limit);
  };
  for (let made = 0; made < count; made++) {
    const which = below(configs.length);
    const json: unknown = JSON.parse(configs[which]!);
    const places: [Record<string, unknown>, string][] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      for (const key of Object.keys(value)) {
        places.push([value as Record<string, unknown>, key]);
        visit((value as Record<string, unknown>)[key]);
      }
    };
    visit(json);
    for (let changes = 1 + below(3); changes > 0; changes--) {
      const [owner, key] = places[below(places.length)]!;
      const [other, there] = places[below(places.length)]!;
      const kind = below(6);
      if (kind < 3) owner[key] = absurd[below(absurd.length)];
      else if (kind === 3) delete owner[key];
      else if (kind === 4) owner[key] = structuredClone(other[there]);
      else owner[`extra_${below(9)}`] = absurd[below(absurd.length)];
    }
    const text = new TextEncoder().encode(JSON.stringify(json));
    yield encodeZip(
      new Map([
        ["config.json", text],
        ["model.weights.h5", weights[which]!],
      ]),
    );
  }
}

test(`${count} damaged configs are followed or refused in words`, async () => {
  const names = ["sequential", "lion", "bins", "statistics", "merging", "custom"];
  const parts = await Promise.all(names.map(async (name) => openZip(await bytesOf(`${name}.keras`))));
  const configs = await Promise.all(
    parts.map(async (part) => new TextDecoder().decode(await part.get("config.json")!.read())),
  );
  const weights = await Promise.all(parts.map((part) => part.get("model.weights.h5")!.read()));
  assertBoth(await tried(damagedConfigs(configs, weights), (file) => loadModel(file)));
});

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
