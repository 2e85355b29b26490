import { layers } from "../../nn/index.ts";
import { flat, type Rows, two } from "./row.test.body.ts";

export const reshapingRows = {
  flatten: [
    { make: (options) => layers.flatten(options), inputs: [2, 3, 4], output: [2, 12], wrong: [two] },
    { make: (options) => layers.flatten(options), inputs: [3], output: [3, 1] },
  ],
  reshape: [
    {
      make: (options) => layers.reshape([4, -1], options),
      inputs: [2, 3, 8],
      output: [2, 4, 6],
      wrong: [two, { inputs: [2, 9], message: /9 values of \[2, 9\] do not fit \[4, -1\]/ }],
    },
  ],
  permute: [
    {
      make: (options) => layers.permute([3, 1, 2], options),
      inputs: [2, 3, 4, 5],
      output: [2, 5, 3, 4],
      wrong: [{ inputs: [2, 3], message: /expected 4 axes \(batch, axis 3, axis 1, axis 2\)/ }],
    },
  ],
  repeatVector: [
    {
      make: (options) => layers.repeatVector(3, options),
      inputs: [2, 4],
      output: [2, 3, 4],
      wrong: [{ inputs: [2, 3, 4], message: /expected 2 axes \(batch, features\)/ }],
    },
  ],
  cropping1d: [
    {
      make: (options) => layers.cropping1d([1, 2], options),
      inputs: [2, 6, 2],
      output: [2, 3, 2],
      wrong: [{ inputs: [2, 3, 2], message: /cutting 1 \+ 2 leaves nothing of \[2, 3, 2\]/ }],
    },
  ],
  cropping2d: [
    {
      make: (options) => layers.cropping2d(undefined, options),
      inputs: [2, 3, 3, 2],
      output: [2, 3, 3, 2],
      wrong: [flat],
    },
    {
      make: (options) =>
        layers.cropping2d(
          [
            [1, 0],
            [2, 1],
          ],
          options,
        ),
      inputs: [2, 4, 5, 2],
      output: [2, 3, 2, 2],
    },
  ],
  cropping3d: [
    { make: (options) => layers.cropping3d([1, 0, 1], options), inputs: [1, 3, 2, 4, 2], output: [1, 1, 2, 2, 2] },
  ],
  zeroPadding1d: [{ make: (options) => layers.zeroPadding1d([0, 2], options), inputs: [2, 3, 2], output: [2, 5, 2] }],
  zeroPadding2d: [
    {
      make: (options) => layers.zeroPadding2d([1, 2], options),
      inputs: [2, 3, 2, 2],
      output: [2, 5, 6, 2],
      wrong: [flat],
    },
  ],
  zeroPadding3d: [
    { make: (options) => layers.zeroPadding3d(undefined, options), inputs: [1, 2, 1, 2, 2], output: [1, 4, 3, 4, 2] },
  ],
  upSampling1d: [{ make: (options) => layers.upSampling1d(3, options), inputs: [2, 2, 2], output: [2, 6, 2] }],
  upSampling2d: [
    {
      make: (options) => layers.upSampling2d([2, 3], options),
      inputs: [1, 3, 2, 2],
      output: [1, 6, 6, 2],
      wrong: [flat],
    },
    {
      make: (options) => layers.upSampling2d(2, { ...options, interpolation: "bilinear" }),
      inputs: [1, 3, 2, 2],
      output: [1, 6, 4, 2],
    },
  ],
  upSampling3d: [
    { make: (options) => layers.upSampling3d([1, 2, 3], options), inputs: [1, 2, 2, 1, 2], output: [1, 2, 4, 3, 2] },
  ],
} as const satisfies Partial<Rows>;
