import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { crc32 } from "./base/crc32c.ts";
import { DataError } from "./base/errors.ts";
import { type Sample, zipOf } from "./formats/archive/samples.test.body.ts";
import {
  archiveEntries,
  bytesSource,
  encodeNpy,
  encodeSafeTensors,
  entryBytes,
  type Hdf5Group,
  openSafeTensors,
  openZip,
  unpackArchive,
} from "./formats/index.ts";
import { lz4Unpack } from "./formats/lz4.ts";
import { damagedJson, oneOf, type Random } from "./formats/mutated.test.body.ts";
import { zstdUnpack } from "./formats/zstd/unpack.ts";
import { modelToFormat, sequential } from "./model/index.ts";
import { layers } from "./nn/index.ts";

// Every reader of files of strangers, what it reads when nothing is damaged, and how its files are damaged.

// Files as other programs write them, and ways to damage them that readers cannot see at their first byte.

const sources = new URL("../src/", import.meta.url);
export const golden = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, sources)));
export const goldenJson = (path: string): Record<string, never> => JSON.parse(new TextDecoder().decode(golden(path))); // our own files
export const fromBase64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "base64"));
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (file: Uint8Array): string => new TextDecoder().decode(file);

const kerasFrom =
  (archive: string) =>
  async (...names: readonly string[]): Promise<Uint8Array[]> => {
    const members = await openZip(golden(`model/goldens/${archive}.zip`));
    return Promise.all(names.map((name) => members.get(name.includes(".") ? name : `${name}.keras`)!.read()));
  };
export const kerasGoldens = kerasFrom("keras");
/** Of Keras 2 before and after its optimizers changed their names for what they keep. */
export const oldGoldens = kerasFrom("keras2.6");
export const newerGoldens = kerasFrom("keras2.15");

