import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { ArgumentError, DataError } from "../../base/errors.ts";
import type { NdArray } from "../ndarray.ts";
import { classify, type FolderOptions, partOfClassified } from "./classes.ts";
import { drawn, fitted, loadSharp, type Picture } from "./decode.ts";
import { type FileLike, imageDatasetFromDirectory } from "./index.ts";
import { cropToAspect, resample } from "./resample.ts";

interface Part {
  readonly 0: readonly string[];
  readonly 1: readonly number[] | null;
}
/** What Keras did with the same files and images: goldens/folders.py. */
const goldens = JSON.parse(
  readFileSync(new URL("../../../src/data/goldens/folders.json", import.meta.url), "utf8"),
) as {
  readonly files: readonly string[];
  readonly cases: readonly {
    readonly options: {
      readonly shuffle?: boolean;
      readonly seed?: number;
      readonly class_names?: string[];
      readonly labels?: number[] | null;
    };
    readonly validation_split: number;
    readonly class_names: readonly string[] | null;
    readonly parts: readonly [training: Part, validation: Part];
  }[];
  readonly resized: readonly {
    readonly shape: readonly [number, number, 1 | 3 | 4];
    readonly image: readonly number[];
    readonly size: readonly [number, number];
    readonly results: Readonly<Record<string, readonly number[]>> & {
      readonly area?: { readonly size: readonly [number, number]; readonly values: readonly number[] };
    };
  }[];
}; // our own file

const root = mkdtempSync(join(tmpdir(), "chainrule-folders-"));
after(() => rmSync(root, { recursive: true }));
const write = (path: string, content: string | Uint8Array = ""): string => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const tree = join(root, "tree");
for (const path of goldens.files) write(join(tree, path));
const endings = [".bmp", ".gif", ".jpeg", ".jpg", ".png"];

for (const [index, { options, validation_split, class_names, parts }] of goldens.cases.entries()) {
  test(`order, labels and split of a folder are Keras's: case ${index}`, async () => {
    const { class_names: classNames, ...rest } = options;
    const ours: FolderOptions = {
      ...rest,
      classNames,
      seed: options.seed,
      validationSplit: validation_split,
      subset: "both",
    };
    const all = await classify("test", tree, endings, ours);
    assert.deepEqual(all.classNames, class_names ?? []);
    for (const [place, which] of (["training", "validation"] as const).entries()) {
      const { files, labels } = partOfClassified(all, validation_split, which);
      const expected = parts[place]!;
      assert.deepEqual(
        files.map(({ path }) => path),
        expected[0],
      );
      assert.deepEqual(labels ?? null, expected[1]);
    }
  });
}

test("files of a page have the classes of their folders; links are followed when that is asked for", async () => {
  const file = (path: string): FileLike => ({
    name: path.split("/").at(-1)!,
    webkitRelativePath: path,
    size: 0,
    slice: () => ({ arrayBuffer: async () => new ArrayBuffer(0) }),
  });
  const chosen = await classify(
    "test",
    ["pets/dogs/1.jpg", "pets/cats/2.jpg", "pets/cats/in/3.jpg", "pets/note.txt"].map(file),
    endings,
    { shuffle: false },
  );
  assert.deepEqual(
    [chosen.classNames, chosen.files.map(({ path }) => path), chosen.labels],
    [
      ["cats", "dogs"],
      ["cats/2.jpg", "cats/in/3.jpg", "dogs/1.jpg"],
      [0, 0, 1],
    ],
  );
  const urls = await classify(
    "test",
    [new URL("http://x/a/b/dogs/1.jpg"), new URL("http://x/a/b/cats/1.jpg?v=2")],
    endings,
    { shuffle: false },
  );
  assert.deepEqual(
    [urls.classNames, urls.labels],
    [
      ["cats", "dogs"],
      [0, 1],
    ],
  );

  const linked = join(root, "linked");
  write(join(linked, "a", "1.jpg"));
  write(join(root, "elsewhere", "2.jpg"));
  symlinkSync(join(root, "elsewhere"), join(linked, "a", "more"));
  symlinkSync(linked, join(linked, "a", "loop"));
  symlinkSync(join(root, "nowhere"), join(linked, "a", "dangling.jpg"));
  const count = async (followLinks: boolean): Promise<number> =>
    (await classify("test", linked, endings, { followLinks })).files.length;
  assert.deepEqual([await count(false), await count(true)], [1, 2]);
});

