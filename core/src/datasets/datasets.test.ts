import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { DataError } from "../base/errors.ts";
import type { NdArray } from "../data/index.ts";
import { numpyRandom } from "../data/index.ts";
import { tarGzOf, zipOf } from "../formats/archive/samples.test.body.ts";
import { bytesSource, decodePickle, encodeNpz, npzMembers } from "../formats/index.ts";
import { catalogue } from "./catalogue.ts";
import { readPickle, readPlain } from "./cifar.ts";
import { cifar10Classes, cifar100Classes, cifar100Groups, datasets, padSequences, reutersTopics } from "./index.ts";
import { limited, numbered, readLabels, readTexts, shuffled } from "./sequences.ts";
import { readClimate } from "./tables.ts";

/** What Keras made of the same files: goldens/datasets.py. */
const goldens = JSON.parse(
  readFileSync(new URL("../../src/datasets/goldens/datasets.json", import.meta.url), "utf8"),
) as {
  readonly files: Readonly<Record<string, string>>;
  readonly imdb: readonly Golden[];
  readonly reuters: readonly Golden[];
  readonly california_housing: readonly {
    readonly options: Readonly<Record<string, unknown>>;
    readonly sizes: readonly number[];
    readonly first: readonly (readonly number[])[];
  }[];
}; // our own file
interface Golden {
  readonly options: Readonly<Record<string, unknown>>;
  readonly result: readonly [xTrain: number[][], yTrain: number[], xTest: number[][], yTest: number[]];
}

const folder = mkdtempSync(join(tmpdir(), "chainrule-datasets-"));
after(() => rmSync(folder, { recursive: true }));
const goldenFile = (name: string): Uint8Array => new Uint8Array(Buffer.from(goldens.files[name]!, "base64"));
/** The names of Keras's options are ours in snake case, but for one. */
const ours = (options: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key === "maxlen" ? "maxLength" : key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
const lists = (texts: readonly Int32Array[]): number[][] => texts.map((words) => [...words]);
const partsOf = async (name: string): Promise<Map<string, Uint8Array>> =>
  npzMembers(bytesSource(goldenFile(name)), {}, name);

test("IMDB and Reuters: words and orders are Keras's, for all options", async () => {
  const imdb = await partsOf("imdb.npz");
  const textsOf = (parts: Map<string, Uint8Array>, part: string) => ({
    texts: readTexts(parts.get(`x${part}`), part),
    labels: readLabels(parts.get(`y${part}`), part),
  });
  for (const { options, result } of goldens.imdb) {
    const given = ours(options);
    const random = numpyRandom((given["seed"] as number | undefined) ?? 113);
    const [train, testing] = ["_train", "_test"].map((part) => numbered(shuffled(textsOf(imdb, part), random), given));
    const all = [...train!.texts, ...testing!.texts];
    assert.deepEqual(
      [
        lists(limited(train!.texts, given, all)),
        [...Uint8Array.from(train!.labels)],
        lists(limited(testing!.texts, given, all)),
        [...Uint8Array.from(testing!.labels)],
      ],
      result,
      JSON.stringify(options),
    );
  }
  const reuters = await partsOf("reuters.npz");
  for (const { options, result } of goldens.reuters) {
    const given = ours(options);
    const { texts, labels } = numbered(
      shuffled(textsOf(reuters, ""), numpyRandom((given["seed"] as number | undefined) ?? 113)),
      given,
    );
    assert.deepEqual(lists(limited(texts, given)), [...result[0], ...result[2]]);
    assert.deepEqual([...Uint8Array.from(labels)], [...result[1], ...result[3]]);
  }
});

/** The data set of a file that is not the real one: its checksum must not be looked at. */
async function withoutChecksum<T>(
  name: keyof typeof catalogue,
  content: Uint8Array,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const own = mkdtempSync(join(folder, "own-"));
  const entry = catalogue[name] as { checksum?: unknown };
  const { checksum } = entry;
  try {
    delete entry.checksum;
    writeFileSync(join(own, catalogue[name].name), content);
    return await work(own);
  } finally {
    if (checksum !== undefined) entry.checksum = checksum;
  }
}

test("the loaders read the files that lie in their folder, and split as Keras does", async () => {
  for (const { options, result } of goldens.reuters) {
    const { train, test: testing } = await withoutChecksum("reuters", goldenFile("reuters.npz"), (at) =>
      datasets.reuters({ ...ours(options), folder: at }),
    );
    assert.deepEqual([lists(train.x), [...train.y.data], lists(testing.x), [...testing.y.data]], result);
  }
  const { train } = await withoutChecksum("imdb", goldenFile("imdb.npz"), (at) =>
    datasets.imdb({ folder: at, numWords: 50 }),
  );
  assert.deepEqual([lists(train.x), [...train.y.data]], goldens.imdb[1]!.result.slice(0, 2));
  for (const { options, sizes, first } of goldens.california_housing) {
    const found = await withoutChecksum("californiaHousing", goldenFile("california_housing.npz"), (at) =>
      datasets.californiaHousing({ ...ours(options), folder: at }),
    );
    const rounded = (values: readonly number[]): number[] => values.map(Math.fround);
    assert.deepEqual([found.train.y.length, found.test.y.length], sizes);
    assert.deepEqual(
      [
        [...found.train.x.slice(0, 1).data],
        [...found.train.y.slice(0, 5).data],
        [...found.test.x.slice(0, 1).data],
        [...found.test.y.slice(0, 5).data],
      ],
      first.map(rounded),
    );
  }
});

const bytes = (count: number, from = 0): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: count }, (_, at) => (at * 7 + from) & 255);

