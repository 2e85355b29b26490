import { demandPositiveNumber } from "../../nn/options.ts";
import { full, type Tensor, where } from "../../tensor/index.ts";
import { checkStart } from "./decay.ts";
import { scheduleOf } from "./schedule.ts";

/** From 1 to `alpha` over half a period of the cosine; `part` is from 0 to 1. */
const wave = (part: Tensor, alpha: number): Tensor =>
  part
    .mul(Math.PI)
    .cos()
    .add(1)
    .mul(0.5)
    .mul(1 - alpha)
    .add(alpha) as Tensor;

/**
 * Along a cosine to `alpha` times the rate (Loshchilov & Hutter 2017). With a `warmupTarget` it first rises to that in
 * `warmupSteps`, and decays from there.
 */
export const cosineDecay = scheduleOf("cosineDecay", {
  required: { initialLearningRate: Number.NaN, decaySteps: Number.NaN },
  defaults: { alpha: 0, warmupTarget: null as number | null, warmupSteps: 0 },
  check: checkStart,
  rate: (step, { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps }) => {
    if (warmupTarget === null) return wave(step.minimum(decaySteps).div(decaySteps), alpha).mul(initialLearningRate);
    const rising = step
      .div(Math.max(1, warmupSteps))
      .mul(warmupTarget - initialLearningRate)
      .add(initialLearningRate);
    const falling = wave(step.sub(warmupSteps).clip(0, decaySteps).div(decaySteps) as Tensor, alpha).mul(warmupTarget);
    return where(step.less(warmupSteps), rising, falling);
  },
});

/** A cosine that starts again: after `firstDecaySteps`, then each time `tMul` as long, at `mMul` times the rate. */
export const cosineDecayRestarts = scheduleOf("cosineDecayRestarts", {
  required: { initialLearningRate: Number.NaN, firstDecaySteps: Number.NaN },
  defaults: { tMul: 2, mMul: 1, alpha: 0 },
  check: ({ initialLearningRate, firstDecaySteps, tMul }) => {
    checkStart({ initialLearningRate, decaySteps: firstDecaySteps });
    demandPositiveNumber("tMul", tMul);
  },
  rate: (step, { initialLearningRate, firstDecaySteps, tMul, mMul, alpha }) => {
    const periods = step.div(firstDecaySteps) as Tensor;
    const { restarts, part } = tMul === 1 ? evenly(periods) : geometrically(periods, tMul);
    const height = full([], mMul).pow(restarts);
    const cosine = part.mul(Math.PI).cos().add(1).mul(0.5).mul(height);
    return cosine
      .mul(1 - alpha)
      .add(alpha)
      .mul(initialLearningRate) as Tensor;
  },
});

interface Place {
  readonly restarts: Tensor;
  /** How much of the present period has passed, from 0 to 1. */
  readonly part: Tensor;
}

const evenly = (periods: Tensor): Place => ({
  restarts: periods.floor(),
  part: periods.sub(periods.floor()) as Tensor,
});

/** Period i begins at (1 − tⁱ) / (1 − t), in units of the first. */
function geometrically(periods: Tensor, t: number): Place {
  const power = (i: Tensor): Tensor => full([], t).pow(i) as Tensor;
  const begin = (i: Tensor): Tensor =>
    power(i)
      .neg()
      .add(1)
      .div(1 - t) as Tensor;
  const guess = periods
    .mul(t - 1)
    .add(1)
    .log()
    .div(Math.log(t))
    .floor() as Tensor;
  // The logarithm may be a rounding short of a whole number.
  const next = guess.add(1) as Tensor;
  const restarts = where(begin(next).lessEqual(periods), next, guess) as Tensor;
  return { restarts, part: periods.sub(begin(restarts)).div(power(restarts)) as Tensor };
}