const mistakes: readonly (readonly [string, FolderOptions, RegExp])[] = [
  ["tree", { classNames: ["fish"] }, /there is no folder "fish"[\s\S]*cats/],
  ["tree", { labels: [1, 2] }, /2 labels for \d+ files/],
  ["tree", { labels: null, classNames: ["cats"] }, /classNames name folders/],
  ["tree", { labelMode: "binary" }, /needs exactly 2 classes, there are \d/],
  ["tree", { validationSplit: 0.2 }, /belong together/],
  ["tree", { validationSplit: 1.5, subset: "both" }, /between 0 and 1, received 1\.5/],
  ["tree", { validationSplit: 0.2, subset: "training" }, /needs a seed/],
  ["missing", {}, /there is no such folder/],
  ["tree/top.jpg", {}, /it is a file/],
  ["tree/empty", {}, /there are no files in .*empty[\s\S]*must end in \.bmp/],
];
for (const [path, options, reason] of mistakes) {
  test(`a folder that cannot be: ${reason.source}`, async () => {
    await assert.rejects(
      imageDatasetFromDirectory(join(root, path), options),
      (error) => (error instanceof ArgumentError || error instanceof DataError) && reason.test(error.message),
    );
  });
}

const close = (found: ArrayLike<number>, expected: readonly number[], what: string): void => {
  assert.equal(found.length, expected.length, what);
  for (const [at, value] of expected.entries())
    assert.ok(Math.abs(found[at]! - value) < 2e-3, `${what} at ${at}: ${found[at]}, ${value}`);
};

test("resized images have the numbers of Keras", () => {
  for (const { shape, image, size, results } of goldens.resized) {
    const [height, width, channels] = shape;
    const pixels = { data: Uint8Array.from(image), height, width, channels };
    for (const interpolation of ["nearest", "bilinear"] as const) {
      for (const aspect of ["stretch", "crop"] as const) {
        const picture: Picture = { size, channels, interpolation, antialias: false, aspect };
        close(
          fitted(pixels, picture),
          results[`${interpolation} ${aspect}`]!,
          `${interpolation} ${aspect} of ${shape} to ${size}`,
        );
      }
    }
    if (results.area === undefined) continue;
    const whole = { left: 0, top: 0, height: results.area.size[0], width: results.area.size[1] };
    close(resample(pixels, whole, size, "area"), results.area.values, `area of ${shape} to ${size}`);
  }
});

test("a padded image lies in the middle, and its borders are 0", () => {
  const pixels = { data: new Uint8Array(4 * 2).fill(9), height: 4, width: 2, channels: 1 };
  const picture: Picture = { size: [4, 6], channels: 1, interpolation: "nearest", antialias: false, aspect: "pad" };
  assert.deepEqual(Array.from(fitted(pixels, picture)), Array.from({ length: 4 }, () => [0, 0, 9, 9, 0, 0]).flat());
  assert.deepEqual(cropToAspect({ width: 500, height: 340 }, [200, 200]), {
    left: 80,
    top: 0,
    width: 340,
    height: 340,
  });
});

/** Files of three kinds with two classes: one is red, the other blue. */
async function paint(folder: string, count = 4): Promise<void> {
  const sharp = (await loadSharp()).default as unknown as (
    input: object,
  ) => Record<"jpeg" | "png" | "webp", () => { toBuffer(): Promise<Uint8Array> }>; // sharp's own type
  for (const [name, background] of Object.entries({ red: { r: 250, g: 0, b: 0 }, blue: { r: 0, g: 0, b: 250 } })) {
    for (const [index, kind] of (["jpeg", "png", "webp"] as const).entries()) {
      for (let copy = 0; copy < count; copy++) {
        const made = sharp({ create: { width: 30 + copy, height: 20, channels: 3, background } })[kind]();
        write(join(folder, name, `${index}${copy}.${kind}`), await made.toBuffer());
      }
    }
  }
}

