import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { ChainruleError } from "./base/errors.ts";
import {
  archives,
  arrays,
  bombs,
  bytes,
  cifarLayout,
  contents,
  dataGolden,
  evil,
  few,
  fromBase64,
  golden,
  goldenJson,
  idxFile,
  kerasGoldens,
  lines,
  newerGoldens,
  oldGoldens,
  packedPages,
  parquetFiles,
  pictures,
  readShards,
  reheaded,
  resummed,
  sharded,
  small,
  text,
  texts,
  tokenizers,
  trained,
  unpacked,
  unpackPage,
  walk,
  weighed,
} from "./damagedSamples.test.body.ts";
import { damagedHdf5, damagedNpy, damagedParquet, damagedZip, rezipped } from "./damagedStructures.test.body.ts";
import { csvDataset, imageDatasetFromDirectory, jsonLinesDataset, npyDataset, textLineDataset } from "./data/index.ts";
import { readPickle, readPlain } from "./datasets/cifar.ts";
import { readTexts } from "./datasets/sequences.ts";
import { readClimate } from "./datasets/tables.ts";
import { tarGzOf, tarOf, zipOf } from "./formats/archive/samples.test.body.ts";
import {
  bytesSource,
  decodeIdx,
  decodeNpy,
  decodeNpz,
  decodePickle,
  decodeWav,
  encodeNpy,
  npzMembers,
  openHdf5,
  openParquet,
  openSafeTensors,
  openZip,
} from "./formats/index.ts";
import { damaged, damagedJson, type Random } from "./formats/mutated.test.body.ts";
import { loadModel } from "./model/index.ts";
import { loadTokenizer } from "./tokenizers/index.ts";
import { decodeCheckpoint, encodeCheckpoint } from "./train/checkpoint/encode.ts";

// Every reader of files of strangers, what it reads when nothing is damaged, and how its files are damaged.

export interface Reader {
  readonly files: () => Promise<readonly Uint8Array[]>;
  /** Files that a packer has closed again over the damage, so that it lies deeper. Half of all, where there are any. */
  readonly deeper?: (file: Uint8Array, random: Random) => Uint8Array | Promise<Uint8Array>;
  readonly read: (file: Uint8Array, folder: string) => unknown;
}

/** Packed over the damage, or damaged over the packing. */
const repacked = (file: Uint8Array, random: Random): Uint8Array =>
  random() < 0.8 ? new Uint8Array(gzipSync(damaged(file, random))) : damaged(new Uint8Array(gzipSync(file)), random);

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
  npy: { files: async () => arrays(), deeper: damagedNpy, read: (file) => decodeNpy(file) },
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
    deeper: damagedHdf5,
    read: (file) => walk(openHdf5(file)),
  },
  ".keras": {
    files: async () => [
      ...(await kerasGoldens("bins", "packed", "sequential", "lion", "statistics", "merging", "custom", "multi")),
      ...(await newerGoldens("sgd", "adafactor", "graph")),
    ],
    deeper: rezipped,
    read: (file) => loadModel(file),
  },
  ".weights.h5": {
    files: () => kerasGoldens("sequential.weights.h5"),
    deeper: damagedHdf5,
    read: (file) => weighed.loadWeights(file),
  },
  "legacy .h5": {
    files: async () => [
      ...(await kerasGoldens("sequential.h5")),
      ...(await newerGoldens("adam.h5", "masks.h5")),
      ...(await oldGoldens("centered.h5")),
    ],
    deeper: damagedHdf5,
    read: (file) => loadModel(file),
  },
  zip: {
    files: async () => [zipOf(few), zipOf(few, "comment")],
    deeper: (file, random) => (random() < 0.5 ? zipOf(evil(random)) : damagedZip(file, random)),
    read: contents,
  },
  tar: { files: async () => [tarOf(few)], deeper: (_, random) => tarOf(evil(random)), read: contents },
  "tar.gz": {
    files: async () => [tarGzOf(few)],
    deeper: (file, random) => repacked(new Uint8Array(gunzipSync(file)), random),
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
  csv: { files: async () => texts, deeper: repacked, read: (file) => csvDataset(file).toArray() },
  "JSON lines": { files: async () => lines, deeper: repacked, read: (file) => jsonLinesDataset(file).toArray() },
  "lines of text": { files: async () => lines, deeper: repacked, read: (file) => textLineDataset(file).toArray() },
  parquet: {
    files: parquetFiles,
    deeper: damagedParquet,
    read: async (file) => {
      const parquet = await openParquet(bytesSource(file));
      for (const group of parquet.groups.keys()) await parquet.read(group);
    },
  },
  "pages of Zstandard and LZ4": {
    files: packedPages,
    read: (file) => unpackPage(file),
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
