import { ArgumentError } from "../base/errors.ts";
import { clip, type Initializer, maximum, minimum, relu, sqrt, type Tensor, type Variable } from "../tensor/index.ts";
import type { Affine, Transform } from "./affine.ts";
import { field } from "./fields.ts";
import { weight } from "./weight.ts";

// Batch renormalization (Ioffe 2017, arXiv:1702.03275): batch normalization whose training sees the batch through running statistics.

/** Bounds of the corrections: factors r in [rmin, rmax], offsets d in [−dmax, dmax]. */
export interface RenormClipping {
  readonly rmin?: number | undefined;
  readonly rmax?: number | undefined;
  readonly dmax?: number | undefined;
}
const boundNames: readonly (keyof RenormClipping)[] = ["rmin", "rmax", "dmax"];

/** The option that holds the bounds. */
export const renormBounds = field<RenormClipping, RenormClipping>({
  parse: (name, given) => {
    const { rmin = 0, rmax = Number.POSITIVE_INFINITY, dmax = 0 } = given;
    if (isBounds(given) && rmin <= rmax && dmax >= 0) return given;
    throw new ArgumentError(`${name} takes rmin, rmax above it and a positive dmax, received ${JSON.stringify(given)}`);
  },
  read: (json) => (isBounds(json) ? json : undefined),
  expected: "a record of rmin, rmax and dmax",
});

/** Whether it is such a record. */
function isBounds(json: unknown): json is RenormClipping {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return false;
  return Object.entries(json).every(
    ([key, value]) => boundNames.some((known) => known === key) && typeof value === "number",
  );
}

/** The running statistics that training looks at, and the running deviation that the variance of inference comes from. */
export interface RenormStatistics {
  readonly movingStddev: Variable;
  readonly renormMean: Variable;
  readonly renormStddev: Variable;
}
export type RenormVariables = Affine &
  RenormStatistics & { readonly movingMean: Variable; readonly movingVariance: Variable };

interface RenormOptions {
  readonly movingMeanInitializer: Initializer;
  readonly movingVarianceInitializer: Initializer;
  readonly epsilon: number;
  readonly momentum: number;
  readonly renormClipping: RenormClipping | undefined;
  readonly renormMomentum: number;
}

export function renormStatistics(shape: readonly [number], options: RenormOptions): RenormStatistics {
  const { movingMeanInitializer, movingVarianceInitializer } = options;
  const deviation: Initializer = (...given) => sqrt(movingVarianceInitializer(...given));
  const kept = (initializer: Initializer): Variable => weight(shape, { initializer, trainable: false });
  return {
    movingStddev: kept(deviation),
    renormMean: kept(movingMeanInitializer),
    renormStddev: kept(deviation),
  };
}

/**
 * x·r + d for the normalized x, as factor and offset of the channels: r and d, without derivatives, carry the batch's mean and
 * deviation over to the running ones. The running statistics take the batch in.
 */
export function renormalized(
  variables: RenormVariables,
  mean: Tensor,
  variance: Tensor,
  options: RenormOptions,
): Transform {
  const { movingVariance, movingStddev, renormMean, renormStddev } = variables;
  const { epsilon, momentum, renormMomentum, renormClipping } = options;
  const deviation = sqrt(variance.add(epsilon)) as Tensor;
  const running = maximum(renormStddev.read(), Math.sqrt(epsilon)); // no division by zero in the first steps
  const { r, d } = clipped(deviation.div(running), mean.sub(renormMean.read()).div(running), renormClipping);
  const gamma = variables.gamma === undefined ? r : (r.mul(variables.gamma.read()) as Tensor);
  const offset = variables.gamma === undefined ? d : (d.mul(variables.gamma.read()) as Tensor);
  const beta = variables.beta === undefined ? offset : (offset.add(variables.beta.read()) as Tensor);

  renormMean.assign(averaged(renormMean, mean, renormMomentum));
  renormStddev.assign(averaged(renormStddev, deviation, renormMomentum));
  const spread = averaged(movingStddev, deviation, momentum);
  movingStddev.assign(spread);
  movingVariance.assign(relu(spread.square().sub(epsilon))); // rounding may go below 0
  return { gamma, beta };
}

function clipped(
  r: Tensor,
  d: Tensor,
  { rmin, rmax, dmax }: RenormClipping = {},
): { readonly r: Tensor; readonly d: Tensor } {
  const above = rmin === undefined ? r : maximum(r, rmin);
  const within = rmax === undefined ? above : minimum(above, rmax);
  const near = dmax === undefined ? d : clip(d, -dmax, dmax);
  return { r: within.stopGradient() as Tensor, d: near.stopGradient() as Tensor };
}

/** moving · momentum + batch · (1 − momentum), without a derivative. */
export const averaged = (moving: Variable, batch: Tensor, momentum: number): Tensor =>
  moving
    .read()
    .mul(momentum)
    .add(batch.stopGradient().mul(1 - momentum));
