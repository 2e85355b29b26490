import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, setRandomSeed, type Tensor, tensor } from "../../../tensor/index.ts";
import { layers, type rules } from "../../index.ts";
import type { ImageLayer } from "./imageLayer.ts";

before(() => setDevice("wasm"));

/** A white rectangle on black in each image, and its box [left, top, right, bottom]. */
function rectangles(batch: number, size: number) {
  const boxes = Array.from({ length: batch }, (_, at) => {
    const [left, top] = [3 + (at % 4), 2 + (at % 5)];
    return [left, top, left + 6 + (at % 3), top + 5 + (at % 6)];
  });
  const pixels = boxes.flatMap(([left, top, right, bottom]) =>
    Array.from({ length: size * size }, (_, at) => {
      const [x, y] = [at % size, Math.floor(at / size)];
      return x >= left! && x < right! && y >= top! && y < bottom! ? 1 : 0;
    }),
  );
  const images = tensor(pixels, { shape: [batch, size, size, 1] }) as Tensor;
  return { images, masks: images.cast("i32") as Tensor, boxes: tensor(boxes.map((box) => [box])) as Tensor };
}

/** The edges of what is lighter than ½ in an image of one channel; undefined where nothing is. */
function edges(pixels: readonly (readonly number[])[]): number[] | undefined {
  const rows = pixels.flatMap((row, y) => (row.some((value) => value > 0.5) ? [y] : []));
  const columns = pixels[0]!.flatMap((_, x) => (pixels.some((row) => row[x]! > 0.5) ? [x] : []));
  if (rows.length === 0) return undefined;
  return [columns[0]!, rows[0]!, columns.at(-1)! + 1, rows.at(-1)! + 1];
}

const boundingBoxFormat = "xyxy" as const;
const fillMode = "constant" as const;
/** Layers that move boxes, and how far boxes may be from what is seen: turning makes boxes larger than what is in them. */
const moving: readonly (readonly [string, rules.Imaging<ImageLayer>, number])[] = [
  ["randomFlip", layers.randomFlip(undefined, { boundingBoxFormat, seed: 1 }), 0.01],
  ["randomTranslation", layers.randomTranslation(0.3, 0.3, { boundingBoxFormat, fillMode, seed: 2 }), 1.01],
  ["randomZoom", layers.randomZoom(0.3, { boundingBoxFormat, fillMode, seed: 3, widthFactor: 0.2 }), 1.01],
  ["randomShear", layers.randomShear({ boundingBoxFormat, fillMode, seed: 4, xFactor: 0.3 }), 1.01],
  ["randomRotation", layers.randomRotation([0.25, 0.25], { boundingBoxFormat, fillMode }), 1.01],
  ["randomRotation by little", layers.randomRotation(0.02, { boundingBoxFormat, fillMode, seed: 5 }), 2.01],
  ["randomCrop", layers.randomCrop(16, 14, { boundingBoxFormat, seed: 6 }), 0.01],
  ["centerCrop", layers.centerCrop(16, 14, { boundingBoxFormat }), 0.01],
  ["centerCrop of small images", layers.centerCrop(40, 20, { boundingBoxFormat }), 1.01],
  ["resizing", layers.resizing(40, 30, { boundingBoxFormat }), 1.01],
  ["resizing, cut", layers.resizing(40, 60, { boundingBoxFormat, cropToAspectRatio: true }), 1.51],
  ["resizing, filled up", layers.resizing(40, 60, { boundingBoxFormat, padToAspectRatio: true }), 1.01],
];

for (const [name, layer, tolerance] of moving) {
  test(`${name}: boxes and masks go where the image goes`, async () => {
    const { images, masks, boxes } = rectangles(24, 20);
    const moved = layer({ images, segmentationMasks: masks, boundingBoxes: { boxes } });
    const [seen, marked, found] = [
      (await moved.images.array()) as unknown as number[][][][],
      (await moved.segmentationMasks.array()) as unknown as number[][][][],
      (await moved.boundingBoxes.boxes.array()) as unknown as number[][][],
    ];
    let compared = 0;
    seen.forEach((image, at) => {
      const box = edges(image.map((row) => row.map(([value]) => value!)));
      const mask = edges(marked[at]!.map((row) => row.map(([value]) => value!)));
      if (box === undefined) return;
      compared++;
      box.forEach((edge, side) => {
        assert.ok(
          Math.abs(edge - found[at]![0]![side]!) <= tolerance,
          `${at}: seen at ${box}, the box is ${found[at]}`,
        );
        assert.ok(Math.abs(edge - mask![side]!) <= 1, `${at}: seen at ${box}, the mask at ${mask}`);
      });
    });
    assert.ok(compared >= 20, `${compared} compared`);
  });
}