test("images of all kinds are decoded, resized, labelled and batched", async () => {
  const folder = join(root, "painted");
  await paint(folder);
  const dataset = await imageDatasetFromDirectory(folder, { imageSize: [8, 12], batchSize: 10, seed: 3 });
  assert.deepEqual([dataset.classNames, dataset.filePaths.length, dataset.cardinality], [["blue", "red"], 24, 3]);
  const shapes: string[] = [];
  for await (const { x, y } of dataset) {
    shapes.push(`${x.dtype} ${x.shape.join("×")} ${y.dtype} ${y.shape.join("×")}`);
    for (let row = 0; row < y.length; row++) {
      const [r, , b] = x.data.slice(row * 288, row * 288 + 3);
      assert.ok(y.data[row] === 1 ? r! > 240 && b! < 10 : b! > 240 && r! < 10, `${y.data[row]}: ${r}, ${b}`);
    }
  }
  assert.deepEqual(shapes, ["f32 10×8×12×3 i32 10", "f32 10×8×12×3 i32 10", "f32 4×8×12×3 i32 4"]);
});

test("every way of telling labels, colours and sizes", async () => {
  const folder = join(root, "painted");
  const first = async <T>(dataset: AsyncIterable<T>): Promise<T> => {
    for await (const batch of dataset) return batch;
    throw new Error("no batch");
  };
  const common = { imageSize: 6, batchSize: 5, shuffle: false } as const;
  const shapeOf = ({ x, y }: { x: NdArray; y?: NdArray }): string =>
    `${x.dtype} ${x.shape.join("×")} ${y?.dtype} ${y?.shape.join("×")}`;
  assert.equal(
    shapeOf(await first(await imageDatasetFromDirectory(folder, { ...common, labelMode: "categorical" }))),
    "f32 5×6×6×3 f32 5×2",
  );
  assert.equal(
    shapeOf(await first(await imageDatasetFromDirectory(folder, { ...common, labelMode: "binary", dtype: "u8" }))),
    "u8 5×6×6×3 f32 5×1",
  );
  assert.equal(
    shapeOf(await first(await imageDatasetFromDirectory(folder, { ...common, labelMode: null, colorMode: "rgba" }))),
    "f32 5×6×6×4 undefined undefined",
  );
  assert.equal(
    shapeOf(
      await first(await imageDatasetFromDirectory(folder, { ...common, batchSize: null, colorMode: "grayscale" })),
    ),
    "f32 6×6×1 i32 ",
  );
  for (const interpolation of ["nearest", "bilinear", "bicubic", "area", "lanczos3", "mitchellcubic"] as const) {
    for (const aspect of [{}, { cropToAspectRatio: true }, { padToAspectRatio: true }]) {
      const { x } = await first(await imageDatasetFromDirectory(folder, { ...common, ...aspect, interpolation }));
      const middle = Array.from(x.data.slice((3 * 6 + 3) * 3, (3 * 6 + 3) * 3 + 3));
      assert.ok(middle[2]! > 235 && middle[0]! < 15, `${interpolation}: ${middle}`);
      const corner = x.data[2]!;
      assert.equal("padToAspectRatio" in aspect ? corner < 10 : corner > 235, true, `${interpolation}: ${corner}`);
    }
  }
  const [training, validation] = await imageDatasetFromDirectory(folder, {
    ...common,
    shuffle: true,
    validationSplit: 0.25,
    subset: "both",
  });
  assert.deepEqual([training.filePaths.length, validation.filePaths.length], [18, 6]);
  assert.deepEqual(
    [...training.filePaths, ...validation.filePaths].sort(),
    [...(await imageDatasetFromDirectory(folder, common)).filePaths].sort(),
  );
});

test("what cannot be is said before a file is read", async () => {
  const folder = join(root, "painted");
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ interpolation: "lanczos5" }, /"lanczos5" is not known/],
    [{ interpolation: "bicubic", antialias: false }, /always antialiases/],
    [{ imageSize: [0, 5] }, /imageSize must be/],
    [{ colorMode: "cmyk" }, /color mode "cmyk" is not known/],
    [{ cropToAspectRatio: true, padToAspectRatio: true }, /either cropToAspectRatio/],
    [{ labelMode: "float" }, /labelMode "float" is not known/],
    [{ dtype: "f16" }, /dtype must be/],
  ];
  for (const [options, reason] of wrong) await assert.rejects(imageDatasetFromDirectory(folder, options), reason);
});

