import { maximum, type Tensor } from "../tensor/index.ts";
import { within } from "./checks.ts";
import { catalog } from "./named.ts";

/** Projects a weight onto what is allowed; applied after each step of an optimizer. */
export type Constraint = (weight: Tensor) => Tensor;

type Axes = number | readonly number[];

// Keras's epsilon, which keeps norms of 0 from dividing.
const epsilon = 1e-7;

const norms = (w: Tensor, axis: Axes): Tensor => w.square().sum(axis, { keepDims: true }).sqrt() as Tensor;
const scaledTo = (w: Tensor, desired: Tensor, norm: Tensor): Tensor => w.mul(desired.div(norm.add(epsilon))) as Tensor;

/** Norms along `axis` at most `maxValue`. For a Dense kernel, axis 0 is the weights of one unit. */
const maxNorm = ({ maxValue = 2, axis = 0 }: { readonly maxValue?: number; readonly axis?: Axes } = {}): Constraint => {
  return (w) => {
    const norm = norms(w, axis);
    return scaledTo(w, norm.clip(0, maxValue), norm);
  };
};

/** No negative weights. */
const nonNeg = (): Constraint => (w) => maximum(w, 0) as Tensor;

/** Norms along `axis` of 1. */
const unitNorm =
  ({ axis = 0 }: { readonly axis?: Axes } = {}): Constraint =>
  (w) =>
    w.div(norms(w, axis).add(epsilon)) as Tensor;

export interface MinMaxNormOptions {
  /** Default 0. */
  readonly minValue?: number;
  /** Default 1. */
  readonly maxValue?: number;
  /** How much of the way to the limits each step goes. Default 1. */
  readonly rate?: number;
  /** Default 0. */
  readonly axis?: Axes;
}

/** Norms along `axis` between `minValue` and `maxValue`. */
const minMaxNorm = ({ minValue = 0, maxValue = 1, rate = 1, axis = 0 }: MinMaxNormOptions = {}): Constraint => {
  within("minValue", minValue, 0, maxValue + Number.EPSILON);
  return (w) => {
    const norm = norms(w, axis);
    const desired = norm
      .clip(minValue, maxValue)
      .mul(rate)
      .add(norm.mul(1 - rate)) as Tensor;
    return scaledTo(w, desired, norm);
  };
};

/** Constraints by name or as functions, and how files name them. */
export const constraintCatalog = catalog(
  "constraint",
  { maxNorm, nonNeg, unitNorm, minMaxNorm },
  {
    maxNorm: { maxValue: "notNegative", axis: "axes" },
    unitNorm: { axis: "axes" },
    minMaxNorm: { minValue: "notNegative", maxValue: "notNegative", rate: "notNegative", axis: "axes" },
  },
);
/** Constraints with Keras's meaning and defaults: `constraints.maxNorm({ maxValue: 3 })`. */
export const constraints = constraintCatalog.makers;
export type ConstraintName = keyof typeof constraints;
