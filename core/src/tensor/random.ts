import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as ops from "../ops/index.ts";
import { nextKey } from "./generator.ts";
import { asNode, type TensorLike } from "./like.ts";
import { Tensor } from "./tensor.ts";
import type { Plain } from "./types.ts";

/** Where random bits come from: the same key gives the same numbers. */
export type Key = Tensor<[2], "u32">;

/** Without a key, the default generator gives one (see `setRandomSeed`). */
interface WithKey {
  readonly key?: Key | undefined;
}
interface WithDType<D extends DType> extends WithKey {
  readonly dtype?: D;
}

// These functions are called by their module's name: random.normal, random.key.

const keyNode = (key: Key | undefined) => (key ?? nextKey()).node;

/** A key made from a seed. */
export const key = (seed: number): Key => new Tensor(ops.random.key(seed));
/** `count` new keys; the old one should not be used any more. */
export const split = (from: Key, count = 2): Key[] =>
  ops.random.split(from.node, count).map((node) => new Tensor(node));
/** The key for item `data` (a number, or an integer scalar) of the family `from`. */
export const fold = (from: Key, data: number | Tensor): Key =>
  new Tensor(ops.random.fold(from.node, typeof data === "number" ? data : data.node));

/** Uniform in low ≤ x < high. */
export function uniform<const S extends Shape, D extends DType = "f32">(
  shape: S,
  { key, ...options }: WithDType<D> & { readonly low?: number; readonly high?: number } = {},
): Tensor<Plain<S>, D> {
  return new Tensor(ops.random.uniform(keyNode(key), shape, options));
}

interface NormalOptions<D extends DType> extends WithDType<D> {
  readonly mean?: number;
  /** Standard deviation. */
  readonly stddev?: number;
}

/** Normally distributed. */
export function normal<const S extends Shape, D extends DType = "f32">(
  shape: S,
  { key, stddev = 1, ...options }: NormalOptions<D> = {},
): Tensor<Plain<S>, D> {
  return new Tensor(ops.random.normal(keyNode(key), shape, { std: stddev, ...options }));
}

/** Normally distributed within two standard deviations of the mean (or `limit`). */
export function truncatedNormal<const S extends Shape, D extends DType = "f32">(
  shape: S,
  { key, stddev = 1, ...options }: NormalOptions<D> & { readonly limit?: number } = {},
): Tensor<Plain<S>, D> {
  return new Tensor(ops.random.truncatedNormal(keyNode(key), shape, { std: stddev, ...options }));
}

/** Whole numbers in low ≤ x < high. */
export function randint<const S extends Shape, D extends DType = "i32">(
  shape: S,
  low: number,
  high: number,
  { key, dtype }: WithDType<D> = {},
): Tensor<Plain<S>, D> {
  return new Tensor(ops.random.randint(keyNode(key), shape, low, high, dtype ?? "i32"));
}

/** True with probability `p`. */
export const bernoulli = <const S extends Shape>(
  shape: S,
  p: TensorLike = 0.5,
  { key }: WithKey = {},
): Tensor<Plain<S>, "bool"> => new Tensor(ops.random.bernoulli(keyNode(key), asNode(p), shape));

/** Gamma distributed with shape `alpha` (a number, or what broadcasts to the result) and scale 1; no derivative. */
export const gamma = <const S extends Shape>(
  shape: S,
  alpha: TensorLike,
  { key }: WithKey = {},
): Tensor<Plain<S>, "f32"> => new Tensor(ops.distributions.gamma(keyNode(key), asNode(alpha), shape));
/** Beta distributed. */
export const beta = <const S extends Shape>(
  shape: S,
  alpha: TensorLike,
  beta: TensorLike,
  { key }: WithKey = {},
): Tensor<Plain<S>, "f32"> => new Tensor(ops.distributions.beta(keyNode(key), asNode(alpha), asNode(beta), shape));
/** How many of `count` trials succeed, each with probability `p`. */
export const binomial = <const S extends Shape>(
  shape: S,
  count: number,
  p: TensorLike,
  { key }: WithKey = {},
): Tensor<Plain<S>, "f32"> => new Tensor(ops.distributions.binomial(keyNode(key), count, asNode(p), shape));

/** Classes drawn with probabilities softmax(logits) along `axis`: one a row, or `samples` as a new last axis. */
export const categorical = (
  logits: Tensor,
  { key, ...options }: WithKey & { readonly axis?: number; readonly samples?: number } = {},
): Tensor<Shape, "i32"> => new Tensor(ops.random.categorical(keyNode(key), logits.node, options));

/** The numbers from 0 to `count` − 1 in random order. */
export const permutation = <const N extends number>(count: N, { key }: WithKey = {}): Tensor<[N], "i32"> =>
  new Tensor(ops.random.permutation(keyNode(key), count));

/** `x` with its slices along `axis` in random order. */
export const shuffle = <S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  { key, axis = 0 }: WithKey & { readonly axis?: number } = {},
): Tensor<S, D> => new Tensor(ops.random.shuffle(keyNode(key), x.node, axis));

/** `x` with elements set to 0 with probability `rate`, the others divided by 1 − rate. */
export const dropout = <S extends Shape, D extends DType>(
  x: Tensor<S, D>,
  rate: number,
  { key, noiseShape }: WithKey & { readonly noiseShape?: Shape } = {},
): Tensor<S, D> => new Tensor(ops.random.dropout(keyNode(key), x.node, rate, noiseShape));