test("a broken image is named, or left out and counted", async () => {
  const folder = join(root, "broken");
  await paint(folder, 2);
  const whole = readFileSync(join(folder, "red", "00.jpeg"));
  write(join(folder, "red", "half.jpg"), whole.subarray(0, whole.length - 40));
  write(join(folder, "blue", "text.png"), "no image");
  const options = { imageSize: 4, shuffle: false, batchSize: 4 } as const;
  await assert.rejects((await imageDatasetFromDirectory(folder, options)).toArray(), (error) => {
    assert.ok(error instanceof DataError);
    assert.match(error.message, /cannot read blue\/text\.png: /);
    assert.ok(error.message.includes(join(folder, "blue", "text.png")));
    assert.match(error.message, /onError: "skip"/);
    return true;
  });
  const dataset = await imageDatasetFromDirectory(folder, { ...options, onError: "skip" });
  const batches = await dataset.toArray();
  assert.equal(
    batches.reduce((sum, { x }) => sum + x.length, 0),
    12,
  );
  assert.deepEqual([...dataset.broken.keys()].sort(), ["blue/text.png", "red/half.jpg"]);
});

test("a page draws images in the wanted size, or gives their pixels to be resized", async () => {
  const drawings: unknown[][] = [];
  class Canvas {
    readonly width: number;
    readonly height: number;
    constructor(width: number, height: number) {
      [this.width, this.height] = [width, height];
    }
    getContext() {
      return {
        imageSmoothingEnabled: false,
        imageSmoothingQuality: "low",
        drawImage: (_: unknown, ...places: unknown[]) => void drawings.push(places),
        getImageData: (_left: number, _top: number, width: number, height: number) => ({
          data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, at) => [10, 20, 30, 255][at % 4]!),
        }),
      };
    }
  }
  let closed = 0;
  const page = {
    OffscreenCanvas: Canvas,
    createImageBitmap: async () => ({ width: 40, height: 20, close: () => void closed++ }),
  } as unknown as Parameters<typeof drawn>[2]; // what is used of a page
  const file: FileLike = new File([], "a.png");
  const picture: Picture = { size: [10, 10], channels: 3, interpolation: "bilinear", antialias: true, aspect: "crop" };
  assert.deepEqual([...(await drawn(file, picture, page)).slice(0, 4)], [10, 20, 30, 10]);
  assert.deepEqual([...(await drawn(file, { ...picture, channels: 1, aspect: "pad" }, page)).slice(0, 2)], [18, 18]);
  const own = await drawn(file, { ...picture, interpolation: "nearest", channels: 4 }, page);
  assert.deepEqual([own.length, ...own.slice(0, 4)], [400, 10, 20, 30, 255]);
  assert.deepEqual(drawings, [
    [10, 0, 20, 20, 0, 0, 10, 10],
    [0, 0, 40, 20, 0, 2, 10, 5],
    [0, 0, 40, 20, 0, 0, 40, 20],
  ]);
  assert.equal(closed, 3);
});

test("a blank picture of more pixels than its bytes stand for is refused, and read where limitPixels allows for it", async () => {
  const sharp = (await loadSharp()).default as unknown as (
    options: object,
  ) => Record<"webp", () => { toBuffer(): Promise<Uint8Array> }>; // sharp's own type
  const blank = { create: { width: 2200, height: 2000, channels: 3, background: { r: 255, g: 255, b: 255 } } };
  const bytes = await sharp(blank).webp().toBuffer();
  const file = new File([new Uint8Array(bytes)], "scan.webp");
  const read = async (options: object): Promise<unknown[]> =>
    (await imageDatasetFromDirectory([file], { labels: null, imageSize: 8, ...options })).toArray();
  await assert.rejects(read({}), /scan\.webp: it has more than 3145728 pixels.*limitPixels/);
  const [batch] = (await read({ limitPixels: 5e6 })) as { readonly x: NdArray }[];
  assert.ok(batch!.x.data.every((value) => value === 255));
  await assert.rejects(read({ limitPixels: 0.5 }), /limitPixels must be a positive whole number, received 0.5/);
});
