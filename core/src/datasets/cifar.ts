import { ArgumentError, DataError } from "../base/errors.ts";
import { inNode } from "../base/host.ts";
import type { NdArray } from "../data/index.ts";
import { fileExists } from "../download/index.ts";
import { archiveEntries, decodePickle, entryBytes, PickledArray } from "../formats/index.ts";
import { catalogue, notPublished, type RemoteFile } from "./catalogue.ts";
import { datasetsFolder, type Splits, syntheticOf, withFile } from "./options.ts";
import { type ImageOptions, imagesOf, type RawImages } from "./pixels.ts";
import { syntheticImages } from "./synthetic/images.ts";

const size = [32, 32, 3] as const;
const pixels = 32 * 32;
const counts = { train: 50_000, test: 10_000 } as const;
const limitBytes = 2 ** 29;

/** CIFAR-10: 60,000 pictures of 10 things, [32, 32, 3] (Krizhevsky 2009). */
export async function cifar10(options: ImageOptions = {}): Promise<Splits<NdArray<[number, ...typeof size]>>> {
  const synthetic = syntheticOf(options, counts);
  if (synthetic !== undefined) return syntheticImages({ ...synthetic, size, classes: 10 }, options);
  const batches = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"];
  return load(catalogue.cifar10, catalogue.cifar10Binary, { train: batches, test: ["test_batch"] }, options, {
    key: "labels",
    labelBytes: 1,
    labelAt: 0,
  });
}

export interface Cifar100Options extends ImageOptions {
  /** Which of its two labels: one of 100 things ("fine", as by default), or one of 20 groups of them. */
  readonly labels?: "fine" | "coarse" | undefined;
}

/** CIFAR-100: 60,000 pictures of 100 things, [32, 32, 3] (Krizhevsky 2009). */
export async function cifar100({
  labels = "fine",
  ...options
}: Cifar100Options = {}): Promise<Splits<NdArray<[number, ...typeof size]>>> {
  if (labels !== "fine" && labels !== "coarse")
    throw new ArgumentError(`cifar100: labels must be "fine" or "coarse", received ${JSON.stringify(labels)}`);
  const synthetic = syntheticOf(options, counts);
  const classes = labels === "fine" ? 100 : 20;
  if (synthetic !== undefined) return syntheticImages({ ...synthetic, size, classes }, options);
  return load(catalogue.cifar100, catalogue.cifar100Binary, { train: ["train"], test: ["test"] }, options, {
    key: `${labels}_labels`,
    labelBytes: 2,
    labelAt: labels === "fine" ? 1 : 0,
  });
}

/** Where the label of an image is: under a key of the pickles, at a place before the pixels in plain bytes. */
interface Layout {
  readonly key: string;
  readonly labelBytes: number;
  readonly labelAt: number;
}

/** Reads the batches of both parts, from the archive of pickles or, where somebody put that into the cache, of plain bytes. */
async function load(
  pickles: RemoteFile,
  plain: RemoteFile,
  parts: { readonly train: readonly string[]; readonly test: readonly string[] },
  options: ImageOptions,
  layout: Layout,
): Promise<Splits<NdArray<[number, ...typeof size]>>> {
  const kept = async ({ name }: RemoteFile): Promise<boolean> =>
    inNode() && fileExists(`${datasetsFolder(options)}/${name}`);
  const file = !(await kept(pickles)) && (await kept(plain)) ? plain : pickles;
  const wanted = new Set([...parts.train, ...parts.test]);
  const batches = new Map<string, Batch>();
  await withFile(file, options, async (bytes) => {
    for await (const entry of archiveEntries(bytes, file.name, { limitBytes })) {
      const name = entry.name
        .split("/")
        .at(-1)!
        .replace(/\.bin$/, "");
      if (entry.kind === "folder" || !wanted.has(name)) continue;
      const source = `${file.name}: ${entry.name}`;
      const content = await entryBytes(entry);
      batches.set(
        name,
        entry.name.endsWith(".bin") ? readPlain(content, layout, source) : readPickle(content, layout, source),
      );
    }
  });
  const joined = (names: readonly string[]): RawImages<typeof size> => {
    const found = names.map((name) => {
      const batch = batches.get(name);
      if (batch === undefined)
        throw new DataError({ what: `${file.name}: there is no file ${name} in it`, hint: notPublished });
      return batch;
    });
    return toImages(found);
  };
  return { train: imagesOf(joined(parts.train), options), test: imagesOf(joined(parts.test), options) };
}

/** Images as CIFAR has them: all reds, all greens, all blues. */
interface Batch {
  readonly planes: Uint8Array;
  readonly labels: Uint8Array;
}

/** One image after the other: its labels, then its planes. */
export function readPlain(content: Uint8Array, { labelBytes, labelAt }: Layout, source: string): Batch {
  const record = labelBytes + 3 * pixels;
  const count = content.length / record;
  if (!Number.isInteger(count) || count === 0)
    throw new DataError({
      what: `${source}: ${content.length} bytes are no whole number of images of ${record} bytes`,
      hint: notPublished,
    });
  const planes = new Uint8Array(count * 3 * pixels);
  const labels = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    labels[index] = content[index * record + labelAt]!;
    planes.set(content.subarray(index * record + labelBytes, (index + 1) * record), index * 3 * pixels);
  }
  return { planes, labels };
}

/** The dictionary that Python wrote: images as an array, labels as a list. */
export function readPickle(content: Uint8Array, { key }: Layout, source: string): Batch {
  const dictionary = decodePickle(content, source);
  const data = dictionary instanceof Map ? dictionary.get("data") : undefined;
  const labels = dictionary instanceof Map ? dictionary.get(key) : undefined;
  const isImages =
    data instanceof PickledArray &&
    data.content instanceof Uint8Array &&
    /u1$/.test(data.descr) &&
    Array.isArray(labels) &&
    data.content.length === labels.length * 3 * pixels &&
    labels.every((label) => Number.isInteger(label) && (label as number) >= 0 && (label as number) < 256);
  if (!isImages)
    throw new DataError({ what: `${source}: it does not hold images and their "${key}"`, hint: notPublished });
  const pixelBytes = data.content as Uint8Array; // isImages has seen to it
  const planes = data.fortran ? turned(pixelBytes, labels.length) : pixelBytes;
  return { planes, labels: Uint8Array.from(labels as readonly number[]) };
}

/** Rows of what NumPy stored column by column. */
function turned(columns: Uint8Array, count: number): Uint8Array {
  const size = columns.length / count;
  const rows = new Uint8Array(columns.length);
  for (let row = 0; row < count; row++)
    for (let at = 0; at < size; at++) rows[row * size + at] = columns[at * count + row]!;
  return rows;
}

/** The images of batches with the channels last. */
function toImages(batches: readonly Batch[]): RawImages<typeof size> {
  const count = batches.reduce((sum, { labels }) => sum + labels.length, 0);
  const image = new Uint8Array(count * 3 * pixels);
  const labels = new Uint8Array(count);
  let first = 0;
  for (const batch of batches) {
    labels.set(batch.labels, first);
    for (let index = 0; index < batch.labels.length; index++) {
      const from = index * 3 * pixels;
      const to = (first + index) * 3 * pixels;
      for (let channel = 0; channel < 3; channel++) {
        for (let pixel = 0; pixel < pixels; pixel++)
          image[to + 3 * pixel + channel] = batch.planes[from + channel * pixels + pixel]!;
      }
    }
    first += batch.labels.length;
  }
  return { pixels: image, labels, size };
}
