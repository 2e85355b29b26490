import { withScope } from "../graph/node.ts";
import { Mean } from "../nn/index.ts";
import { watchUpdates } from "../optim/index.ts";
import { concatenate, type Jitted, jit, type Tensor, type Variable, variable, where, zeros } from "../tensor/index.ts";
import type { Attended, Batch } from "../train/index.ts";

/** What a step tells of itself. */
export interface StepFigures {
  /** Loss and metrics: always the same array as long as they are the same ones. */
  readonly names: readonly string[];
  /** Of the batch, in their order. */
  readonly values: readonly number[];
  /** Undefined where there is none. */
  readonly loss: number | undefined;
  readonly gradientNorm: number;
  readonly learningRate: number;
}

/** How a step is watched. */
export interface Watching {
  /** Steps whose gradients are not finite leave the weights as they are. */
  readonly guard: boolean;
  /** Variables that do not move. */
  readonly held: ReadonlySet<Variable>;
  /** Also gives gradients, and weights as they were: for statistics. */
  readonly tensors: boolean;
}

/** What the program of a step that is not measured is called, in what is told of kernels. */
export const watchedName = (model: string): string => `${model}/train, watched`;

/** What the program of a step gives, where its tensors were asked for. */
export interface WatchedResults {
  /** Gradients and weights before the step, of `variables`. */
  readonly gradients: readonly Tensor[];
  readonly before: readonly Tensor[];
}

/** A step that tells its figures in one small variable: read once, when the step has run, as the plain one reads its loss. */
export interface WatchedProgram {
  readonly run: Jitted<(batch: Batch) => WatchedResults | undefined>;
  /** What the last step has told: see `decode`. It is written over, so that no step makes anything that must be given back. */
  readonly told: Variable;
  /** The variables that gradients belong to, once it was traced. */
  readonly variables: readonly Variable[];
  /** What the numbers of `told` mean, from `at` on. */
  decode(numbers: ArrayLike<number>, at?: number): StepFigures;
  /** Whether loss and gradients were finite. If not, the step has changed nothing (with a guard). */
  finite(numbers: ArrayLike<number>): boolean;
}

/** Kernels that only serve figures have this scope: what they take is told with what recording takes. */
export const figuresScope = "recording";

/** Squared gradient norm, learning rate. */
const fixedFigures = 2;
/** A Mean's total and count, and what was lost of each. */
const statesOfMean = 4;
/** What a step has added to its total and to its count. */
const numbersOfMean = 2;

/**
 * Compiles the step of `training` so that it tells its figures. What it does to the model is the same to the last bit (but see
 * `guard` in options.ts): nothing
 * of what the plain step computes between its inputs and what it stores is read here but gradients. Compilers join a product and
 * a sum to one rounding where both stand in one kernel, so a new reader of a product could change bits.
 */
