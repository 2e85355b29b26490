import { ArgumentError } from "../../base/errors.ts";
import { demandPositiveNumber } from "../../nn/options.ts";
import { full, type Tensor, where } from "../../tensor/index.ts";
import { scheduleOf } from "./schedule.ts";

const missing = Number.NaN;
const steady = { initialLearningRate: missing, decaySteps: missing, decayRate: missing };

/** The rate at the start must be positive, and so must the steps that it takes. */
export function checkStart({
  initialLearningRate,
  decaySteps,
}: {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
}): void {
  if (!(initialLearningRate >= 0))
    throw new ArgumentError(`initialLearningRate must be at least 0, received ${initialLearningRate}`);
  demandPositiveNumber("decaySteps", decaySteps);
}

/** How many times `decaySteps` have passed; whole times only on a staircase. */
const passed = (step: Tensor, decaySteps: number, staircase: boolean): Tensor => {
  const times = step.div(decaySteps) as Tensor;
  return staircase ? times.floor() : times;
};

const checkSteady = (options: typeof steady): void => {
  checkStart(options);
  demandPositiveNumber("decayRate", options.decayRate);
};

/** initial · decayRate^(step / decaySteps) */
export const exponentialDecay = scheduleOf("exponentialDecay", {
  required: steady,
  defaults: { staircase: false },
  check: checkSteady,
  rate: (step, { initialLearningRate, decaySteps, decayRate, staircase }) =>
    full([], decayRate)
      .pow(passed(step, decaySteps, staircase))
      .mul(initialLearningRate) as Tensor,
});

/** initial / (1 + decayRate · step / decaySteps) */
export const inverseTimeDecay = scheduleOf("inverseTimeDecay", {
  required: steady,
  defaults: { staircase: false },
  check: checkSteady,
  rate: (step, { initialLearningRate, decaySteps, decayRate, staircase }) =>
    passed(step, decaySteps, staircase).mul(decayRate).add(1).reciprocal().mul(initialLearningRate) as Tensor,
});

/** From `initialLearningRate` to `endLearningRate` as (1 − step / decaySteps)^power; with `cycle` again and again, ever slower. */
export const polynomialDecay = scheduleOf("polynomialDecay", {
  required: { initialLearningRate: missing, decaySteps: missing },
  defaults: { endLearningRate: 0.0001, power: 1, cycle: false },
  check: checkStart,
  rate: (step, { initialLearningRate, decaySteps, endLearningRate, power, cycle }) => {
    const length = cycle ? step.div(decaySteps).ceil().maximum(1).mul(decaySteps) : undefined;
    const part = length === undefined ? step.minimum(decaySteps).div(decaySteps) : step.div(length);
    const left = part.neg().add(1) as Tensor;
    return left
      .pow(power)
      .mul(initialLearningRate - endLearningRate)
      .add(endLearningRate) as Tensor;
  },
});

/** values[0] up to and at boundaries[0], then values[1] up to boundaries[1], …, the last value after the last boundary. */
export const piecewiseConstantDecay = scheduleOf("piecewiseConstantDecay", {
  required: { boundaries: [] as readonly number[], values: [] as readonly number[] },
  defaults: {},
  check: ({ boundaries, values }) => {
    const rising = boundaries.every((boundary, index) => index === 0 || boundary > boundaries[index - 1]!);
    if (values.length === boundaries.length + 1 && rising) return;
    throw new ArgumentError({
      what: `piecewiseConstantDecay: ${boundaries.length} boundaries and ${values.length} values`,
      hint: "boundaries rise, and there is one value more than boundaries",
    });
  },
  rate: (step, { boundaries, values }) =>
    boundaries.reduceRight(
      (later, boundary, index): Tensor => where(step.lessEqual(boundary), values[index]!, later),
      full([], values.at(-1)!) as Tensor,
    ),
});
