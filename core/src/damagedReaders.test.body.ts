import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { crc32 } from "./base/crc32c.ts";
import { ChainruleError } from "./base/errors.ts";
import { csvDataset, imageDatasetFromDirectory, jsonLinesDataset, npyDataset, textLineDataset } from "./data/index.ts";
import { readPickle, readPlain } from "./datasets/cifar.ts";
import { readTexts } from "./datasets/sequences.ts";
import { readClimate } from "./datasets/tables.ts";
import { type Sample, tarGzOf, tarOf, zipOf } from "./formats/archive/samples.test.body.ts";
import {
  archiveEntries,
  bytesSource,
  decodeIdx,
  decodeNpy,
  decodeNpz,
  decodePickle,
  decodeWav,
  encodeNpy,
  encodeSafeTensors,
  encodeZip,
  entryBytes,
  type Hdf5Group,
  npzMembers,
  openHdf5,
  openParquet,
  openSafeTensors,
  openZip,
  unpackArchive,
} from "./formats/index.ts";
import { damaged, damagedJson, oneOf, type Random } from "./formats/mutated.test.body.ts";
import { loadModel, modelToFormat, sequential } from "./model/index.ts";
import { layers } from "./nn/index.ts";
import { loadTokenizer } from "./tokenizers/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint/encode.ts";

// Every reader of files of strangers, what it reads when nothing is damaged, and how its files are damaged.

export interface Reader {
  readonly files: () => Promise<readonly Uint8Array[]>;
  /** Files that a packer has closed again over the damage, so that it lies deeper. Half of all, where there are any. */
  readonly deeper?: (file: Uint8Array, random: Random) => Uint8Array | Promise<Uint8Array>;
  readonly read: (file: Uint8Array, folder: string) => unknown;
}

const sources = new URL("../src/", import.meta.url);
const golden = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, sources)));
const goldenJson = (path: string): Record<string, never> => JSON.parse(new TextDecoder().decode(golden(path))); // our own files
const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (file: Uint8Array): string => new TextDecoder().decode(file);

const kerasGoldens = async (...names: readonly string[]): Promise<Uint8Array[]> => {
  const archive = await openZip(golden("model/goldens/keras.zip"));
  return Promise.all(names.map((name) => archive.get(name.includes(".") ? name : `${name}.keras`)!.read()));
};

/** A zip archive whose members are damaged, and its directory whole. */
async function rezipped(file: Uint8Array, random: Random): Promise<Uint8Array> {
  const members = new Map<string, Uint8Array>();
  for (const [name, member] of await openZip(file)) members.set(name, await member.read());
  const name = oneOf(random, [...members.keys()]);
  const content = members.get(name)!;
  members.set(name, name.endsWith(".json") ? bytes(damagedJson(text(content), random)) : damaged(content, random));
  return encodeZip(members);
}

/** A .safetensors file whose header is damaged as JSON, of the length that its beginning says. */
function reheaded(file: Uint8Array, random: Random): Uint8Array {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const header = text(file.subarray(8, 8 + length));
  const parts = JSON.parse(header) as { __metadata__?: { chainrule?: string } }; // our own file
  const own = parts.__metadata__?.chainrule;
  // The description of a model is JSON in a text of the header.
  if (own !== undefined && random() < 0.7) parts.__metadata__!.chainrule = damagedJson(own, random);
  const changed = bytes(own === undefined || random() < 0.3 ? damagedJson(header, random) : JSON.stringify(parts));
  const start = new Uint8Array(8);
  new DataView(start.buffer).setBigUint64(0, BigInt(changed.length), true);
  return new Uint8Array(Buffer.concat([start, changed, file.subarray(8 + length)]));
}

const pngSignature = 8;
/** A PNG file whose parts have the sums that belong to them. */
function resummed(file: Uint8Array): Uint8Array {
  if (file[1] !== 0x50) return file; // "P" of PNG
  const copy = file.slice();
  const view = new DataView(copy.buffer);
  for (let at = pngSignature; at + 12 <= copy.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > copy.length) break;
    view.setUint32(at + 8 + length, crc32(copy.subarray(at + 4, at + 8 + length)));
    at += 12 + length;
  }
  return copy;
}