test("MNIST: pixels from 0 to 1 with a channel, or the bytes", async () => {
  const file = await encodeNpz(
    new Map([
      ["x_train", { type: "u1", shape: [3, 28, 28], data: bytes(3 * 784) }],
      ["y_train", { type: "u1", shape: [3], data: Uint8Array.of(5, 0, 4) }],
      ["x_test", { type: "u1", shape: [1, 28, 28], data: bytes(784, 9) }],
      ["y_test", { type: "u1", shape: [1], data: Uint8Array.of(7) }],
    ]),
  );
  for (const pixels of ["unit", "bytes"] as const) {
    const { train, test: testing } = await withoutChecksum("mnist", file, (at) =>
      datasets.mnist({ folder: at, pixels }),
    );
    assert.deepEqual([train.x.shape, train.x.dtype], [[3, 28, 28, 1], pixels === "unit" ? "f32" : "u8"]);
    const scale = pixels === "unit" ? 255 : 1;
    assert.equal(train.x.data[100], Math.fround(((100 * 7) & 255) / scale));
    assert.deepEqual([[...train.y.data], [...testing.y.data]], [[5, 0, 4], [7]]);
  }
  await assert.rejects(
    withoutChecksum("mnist", await encodeNpz(new Map()), (at) => datasets.mnist({ folder: at })),
    /there is no array "x_train"/,
  );
});

const idx = (shape: readonly number[], data: Uint8Array): Uint8Array => {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 8);
  header.setUint8(3, shape.length);
  for (const [axis, size] of shape.entries()) header.setUint32(4 + 4 * axis, size);
  return new Uint8Array(gzipSync(Buffer.concat([new Uint8Array(header.buffer), data])));
};

test("Fashion-MNIST: IDX files, packed; Debian's where they are installed", async () => {
  const at = join(folder, "fashion");
  mkdirSync(at);
  const files = {
    fashionTrainImages: idx([2, 28, 28], bytes(2 * 784)),
    fashionTrainLabels: idx([2], Uint8Array.of(9, 1)),
    fashionTestImages: idx([1, 28, 28], bytes(784, 3)),
    fashionTestLabels: idx([1], Uint8Array.of(2)),
  } as const;
  const sums = Object.keys(files).map((name) => catalogue[name as keyof typeof files] as { checksum?: unknown });
  const kept = sums.map(({ checksum }) => checksum);
  for (const entry of sums) delete entry.checksum;
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(at, catalogue[name as keyof typeof files].name), content);
    const { train, test: testing } = await datasets.fashionMnist({ folder: at, pixels: "bytes" });
    assert.deepEqual(train.x.data, bytes(2 * 784));
    assert.deepEqual(
      [train.x.shape, testing.x.shape, [...train.y.data], [...testing.y.data]],
      [[2, 28, 28, 1], [1, 28, 28, 1], [9, 1], [2]],
    );
    writeFileSync(join(at, catalogue.fashionTrainImages.name), idx([2, 30, 28], bytes(2 * 840)));
    await assert.rejects(datasets.fashionMnist({ folder: at }), /the images are not 28×28, but \[2, 30, 28\]/);
  } finally {
    for (const [index, entry] of sums.entries()) entry.checksum = kept[index];
  }
  if (!existsSync("/usr/share/datasets/fashion-mnist")) return;
  const real = await datasets.fashionMnist({ folder: join(folder, "none"), pixels: "bytes" });
  assert.deepEqual([real.train.x.shape, real.test.y.shape], [[60_000, 28, 28, 1], [10_000]]);
  assert.deepEqual([...real.train.y.data.slice(0, 5)], [9, 0, 0, 3, 0]);
});

