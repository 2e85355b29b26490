import { gelu, jit, type Tensor, variable } from "chainrule";
import { uniform } from "./data.ts";
import type { Workload } from "./workload.ts";

const elements = 16_777_216;
const bytesPerElement = 4;

export const W8: Workload = {
  title: "gelu(x·a + b) and sum over 16,777,216 elements",
  together: true,
  cases: [
    {
      name: "W8 gelu",
      unit: "GB/s",
      amount: (2 * elements * bytesPerElement) / 1e9, // one read, one write
      prepare: async () => {
        const x = uniform([elements]);
        const y = variable([elements]);
        const compute = jit(
          (input: Tensor) => {
            y.assign(gelu(input.mul(1.5).add(0.25)));
            return input.slice([0]); // something small to wait for
          },
          { name: "gelu" },
        );
        return () => compute(x).item();
      },
    },
    {
      name: "W8 sum",
      unit: "GB/s",
      amount: (elements * bytesPerElement) / 1e9,
      prepare: async () => {
        const x = uniform([elements]);
        const sum = jit((input: Tensor) => input.sum(), { name: "sum" });
        return () => sum(x).item();
      },
    },
  ],
};