const formats = {
  xyxy: [2, 3, 8, 7],
  yxyx: [3, 2, 7, 8],
  xywh: [2, 3, 6, 4],
  centerXywh: [5, 5, 6, 4],
  centerYxhw: [5, 5, 4, 6],
  relXyxy: [0.2, 0.15, 0.8, 0.35],
  relYxyx: [0.15, 0.2, 0.35, 0.8],
  relXywh: [0.2, 0.15, 0.6, 0.2],
  relCenterXywh: [0.5, 0.25, 0.6, 0.2],
} as const;

for (const [format, box] of Object.entries(formats)) {
  test(`boxes as ${format}`, async () => {
    // Half as high and twice as wide: [4, 1.5, 16, 3.5] of 20 × 10.
    const layer = layers.resizing(10, 20, { boundingBoxFormat: format as keyof typeof formats });
    const images = tensor(new Float32Array(200), { shape: [1, 20, 10, 1] }) as Tensor;
    const given = { images, boundingBoxes: { boxes: tensor([[[...box]]]) as Tensor } };
    const found = [...(await layer(given).boundingBoxes.boxes.data())];
    const relative = format.startsWith("rel");
    const vertical = ["yxyx", "centerYxhw"].includes(format);
    const factors = relative ? [1, 1, 1, 1] : vertical ? [0.5, 2, 0.5, 2] : [2, 0.5, 2, 0.5];
    found.forEach((value, at) => {
      assert.ok(Math.abs(value - box[at]! * factors[at]!) < 1e-5, `${found}`);
    });
  });
}

const noise = (shape: readonly number[]): Tensor =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => Math.abs(Math.sin(at * 12.9)) * 255),
    {
      shape,
    },
  ) as Tensor;

type Make = (seed?: number) => rules.Imaging<ImageLayer>;
const chancy: Readonly<Record<string, Make>> = {
  randomFlip: (seed) => layers.randomFlip(undefined, { seed }),
  randomRotation: (seed) => layers.randomRotation(0.4, { seed }),
  randomZoom: (seed) => layers.randomZoom(0.4, { seed }),
  randomTranslation: (seed) => layers.randomTranslation(0.4, 0.4, { seed }),
  randomShear: (seed) => layers.randomShear({ xFactor: 0.4, seed }),
  randomCrop: (seed) => layers.randomCrop(4, 4, { seed }),
  randomContrast: (seed) => layers.randomContrast(0.4, { seed }),
  randomBrightness: (seed) => layers.randomBrightness(0.4, { seed }),
  randomHue: (seed) => layers.randomHue(0.4, { seed }),
  randomSaturation: (seed) => layers.randomSaturation([0.1, 0.4], { seed }),
  randomErasing: (seed) => layers.randomErasing({ factor: [1, 1], seed }),
  mixUp: (seed) => layers.mixUp({ alpha: 1, seed }),
  cutMix: (seed) => layers.cutMix({ factor: [1, 1], seed }),
};

for (const [name, make] of Object.entries(chancy)) {
  test(`${name}: the same seed gives the same bits, each call and each image others`, async () => {
    const x = noise([6, 8, 8, 3]);
    const run = async (layer: rules.Imaging<ImageLayer>) => String(await layer(x).data());
    const [first, again] = [make(7), make(7)];
    assert.equal(await run(first), await run(again));
    assert.notEqual(await run(first), await run(make(7)), "the second call");
    setRandomSeed(5);
    const left = await run(make());
    setRandomSeed(5);
    assert.equal(await run(make()), left);
    if (name.endsWith("Mix") || name === "mixUp") return;
    const alike = tensor(Array.from({ length: 12 }, () => [...Array(192).keys()]).flat(), { shape: [12, 8, 8, 3] });
    const rows = (await (make(3)(alike as Tensor).reshape([12, -1]) as Tensor).array()) as unknown as number[][];
    assert.ok(new Set(rows.map(String)).size > 2, "images of one batch differ");
  });

  test(`${name}: one image is a batch of one; integers are taken; inference is the identity or the middle`, async () => {
    const [x] = [noise([1, 8, 8, 3])];
    const single = make(7)(x.squeeze(0) as Tensor);
    const batch = make(7)(x);
    assert.deepEqual(single.shape, batch.shape.slice(1));
    assert.deepEqual(await single.data(), await batch.data());
    assert.equal(make(7)(x.cast("u8") as Tensor).dtype, "f32");
    const still = make(7)(x, { training: false });
    const expected = name === "randomCrop" ? layers.centerCrop(4, 4)(x) : x;
    assert.deepEqual(await still.data(), await expected.data());
  });
}

test("several layers in a list augment when they are called, and do not when a model predicts", async () => {
  const x = noise([6, 8, 8, 3]);
  const list = [layers.randomBrightness([0.2, 0.4]), layers.randomContrast(0.3)];
  const called = await list.reduce((value, layer) => layer(value), x).data();
  assert.notDeepEqual(called, await x.data());
  for (const layer of list)
    assert.deepEqual(await (layer.compute(x, { training: false }) as Tensor).data(), await x.data());
});

