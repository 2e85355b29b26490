import { ArgumentError } from "../base/errors.ts";
import { emit, heard } from "../base/events.ts";
import { Turn } from "../base/turn.ts";
import { type HostExamples, isNdArray, type NdArray } from "../data/index.ts";
import { leavesOf, mapStructure } from "../nn/index.ts";
import { engineStatistics, Tensor, tensor } from "../tensor/index.ts";
import type { Callback, Logs, Position, TrainingControl } from "./callbacks/callback.ts";
import { tensorsOf } from "./checkpoint/snapshot.ts";
import type { Feed } from "./feed.ts";
import { Flight } from "./flight.ts";
import { History } from "./history.ts";
import { prefixed } from "./objective.ts";
import { type Progress, type Writer, writeLine } from "./progress.ts";
import type { Batch, Trainable } from "./step.ts";
import { Waits } from "./waits.ts";

/** A compiled step: enqueues one batch and resolves when it has run. */
export interface Step {
  (batch: Batch): Promise<void>;
  /** Compiles for batches of this size without running; fails silently, for the batch itself will tell. */
  prepare(batch: Batch): void;
}

/** Where the time of a training run went, in milliseconds. */
export interface Times {
  /** Getting data ready, waited for or not. */
  data: number;
  /** Steps that stood still because their batch was not there. */
  wait: number;
  /** Compiling programs, in training and in evaluation. */
  compile: number;
  train: number;
  evaluate: number;
}

export interface Loop {
  readonly model: Trainable;
  readonly trainStep: Step;
  readonly testStep: Step;
  readonly training: Feed;
  readonly validation: Feed | undefined;
  readonly validationFreq?: number | readonly number[] | undefined;
  readonly epochs: number;
  readonly initialEpoch: number;
  readonly seed: number;
  readonly callbacks: readonly Callback[];
  readonly progress: Progress | undefined;
  readonly writer: Writer;
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
  /** How much of the present epoch was spent waiting for data. */
  readonly waits: Waits;
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
    for (const listener of listeners) logs = { ...logs, ...(await listener.figures?.(control)) };
    if (loop.validation !== undefined && control.validates)
      logs = { ...logs, ...(await validate(run, loop.validation, listeners)) };
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
    get steps() {
      return loop.training.steps; // known after the first epoch at the latest
    },
    batchSize: loop.training.batchSize,
    get dataWait() {
      return run.waits.share;
    },
    get validates() {
      const { validationFreq: often = 1 } = loop;
      const epoch = run.position.epoch + 1;
      return typeof often === "number" ? epoch % often === 0 : often.includes(epoch);
    },
    stop: () => {
      run.stopped = true;
    },
    tell: (text) => writeLine(loop.writer, text),
    build: () => {
      // What nobody reads is not computed.
      loop.model.compute(toBatch(loop.training.sample).x, { training: false });
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
      data: loop.training.place(),
    }),
    resume: (snapshot, tensors) => {
      if (!run.movable)
        throw new ArgumentError("resume: a training goes on from elsewhere only in onTrainBegin and onBatchBegin");
      run.moved = true;
      if (snapshot.data !== undefined) loop.training.restore(snapshot.data);
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
    waits: new Waits(),
    recall: () => {},
  };
  return run;
}

/** Validates, and gives the figures their prefix. */
async function validate({ loop, control, seed }: Run, feed: Feed, listeners: readonly Callback[]): Promise<Logs> {
  for (const listener of listeners) await listener.onTestBegin?.(control);
  const figures = await evaluate({ ...loop, seed }, feed, loop.history.epoch.length);
  for (const listener of listeners) await listener.onTestEnd?.(figures, control);
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [prefixed("val", name), value]));
}

/** The state of the training is now that of `position`. */
async function moveTo(run: Run, position: Position): Promise<void> {
  run.position = position;
  for (const callback of run.loop.callbacks) {
    const moved = callback.onPosition?.(position, run.control);
    if (moved !== undefined) await moved;
  }
}

/** One epoch, or what is left of it; returns the running figures at its end. */
async function runEpoch(run: Run): Promise<Logs> {
  const { loop, control, waits } = run;
  const { model, progress, callbacks, times, training: feed } = loop;
  const { epoch, step: first } = run.position;
  if (first === 0) model.objective.reset();
  const starters = callbacks.filter(({ onBatchBegin }) => onBatchBegin !== undefined);
  const watchers = callbacks.filter(({ onBatchEnd }) => onBatchEnd !== undefined);
  const flight = new Flight();
  const turn = new Turn();
  const compiledBefore = engineStatistics().compileMs;
  const trainedBefore = times.train;
  const batches = feed.open({ seed: run.seed, round: loop.history.epoch.length, step: first });
  let step = first;
  let drawn = first;
  waits.begin();
  let clock = performance.now();
  try {
    for (let examples = await batches.next(); examples !== undefined; examples = await batches.next()) {
      run.movable = true;
      for (const starter of starters) {
        const begun = starter.onBatchBegin?.(step, control);
        if (begun !== undefined) await begun; // to wait for nothing takes time as well
      }
      run.movable = false;
      if (run.moved || run.stopped) break;
      const batch = toBatch(examples);
      // Steps that have ended meanwhile are seen to have ended.
      if (feed.measured) await turn.pass();
      const ready = performance.now();
      times.data += ready - clock;
      times.wait += waits.ready(flight, ready - clock);

      const training = loop.trainStep(batch);
      dropAfter(training, batch);
      if (epoch === loop.initialEpoch && step === 0) foresee(loop);
      await flight.add(training);
      if (feed.measured && waits.learning) await waits.learn(flight, ready);
      if (watchers.length > 0 || heard("step") || progress?.due() === true) {
        await flight.landed();
        const logs = await model.objective.logs();
        if (progress?.due() === true) {
          progress.draw(step, logs, control);
          drawn = step + 1;
        }
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
    await batches.close();
    await flight.landed();
  }
  const logs = await model.objective.logs();
  if (drawn < step && !run.moved) progress?.draw(step - 1, logs, control);
  const compileMs = engineStatistics().compileMs - compiledBefore;
  times.compile += compileMs;
  // Programs that are compiled ahead run beside the steps: what is taken off for them is at most what there is.
  const spent = times.train - trainedBefore + performance.now() - clock;
  times.train = trainedBefore + Math.max(0, spent - compileMs);
  return logs;
}

/** Compiles what the first epoch will need beside its first step, while steps run: the short last batch, the validation. */
function foresee({ trainStep, testStep, training, validation }: Loop): void {
  for (const examples of training.others) trainStep.prepare(toBatch(examples));
  if (validation === undefined) return;
  for (const examples of [validation.sample, ...validation.others]) testStep.prepare(toBatch(examples));
}

/** The figures over the batches of `feed`, without training. */
export async function evaluate(
  loop: Pick<Loop, "model" | "testStep" | "signal" | "times" | "seed">,
  feed: Feed,
  round = 0,
): Promise<Logs> {
  const began = performance.now();
  const compiledBefore = engineStatistics().compileMs;
  checkSignal(loop.signal);
  loop.model.objective.reset();
  const flight = new Flight();
  const turn = new Turn();
  const batches = feed.open({ seed: loop.seed, round, step: 0 });
  try {
    for (let examples = await batches.next(); examples !== undefined; examples = await batches.next()) {
      const batch = toBatch(examples);
      const testing = loop.testStep(batch);
      dropAfter(testing, batch);
      await flight.add(testing);
      await turn.pass();
      checkSignal(loop.signal);
    }
  } finally {
    await batches.close();
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
