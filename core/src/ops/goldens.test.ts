import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { DType, Shape } from "../base/index.ts";
import type { Node } from "../graph/index.ts";
import { assertClose, run, tensor } from "./check.ts";
import * as ops from "./index.ts";

interface Golden {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: readonly (number | string)[];
}
interface Case {
  readonly call: string;
  readonly inputs: readonly Golden[];
  readonly args: readonly unknown[];
  readonly result: Golden;
}

type Call = (inputs: readonly Node[], args: readonly never[]) => Node;
/** Calls that take a list of tensors, or return several. */
const special: Record<string, Call> = {
  concatenate: (inputs, args) => ops.concatenate(inputs, args[0]!),
  stack: (inputs, args) => ops.stack(inputs, args[0]!),
  einsum: (inputs, args) => ops.einsum(args[0]!, ...inputs),
  topK: ([x], args) => ops.topK(x!, args[0]!, args[1]!).values,
};

const numberOf = (value: number | string): number =>
  typeof value === "number" ? value : value === "nan" ? NaN : value === "inf" ? Infinity : -Infinity;

/** Approximations that are meant for f32 results. */
const tolerances: Record<string, number> = { erfinv: 2e-6, erfc: 1e-10 };

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("../../src/ops/goldens/numpy.json", import.meta.url), "utf8"),
);
// Called by name with the arguments of the file, which were written for these functions.
const table = ops as unknown as Record<string, (...args: unknown[]) => Node>;

for (const call of new Set(cases.map((each) => each.call))) {
  test(`${call} gives what NumPy gives`, () => {
    for (const { inputs, args, result } of cases.filter((each) => each.call === call)) {
      const nodes = inputs.map(({ data, shape, dtype }) => tensor(data.map(numberOf), shape, dtype));
      // JSON has no undefined: "no axis" is written as null, which is what sort says too.
      const given = call === "sort" ? args : args.map((each) => each ?? undefined);
      const node = special[call]?.(nodes, given as never[]) ?? table[call]!(...nodes, ...given);
      const where = `${call} ${JSON.stringify(inputs.map(({ shape }) => shape))} ${JSON.stringify(args)}`;
      assert.deepEqual(node.shape, result.shape, where);
      assert.equal(node.dtype, result.dtype, where);
      try {
        assertClose(run(node), result.data.map(numberOf), tolerances[call] ?? 1e-9);
      } catch (error) {
        assert.fail(`${where}: ${(error as Error).message}`);
      }
    }
  });
}