async function trained(): Promise<Uint8Array[]> {
  const model = sequential([layers.dense(3, { activation: "relu" }), layers.batchNormalization(), layers.dense(1)]);
  model.compile({ optimizer: "adam", loss: "mse", metrics: ["mae"] });
  await model.fit(
    [
      [0, 1],
      [1, 0],
      [1, 1],
    ],
    [[1], [0], [1]],
    { epochs: 1, verbose: "silent" },
  );
  return [await modelToFormat(model, "safetensors")];
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

const weighed = sequential([layers.dense(6), layers.batchNormalization(), layers.dense(3, { useBias: false })]);
weighed.buildFor([null, 4]);

const sharded = sequential([layers.dense(8, { activation: "relu" }), layers.batchNormalization(), layers.dense(3)]);
sharded.buildFor([null, 5]);

const few: readonly Sample[] = [
  { name: "a.txt", content: "hello ".repeat(20) },
  { name: "b/", type: "5" },
  { name: "b/c.bin", content: "xyz", isStored: true },
];
const evilNames = [
  "../evil",
  "/tmp/evil",
  "b/../../evil",
  "..\\evil",
  "C:\\evil",
  "b/c.bin/d",
  "a.txt",
  "con",
  "x\0y",
  "…",
];
/** Archives of names that lead elsewhere, and of claims that are not so. */
const evil = (random: Random): readonly Sample[] =>
  few.map((sample) => ({
    ...sample,
    ...(random() < 0.4 ? { name: oneOf(random, evilNames) } : {}),
    ...(random() < 0.2
      ? { type: oneOf(random, ["1", "2", "3", "5", "L", "x", "g", "7"]), content: "path=../evil\n" }
      : {}),
    ...(random() < 0.2 ? { mode: oneOf(random, [0o120777, 0o020777, 0o100644]) } : {}),
    ...(random() < 0.2 ? { claim: { size: oneOf(random, [2 ** 32 - 1, 2 ** 31, 1e8, 0]) } } : {}),
  }));

const contents = async (file: Uint8Array): Promise<void> => {
  for await (const entry of archiveEntries(bytesSource(file))) if (entry.kind === "file") await entryBytes(entry);
};

/** The archive in a folder of its own: nothing appears beside it. */
async function unpacked(file: Uint8Array, folder: string): Promise<void> {
  const path = join(folder, "given.archive");
  const target = join(folder, "out");
  writeFileSync(path, file);
  rmSync(target, { recursive: true, force: true });
  try {
    await unpackArchive(path, target, { limitBytes: 2 ** 26 });
  } finally {
    const left = readdirSync(folder).filter((name) => name !== "given.archive" && name !== "out");
    assert.deepEqual(left, [], "files beside the folder");
  }
}

const idxFile = (shape: readonly number[]): Uint8Array => {
  const file = new Uint8Array(4 + 4 * shape.length + shape.reduce((all, size) => all * size, 1));
  const view = new DataView(file.buffer);
  view.setUint16(2, 0x0800 + shape.length);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  return file;
};

interface ParquetWriter {
  parquetWriteBuffer(options: object): ArrayBuffer;
}

async function parquetFiles(): Promise<Uint8Array[]> {
  const specifier = "hyparquet-writer";
  const { parquetWriteBuffer } = (await import(specifier)) as ParquetWriter; // the package's documented interface
  const of = <T>(make: (row: number) => T): T[] => Array.from({ length: 100 }, (_, row) => make(row));
  const columnData = [
    { name: "price", data: Float32Array.from(of((row) => row / 4)), type: "FLOAT" },
    { name: "id", data: of((row) => BigInt(row * 1000)), type: "INT64" },
    { name: "name", data: of((row) => `name ${row % 7}`), type: "STRING" },
    { name: "is", data: of((row) => row % 3 === 0), type: "BOOLEAN" },
    { name: "maybe", data: of((row) => (row % 10 === 0 ? null : row)), type: "DOUBLE", nullable: true },
  ];
  const compressors = { GZIP: (plain: Uint8Array) => new Uint8Array(gzipSync(plain)) };
  return ["UNCOMPRESSED", "SNAPPY", "GZIP"].map(
    (codec) => new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 50, compressors })),
  );
}

interface SharpModule {
  default(options: object): Record<"jpeg" | "png" | "webp" | "gif", () => { toBuffer(): Promise<Uint8Array> }>;
}
async function pictures(): Promise<Uint8Array[]> {
  const specifier = "sharp";
  const sharp = ((await import(specifier)) as SharpModule).default; // the package's documented interface
  const create = {
    width: 9,
    height: 7,
    channels: 3,
    background: { r: 9, g: 200, b: 90 },
    noise: { type: "gaussian", mean: 120, sigma: 50 },
  };
  return Promise.all(
    (["jpeg", "png", "webp", "gif"] as const).map(
      async (kind) => new Uint8Array(await sharp({ create })[kind]().toBuffer()),
    ),
  );
}

const arrays = (): Uint8Array[] =>
  (goldenJson("goldens/npy.json") as unknown as { arrays: { file: string }[] }).arrays.map(({ file }) =>
    fromBase64(file),
  );
const archives = (): Uint8Array[] =>
  Object.values((goldenJson("goldens/npy.json") as unknown as { archives: Record<string, string> }).archives).map(
    fromBase64,
  );
