import { momentsOf, nonFiniteCount, type TensorDefinition, type TensorRole } from "chainrule/record";
import type { RunLog, TensorHistory } from "./runLog.ts";
import { lastAt, spread } from "./search.ts";

/** What is known of one tensor at a step. */
export interface TensorHealth {
  readonly tensor: TensorDefinition;
  /** The step that the figures are from. */
  readonly step: number;
  readonly mean: number;
  readonly deviation: number;
  readonly rms: number;
  /** Square root of the sum of squares. */
  readonly norm: number;
  readonly min: number;
  readonly max: number;
  readonly zeroShare: number;
  readonly nonFinite: number;
  /** log10 of the size of an update against that of its weights; of weights, gradients and updates that have both. */
  readonly updateRatio: number | undefined;
  /** Of activations. */
  readonly deadShare: number | undefined;
  readonly saturatedShare: number | undefined;
  /** The norm some steps before. */
  readonly normBefore: number | undefined;
  /** The norm, and the update ratio, over the run so far, at most 64 values. */
  readonly norms: readonly number[];
  readonly ratios: readonly number[];
}

/** Steps that the ghost of the gradient flow lies behind. */
export const ghostSteps = 100;
const sparkPoints = 64;

export type HealthNow = readonly TensorHealth[];

/** All tensors of a role, in the order of the model, as they were at `step`. */
export function healthOf(log: RunLog, role: TensorRole, step: number): HealthNow {
  return [...log.tensors.values()]
    .filter(({ definition }) => definition.role === role)
    .flatMap((history) => {
      const told = tensorHealth(log, history, step);
      return told === undefined ? [] : [told];
    });
}

function tensorHealth(log: RunLog, history: TensorHistory, step: number): TensorHealth | undefined {
  const found = lastAt(history.stats, step);
  if (found === undefined) return undefined;
  const { definition } = history;
  const stats = found.value;
  const { mean, deviation, rms } = momentsOf(stats);
  const weights = companion(log, definition, "weight");
  const updates = companion(log, definition, "update");
  const ratioAt = (at: number): number => {
    const [weight, update] = [lastAt(weights?.stats ?? [], at)?.value, lastAt(updates?.stats ?? [], at)?.value];
    if (weight === undefined || update === undefined) return Number.NaN;
    return Math.log10(Math.sqrt(update.sumOfSquares) / Math.sqrt(weight.sumOfSquares));
  };
  const ratio = ratioAt(step);
  const shown = spread(
    history.stats.filter((each) => each.step <= step),
    sparkPoints,
  );
  return {
    tensor: definition,
    step: found.step,
    mean,
    deviation,
    rms,
    norm: Math.sqrt(stats.sumOfSquares),
    min: stats.min,
    max: stats.max,
    zeroShare: stats.zeros / Math.max(1, stats.count),
    nonFinite: nonFiniteCount(stats),
    updateRatio: Number.isNaN(ratio) ? undefined : ratio,
    deadShare: stats.units > 0 ? stats.deadUnits / stats.units : undefined,
    saturatedShare: definition.role === "activation" ? stats.saturated / Math.max(1, stats.count) : undefined,
    normBefore: squareRoot(lastAt(history.stats, found.step - ghostSteps)?.value.sumOfSquares),
    norms: shown.map(({ value }) => Math.sqrt(value.sumOfSquares)),
    ratios: updates === undefined ? [] : shown.map((each) => ratioAt(each.step)),
  };
}

const squareRoot = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.sqrt(value);

/** The tensor of another role that tells of the same variable. */
const companion = (log: RunLog, { name }: TensorDefinition, role: TensorRole): TensorHistory | undefined =>
  [...log.tensors.values()].find(({ definition }) => definition.name === name && definition.role === role);
