import { DataError } from "../base/errors.ts";
import { inNode } from "../base/host.ts";
import type { NdArray } from "../data/index.ts";
import { fileExists } from "../download/index.ts";
import { bytesSource, decodeIdx, decodeNpy, gunzip, npzMembers, readFile } from "../formats/index.ts";
import { catalogue, notPublished, type RemoteFile } from "./catalogue.ts";
import { datasetsFolder, type Splits, syntheticOf, withFile } from "./options.ts";
import { type ImageOptions, imagesOf, type RawImages } from "./pixels.ts";
import { syntheticImages } from "./synthetic/images.ts";

const size = [28, 28, 1] as const;
const counts = { train: 60_000, test: 10_000 } as const;
/** What the unpacked files may have at most; the largest has 47 MB. */
const limitBytes = 2 ** 28;

/** MNIST: 70,000 handwritten digits, [28, 28, 1] (LeCun, Cortes, Burges). */
export async function mnist(options: ImageOptions = {}): Promise<Splits<NdArray<[number, ...typeof size]>>> {
  const synthetic = syntheticOf(options, counts);
  if (synthetic !== undefined) return syntheticImages({ ...synthetic, size, classes: 10 }, options);
  const arrays = await withFile(catalogue.mnist, options, (bytes) => npzMembers(bytes, { limitBytes }, "mnist.npz"));
  const part = (name: string): Uint8Array => {
    const file = arrays.get(name);
    if (file === undefined) throw new DataError({ what: `mnist.npz: there is no array "${name}"`, hint: notPublished });
    const { data } = decodeNpy(file, `mnist.npz: ${name}`);
    if (!(data instanceof Uint8Array))
      throw new DataError({ what: `mnist.npz: "${name}" does not hold bytes`, hint: notPublished });
    return data;
  };
  const raw = (name: string): RawImages<typeof size> => ({
    pixels: part(`x_${name}`),
    labels: part(`y_${name}`),
    size,
  });
  return { train: imagesOf(raw("train"), options), test: imagesOf(raw("test"), options) };
}

/** What Fashion-MNIST's classes are. */
export const fashionClasses = [
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
] as const;

/** Where Debian's package dataset-fashion-mnist puts the files, packed anew: their sums are others. */
const debianFolder = "/usr/share/datasets/fashion-mnist";

/**
 * Fashion-MNIST: 70,000 pieces of clothing, [28, 28, 1] (Xiao, Rasul, Vollgraf 2017). Debian's package dataset-fashion-mnist
 * is taken where it is installed.
 */
export async function fashionMnist(options: ImageOptions = {}): Promise<Splits<NdArray<[number, ...typeof size]>>> {
  const synthetic = syntheticOf(options, counts);
  if (synthetic !== undefined) return syntheticImages({ ...synthetic, size, classes: 10 }, options);
  const read = async (images: RemoteFile, labels: RemoteFile): Promise<RawImages<typeof size>> => {
    const [found, of] = [await idxOf(images, options), await idxOf(labels, options)];
    if (found.shape.length !== 3 || found.shape[1] !== size[0] || found.shape[2] !== size[1])
      throw new DataError({
        what: `${images.name}: the images are not ${size[0]}×${size[1]}, but [${found.shape.join(", ")}]`,
        hint: notPublished,
      });
    return { pixels: found.data, labels: of.data, size };
  };
  return {
    train: imagesOf(await read(catalogue.fashionTrainImages, catalogue.fashionTrainLabels), options),
    test: imagesOf(await read(catalogue.fashionTestImages, catalogue.fashionTestLabels), options),
  };
}

async function idxOf(file: RemoteFile, options: ImageOptions): Promise<ReturnType<typeof decodeIdx>> {
  const local = `${debianFolder}/${file.name}`;
  // What was fetched before comes first, so that a result does not change when a package is installed.
  const isKept = inNode() && (await fileExists(`${datasetsFolder(options)}/${file.name}`));
  if (inNode() && !isKept && (await fileExists(local))) {
    return decodeIdx(await gunzip(bytesSource(await readFile(local)), local, limitBytes), local);
  }
  return withFile(file, options, async (bytes) => decodeIdx(await gunzip(bytes, file.name, limitBytes), file.name));
}
