import { layers } from "../../nn/index.ts";
import { flat, otherLast, type Rows } from "./row.test.body.ts";

export const convolutionRows = {
  conv1d: [
    {
      make: (options) => layers.conv1d(3, 2, { ...options, dilationRate: 2 }),
      inputs: [2, 7, 2],
      output: [2, 5, 3],
      variables: { kernel: [2, 2, 3], bias: [3] },
      wrong: [{ inputs: [2, 7], message: /expected 3 axes \(batch, steps, channels\), received \[2, 7\]/ }],
    },
    {
      make: (options) => layers.conv1d(3, 3, { ...options, padding: "causal", dilationRate: 2 }),
      inputs: [2, 7, 2],
      output: [2, 7, 3],
      variables: { kernel: [3, 2, 3], bias: [3] },
    },
  ],
  conv2d: [
    {
      make: (options) => layers.conv2d(3, [3, 2], { ...options, activation: "sigmoid" }),
      inputs: [2, 5, 4, 2],
      output: [2, 3, 3, 3],
      variables: { kernel: [3, 2, 2, 3], bias: [3] },
      wrong: [
        flat,
        otherLast([2, 5, 4, 3], 2),
        { inputs: [2, 2, 4, 2], message: /a window of 3×2 does not fit into \[2, 2, 4, 2\]/ },
      ],
    },
    {
      make: (options) => layers.conv2d(4, 3, { ...options, strides: 2, padding: "same", groups: 2, useBias: false }),
      inputs: [1, 5, 5, 2],
      output: [1, 3, 3, 4],
      variables: { kernel: [3, 3, 1, 4] },
    },
  ],
  conv3d: [
    {
      make: (options) => layers.conv3d(2, 2, options),
      inputs: [1, 3, 3, 3, 2],
      output: [1, 2, 2, 2, 2],
      variables: { kernel: [2, 2, 2, 2, 2], bias: [2] },
      wrong: [{ inputs: [2, 6], message: /expected 5 axes \(batch, depth, height, width, channels\)/ }],
    },
  ],
  conv1dTranspose: [
    {
      make: (options) => layers.conv1dTranspose(3, 2, { ...options, strides: 3, activation: "tanh" }),
      inputs: [2, 3, 2],
      output: [2, 9, 3],
      variables: { kernel: [2, 3, 2], bias: [3] },
      wrong: [otherLast([2, 3, 3], 2)],
    },
  ],
  conv2dTranspose: [
    {
      make: (options) => layers.conv2dTranspose(3, 3, { ...options, strides: 2, padding: "same" }),
      inputs: [2, 3, 2, 2],
      output: [2, 6, 4, 3],
      variables: { kernel: [3, 3, 3, 2], bias: [3] },
      wrong: [flat],
    },
    {
      make: (options) =>
        layers.conv2dTranspose(2, [3, 2], { ...options, strides: [2, 3], outputPadding: [1, 0], useBias: false }),
      inputs: [1, 3, 2, 2],
      output: [1, 8, 5, 2],
      variables: { kernel: [3, 2, 2, 2] },
    },
    {
      make: (options) => layers.conv2dTranspose(2, 2, { ...options, dilationRate: 2 }),
      inputs: [1, 3, 2, 2],
      output: [1, 5, 4, 2],
      variables: { kernel: [2, 2, 2, 2], bias: [2] },
    },
  ],
  conv3dTranspose: [
    {
      make: (options) => layers.conv3dTranspose(2, 2, options),
      inputs: [1, 2, 2, 2, 2],
      output: [1, 3, 3, 3, 2],
      variables: { kernel: [2, 2, 2, 2, 2], bias: [2] },
    },
  ],
  depthwiseConv1d: [
    {
      make: (options) => layers.depthwiseConv1d(3, { ...options, depthMultiplier: 2, padding: "same" }),
      inputs: [2, 5, 2],
      output: [2, 5, 4],
      variables: { kernel: [3, 2, 2], bias: [4] },
    },
  ],
  depthwiseConv2d: [
    {
      make: (options) => layers.depthwiseConv2d([3, 2], { ...options, strides: 2 }),
      inputs: [2, 5, 4, 3],
      output: [2, 2, 2, 3],
      variables: { kernel: [3, 2, 3, 1], bias: [3] },
      wrong: [flat, otherLast([2, 5, 4, 2], 3)],
    },
  ],
  separableConv1d: [
    {
      make: (options) => layers.separableConv1d(3, 2, { ...options, activation: "tanh" }),
      inputs: [2, 5, 2],
      output: [2, 4, 3],
      variables: { depthwiseKernel: [2, 2, 1], pointwiseKernel: [1, 2, 3], bias: [3] },
    },
  ],
  separableConv2d: [
    {
      make: (options) =>
        layers.separableConv2d(3, 3, { ...options, depthMultiplier: 2, padding: "same", useBias: false }),
      inputs: [1, 4, 4, 2],
      output: [1, 4, 4, 3],
      variables: { depthwiseKernel: [3, 3, 2, 2], pointwiseKernel: [1, 1, 4, 3] },
      wrong: [flat],
    },
  ],
} as const satisfies Partial<Rows>;
