import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { jit, type Tensor, tensor, type Variable, valueAndGrad } from "../tensor/index.ts";

// What tests against another library's figures share.

/** Numbers in lists in each other, as JSON holds them. */
export type Values = number | readonly Values[];

/** Numbers and their shape, as JSON holds them. */
export interface Packed {
  readonly shape: Shape;
  readonly data: readonly number[];
  /** f32 when it is not there. */
  readonly dtype?: DType;
}

/** The committed figures of nn/goldens; the script of the same name writes and explains them. */
export const goldenFile = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../src/nn/goldens/${name}.json`, import.meta.url), "utf8"));

const flat = (values: Values): number[] => (typeof values === "number" ? [values] : values.flatMap(flat));
const shapeOf = (values: Values): number[] =>
  typeof values === "number" ? [] : [values.length, ...(values.length === 0 ? [] : shapeOf(values[0]!))];

export const packed = (values: Values): Packed => ({ shape: shapeOf(values), data: flat(values) });

export const made = (values: Values | Packed): Tensor => {
  if (typeof values === "number" || !("shape" in values)) return tensor(values as number[]);
  const { data, shape, dtype = "f32" } = values;
  return tensor(data, { shape, dtype }) as Tensor;
};

/** Demands the expected values, but for `tolerance` of 1 + their size. */
export async function assertClose(what: string, found: Tensor, expected: Values, tolerance: number): Promise<void> {
  const data = [...(await found.data())];
  const wanted = flat(expected);
  assert.equal(data.length, wanted.length, what);
  wanted.forEach((value, at) => {
    const error = Math.abs(data[at]! - value);
    assert.ok(error <= tolerance * (1 + Math.abs(value)), `${what}, element ${at}: ${data[at]} is not ${value}`);
  });
}

/** Demands the shape and the values, but for `tolerance` of the largest of them. */
async function assertAgrees(what: string, actual: Tensor, expected: Packed, tolerance: number): Promise<void> {
  const { shape, data } = expected;
  assert.deepEqual([...actual.shape], [...shape], what);
  const found = [...(await actual.data())].map(Number);
  const scale = Math.max(1, ...data.map(Math.abs));
  data.forEach((value, at) => {
    // Written so that NaN fails too.
    assert.ok(Math.abs(found[at]! - value) <= tolerance * scale, `${what}, element ${at}: ${found[at]}, not ${value}`);
  });
}

/** Weights for a sum of all outputs in which each of their elements counts differently: cos(1), cos(2), … in turn. */
export function cotangents(outputs: readonly Tensor[]): Tensor[] {
  let start = 1;
  return outputs.map(({ size, shape }) => {
    const angles = Float64Array.from({ length: size }, () => start++);
    return tensor(Array.from(angles, Math.cos)).reshape(shape);
  });
}

/** sin(1 + index) for each element of an output. */
export const sines = (outputs: readonly Tensor[]): Tensor[] =>
  outputs.map(({ size, shape }) =>
    tensor(Float64Array.from({ length: size }, (_, at) => Math.sin(1 + at))).reshape(shape),
  );

/** A case with all that it needs on the device: its outputs are a function of the variables. */
export interface Prepared {
  readonly what: string;
  /** The variables by which the weighted sum of the outputs is derived. */
  readonly wanted: readonly Variable[];
  readonly weigh: (outputs: readonly Tensor[]) => Tensor[];
  run(): readonly Tensor[];
  readonly outputs: readonly Packed[];
  readonly gradients: readonly Packed[];
  /** What the call leaves in the variables that no optimizer changes. */
  readonly state: readonly (readonly [Variable, Packed])[];
}

/** Outputs, gradients and running statistics are the expected ones; one program for all cases, because compilers are slow to start. */
export async function goldensAgree(prepared: readonly Prepared[], tolerance: number): Promise<void> {
  const step = jit(() =>
    prepared.map(({ run, wanted, weigh }) => {
      const score = (): readonly [Tensor, readonly Tensor[]] => {
        const outputs = run();
        const weights = weigh(outputs);
        const parts = outputs.map((output, at): Tensor => output.mul(weights[at]!).sum());
        return [parts.reduce((sum, part): Tensor => sum.add(part)), outputs] as const;
      };
      const [[, outputs], gradients] = valueAndGrad(score, wanted, { hasAux: true });
      return { outputs, gradients };
    }),
  );
  for (const [index, { outputs, gradients }] of step().entries()) {
    const expected = prepared[index]!;
    const { what } = expected;
    assert.deepEqual([outputs.length, gradients.length], [expected.outputs.length, expected.gradients.length], what);
    for (const [at, output] of outputs.entries())
      await assertAgrees(`${what}: output ${at}`, output, expected.outputs[at]!, tolerance);
    for (const [at, gradient] of gradients.entries())
      await assertAgrees(`${what}: gradient ${at}`, gradient, expected.gradients[at]!, 3 * tolerance);
    for (const [at, [variable, after]] of expected.state.entries())
      await assertAgrees(`${what}: state ${at}`, variable, after, tolerance);
  }
}
