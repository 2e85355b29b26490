import { ArgumentError } from "../base/errors.ts";
import { emit, heard } from "../base/events.ts";
import { Turn } from "../base/turn.ts";
import { batchesOf, type HostExamples, isNdArray, type NdArray, permutation, sliceExamples } from "../data/index.ts";
import { leavesOf, mapStructure } from "../nn/index.ts";
import { engineStatistics, Tensor, tensor } from "../tensor/index.ts";
import type { Callback, Logs, Position, TrainingControl } from "./callbacks/callback.ts";
import { tensorsOf } from "./checkpoint/snapshot.ts";
import { Flight } from "./flight.ts";
import { History } from "./history.ts";
import { prefixed } from "./objective.ts";
import type { Progress } from "./progress.ts";
import type { Batch, Trainable } from "./step.ts";

/** A compiled step: enqueues one batch and resolves when it has run. */
export interface Step {
  (batch: Batch): Promise<void>;
  /** Compiles for batches of this size without running; fails silently, for the batch itself will tell. */
  prepare(batch: Batch): void;
}

/** Where the time of a training run went, in milliseconds. */
export interface Times {
  data: number;
  /** Compiling programs, in training and in evaluation. */
  compile: number;
  train: number;
  evaluate: number;
}

export interface Loop {
  readonly model: Trainable;
  readonly trainStep: Step;
  readonly testStep: Step;
  readonly examples: HostExamples;
  readonly validation: HostExamples | undefined;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly callbacks: readonly Callback[];
  readonly progress: Progress | undefined;
  readonly signal: AbortSignal | undefined;
  readonly history: History;
  readonly times: Times;
}

/** One batch as tensors, uploaded when the step runs. */
export function toBatch({ x, y, sampleWeight }: HostExamples): Batch {
  const upload = (array: NdArray): Tensor => tensor(array.data, { shape: array.shape, dtype: array.dtype });
  return {
    x: mapStructure(x, isNdArray, upload),
    ...(y === undefined ? {} : { y: mapStructure(y, isNdArray, upload) }),
    ...(sampleWeight === undefined ? {} : { sampleWeight: mapStructure(sampleWeight, isNdArray, upload) }),
  };
}

/**
 * Gives a batch's memory back when its step has ended: the garbage collector knows nothing of a device's memory, and would
 * let thousands of batches pile up.
 */
export function dropAfter(step: Promise<unknown>, { x, y, sampleWeight }: Batch): void {
  const drop = (): void => {
    for (const part of [x, y, sampleWeight])
      if (part !== undefined) for (const each of leavesOf(part, isTensor)) each.dispose();
  };
  void step.then(drop, drop);
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** A run of the loop: where it is, and what decides how it goes on. */
interface Run {
  readonly loop: Loop;
  readonly control: TrainingControl;
  readonly history: History;
  position: Position;
  /** Decides the orders of the data. */
  seed: number;
  stopped: boolean;
  /** Whether the run may go on from elsewhere now, and whether it does. */
  movable: boolean;
  moved: boolean;
  /** Gives the callbacks back what they remember, once all have begun. */
  recall: () => void;
}

/** Runs all epochs: batches in a seeded order, figures, validation, callbacks. Returns the figures of this run. */
export async function runLoop(loop: Loop): Promise<History> {
  const run = beginRun(loop);
  const { control, history } = run;
  const listeners = loop.progress === undefined ? loop.callbacks : [loop.progress, ...loop.callbacks];
  let logs: Logs = {};
  checkSignal(loop.signal);
  for (const listener of listeners) await listener.onTrainBegin?.(control);
  moveOn(run);
  while (run.position.epoch < loop.epochs && !run.stopped) {
    const { epoch } = run.position;
    const began = performance.now();
    for (const listener of listeners) await listener.onEpochBegin?.(epoch, control);
    logs = await runEpoch(run);
    if (moveOn(run)) continue;
    if (loop.validation !== undefined) logs = { ...logs, ...(await validate(run, loop.validation, listeners)) };
    history.record(epoch, logs);
    loop.history.record(epoch, logs);
    const epochLogs = logs;
    emit("epoch", () => ({ epoch, ms: performance.now() - began, logs: epochLogs }));
    for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs, control);
    for (const listener of listeners) await listener.onEpochOver?.(control);
    await moveTo(run, { epoch: epoch + 1, step: 0 });
  }
  loop.model.objective.optimizer.finalize(loop.model.trainableVariables);
  for (const listener of listeners) await listener.onTrainEnd?.(logs, control);
  return history;
}

/** Ends the time in which the run may go on from elsewhere, and says whether it does. */
function moveOn(run: Run): boolean {
  const { moved, recall } = run;
  run.movable = false;
  run.moved = false;
  run.recall = () => {};
  recall();
  return moved;
}