const dataGolden = (name: string): Uint8Array =>
  fromBase64(
    (goldenJson("datasets/goldens/datasets.json") as unknown as { files: Record<string, string> }).files[name]!,
  );
const texts = [
  'name,rooms,"price, in $"\nAnn,3,1.5e5\n"B ""the"" b",NA,20\r\n"two\nlines",-1,\n',
  "\ufeffa;b\n1;2\n3;4\n",
].map(bytes);
const lines = ['{"a":1,"b":[1,2,{"c":"ü"}]}\n{"a":2}\n\n"text"\n', "[1,2]\n3\nnull\n"].map(bytes);
const small = encodeSafeTensors({
  tensors: new Map([
    ["weight", { dtype: "f32", shape: [3, 2], bytes: new Uint8Array(24) }],
    ["bias", { dtype: "bf16", shape: [3], bytes: new Uint8Array(6) }],
  ]),
  metadata: { format: "pt" },
});

async function readShards(index: Uint8Array, folder: string): Promise<void> {
  const path = join(folder, "model.safetensors.index.json");
  writeFileSync(path, index);
  if (!existsSync(join(folder, "one.safetensors"))) writeFileSync(join(folder, "one.safetensors"), small);
  const open = await openSafeTensors(path);
  try {
    for (const name of open.entries.keys()) await open.read(name);
  } finally {
    await open.close();
  }
}

const tokenizers = (): Uint8Array[] =>
  Object.values(
    (goldenJson("tokenizers/goldens/tokenizers.json") as unknown as { files: Record<string, object> }).files,
  ).map((json) => bytes(JSON.stringify(json)));

const cifarLayout = { key: "labels", labelBytes: 1, labelAt: 0 };

/** Zeros that pack into next to nothing: 128 MB in a file of 130 KB. */
const zeros = 2 ** 27;
const bombs = async (): Promise<Uint8Array[]> => {
  const npy = new Uint8Array(encodeNpy({ type: "u1", shape: [0], data: new Uint8Array() }));
  const config = `{"class_name":"Sequential","config":${" ".repeat(zeros)}}`;
  const [png] = (await pictures()).filter((file) => file[1] === 0x50);
  const wide = png!.slice();
  new DataView(wide.buffer).setUint32(16, 30_000);
  new DataView(wide.buffer).setUint32(20, 30_000);
  return [
    zipOf([{ name: "a.npy", content: Buffer.concat([npy, new Uint8Array(zeros)]) }]),
    zipOf([{ name: "config.json", content: config }]),
    // Spaces that fit, which no search may go through again and again.
    zipOf([{ name: "config.json", content: config.slice(0, 2 ** 24) }]),
    zipOf([
      { name: "config.json", content: "{}" },
      { name: "model.weights.h5", content: new Uint8Array(zeros) },
    ]),
    resummed(wide),
  ];
};