export function watchedProgram(training: Attended, { guard, held, tensors }: Watching): WatchedProgram {
  const { objective, name } = training.model;
  // The figures of the batch are what the step adds to the running ones, whose totals lose nothing.
  const means = objective.figures.filter((figure) => figure instanceof Mean);
  const states = means.flatMap(({ variables }) => variables.slice(0, statesOfMean));
  const told: Variable = variable(zeros([fixedFigures + numbersOfMean * means.length]), {
    name: `${name}/told`,
    trainable: false,
  });

  const moved: Variable[] = [];
  const body = (batch: Batch): WatchedResults | undefined => {
    moved.length = 0;
    const gradients: Tensor[] = [];
    const weights: Tensor[] = [];
    const before = states.map((state) => state.read() as Tensor);
    const squares: Tensor[] = [];
    const watch = {
      gradients: (given: readonly Tensor[], variables: readonly Variable[]) => {
        if (tensors) {
          gradients.push(...given);
          moved.push(...variables);
          weights.push(...variables.map((variable) => variable.read() as Tensor));
        }
        const sum = withScope(figuresScope, () => squareSum(given));
        if (sum === undefined) return undefined;
        squares.push(sum);
        return guard ? (sum.isFinite() as Tensor) : undefined;
      },
      moved: () => {},
      holds: (variable: Variable) => held.has(variable),
    };
    watchUpdates(watch, () => training.body(batch));
    const after = states.map((state) => state.read() as Tensor);
    // A figure that is not finite would hide all that come after it in its epoch.
    if (guard) {
      states.forEach((state, index) => {
        state.assign(where(after[index]!.isFinite() as Tensor, after[index]!, before[index]!));
      });
    }
    const rate = objective.optimizer.learningRate.read() as Tensor;
    const norm = squares.length === 0 ? rate.mul(0) : squares.reduce((sum, part) => sum.add(part) as Tensor);
    // Total and count are pairs of numbers, the second what the first has lost.
    const added = (at: number): Tensor =>
      after[at]!.sub(before[at]!).add(after[at + 1]!.sub(before[at + 1]!)) as Tensor;
    const ofMeans = means.flatMap((_, index) => [added(index * statesOfMean), added(index * statesOfMean + 2)]);
    told.assign(
      concatenate(
        [norm, rate, ...ofMeans].map((scalar) => scalar.cast("f32").reshape([1]) as Tensor),
        0,
      ),
    );
    return tensors ? { gradients, before: weights } : undefined;
  };

  const several = objective.outputNames.length > 1;
  const given = means.map(({ name: each }) => each);
  /** Metrics of several outputs may share a name; then their place tells them apart. */
  const all = given.map((each, index) =>
    several && given.indexOf(each) !== given.lastIndexOf(each) ? `${each}_${index}` : each,
  );
  const lossAt = all.indexOf("loss");
  const decode = (numbers: ArrayLike<number>, at = 0): StepFigures => {
    const values = new Array<number>(means.length);
    let untouched: Set<number> | undefined;
    for (let index = 0; index < means.length; index++) {
      const mean = at + fixedFigures + index * numbersOfMean;
      values[index] = numbers[mean]! / numbers[mean + 1]!;
      if (numbers[mean + 1] === 0) untouched = (untouched ?? new Set()).add(index);
    }
    // A step of the user's own may leave a figure alone.
    const names = untouched === undefined ? all : all.filter((_, index) => !untouched.has(index));
    const told = untouched === undefined ? values : values.filter((_, index) => !untouched.has(index));
    const loss = lossAt < 0 || untouched?.has(lossAt) === true ? undefined : values[lossAt]!;
    return { names, values: told, loss, gradientNorm: Math.sqrt(numbers[at]!), learningRate: numbers[at + 1]! };
  };
  const finite = (numbers: ArrayLike<number>): boolean => {
    const loss = fixedFigures + lossAt * numbersOfMean;
    const untold = lossAt < 0 || numbers[loss + 1] === 0;
    return Number.isFinite(numbers[0]) && (untold || Number.isFinite(numbers[loss]! / numbers[loss + 1]!));
  };
  const run = jit(body, { name: tensors ? `${name}/train, measured` : watchedName(name) });
  return { run, told, variables: moved, decode, finite };
}

const squareSum = (gradients: readonly Tensor[]): Tensor | undefined =>
  gradients.length === 0 ? undefined : gradients.map(squaresOf).reduce((a, b) => a.add(b) as Tensor);

/** Sums of squares that a long gradient has, and where that pays. */
const sums = 64;
const shortestLanes = 4096;

/** Σ g², of magnitudes: optimizers have g², which must not get another reader. */
function squaresOf(gradient: Tensor): Tensor {
  // Side by side: one running sum alone would wait for each addition.
  const lanes = gradient.size >= shortestLanes && gradient.size % sums === 0 ? [gradient.size / sums, sums] : [-1];
  const size = gradient.cast("f32").reshape(lanes).abs();
  return size.mul(size).sum(0).sum() as Tensor;
}
