import { layers } from "../../nn/index.ts";
import { type Rows, two } from "./row.test.body.ts";

const random = { training: true, random: true } as const;
const flat = { inputs: [2, 6], message: /expected images \[batch, height, width, channels\]/ };
const grey = { inputs: [2, 4, 5, 1], message: /expected 3 channels \(red, green, blue\), received 1/ };
const several = { ...two, message: /expected images, or a record of images/ };
const image = { inputs: [3, 6, 5, 2], output: [3, 6, 5, 2] } as const;
const colors = { inputs: [3, 4, 5, 3], output: [3, 4, 5, 3] } as const;
const seeded = { variables: { seedState: [2] }, state: ["seedState"] } as const;

export const imageRows = {
  resizing: [
    {
      make: (options) => layers.resizing(3, 7, options),
      inputs: [2, 4, 5, 2],
      output: [2, 3, 7, 2],
      wrong: [flat, several],
    },
    {
      make: (options) => layers.resizing(4, 4, { ...options, padToAspectRatio: true, interpolation: "nearest" }),
      inputs: [2, 3, 6, 2],
      output: [2, 4, 4, 2],
    },
    {
      make: (options) => layers.resizing(3, 4, { ...options, cropToAspectRatio: true, interpolation: "bicubic" }),
      inputs: [2, 5, 5, 2],
      output: [2, 3, 4, 2],
      captures: true,
    },
  ],
  centerCrop: [
    { make: (options) => layers.centerCrop(3, 2, options), inputs: [2, 5, 5, 2], output: [2, 3, 2, 2], wrong: [flat] },
    { make: (options) => layers.centerCrop(6, 3, options), inputs: [2, 4, 5, 2], output: [2, 6, 3, 2] },
  ],
  randomCrop: [
    {
      make: (options) => layers.randomCrop(3, 2, options),
      inputs: [4, 7, 6, 2],
      output: [4, 3, 2, 2],
      ...random,
      wrong: [flat, several],
    },
    { make: (options) => layers.randomCrop(6, 3, options), inputs: [2, 4, 5, 2], output: [2, 6, 3, 2] },
  ],
  randomFlip: [
    { make: (options) => layers.randomFlip(undefined, options), ...image, ...random, wrong: [flat, several] },
    { make: (options) => layers.randomFlip("horizontal", { ...options, seed: 1 }), ...image, ...random, ...seeded },
  ],
  randomRotation: [
    { make: (options) => layers.randomRotation(0.2, options), ...image, ...random, wrong: [flat] },
    {
      make: (options) => layers.randomRotation([0.1, 0.3], { ...options, fillMode: "constant", seed: 5 }),
      ...image,
      ...random,
      ...seeded,
    },
  ],
  randomZoom: [
    { make: (options) => layers.randomZoom(0.3, options), ...image, ...random },
    {
      make: (options) => layers.randomZoom(0.3, { ...options, widthFactor: [0.1, 0.2], fillMode: "wrap" }),
      ...image,
      ...random,
    },
  ],
  randomTranslation: [
    { make: (options) => layers.randomTranslation(0.3, 0.3, { ...options, fillMode: "nearest" }), ...image, ...random },
  ],
  randomShear: [
    { make: (options) => layers.randomShear({ ...options, xFactor: 0.4, yFactor: [0.1, 0.2] }), ...image, ...random },
  ],
  randomContrast: [{ make: (options) => layers.randomContrast(0.5, options), ...image, ...random }],
  randomBrightness: [
    { make: (options) => layers.randomBrightness(0.5, { ...options, valueRange: [-1, 1] }), ...image, ...random },
  ],
  randomHue: [{ make: (options) => layers.randomHue(0.5, options), ...colors, ...random, wrong: [grey, flat] }],
  randomSaturation: [
    {
      make: (options) => layers.randomSaturation([0.1, 0.4], { ...options, valueRange: [-1, 1] }),
      ...colors,
      ...random,
      wrong: [grey],
    },
  ],
  randomErasing: [
    { make: (options) => layers.randomErasing({ ...options, factor: [1, 1], scale: [0.2, 0.6] }), ...image, ...random },
  ],
  mixUp: [{ make: (options) => layers.mixUp({ ...options, alpha: 1 }), ...image, ...random }],
  cutMix: [{ make: (options) => layers.cutMix({ ...options, factor: [1, 1] }), ...image, ...random }],
} as const satisfies Partial<Rows>;