export const readers: { readonly [name: string]: Reader } = {
  safetensors: {
    files: async () => [small],
    deeper: reheaded,
    read: async (file) => {
      const open = await openSafeTensors(new Blob([new Uint8Array(file)]));
      for (const name of open.entries.keys()) await open.read(name);
    },
  },
  "an index of shards": {
    files: async () => [
      bytes(
        JSON.stringify({
          metadata: { total_size: 30 },
          weight_map: { weight: "one.safetensors", bias: "one.safetensors", other: "../outside/two.safetensors" },
        }),
      ),
      bytes(JSON.stringify({ metadata: {}, weight_map: { weight: "one.safetensors", bias: "one.safetensors" } })),
    ],
    deeper: (file, random) => bytes(damagedJson(text(file), random)),
    read: readShards,
  },
  "Keras's index of shards": {
    files: async () => {
      const archive = await openZip(golden("model/goldens/shards.zip"));
      return [await archive.get("theirs.weights.json")!.read()];
    },
    deeper: (file, random) => bytes(damagedJson(text(file), random)),
    read: async (file, folder) => {
      if (!existsSync(join(folder, "theirs_00000.weights.h5")))
        for (const [name, member] of await openZip(golden("model/goldens/shards.zip")))
          if (name.endsWith(".h5")) writeFileSync(join(folder, name), await member.read());
      writeFileSync(join(folder, "model.weights.json"), file);
      await sharded.loadWeights(join(folder, "model.weights.json"));
    },
  },
  "our models": { files: trained, deeper: reheaded, read: (file) => loadModel(file) },
  "our checkpoints": {
    files: async () => [
      encodeCheckpoint({
        tensors: new Map([["a", { dtype: "f32", shape: [2], bytes: new Uint8Array(8) }]]),
        header: { step: 3, epoch: [1, 2] },
      }),
    ],
    deeper: reheaded,
    read: (file) => decodeCheckpoint(file, "the checkpoint"),
  },
  npy: { files: async () => arrays(), read: (file) => decodeNpy(file) },
  "npy, row by row": {
    files: async () => [
      encodeNpy({ type: "f4", shape: [5, 2], data: new Float32Array(10) }),
      encodeNpy({ type: "i8", shape: [3], data: new BigInt64Array(3) }),
    ],
    read: async (file) => (await npyDataset(file)).batch(2).toArray(),
  },
  npz: { files: async () => archives(), deeper: rezipped, read: (file) => decodeNpz(file) },
  hdf5: {
    files: () => kerasGoldens("sequential.weights.h5", "sequential.h5"),
    read: (file) => walk(openHdf5(file)),
  },
  ".keras": {
    files: () => kerasGoldens("bins", "packed", "sequential", "lion", "statistics", "merging", "custom"),
    deeper: rezipped,
    read: (file) => loadModel(file),
  },
  ".weights.h5": { files: () => kerasGoldens("sequential.weights.h5"), read: (file) => weighed.loadWeights(file) },
  "legacy .h5": { files: () => kerasGoldens("sequential.h5"), read: (file) => loadModel(file) },
  zip: {
    files: async () => [zipOf(few), zipOf(few, "comment")],
    deeper: (_, random) => zipOf(evil(random)),
    read: contents,
  },
  tar: { files: async () => [tarOf(few)], deeper: (_, random) => tarOf(evil(random)), read: contents },
  "tar.gz": {
    files: async () => [tarGzOf(few)],
    deeper: (file, random) => new Uint8Array(gzipSync(damaged(new Uint8Array(gunzipSync(file)), random))),
    read: contents,
  },
  "unpacking archives": {
    files: async () => [zipOf(few), tarGzOf(few)],
    deeper: (_, random) => (random() < 0.5 ? zipOf(evil(random)) : tarGzOf(evil(random))),
    read: unpacked,
  },
  /** Whatever they are: the memory of those that read them is measured. */
  bombs: {
    files: bombs,
    read: async (file) => {
      const given = new File([new Uint8Array(file)], "a.png");
      const ways = [() => decodeNpz(file), () => loadModel(file), () => weighed.loadWeights(file)];
      const pictures = await imageDatasetFromDirectory([given], { labels: null, imageSize: 8 });
      const results = await Promise.allSettled([...ways.map((way) => way()), pictures.toArray()]);
      for (const result of results)
        if (result.status === "rejected" && !(result.reason instanceof ChainruleError)) throw result.reason;
    },
  },
  csv: { files: async () => texts, read: (file) => csvDataset(file).toArray() },
  "JSON lines": { files: async () => lines, read: (file) => jsonLinesDataset(file).toArray() },
  "lines of text": { files: async () => lines, read: (file) => textLineDataset(file).toArray() },
  parquet: {
    files: parquetFiles,
    read: async (file) => {
      const parquet = await openParquet(bytesSource(file));
      for (const group of parquet.groups.keys()) await parquet.read(group);
    },
  },
  wav: {
    files: async () =>
      (goldenJson("data/goldens/audio.json") as unknown as { files: { file: string }[] }).files.map(({ file }) =>
        fromBase64(file),
      ),
    read: (file) => decodeWav(file),
  },
  images: {
    files: pictures,
    deeper: (file, random) => resummed(damaged(file, random)),
    read: async (file) => {
      const given = new File([new Uint8Array(file)], "a.png");
      for await (const _ of await imageDatasetFromDirectory([given], { labels: null, imageSize: 8 }));
    },
  },
  "tokenizer.json": {
    files: async () => tokenizers(),
    deeper: (file, random) => bytes(damagedJson(text(file), random)),
    read: async (file) => (await loadTokenizer(file)).encode("the newest whales, it's 1999!"),
  },
  idx: { files: async () => [idxFile([2, 3, 4]), idxFile([5])], read: (file) => decodeIdx(file) },
  pickle: { files: async () => [dataGolden("protocol2"), dataGolden("protocol5")], read: (file) => decodePickle(file) },
  "texts of IMDB and Reuters": {
    files: async () => [(await npzMembers(bytesSource(dataGolden("reuters.npz")))).get("x")!],
    read: (file) => readTexts(file, "x"),
  },
  "pickles of CIFAR": {
    files: async () => [dataGolden("data_batch_1")],
    read: (file) => readPickle(file, cifarLayout, "batch"),
  },
  "bytes of CIFAR": {
    files: async () => [new Uint8Array(2 * 3073)],
    read: (file) => readPlain(file, cifarLayout, "batch"),
  },
  "Jena's table": {
    files: async () => [
      bytes('"Date Time","p (mbar)"\r\n01.01.2009 00:10:00,996.52\r\n01.01.2009 00:20:00,996.57\r\n'),
    ],
    read: (file) => readClimate(text(file), "jena"),
  },
};
