import { layers } from "../../nn/index.ts";
import { type Rows, two } from "./row.test.body.ts";

const pets = ["dog", "cat", "emu"];
const still = { mean: "adapt sets it", variance: "adapt sets it", count: "adapt sets it" };

export const preprocessingRows = {
  normalization: [
    {
      make: (options) => layers.normalization(options),
      inputs: [4, 3],
      output: [4, 3],
      variables: { mean: [3], variance: [3], count: [] },
      state: ["mean", "variance", "count"],
      still,
      mask: "keep",
      wrong: [two],
    },
    {
      make: (options) => layers.normalization({ ...options, axis: [1, -1], invert: true }),
      inputs: [4, 3, 2, 5],
      output: [4, 3, 2, 5],
      variables: { mean: [3, 5], variance: [3, 5], count: [] },
      state: ["mean", "variance", "count"],
      still,
      mask: "keep",
    },
    {
      make: (options) => layers.normalization({ ...options, mean: [1, 2, 3], variance: [1, 4, 9] }),
      inputs: [4, 2, 3],
      output: [4, 2, 3],
      mask: "keep",
      captures: true,
      wrong: [{ inputs: [4, 2, 4], message: /axis 2 of the input to have size 3, received \[4, 2, 4\]/ }],
    },
  ],
  melSpectrogram: [
    {
      make: (options) => layers.melSpectrogram({ ...options, fftLength: 16, sequenceStride: 8, numMelBins: 4 }),
      inputs: [2, 40],
      output: [2, 4, 6],
      captures: true,
      wrong: [{ inputs: [2, 8], message: /expected signals of more than 8 samples, received \[2, 8\]/ }],
    },
    {
      make: (options) =>
        layers.melSpectrogram({ ...options, fftLength: 16, numMelBins: 4, window: "rectangular", powerToDb: false }),
      inputs: [2, 40],
      output: [2, 4, 1],
      captures: true,
    },
  ],
  stftSpectrogram: [
    {
      make: (options) => layers.stftSpectrogram({ ...options, frameLength: 8 }),
      inputs: [2, 20, 3],
      output: [2, 4, 15],
      variables: { realKernel: [8, 1, 5], imagKernel: [8, 1, 5] },
      wrong: [
        { inputs: [2, 4, 3], message: /a frame of 8 samples does not fit into \[2, 4, 3\]/ },
        { inputs: [2, 40], message: /expected signals of \[batch, samples, channels\]/ },
      ],
    },
    {
      make: (options) =>
        layers.stftSpectrogram({
          ...options,
          frameLength: 6,
          frameStep: 4,
          mode: "psd",
          padding: "same",
          expandDims: true,
          window: "none",
        }),
      inputs: [2, 20, 2],
      output: [2, 5, 5, 2],
      variables: { realKernel: [6, 1, 5], imagKernel: [6, 1, 5] },
      captures: true,
    },
    {
      make: (options) => layers.stftSpectrogram({ ...options, frameLength: 4, mode: "stft" }),
      inputs: [2, 9, 1],
      output: [2, 3, 6],
      variables: { realKernel: [4, 1, 3], imagKernel: [4, 1, 3] },
    },
  ],
  rescaling: [
    {
      make: (options) => layers.rescaling(1 / 255, { ...options, offset: -1 }),
      inputs: [4, 3],
      output: [4, 3],
      mask: "keep",
      wrong: [two],
    },
    {
      make: (options) => layers.rescaling([1, 2, 3], options),
      inputs: [2, 2, 3],
      output: [2, 2, 3],
      mask: "keep",
      captures: true,
    },
  ],
  discretization: [
    {
      make: (options) => layers.discretization({ ...options, binBoundaries: [-0.5, 0, 0.5] }),
      inputs: [4, 3],
      output: [4, 3],
      roundsInput: "bins are whole numbers",
      wrong: [two],
    },
    {
      make: (options) => layers.discretization({ ...options, binBoundaries: [0, 0.5], outputMode: "count" }),
      inputs: [4, 5],
      output: [4, 3],
      roundsInput: "bins are whole numbers",
    },
  ],
  categoryEncoding: [
    { make: (options) => layers.categoryEncoding(5, options), inputs: [4, 3], output: [4, 5], tokens: 5 },
    {
      make: (options) => layers.categoryEncoding(5, { ...options, outputMode: "oneHot" }),
      inputs: [4, 1],
      output: [4, 5],
      tokens: 5,
    },
    {
      make: (options) => layers.categoryEncoding(5, { ...options, outputMode: "count" }),
      inputs: [
        [4, 3],
        [4, 3],
      ],
      output: [4, 5],
      tokens: 5,
    },
  ],
  hashing: [
    {
      make: (options) => layers.hashing(7, options),
      inputs: [3, 2],
      host: [
        ["a", "b"],
        ["c", "d"],
        ["e", "f"],
      ],
      output: [3, 2],
    },
    {
      make: (options) => layers.hashing(7, { ...options, salt: 3, outputMode: "multiHot" }),
      inputs: [3, 2],
      host: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      output: [3, 7],
    },
  ],
  stringLookup: [
    {
      make: (options) => layers.stringLookup({ ...options, vocabulary: pets }),
      inputs: [3, 1],
      host: [["cat"], ["yak"], ["dog"]],
      output: [3, 1],
    },
    {
      make: (options) =>
        layers.stringLookup({ ...options, vocabulary: pets, outputMode: "tfIdf", idfWeights: [0.5, 1, 2] }),
      inputs: [2, 2],
      host: [
        ["cat", "dog"],
        ["yak", "emu"],
      ],
      output: [2, 4],
    },
  ],
  integerLookup: [
    {
      make: (options) => layers.integerLookup({ ...options, vocabulary: [5, 12, -3], numOovIndices: 2 }),
      inputs: [2, 2],
      host: [
        [5, 12],
        [7, -3],
      ],
      output: [2, 2],
    },
  ],
  textVectorization: [
    {
      make: (options) => layers.textVectorization({ ...options, vocabulary: pets, outputSequenceLength: 4 }),
      inputs: [3],
      host: ["cat and dog", "Emu!", ""],
      output: [3, 4],
    },
    {
      make: (options) => layers.textVectorization({ ...options, vocabulary: pets, outputMode: "count", ngrams: 2 }),
      inputs: [2, 1],
      host: [["cat and dog"], ["Emu!"]],
      output: [2, 4],
    },
  ],
} as const satisfies Partial<Rows>;