test("flips happen to half of the images, each way for itself", async () => {
  const x = tensor(Array.from({ length: 4000 }, () => [0, 1, 2, 3]).flat(), { shape: [4000, 2, 2, 1] }) as Tensor;
  const rows = (await (layers.randomFlip(undefined, { seed: 2 })(x).reshape([4000, 4]) as Tensor).array()) as unknown;
  const counts = new Map<string, number>();
  for (const row of rows as number[][]) counts.set(String(row), (counts.get(String(row)) ?? 0) + 1);
  assert.deepEqual([...counts.keys()].sort(), ["0,1,2,3", "1,0,3,2", "2,3,0,1", "3,2,1,0"]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 130, `${count} of 4000`);
});

test("mixUp blends images and labels by one weight, distributed as Beta(α, α)", async () => {
  const count = 4000;
  const images = tensor(
    Float32Array.from({ length: count }, (_, at) => at % 2),
    { shape: [count, 1, 1, 1] },
  ) as Tensor;
  const labels = tensor(
    Float32Array.from({ length: count * 2 }, (_, at) => Number((at >> 1) % 2 === at % 2)),
    {
      shape: [count, 2],
    },
  ) as Tensor;
  for (const alpha of [0.2, 1, 3]) {
    const mixed = layers.mixUp({ alpha, seed: 4 })({ images, labels });
    const pixels = [...(await mixed.images.data())];
    const classes = (await (mixed.labels as Tensor).array()) as unknown as number[][];
    pixels.forEach((value, at) => {
      assert.ok(Math.abs(classes[at]![1]! - value) < 1e-6 && Math.abs(classes[at]![0]! + value - 1) < 1e-6);
    });
    // Blended images show the weight where both are not alike: w or 1 − w, of variance 1 / (4 (2α + 1)).
    const weights = pixels.filter((value) => value !== 0 && value !== 1);
    const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
    const variance = weights.reduce((sum, value) => sum + (value - 0.5) ** 2, 0) / weights.length;
    assert.ok(Math.abs(mean - 0.5) < 0.03, `mean ${mean}`);
    if (alpha >= 1)
      assert.ok(Math.abs(variance * 4 * (2 * alpha + 1) - 1) < 0.08, `α = ${alpha}: variance ${variance}`);
  }
});

test("cutMix blends labels by the area that comes from the other image; erasing keeps to its scale", async () => {
  const size = 32;
  const images = tensor(
    Float32Array.from({ length: 64 * size * size }, (_, at) => Math.floor(at / size / size) % 2),
    {
      shape: [64, size, size, 1],
    },
  ) as Tensor;
  const labels = tensor(
    Float32Array.from({ length: 64 }, (_, at) => at % 2),
    { shape: [64, 1] },
  ) as Tensor;
  const mixed = layers.cutMix({ factor: [1, 1], seed: 4 })({ images, labels });
  const shares = [...(await mixed.images.mean([1, 2, 3]).data())];
  const classes = [...(await mixed.labels.data())];
  // Rectangles end between pixels: a row and a column of difference.
  shares.forEach((share, at) => {
    assert.ok(Math.abs(share - classes[at]!) <= 2.5 / size, `${share} of ${classes[at]}`);
  });
  assert.ok(new Set(shares.map((share) => share.toFixed(2))).size > 10);
  const black = tensor(new Float32Array(200 * size * size), { shape: [200, size, size, 1] }) as Tensor;
  const erased = layers.randomErasing({
    factor: [0.5, 0.5],
    scale: [0.1, 0.3],
    fillValue: 1,
    valueRange: [0, 1],
    seed: 1,
  });
  const parts = [...(await erased(black).mean([1, 2, 3]).data())];
  const changed = parts.filter((part) => part > 0);
  assert.ok(
    changed.every((part) => part > 0.08 && part < 0.34),
    `${Math.min(...changed)} to ${Math.max(...changed)}`,
  );
  assert.ok(Math.abs(changed.length - 100) < 25, `${changed.length} of 200`);
});

test("what does not fit is said in words", () => {
  const { images, boxes } = rectangles(2, 20);
  const given = { images, boundingBoxes: { boxes } };
  assert.throws(
    () => layers.randomFlip()(given),
    /does not know what their numbers mean[\s\S]*boundingBoxFormat: "xyxy"/,
  );
  assert.throws(() => layers.cutMix()(given), /boxes cannot be moved along/);
  assert.throws(() => layers.randomRotation(2), /factor must be a number from -1 to 1/);
  assert.throws(() => layers.randomZoom(-1), /heightFactor must be a number from -1 to 1/);
  assert.throws(() => layers.resizing(2, 2, { cropToAspectRatio: true, padToAspectRatio: true }), /exclude each other/);
  assert.throws(() => layers.randomFlip("sideways" as never), /unknown mode "sideways"/);
});