/** A .safetensors file whose header is damaged as JSON, of the length that its beginning says. */
export function reheaded(file: Uint8Array, random: Random): Uint8Array {
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
export function resummed(file: Uint8Array): Uint8Array {
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

export async function trained(): Promise<Uint8Array[]> {
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
export function walk(group: Hdf5Group, depth = 0): void {
  assert.ok(group.attributes.size >= 0);
  for (const name of group.names) {
    const member = group.get(name);
    if (member?.kind === "dataset") assert.ok(member.bytes().length + member.attributes.size >= 0);
    else if (member !== undefined && depth < 20) walk(member, depth + 1); // groups may hold themselves
  }
}

export const weighed = sequential([layers.dense(6), layers.batchNormalization(), layers.dense(3, { useBias: false })]);
weighed.buildFor([null, 4]);

export const sharded = sequential([
  layers.dense(8, { activation: "relu" }),
  layers.batchNormalization(),
  layers.dense(3),
]);
sharded.buildFor([null, 5]);

export const few: readonly Sample[] = [
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
export const evil = (random: Random): readonly Sample[] =>
  few.map((sample) => ({
    ...sample,
    ...(random() < 0.4 ? { name: oneOf(random, evilNames) } : {}),
    ...(random() < 0.2
      ? { type: oneOf(random, ["1", "2", "3", "5", "L", "x", "g", "7"]), content: "path=../evil\n" }
      : {}),
    ...(random() < 0.2 ? { mode: oneOf(random, [0o120777, 0o020777, 0o100644]) } : {}),
    ...(random() < 0.2 ? { claim: { size: oneOf(random, [2 ** 32 - 1, 2 ** 31, 1e8, 0]) } } : {}),
  }));

export const contents = async (file: Uint8Array): Promise<void> => {
  for await (const entry of archiveEntries(bytesSource(file))) if (entry.kind === "file") await entryBytes(entry);
};

/** The archive in a folder of its own: nothing appears beside it. */
export async function unpacked(file: Uint8Array, folder: string): Promise<void> {
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

export const idxFile = (shape: readonly number[]): Uint8Array => {
  const file = new Uint8Array(4 + 4 * shape.length + shape.reduce((all, size) => all * size, 1));
  const view = new DataView(file.buffer);
  view.setUint16(2, 0x0800 + shape.length);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  return file;
};

interface ParquetWriter {
  parquetWriteBuffer(options: object): ArrayBuffer;
}

export async function parquetFiles(): Promise<Uint8Array[]> {
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
  const ours = ["UNCOMPRESSED", "SNAPPY", "GZIP"].map(
    (codec) => new Uint8Array(parquetWriteBuffer({ columnData, codec, rowGroupSize: 50, compressors })),
  );
  const archive = await openZip(golden("data/goldens/parquet.zip"));
  const names = ["pandas.lz4.parquet", "pandas.zstd.parquet", "pages2.parquet"];
  return [...ours, ...(await Promise.all(names.map((name) => archive.get(name)!.read())))];
}

/** Pages as Zstandard and LZ4 pack them, behind a byte that says which. */
export async function packedPages(): Promise<Uint8Array[]> {
  const archive = await openZip(golden("data/goldens/parquet.zip"));
  const packed = [...archive].filter(([name]) => /^floats\..*(zstd|lz4)$/.test(name));
  return Promise.all(
    packed.map(async ([name, member]) => Uint8Array.of(name.endsWith("lz4") ? 1 : 0, ...(await member.read()))),
  );
}
/** What is wrong with a page is an Error, which the reader of the file gives its words. */
export function unpackPage(file: Uint8Array): void {
  const page = file.subarray(1);
  try {
    (file[0] === 1 ? lz4Unpack : zstdUnpack)(page, 32_000);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new DataError({ what: error.message, hint: "the file is damaged" });
  }
}

interface SharpModule {
  default(options: object): Record<"jpeg" | "png" | "webp" | "gif", () => { toBuffer(): Promise<Uint8Array> }>;
}
export async function pictures(): Promise<Uint8Array[]> {
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

export const arrays = (): Uint8Array[] =>
  (goldenJson("goldens/npy.json") as unknown as { arrays: { file: string }[] }).arrays.map(({ file }) =>
    fromBase64(file),
  );
export const archives = (): Uint8Array[] =>
  Object.values((goldenJson("goldens/npy.json") as unknown as { archives: Record<string, string> }).archives).map(
    fromBase64,
  );
export const dataGolden = (name: string): Uint8Array =>
  fromBase64(
    (goldenJson("datasets/goldens/datasets.json") as unknown as { files: Record<string, string> }).files[name]!,
  );
export const texts = [
  'name,rooms,"price, in $"\nAnn,3,1.5e5\n"B ""the"" b",NA,20\r\n"two\nlines",-1,\n',
  "\ufeffa;b\n1;2\n3;4\n",
].map(bytes);
export const lines = ['{"a":1,"b":[1,2,{"c":"ü"}]}\n{"a":2}\n\n"text"\n', "[1,2]\n3\nnull\n"].map(bytes);
export const small = encodeSafeTensors({
  tensors: new Map([
    ["weight", { dtype: "f32", shape: [3, 2], bytes: new Uint8Array(24) }],
    ["bias", { dtype: "bf16", shape: [3], bytes: new Uint8Array(6) }],
  ]),
  metadata: { format: "pt" },
});

export async function readShards(index: Uint8Array, folder: string): Promise<void> {
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

export const tokenizers = (): Uint8Array[] =>
  Object.values(
    (goldenJson("tokenizers/goldens/tokenizers.json") as unknown as { files: Record<string, object> }).files,
  ).map((json) => bytes(JSON.stringify(json)));

export const cifarLayout = { key: "labels", labelBytes: 1, labelAt: 0 };

/** Zeros that pack into next to nothing: 128 MB in a file of 130 KB. */
const zeros = 2 ** 27;
export const bombs = async (): Promise<Uint8Array[]> => {
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
