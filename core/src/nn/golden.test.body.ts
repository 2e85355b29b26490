import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Tensor, tensor } from "../tensor/index.ts";

// What tests against another library's figures share.

/** Numbers in lists in each other, as JSON holds them. */
export type Values = number | readonly Values[];

/** The committed figures of nn/goldens; the script of the same name writes and explains them. */
export const goldenFile = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../src/nn/goldens/${name}.json`, import.meta.url), "utf8"));

export const made = (values: Values): Tensor => tensor(values as number[]);
const flat = (values: Values): number[] => (typeof values === "number" ? [values] : values.flatMap(flat));

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

/** Weights for a sum of all outputs in which each of their elements counts differently: cos(1), cos(2), … in turn. */
export function cotangents(outputs: readonly Tensor[]): Tensor[] {
  let start = 1;
  return outputs.map(({ size, shape }) => {
    const angles = Float64Array.from({ length: size }, () => start++);
    return tensor(Array.from(angles, Math.cos)).reshape(shape);
  });
}
