import { type DType, isFloat, rangeOf } from "../../base/dtype.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { input } from "../../graph/build.ts";
import type { Graph, Node } from "../../graph/node.ts";
import { type HostArray, hostArray, roundTo } from "../hostArray.ts";

/** How far a result may be from the truth: |actual − expected| ≤ absolute + relative·|expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** One row of the conformance table: a graph that exercises one primitive, and values for its inputs. */
export interface Sample {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: readonly HostArray[];
  readonly tolerance: Tolerance;
}

/** The samples of a primitive: for which dtypes, and what they are for one of them. */
export interface SampleRule {
  readonly dtypes: readonly DType[];
  readonly samples: (dtype: DType, random: Random) => readonly Sample[];
}

export const exact: Tolerance = { relative: 0, absolute: 0 };

/** The distance between 1 and the next number; 0 for dtypes that hold whole numbers. */
export const epsilonOf: { readonly [D in DType]: number } = {
  f32: 2 ** -23,
  f16: 2 ** -10,
  bf16: 2 ** -7,
  i32: 0,
  u32: 0,
  i8: 0,
  u8: 0,
  bool: 0,
};

const smallestOf: { readonly [D in DType]: number } = { ...epsilonOf, f32: 2 ** -149, f16: 2 ** -24, bf16: 2 ** -133 };

/** `count` units in the last place, of denormal results too. 16-bit results are computed in f32 and rounded: one unit. */
export function ulps(dtype: DType, count: number): Tolerance {
  const units = dtype === "f32" ? count : 1;
  return { relative: units * epsilonOf[dtype] * 1.001, absolute: units * smallestOf[dtype] * 1.001 };
}

/**
 * For a sum of `terms` products of magnitude about `scale`, accumulated in f32 in any order: an f32 rounding error a term,
 * and the rounding of the result to its dtype.
 */
export function summed(dtype: DType, terms: number, scale = 1): Tolerance {
  if (!isFloat(dtype)) return exact;
  const relative = dtype === "f32" ? 2e-6 : epsilonOf[dtype];
  return { relative, absolute: scale * (1e-6 + 1e-7 * terms) };
}

/** A sample whose graph has one input for each array and the outputs that `make` builds of them. */
export function sample(
  name: string,
  inputs: readonly HostArray[],
  make: (...nodes: readonly Node[]) => Node | readonly Node[],
  tolerance: Tolerance = exact,
): Sample {
  const nodes = inputs.map(({ shape, dtype }, index) => input(`x${index}`, shape, dtype));
  return { name, graph: { inputs: nodes, outputs: [make(...nodes)].flat() }, inputs, tolerance };
}

/** A seeded source of values. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** Well-conditioned values: floats in [low, high); whole numbers in ten times that range; both as far as the dtype goes. */
  readonly array: (shape: Shape, dtype: DType, low?: number, high?: number) => HostArray;
  /** Values from the whole range of an integer dtype; floats as `array`. For primitives that only move values. */
  readonly anything: (shape: Shape, dtype: DType) => HostArray;
  /** Whole numbers from `low` to `high`, both included. */
  readonly whole: (shape: Shape, dtype: DType, low: number, high: number) => HostArray;
}

/** A generator of samples' values: xorshift32 (Marsaglia, "Xorshift RNGs", 2003). */
export function seeded(seed: number): Random {
  let state = (seed * 2654435761) | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const filled = (shape: Shape, dtype: DType, value: () => number): HostArray =>
    hostArray(
      shape,
      dtype,
      Array.from({ length: sizeOf(shape) }, () => roundTo[dtype](value())),
    );
  const whole = (shape: Shape, dtype: DType, low: number, high: number): HostArray => {
    const [lowest, highest] = rangeOf[dtype];
    const [from, to] = [Math.max(low, lowest), Math.min(high, highest)];
    return filled(shape, dtype, () => from + Math.floor(next() * (to - from + 1)));
  };
  const array = (shape: Shape, dtype: DType, low = -2, high = 2): HostArray =>
    isFloat(dtype)
      ? filled(shape, dtype, () => low + next() * (high - low))
      : whole(shape, dtype, Math.ceil(low * 10), Math.floor(high * 10));
  const anything = (shape: Shape, dtype: DType): HostArray =>
    isFloat(dtype) ? array(shape, dtype, -100, 100) : whole(shape, dtype, -Infinity, Infinity);
  return { next, array, anything, whole };
}

/** `[2, 3, 4]`-like names of samples: "f32 reduce sum [2,3] axes 0". */
export const named = (shape: Shape): string => `[${shape.join(",")}]`;

/** Shapes with a scalar, nothing, one, odd tails of vector loops, and every rank to 5. */
export const plainShapes: readonly Shape[] = [
  [],
  [0],
  [1],
  [7],
  [13],
  [33],
  [2, 0, 3],
  [5, 3],
  [2, 3, 4],
  [2, 1, 3, 7],
  [1, 2, 3, 1, 5],
];
