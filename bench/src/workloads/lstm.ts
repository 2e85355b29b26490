import {
  initializers,
  matmul,
  optimizers,
  scan,
  sigmoid,
  split,
  type Tensor,
  tanh,
  type Variable,
  variable,
  zeros,
} from "chainrule";
import { uniform } from "./data.ts";
import { training } from "./training.ts";
import type { Workload } from "./workload.ts";

const [batch, steps, features, units] = [32, 120, 14, 64];

interface Lstm {
  readonly kernel: Variable;
  readonly recurrent: Variable;
  readonly bias: Variable;
  readonly dense: Variable;
  readonly denseBias: Variable;
}

const lstm = (): Lstm => ({
  kernel: variable([features, 4 * units], initializers.glorotUniform()),
  recurrent: variable([units, 4 * units], initializers.orthogonal()),
  bias: variable([4 * units]),
  dense: variable([units, 1], initializers.glorotUniform()),
  denseBias: variable([1]),
});

/** The last output of an LSTM (Hochreiter & Schmidhuber 1997; gates i, f, c, o), through a dense layer of one unit. */
function output({ kernel, recurrent, bias, dense, denseBias }: Lstm, x: Tensor): Tensor {
  const start: Tensor = zeros([batch, units]);
  const { carry } = scan(
    ({ h, c }: { readonly h: Tensor; readonly c: Tensor }, now: Tensor) => {
      const gates = matmul(now, kernel).add(matmul(h, recurrent)).add(bias); // [batch, 4·units]
      const [i, f, g, o] = split(gates, 4, -1) as [Tensor, Tensor, Tensor, Tensor]; // four parts were asked for
      const next: Tensor = sigmoid(f)
        .mul(c)
        .add(sigmoid(i).mul(tanh(g)));
      const shown: Tensor = sigmoid(o).mul(tanh(next));
      return { carry: { h: shown, c: next }, out: [] };
    },
    { h: start, c: start },
    x.transpose([1, 0, 2]), // [steps, batch, features]
  );
  return matmul(carry.h, dense).add(denseBias);
}

export const W6: Workload = {
  title: "LSTM 120 steps, 14 features, 64 units, batch 32, Adam",
  cases: [
    {
      name: "W6 train",
      unit: "examples/s",
      amount: batch,
      prepare: async () => {
        const net = lstm();
        return training(Object.values(net), optimizers.adam(), (x, y) => output(net, x).sub(y).square().mean(), [
          uniform([batch, steps, features]),
          uniform([batch, 1]),
        ]);
      },
    },
  ],
};