function beginRun(loop: Loop): Run {
  const history = new History();
  const control: TrainingControl = {
    model: loop.model,
    epochs: loop.epochs,
    steps: Math.ceil(loop.examples.length / loop.batchSize),
    batchSize: loop.batchSize,
    stop: () => {
      run.stopped = true;
    },
    build: () => {
      const first = sliceExamples(loop.examples, 0, Math.min(loop.batchSize, loop.examples.length));
      // What nobody reads is not computed.
      loop.model.compute(toBatch(first).x, { training: false });
    },
    evaluate: async () => {
      if (loop.validation === undefined) return undefined;
      const kept = loop.model.objective.figures.flatMap(({ variables }) =>
        variables.map((each) => [each, each.read()] as const),
      );
      const logs = await validate(run, loop.validation, loop.callbacks);
      for (const [variable, value] of kept) variable.assign(value);
      return logs;
    },
    snapshot: () => ({
      position: run.position,
      seed: run.seed,
      stopped: run.stopped,
      run: history.recorded(),
      whole: loop.history.recorded(),
      callbacks: loop.callbacks.map((callback) => callback.state?.() ?? null),
    }),
    resume: (snapshot, tensors) => {
      if (!run.movable)
        throw new ArgumentError("resume: a training goes on from elsewhere only in onTrainBegin and onBatchBegin");
      run.moved = true;
      ({ position: run.position, seed: run.seed, stopped: run.stopped } = snapshot);
      history.restore(snapshot.run);
      loop.history.restore(snapshot.whole);
      run.recall = () => {
        loop.callbacks.forEach((callback, index) => {
          const state = snapshot.callbacks[index];
          if (state !== undefined && state !== null)
            callback.restore?.(state.values, tensorsOf(tensors, index), control);
        });
      };
    },
  };
  const run: Run = {
    loop,
    control,
    history,
    position: { epoch: loop.initialEpoch, step: 0 },
    seed: loop.seed,
    stopped: false,
    movable: true,
    moved: false,
    recall: () => {},
  };
  return run;
}

/** Validates, and gives the figures their prefix. */
async function validate({ loop, control }: Run, examples: HostExamples, listeners: readonly Callback[]): Promise<Logs> {
  for (const listener of listeners) await listener.onTestBegin?.(control);
  const figures = await evaluate(loop, examples);
  for (const listener of listeners) await listener.onTestEnd?.(figures, control);
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [prefixed("val", name), value]));
}

/** The state of the training is now that of `position`. */
async function moveTo(run: Run, position: Position): Promise<void> {
  run.position = position;
  for (const callback of run.loop.callbacks) await callback.onPosition?.(position, run.control);
}

/** One pass over the data, or what is left of it; returns the running figures at its end. */
async function runEpoch(run: Run): Promise<Logs> {
  const { loop, control } = run;
  const { model, progress, callbacks, times } = loop;
  const { epoch, step: first } = run.position;
  if (first === 0) model.objective.reset();
  // Every epoch that the model ever saw has its own order, also in a later run, and in one that goes on from a file.
  const order = loop.shuffle ? permutation(loop.examples.length, run.seed, loop.history.epoch.length) : undefined;
  const starters = callbacks.filter(({ onBatchBegin }) => onBatchBegin !== undefined);
  const watchers = callbacks.filter(({ onBatchEnd }) => onBatchEnd !== undefined);
  const flight = new Flight();
  const turn = new Turn();
  const compiledBefore = engineStatistics().compileMs;
  const trainedBefore = times.train;
  let step = first;
  let clock = performance.now();
  try {
    for (const examples of batchesOf(loop.examples, loop.batchSize, order, first)) {
      run.movable = true;
      for (const starter of starters) await starter.onBatchBegin?.(step, control);
      run.movable = false;
      if (run.moved || run.stopped) break;
      const batch = toBatch(examples);
      const ready = performance.now();
      times.data += ready - clock;

      const training = loop.trainStep(batch);
      dropAfter(training, batch);
      if (epoch === loop.initialEpoch && step === 0) foresee(loop);
      await flight.add(training);
      const last = step + 1 === control.steps;
      if (watchers.length > 0 || last || heard("step") || progress?.due() === true) {
        await flight.landed();
        const logs = await model.objective.logs();
        if (last || progress?.due() === true) progress?.draw(step, logs, control);
        emit("step", () => ({ epoch, step, ms: performance.now() - ready, logs }));
        for (const watcher of watchers) await watcher.onBatchEnd?.(step, logs, control);
      }
      checkSignal(loop.signal);
      step++;
      await moveTo(run, { epoch, step });
      await turn.pass();
      clock = performance.now();
      times.train += clock - ready;
      if (run.stopped) break;
    }
  } finally {
    await flight.landed();
  }
  const compileMs = engineStatistics().compileMs - compiledBefore;
  times.compile += compileMs;
  // Programs that are compiled ahead run beside the steps: what is taken off for them is at most what there is.
  const spent = times.train - trainedBefore + performance.now() - clock;
  times.train = trainedBefore + Math.max(0, spent - compileMs);
  return model.objective.logs();
}

/** Compiles what the first epoch will need beside its first step, while steps run: the short last batch, the validation. */
function foresee({ trainStep, testStep, examples, validation, batchSize }: Loop): void {
  const prepare = (step: Step, from: HostExamples, size: number): void => {
    if (size > 0) step.prepare(toBatch(sliceExamples(from, 0, size)));
  };
  if (examples.length > batchSize) prepare(trainStep, examples, examples.length % batchSize);
  if (validation === undefined) return;
  prepare(testStep, validation, Math.min(batchSize, validation.length));
  if (validation.length > batchSize) prepare(testStep, validation, validation.length % batchSize);
}

/** The figures over `examples`, without training. */
export async function evaluate(
  loop: Pick<Loop, "model" | "testStep" | "batchSize" | "signal" | "times">,
  examples: HostExamples,
): Promise<Logs> {
  const began = performance.now();
  const compiledBefore = engineStatistics().compileMs;
  checkSignal(loop.signal);
  loop.model.objective.reset();
  const flight = new Flight();
  const turn = new Turn();
  try {
    for (const some of batchesOf(examples, loop.batchSize)) {
      const batch = toBatch(some);
      const testing = loop.testStep(batch);
      dropAfter(testing, batch);
      await flight.add(testing);
      await turn.pass();
      checkSignal(loop.signal);
    }
  } finally {
    await flight.landed();
  }
  const logs = await loop.model.objective.logs();
  const compileMs = engineStatistics().compileMs - compiledBefore;
  loop.times.compile += compileMs;
  loop.times.evaluate += Math.max(0, performance.now() - began - compileMs);
  return logs;
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}