test("CIFAR: the pickles of Python 2 and the plain bytes hold the same images, red, green and blue together", () => {
  const layout = { key: "labels", labelBytes: 1, labelAt: 0 };
  const batch = readPickle(goldenFile("data_batch_1"), layout, "batch");
  assert.equal(batch.labels.length, 2);
  const plain = new Uint8Array(2 * 3073);
  for (const image of [0, 1]) {
    plain[image * 3073] = batch.labels[image]!;
    plain.set(batch.planes.subarray(image * 3072, (image + 1) * 3072), image * 3073 + 1);
  }
  assert.deepEqual(readPlain(plain, layout, "batch"), batch);
  // The same images as NumPy stores them column by column: the flag before the bytes, and their order.
  const turned = goldenFile("data_batch_1");
  const start = Buffer.from(turned).indexOf(Buffer.from(batch.planes.subarray(0, 64)));
  for (let pixel = 0; pixel < 3072; pixel++)
    for (const image of [0, 1]) turned[start + 2 * pixel + image] = batch.planes[image * 3072 + pixel]!;
  assert.equal(turned[start - 6], 0x89);
  turned[start - 6] = 0x88;
  assert.deepEqual(readPickle(turned, layout, "batch"), batch);
  assert.equal(readPickle(goldenFile("train"), { ...layout, key: "fine_labels" }, "train").labels.length, 3);
  assert.throws(
    () => readPickle(goldenFile("train"), layout, "train"),
    /train: it does not hold images and their "labels"/,
  );
  assert.throws(
    () => readPlain(plain.subarray(1), layout, "x.bin"),
    /x\.bin: 6145 bytes are no whole number of images/,
  );
});

