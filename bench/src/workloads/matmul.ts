import { jit, matmul, type Tensor, variable } from "chainrule";
import { uniform } from "./data.ts";
import type { Case, Repetition, Workload } from "./workload.ts";

const sizes = [256, 512, 1024, 2048] as const;

const layouts: { readonly [name: string]: (a: Tensor, b: Tensor) => Tensor } = {
  "": (a, b) => matmul(a, b),
  " AtB": (a, b) => matmul(a.swapAxes(-1, -2), b),
  " ABt": (a, b) => matmul(a, b.swapAxes(-1, -2)),
};

/** The product is written into a variable, as libraries write into a given output; nothing of it is read back. */
function multiplying(a: Tensor, b: Tensor, multiply: (a: Tensor, b: Tensor) => Tensor): Repetition {
  const { shape } = multiply(a, b);
  const c = variable(shape);
  const product = jit(
    (left: Tensor, right: Tensor) => {
      c.assign(multiply(left, right));
      return left.ravel().slice([0]); // something small to wait for
    },
    { name: "matmul" },
  );
  return () => product(a, b).item();
}

const square = (size: number): Case[] =>
  Object.entries(layouts).map(([layout, multiply]) => ({
    name: `W1 ${size}${layout}`,
    unit: "GFLOP/s",
    amount: (2 * size ** 3) / 1e9,
    prepare: async () => multiplying(uniform([size, size]), uniform([size, size]), multiply),
  }));

const batched: Case = {
  name: "W1 batched",
  unit: "GFLOP/s",
  amount: (2 * 8 * 6 * 256 * 64 * 256) / 1e9,
  prepare: async () => multiplying(uniform([8, 6, 256, 64]), uniform([8, 6, 64, 256]), layouts[""]!),
};

export const W1: Workload = { title: "matmul", cases: [...sizes.flatMap(square), batched], together: true };
