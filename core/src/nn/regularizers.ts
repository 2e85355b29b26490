import { ShapeError } from "../base/errors.ts";
import { printShape } from "../base/shape.ts";
import { eye, maximum, type Tensor } from "../tensor/index.ts";
import { notNegative } from "./checks.ts";
import { catalog } from "./named.ts";

/** A penalty on a weight, or on a layer's output: a scalar that training adds to the loss. */
export type Regularizer = (x: Tensor) => Tensor;

const absolute = (x: Tensor, factor: number): Tensor => x.abs().sum().mul(factor);
const squared = (x: Tensor, factor: number): Tensor => x.square().sum().mul(factor);

/** l1 · Σ |x|. */
const l1 = (factor = 0.01): Regularizer => {
  notNegative("l1", factor);
  return (x) => absolute(x, factor);
};

/** l2 · Σ x². */
const l2 = (factor = 0.01): Regularizer => {
  notNegative("l2", factor);
  return (x) => squared(x, factor);
};

/** l1 · Σ |x| + l2 · Σ x². Both factors are 0 by default, as in Keras. */
const l1l2 = (factors: { readonly l1?: number; readonly l2?: number } = {}): Regularizer => {
  const { l1: first = 0, l2: second = 0 } = factors;
  return (x) => absolute(x, first).add(squared(x, second));
};

export interface OrthogonalOptions {
  /** Default 0.01. */
  readonly factor?: number;
  /** Whether rows or columns should be orthogonal to each other. Default rows. */
  readonly mode?: "rows" | "columns";
}

/** factor times the mean |cosine| between every two rows (or columns) of a matrix. */
const orthogonal = ({ factor = 0.01, mode = "rows" }: OrthogonalOptions = {}): Regularizer => {
  return (x) => {
    if (x.rank !== 2) throw new ShapeError(`orthogonal: expected a matrix, received ${printShape(x.shape)}`);
    const vectors = mode === "rows" ? x : x.transpose();
    const unit = vectors.div(maximum(vectors.square().sum(1, { keepDims: true }), 1e-12).sqrt());
    const count = vectors.shape[0]!;
    const cosines = unit.matmul(unit.transpose()).mul(eye(count).neg().add(1)) as Tensor;
    return cosines
      .abs()
      .sum()
      .mul(factor / Math.max(1, count * (count - 1)));
  };
};

/** Regularizers by name or as functions, and how files name them. */
export const regularizerCatalog = catalog(
  "regularizer",
  { l1, l2, l1l2, orthogonal },
  {
    l1l2: { l1: "notNegative", l2: "notNegative" },
    orthogonal: { factor: "notNegative", mode: ["rows", "columns"] },
  },
);
/** Regularizers with Keras's meaning and defaults: `regularizers.l2(0.001)`. */
export const regularizers = regularizerCatalog.makers;
export type RegularizerName = keyof typeof regularizers;
