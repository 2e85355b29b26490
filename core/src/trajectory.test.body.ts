import type { Shape } from "./base/shape.ts";
import { NdArray } from "./data/index.ts";
import { type Sequential, sequential } from "./model/index.ts";
import { type Config, Layer, layers, losses } from "./nn/index.ts";
import { type Optimizer, optimizers } from "./optim/index.ts";
import { scan, sigmoid, split, type Tensor, tanh, type Variable, variable, zeros } from "./tensor/index.ts";

// The body of the training trajectory test, for every package that has a device. The goldens are written, and their layout
// explained, by scripts/goldens/trajectories.py.

interface GoldenArray {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export interface Run {
  readonly optimizer: "sgd" | "adam";
  readonly options: Readonly<Record<string, number>>;
  readonly losses: readonly number[];
  readonly final: Readonly<Record<string, GoldenArray>>;
}

export interface Golden {
  readonly model: "mlp" | "convnet" | "lstm";
  readonly options: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, GoldenArray>>;
  readonly batches: readonly { readonly x: GoldenArray; readonly y: GoldenArray }[];
  readonly runs: readonly Run[];
}

export interface Trajectory {
  /** The loss of each step, before its update. */
  readonly losses: readonly number[];
  /** Moving statistics after the last step, by name. */
  readonly final: Readonly<Record<string, readonly number[]>>;
}

type LstmVariables = { readonly kernel: Variable; readonly recurrent: Variable; readonly bias: Variable };

/** The last hidden state of an LSTM over [batch, steps, features] (Hochreiter & Schmidhuber 1997; gates i, f, c, o). */
class Lstm extends Layer<LstmVariables> {
  readonly units = 5;

  override build([, , features]: Shape): LstmVariables {
    return {
      kernel: variable([features!, 4 * this.units]),
      recurrent: variable([this.units, 4 * this.units]),
      bias: variable([4 * this.units]),
    };
  }

  override call(x: Tensor, { kernel, recurrent, bias }: LstmVariables): Tensor {
    const start = zeros([x.shape[0]!, this.units]) as Tensor;
    const { carry } = scan(
      ({ h, c }: { readonly h: Tensor; readonly c: Tensor }, step: Tensor) => {
        const gates = step.matmul(kernel).add(h.matmul(recurrent)).add(bias); // [batch, 4·units]
        const [i, f, g, o] = split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor];
        const next = sigmoid(f)
          .mul(c)
          .add(sigmoid(i).mul(tanh(g))) as Tensor;
        return { carry: { h: sigmoid(o).mul(tanh(next)) as Tensor, c: next }, out: [] };
      },
      { h: start, c: start },
      x.transpose([1, 0, 2]) as Tensor,
    );
    return carry.h;
  }

  override config(): Config {
    return {};
  }
}

const networks: { readonly [Name in Golden["model"]]: (options: Golden["options"]) => Sequential } = {
  mlp: () =>
    sequential([
      layers.input([20]),
      layers.dense(16, { name: "hidden", activation: "tanh" }),
      layers.dense(5, { name: "output" }),
    ]),
  convnet: ({ epsilon, momentum }) =>
    sequential([
      layers.input([8, 8, 2]),
      layers.conv2d(4, 3, { name: "conv", useBias: false }),
      layers.batchNormalization({ name: "norm", epsilon, momentum }),
      layers.activation("relu"),
      layers.maxPooling2d(2),
      layers.flatten(),
      layers.dense(3, { name: "output" }),
    ]),
  lstm: () => sequential([layers.input([6, 3]), new Lstm({ name: "lstm" }), layers.dense(1, { name: "output" })]),
};

const floats = ({ data, shape }: GoldenArray): NdArray => new NdArray(Float32Array.from(data), shape);
const labels = ({ data, shape }: GoldenArray): NdArray => new NdArray(Int32Array.from(data), shape);

/** Trains the golden's network on the device in use, from the golden's weights, on its batches. */
export async function trajectory(golden: Golden, run: Run): Promise<Trajectory> {
  const model = networks[golden.model](golden.options);
  for (const [name, variable] of model.namedVariables()) {
    const weights = golden.weights[name];
    if (weights !== undefined) variable.assignBytes(new Uint8Array(floats(weights).data.buffer));
  }
  const optimizer: Optimizer = optimizers[run.optimizer](run.options);
  const classes = golden.model !== "lstm";
  model.compile({ optimizer, loss: classes ? losses.sparseCategoricalCrossentropy({ fromLogits: true }) : "mse" });
  const found: number[] = [];
  for (let step = 0; step < run.losses.length; step++) {
    const { x, y } = golden.batches[step % golden.batches.length]!;
    const { loss } = await model.trainOnBatch(floats(x), classes ? labels(y) : floats(y));
    found.push(loss!);
  }
  const state = model.nonTrainableVariables.map(async (variable) => [
    variable.name.split("/").at(-1)!,
    [...(await variable.data())],
  ]);
  return { losses: found, final: Object.fromEntries(await Promise.all(state)) };
}

/** The largest relative difference between what was found and the golden's losses and statistics. */
export function stray(found: Trajectory, { losses: expected, final }: Run): number {
  const pairs = [
    ...expected.map((loss, step) => [found.losses[step], loss] as const),
    ...Object.entries(final).flatMap(([name, { data }]) =>
      data.map((value, at) => [found.final[name]?.[at], value] as const),
    ),
  ];
  return Math.max(...pairs.map(([is, should]) => Math.abs((is ?? Number.NaN) - should) / Math.abs(should)));
}
