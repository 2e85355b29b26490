import { layers } from "../../nn/index.ts";
import { flat, type Rows } from "./row.test.body.ts";

export const poolingRows = {
  maxPooling1d: [
    { make: (options) => layers.maxPooling1d(2, options), inputs: [2, 5, 3], output: [2, 2, 3], kinks: true },
  ],
  maxPooling2d: [
    {
      make: (options) => layers.maxPooling2d(2, options),
      inputs: [2, 5, 4, 3],
      output: [2, 2, 2, 3],
      kinks: true,
      wrong: [flat, { inputs: [2, 1, 4, 3], message: /a window of 2×2 does not fit into \[2, 1, 4, 3\]/ }],
    },
    {
      make: (options) => layers.maxPooling2d(3, { ...options, strides: 2, padding: "same" }),
      inputs: [2, 5, 4, 3],
      output: [2, 3, 2, 3],
      kinks: true,
    },
  ],
  maxPooling3d: [
    {
      make: (options) => layers.maxPooling3d([1, 2, 2], { ...options, strides: 1 }),
      inputs: [1, 2, 3, 2, 2],
      output: [1, 2, 2, 1, 2],
      kinks: true,
    },
  ],
  averagePooling1d: [
    {
      make: (options) => layers.averagePooling1d(3, { ...options, strides: 2, padding: "same" }),
      inputs: [2, 5, 3],
      output: [2, 3, 3],
    },
  ],
  averagePooling2d: [
    {
      make: (options) => layers.averagePooling2d([2, 1], { ...options, padding: "same" }),
      inputs: [2, 5, 4, 3],
      output: [2, 3, 4, 3],
      wrong: [flat],
    },
  ],
  averagePooling3d: [
    {
      make: (options) => layers.averagePooling3d(undefined, options),
      inputs: [1, 2, 3, 4, 2],
      output: [1, 1, 1, 2, 2],
    },
  ],
  globalMaxPooling1d: [
    { make: (options) => layers.globalMaxPooling1d(options), inputs: [2, 3, 5], output: [2, 5], kinks: true },
  ],
  globalMaxPooling2d: [
    {
      make: (options) => layers.globalMaxPooling2d(options),
      inputs: [2, 3, 4, 5],
      output: [2, 5],
      kinks: true,
      wrong: [flat],
    },
  ],
  globalMaxPooling3d: [
    {
      make: (options) => layers.globalMaxPooling3d({ ...options, keepDims: true }),
      inputs: [2, 2, 2, 2, 3],
      output: [2, 1, 1, 1, 3],
      kinks: true,
    },
  ],
  globalAveragePooling1d: [
    { make: (options) => layers.globalAveragePooling1d(options), inputs: [2, 3, 5], output: [2, 5], mask: "drop" },
  ],
  globalAveragePooling2d: [
    { make: (options) => layers.globalAveragePooling2d(options), inputs: [2, 3, 4, 5], output: [2, 5], wrong: [flat] },
    {
      make: (options) => layers.globalAveragePooling2d({ ...options, keepDims: true }),
      inputs: [2, 3, 4, 5],
      output: [2, 1, 1, 5],
    },
  ],
  globalAveragePooling3d: [
    { make: (options) => layers.globalAveragePooling3d(options), inputs: [2, 2, 2, 2, 3], output: [2, 3] },
  ],
  adaptiveMaxPooling1d: [
    { make: (options) => layers.adaptiveMaxPooling1d(3, options), inputs: [2, 7, 2], output: [2, 3, 2], kinks: true },
  ],
  adaptiveMaxPooling2d: [
    {
      make: (options) => layers.adaptiveMaxPooling2d([2, 3], options),
      inputs: [1, 4, 5, 2],
      output: [1, 2, 3, 2],
      kinks: true,
      wrong: [flat],
    },
  ],
  adaptiveMaxPooling3d: [
    {
      make: (options) => layers.adaptiveMaxPooling3d([1, 2, 3], options),
      inputs: [1, 2, 4, 5, 2],
      output: [1, 1, 2, 3, 2],
      kinks: true,
    },
  ],
  adaptiveAveragePooling1d: [
    { make: (options) => layers.adaptiveAveragePooling1d(3, options), inputs: [2, 7, 2], output: [2, 3, 2] },
  ],
  adaptiveAveragePooling2d: [
    {
      make: (options) => layers.adaptiveAveragePooling2d([2, 3], options),
      inputs: [1, 4, 5, 2],
      output: [1, 2, 3, 2],
      wrong: [flat],
    },
  ],
  adaptiveAveragePooling3d: [
    {
      make: (options) => layers.adaptiveAveragePooling3d(2, options),
      inputs: [1, 2, 4, 5, 2],
      output: [1, 2, 2, 2, 2],
    },
  ],
} as const satisfies Partial<Rows>;
