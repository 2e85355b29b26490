import { ArgumentError } from "../base/errors.ts";
import { emit, heard } from "../base/events.ts";
import { batchesOf, type HostExamples, isNdArray, type NdArray, permutation } from "../data/index.ts";
import { mapStructure } from "../nn/index.ts";
import { engineStatistics, type Tensor, tensor } from "../tensor/index.ts";
import { type Callback, History, type Logs, type TrainingControl } from "./callbacks.ts";
import { Flight } from "./flight.ts";
import { prefixed } from "./objective.ts";
import type { Progress } from "./progress.ts";
import type { Batch, Trainable } from "./step.ts";

/** A compiled step: enqueues one batch and resolves when it has run. */
export type Step = (batch: Batch) => Promise<void>;

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
    ...(sampleWeight === undefined ? {} : { sampleWeight: upload(sampleWeight) }),
  };
}

/** Runs all epochs: batches in a seeded order, figures, validation, callbacks. Returns the figures of this run. */
export async function runLoop(loop: Loop): Promise<History> {
  let stopped = false;
  const control: TrainingControl = {
    model: loop.model,
    epochs: loop.epochs,
    steps: Math.ceil(loop.examples.length / loop.batchSize),
    batchSize: loop.batchSize,
    stop: () => {
      stopped = true;
    },
  };
  const listeners = loop.progress === undefined ? loop.callbacks : [loop.progress, ...loop.callbacks];
  const history = new History();
  let logs: Logs = {};
  checkSignal(loop.signal);
  for (const listener of listeners) await listener.onTrainBegin?.(control);
  for (let epoch = loop.initialEpoch; epoch < loop.epochs && !stopped; epoch++) {
    const began = performance.now();
    for (const listener of listeners) await listener.onEpochBegin?.(epoch, control);
    logs = await runEpoch(loop, epoch, control, () => stopped);
    if (loop.validation !== undefined) {
      const figures = await evaluate(loop, loop.validation);
      logs = {
        ...logs,
        ...Object.fromEntries(Object.entries(figures).map(([name, value]) => [prefixed("val", name), value])),
      };
    }
    history.record(epoch, logs);
    loop.history.record(epoch, logs);
    const epochLogs = logs;
    emit("epoch", () => ({ epoch, ms: performance.now() - began, logs: epochLogs }));
    for (const listener of listeners) await listener.onEpochEnd?.(epoch, logs, control);
  }
  for (const listener of listeners) await listener.onTrainEnd?.(logs, control);
  return history;
}

/** One pass over the data; returns the running figures at its end. */
async function runEpoch(loop: Loop, epoch: number, control: TrainingControl, stopped: () => boolean): Promise<Logs> {
  const { model, progress, callbacks, times } = loop;
  model.objective.reset();
  // Every epoch that the model ever saw has its own order, also in a later run, and in one that goes on from a file.
  const order = loop.shuffle ? permutation(loop.examples.length, loop.seed, loop.history.epoch.length) : undefined;
  const watchers = callbacks.filter(({ onBatchEnd }) => onBatchEnd !== undefined);
  const flight = new Flight();
  const compiledBefore = engineStatistics().compileMs;
  let step = 0;
  let clock = performance.now();
  try {
    for (const examples of batchesOf(loop.examples, loop.batchSize, order)) {
      const batch = toBatch(examples);
      const ready = performance.now();
      times.data += ready - clock;

      await flight.add(loop.trainStep(batch));
      const last = step + 1 === control.steps;
      if (watchers.length > 0 || last || heard("step") || progress?.due() === true) {
        await flight.landed();
        const logs = await model.objective.logs();
        if (last || progress?.due() === true) progress?.draw(step, logs, control);
        emit("step", () => ({ epoch, step, ms: performance.now() - ready, logs }));
        for (const watcher of watchers) await watcher.onBatchEnd?.(step, logs, control);
      }
      checkSignal(loop.signal);
      clock = performance.now();
      times.train += clock - ready;
      step++;
      if (stopped()) break;
    }
  } finally {
    await flight.landed();
  }
  const compileMs = engineStatistics().compileMs - compiledBefore;
  times.compile += compileMs;
  times.train += performance.now() - clock - compileMs;
  return model.objective.logs();
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
  try {
    for (const batch of batchesOf(examples, loop.batchSize)) {
      await flight.add(loop.testStep(toBatch(batch)));
      checkSignal(loop.signal);
    }
  } finally {
    await flight.landed();
  }
  const logs = await loop.model.objective.logs();
  const compileMs = engineStatistics().compileMs - compiledBefore;
  loop.times.compile += compileMs;
  loop.times.evaluate += performance.now() - began - compileMs;
  return logs;
}

export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw signal.reason;
}

/** A positive whole number, or an error that names the option. */
export function demandPositive(option: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new ArgumentError(`${option} must be a positive integer, received ${value}`);
}
