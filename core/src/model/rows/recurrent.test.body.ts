import type { Shape } from "../../base/shape.ts";
import { layers } from "../../nn/index.ts";
import type { Rows } from "./row.test.body.ts";

const flat = { inputs: [4, 5], message: /expected at least 3 axes \(batch, time, features\), received \[4, 5\]/ };
const gates = (
  count: number,
  cell: string,
  bias: readonly number[] = [count * 3],
): Readonly<Record<string, Shape>> => ({
  [`${cell}/kernel`]: [2, count * 3],
  [`${cell}/recurrentKernel`]: [3, count * 3],
  [`${cell}/bias`]: bias,
});
const cell = (count: number, bias: readonly number[] = [count * 3]): Readonly<Record<string, Shape>> => ({
  kernel: [2, count * 3],
  recurrentKernel: [3, count * 3],
  bias,
});

export const recurrentRows = {
  simpleRnn: [
    {
      make: (options) => layers.simpleRnn(3, options),
      inputs: [4, 5, 2],
      output: [4, 3],
      variables: gates(1, "simple_rnn_cell"),
      mask: "drop",
      wrong: [flat],
    },
    {
      make: (options) => layers.simpleRnn(3, { ...options, returnSequences: true, goBackwards: true, useBias: false }),
      inputs: [2, 4, 2],
      output: [2, 4, 3],
      variables: { "simple_rnn_cell/kernel": [2, 3], "simple_rnn_cell/recurrentKernel": [3, 3] },
      mask: "keep",
    },
    {
      make: (options) => layers.simpleRnn(3, { ...options, dropout: 0.3, recurrentDropout: 0.3 }),
      inputs: [4, 5, 2],
      output: [4, 3],
      variables: gates(1, "simple_rnn_cell"),
      mask: "drop",
      training: true,
      random: true,
    },
  ],
  lstm: [
    {
      make: (options) => layers.lstm(3, options),
      inputs: [4, 5, 2],
      output: [4, 3],
      variables: gates(4, "lstm_cell"),
      mask: "drop",
      wrong: [flat],
    },
    {
      make: (options) => layers.lstm(3, { ...options, returnSequences: true }),
      inputs: [2, 4, 2],
      output: [2, 4, 3],
      variables: gates(4, "lstm_cell"),
      mask: "keep",
    },
    {
      make: (options) => layers.lstm(3, { ...options, returnState: true, unitForgetBias: false }),
      inputs: {
        sequence: [2, 4, 2],
        initialState: [
          [2, 3],
          [2, 3],
        ],
      },
      output: [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      variables: gates(4, "lstm_cell"),
      wrong: [
        {
          inputs: { sequence: [2, 4, 2], initialState: [[2, 3]] },
          message: /the initial states do not fit\n +expected +\[2, 3\], \[2, 3\]\n +received +\[2, 3\]/,
        },
      ],
    },
  ],
  gru: [
    {
      make: (options) => layers.gru(3, options),
      inputs: [4, 5, 2],
      output: [4, 3],
      variables: gates(3, "gru_cell", [2, 9]),
      mask: "drop",
      wrong: [flat],
    },
    {
      make: (options) => layers.gru(3, { ...options, resetAfter: false, returnSequences: true }),
      inputs: [2, 4, 2],
      output: [2, 4, 3],
      variables: gates(3, "gru_cell"),
      mask: "keep",
    },
    {
      make: (options) => layers.gru(3, { ...options, returnSequences: true, recurrentDropout: 0.5 }),
      inputs: [
        [2, 4, 2],
        [2, 3],
      ],
      output: [2, 4, 3],
      variables: gates(3, "gru_cell", [2, 9]),
      training: true,
      random: true,
    },
  ],
  rnn: [
    {
      make: (options) =>
        layers.rnn(
          layers.stackedRnnCells([layers.lstmCell(3, { name: "a" }), layers.gruCell(2, { name: "b" })], {
            name: "both",
          }),
          {
            ...options,
            returnState: true,
          },
        ),
      inputs: [2, 4, 2],
      output: [
        [2, 2],
        [2, 3],
        [2, 3],
        [2, 2],
      ],
      variables: {
        ...gates(4, "both/a"),
        "both/b/kernel": [3, 6],
        "both/b/recurrentKernel": [2, 6],
        "both/b/bias": [2, 6],
      },
      mask: "drop",
    },
  ],
  simpleRnnCell: [
    {
      make: (options) => layers.simpleRnnCell(3, options),
      inputs: [
        [4, 2],
        [4, 3],
      ],
      output: [
        [4, 3],
        [4, 3],
      ],
      variables: cell(1),
    },
  ],
  lstmCell: [
    {
      make: (options) => layers.lstmCell(3, options),
      inputs: [
        [4, 2],
        [4, 3],
        [4, 3],
      ],
      output: [
        [4, 3],
        [4, 3],
        [4, 3],
      ],
      variables: cell(4),
    },
  ],
  gruCell: [
    {
      make: (options) => layers.gruCell(3, options),
      inputs: [
        [4, 2],
        [4, 3],
      ],
      output: [
        [4, 3],
        [4, 3],
      ],
      variables: cell(3, [2, 9]),
    },
  ],
  stackedRnnCells: [
    {
      make: (options) => layers.stackedRnnCells([layers.simpleRnnCell(3, { name: "a" })], options),
      inputs: [
        [4, 2],
        [4, 3],
      ],
      output: [
        [4, 3],
        [4, 3],
      ],
      variables: gates(1, "a"),
    },
  ],
  bidirectional: [
    {
      make: (options) => layers.bidirectional(layers.lstm(3, { name: "lstm" }), options),
      inputs: [2, 4, 2],
      output: [2, 6],
      variables: { ...gates(4, "forward_lstm/lstm_cell"), ...gates(4, "backward_lstm/lstm_cell") },
      mask: "drop",
      wrong: [flat],
    },
    {
      make: (options) =>
        layers.bidirectional(layers.gru(3, { name: "gru", returnSequences: true, returnState: true }), {
          ...options,
          mergeMode: "sum",
        }),
      inputs: [
        [2, 4, 2],
        [2, 3],
        [2, 3],
      ],
      output: [
        [2, 4, 3],
        [2, 3],
        [2, 3],
      ],
      variables: {
        ...gates(3, "forward_gru/gru_cell", [2, 9]),
        ...gates(3, "backward_gru/gru_cell", [2, 9]),
      },
    },
    {
      make: (options) =>
        layers.bidirectional(layers.simpleRnn(3, { name: "rnn", returnSequences: true }), {
          ...options,
          mergeMode: "none",
        }),
      inputs: [2, 4, 2],
      output: [
        [2, 4, 3],
        [2, 4, 3],
      ],
      variables: { ...gates(1, "forward_rnn/simple_rnn_cell"), ...gates(1, "backward_rnn/simple_rnn_cell") },
      mask: "drop",
    },
  ],
  timeDistributed: [
    {
      make: (options) => layers.timeDistributed(layers.dense(3, { name: "dense" }), options),
      inputs: [2, 4, 2],
      output: [2, 4, 3],
      variables: { "dense/kernel": [2, 3], "dense/bias": [3] },
      mask: "keep",
      wrong: [flat],
    },
    {
      make: (options) => layers.timeDistributed(layers.conv2d(2, 2, { name: "conv" }), options),
      inputs: [2, 3, 4, 4, 1],
      output: [2, 3, 3, 3, 2],
      variables: { "conv/kernel": [2, 2, 1, 2], "conv/bias": [2] },
      mask: "keep",
    },
  ],
} satisfies Partial<Rows>;