test("CIFAR: archives of both kinds are loaded", async () => {
  const batch = readPickle(goldenFile("data_batch_1"), { key: "labels", labelBytes: 1, labelAt: 0 }, "batch");
  const names = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`);
  const pickles = tarGzOf(
    [...names, "test_batch"].map((name) => ({
      name: `cifar-10-batches-py/${name}`,
      content: goldenFile("data_batch_1"),
    })),
  );
  const { train, test: testing } = await withoutChecksum("cifar10", pickles, (at) =>
    datasets.cifar10({ folder: at, pixels: "bytes" }),
  );
  assert.deepEqual(
    [train.x.shape, testing.x.shape],
    [
      [10, 32, 32, 3],
      [2, 32, 32, 3],
    ],
  );
  const { planes } = batch;
  assert.deepEqual(
    [...testing.x.data.slice(3072, 3076)],
    [planes[3072], planes[3072 + 1024], planes[3072 + 2048], planes[3073]],
  );
  const record = Uint8Array.of(4, 77, ...bytes(3072));
  const plain = tarGzOf(["train", "test"].map((name) => ({ name: `cifar-100-binary/${name}.bin`, content: record })));
  const at = mkdtempSync(join(folder, "own-"));
  writeFileSync(join(at, "cifar-100-binary.tar.gz"), plain);
  assert.deepEqual([...(await datasets.cifar100({ folder: at })).train.y.data], [77]);
  assert.deepEqual([...(await datasets.cifar100({ folder: at, labels: "coarse" })).train.y.data], [4]);
  await assert.rejects(
    withoutChecksum("cifar10", tarGzOf([{ name: "a", content: "" }]), (own) => datasets.cifar10({ folder: own })),
    /there is no file data_batch_1 in it/,
  );
});

test("Jena and Shakespeare, and the numbers of words", async () => {
  const csv =
    '"Date Time","p (mbar)","T (degC)"\r\n01.01.2009 00:10:00,996.52,-8.02\r\n01.01.2009 00:20:00,996.57,-8.41\r\n';
  const climate = await withoutChecksum(
    "jenaClimate",
    zipOf([
      { name: "__MACOSX/._jena", content: "x" },
      { name: "jena_climate_2009_2016.csv", content: csv },
    ]),
    (at) => datasets.jenaClimate({ folder: at }),
  );
  assert.deepEqual(
    [climate.columns, climate.times[1], climate.values.shape],
    [["p (mbar)", "T (degC)"], "01.01.2009 00:20:00", [2, 2]],
  );
  assert.equal(climate.values.data[3], Math.fround(-8.41));
  assert.throws(() => readClimate("a,b\nx,1\ny,\n", "jena"), /jena: line 3 does not have 1 numbers/);
  const text = new TextEncoder().encode("First Citizen:\nBefore we proceed");
  assert.equal(
    await withoutChecksum("shakespeare", text, (at) => datasets.shakespeare({ folder: at })),
    "First Citizen:\nBefore we proceed",
  );
  const words = await withoutChecksum("imdbWords", new TextEncoder().encode('{"the":1,"film":19}'), (at) =>
    datasets.imdbWordIndex({ folder: at }),
  );
  assert.deepEqual(
    [...words],
    [
      ["the", 1],
      ["film", 19],
    ],
  );
  assert.deepEqual(
    [cifar10Classes.length, cifar100Classes.length, cifar100Groups.length, reutersTopics.length],
    [10, 100, 20, 46],
  );
});

test("a file that is not the published one is not believed, and its place is said", async () => {
  const at = mkdtempSync(join(folder, "own-"));
  writeFileSync(join(at, "mnist.npz"), "something else");
  const none: typeof fetch = async () => {
    throw new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } });
  };
  await assert.rejects(datasets.mnist({ folder: at, fetch: none, retries: 0 }), (error) => {
    assert.match((error as Error).message, /cannot fetch mnist\.npz: the server's name is not known here/);
    assert.ok((error as Error).message.includes(`put it at ${join(at, "mnist.npz")}`));
    return error instanceof DataError;
  });
});

test("padded sequences are those of Keras's pad_sequences", () => {
  const rows = ({ shape: [count = 0, length = 0], data }: NdArray): number[][] =>
    Array.from({ length: count }, (_, row) => [...data.slice(row * length, (row + 1) * length)]);
  const sequences = [[1], [2, 3], [4, 5, 6]];
  assert.deepEqual(rows(padSequences(sequences)), [
    [0, 0, 1],
    [0, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual(rows(padSequences(sequences, { value: -1 })), [
    [-1, -1, 1],
    [-1, 2, 3],
    [4, 5, 6],
  ]);
  assert.deepEqual(rows(padSequences(sequences, { padding: "post" })), [
    [1, 0, 0],
    [2, 3, 0],
    [4, 5, 6],
  ]);
  assert.deepEqual(rows(padSequences(sequences, { length: 2 })), [
    [0, 1],
    [2, 3],
    [5, 6],
  ]);
  assert.deepEqual(rows(padSequences(sequences, { length: 2, truncating: "post" })), [
    [0, 1],
    [2, 3],
    [4, 5],
  ]);
});

test("pickles of every protocol are read; what is no plain data is refused", () => {
  for (const protocol of [2, 3, 4]) {
    const found = decodePickle(goldenFile(`protocol${protocol}`)) as Map<string, unknown>;
    assert.deepEqual(found.get("labels"), [3, 70000, -5, 2 ** 40, null, true, 1.5]);
    const { shape, descr, content } = found.get("data") as { shape: number[]; descr: string; content: Uint8Array };
    assert.deepEqual([shape, descr, [...content]], [[3, 4], "|u1", Array.from({ length: 12 }, (_, at) => at)]);
  }
  // Since protocol 5, NumPy writes a call where there was data before; Keras refuses that, too.
  assert.throws(() => decodePickle(goldenFile("protocol5")), /names "numpy\._core\.numeric _frombuffer"/);
  const text = (source: string): Uint8Array => Uint8Array.from(source, (letter) => letter.charCodeAt(0));
  const hostile: Readonly<Record<string, RegExp>> = {
    "cos\nsystem\n(X\x02\0\0\0lstR.": /names "os system"/,
    "c__builtin__\neval\n.": /names "__builtin__ eval"/,
    "\x80\x04\x8c\x05posix\x8c\x06system\x93.": /names "posix system"/,
    "(I1\nI2\nt.": /instruction 0x49/,
    "]q\0h\x05.": /refers to what is not there/,
    "a.": /takes what is not there/,
    "X\xff\xff\xff\xffa.": /ends in the middle/,
    "cnumpy\nndarray\n.": /holds no data/,
    "]": /ends in the middle/,
  };
  for (const [source, reason] of Object.entries(hostile))
    assert.throws(
      () => decodePickle(text(source)),
      (error) => error instanceof DataError && reason.test(error.message),
      source,
    );
});

test("stand-ins have the shapes, types and ranges of the real data, and a seed decides them", async () => {
  const synthetic = { train: 50, test: 20 };
  const images = {
    mnist: [28, 28, 1],
    fashionMnist: [28, 28, 1],
    cifar10: [32, 32, 3],
    cifar100: [32, 32, 3],
  } as const;
  for (const [name, size] of Object.entries(images)) {
    const load = datasets[name as keyof typeof images];
    const { train, test: testing } = await load({ synthetic });
    assert.deepEqual(
      [train.x.shape, testing.x.shape],
      [
        [50, ...size],
        [20, ...size],
      ],
    );
    assert.deepEqual([train.x.dtype, train.y.dtype], ["f32", "u8"]);
    assert.ok(train.x.data.every((value) => value >= 0 && value <= 1) && train.x.data.some((value) => value > 0.5));
    assert.deepEqual((await load({ synthetic })).train, train);
    assert.notDeepEqual((await load({ synthetic: { ...synthetic, seed: 2 } })).train.x.data, train.x.data);
  }
  const imdb = await datasets.imdb({ synthetic, numWords: 1000 });
  assert.deepEqual([imdb.train.x.length, imdb.test.y.length], [50, 20]);
  assert.ok(imdb.train.x.every((words) => words[0] === 1 && words.every((word) => word < 1000)));
  const reuters = await datasets.reuters({ synthetic });
  assert.deepEqual([reuters.train.x.length, reuters.test.y.length], [50, 20]);
  const housing = await datasets.californiaHousing({ synthetic });
  assert.deepEqual([housing.train.x.shape, housing.test.y.shape], [[50, 8], [20]]);
  const climate = await datasets.jenaClimate({ synthetic: { train: 300 } });
  assert.deepEqual(
    [climate.values.shape, climate.columns.length, climate.times[0]],
    [[300, 14], 14, "01.01.2009 00:10:00"],
  );
  assert.ok(climate.values.data.every(Number.isFinite));
  assert.equal((await datasets.shakespeare({ synthetic: true })).length, 1_115_394);
});

test("stand-ins can be learnt: the nearest mean of the training images names most of the test images", async () => {
  const { train, test: testing } = await datasets.mnist({ synthetic: { train: 1000, test: 200 } });
  const means = Array.from({ length: 10 }, () => new Float32Array(785));
  for (let index = 0; index < train.y.length; index++) {
    const mean = means[train.y.data[index]!]!;
    for (let pixel = 0; pixel < 784; pixel++) mean[pixel]! += train.x.data[index * 784 + pixel]!;
    mean[784]!++;
  }
  let right = 0;
  for (let index = 0; index < testing.y.length; index++) {
    const distances = means.map((mean) => {
      let sum = 0;
      for (let pixel = 0; pixel < 784; pixel++)
        sum += (mean[pixel]! / mean[784]! - testing.x.data[index * 784 + pixel]!) ** 2;
      return sum;
    });
    if (distances.indexOf(Math.min(...distances)) === testing.y.data[index]) right++;
  }
  assert.ok(right > 120 && right < 200, `${right} of 200`);
  const words = await datasets.imdb({ synthetic: { train: 200, test: 50 } });
  const counts = [new Map<number, number>(), new Map<number, number>()];
  for (const [index, text] of words.train.x.entries())
    for (const word of text)
      counts[words.train.y.data[index]!]!.set(word, (counts[words.train.y.data[index]!]!.get(word) ?? 0) + 1);
  const isFavourable = (text: Int32Array): number =>
    text.reduce(
      (sum, word) => sum + Math.log(((counts[1]!.get(word) ?? 0) + 1) / ((counts[0]!.get(word) ?? 0) + 1)),
      0,
    ) > 0
      ? 1
      : 0;
  const correct = words.test.x.filter((text, index) => isFavourable(text) === words.test.y.data[index]).length;
  assert.ok(correct > 40, `${correct} of 50`);
});
