import { ArgumentError } from "../base/errors.ts";
import {
  type Examples,
  type HostExamples,
  hostExamples,
  type NanPolicy,
  NdArray,
  sliceExamples,
} from "../data/index.ts";
import { randomSeed } from "../tensor/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import { demandPositive } from "./demand.ts";
import type { History } from "./history.ts";
import { type Loop, runLoop, type Step, type Times } from "./loop.ts";
import { progress, standardWriter, type Writer } from "./progress.ts";
import { openStudio, type Recording, type StudioOptions } from "./recording.ts";
import type { Batch, Trainable } from "./step.ts";

export interface FitOptions {
  /** Passes over the data. Default 1. */
  readonly epochs?: number;
  /** Epoch to begin with, when training goes on. Default 0. */
  readonly initialEpoch?: number;
  /** Examples a step. Default 32; the last batch may be smaller. */
  readonly batchSize?: number;
  readonly validationData?: Examples | undefined;
  /** This last part of the data (before shuffling) validates instead of training. Default 0. */
  readonly validationSplit?: number;
  /** Whether each epoch has a new order. Default true. */
  readonly shuffle?: boolean;
  /** Decides the orders. Default: the seed of `setRandomSeed`. */
  readonly seed?: number;
  /** Weight of the examples of each class (targets are class numbers). Default 1 each. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined;
  readonly callbacks?: readonly Callback[];
  /** "steps": a live bar (or lines); "epoch": a line an epoch; "silent". Default "steps". */
  readonly verbose?: "steps" | "epoch" | "silent";
  /** Where progress goes. Default: standard output. */
  readonly writer?: Writer;
  /** Ends training after the present step; `fit` then rejects with the signal's reason, and the weights stay as they are. */
  readonly signal?: AbortSignal | undefined;
  /** What to do with NaN or infinities in the data. Default "error": stop before training. */
  readonly nanPolicy?: NanPolicy;
  /** Opens the studio on this training: a page to watch it and to steer it. Default false. */
  readonly studio?: boolean | StudioOptions | undefined;
  /** Records the training; see `chainrule/session`. */
  readonly recording?: Recording | undefined;
}

/** The compiled steps of a model, and where its training's results go. */
export interface FitContext {
  readonly model: Trainable;
  readonly trainStep: Step;
  readonly testStep: Step;
  /** One step of training inside of a trace, as `trainStep` compiles it. */
  readonly body: (batch: Batch) => void;
  readonly history: History;
  readonly times: Times;
  /** Makes the model's Variables for these examples, and checks the targets against its outputs. */
  prepare(examples: HostExamples): void;
}

/** Trains on `data`. All checks come first: nothing is lost to bad data in the middle of a run. */
export async function fit(context: FitContext, data: Examples, options: FitOptions): Promise<History> {
  const epochs = demandPositive("epochs", options.epochs ?? 1);
  const batchSize = demandPositive("batchSize", options.batchSize ?? 32);
  const began = performance.now();
  const policy = options.nanPolicy ?? "error";
  const all = weighted(await hostExamples(data, policy), options.classWeight);
  const given = options.validationData === undefined ? undefined : await hostExamples(options.validationData, policy);
  const [examples, held] = split(all, options.validationSplit ?? 0);
  const validation = given ?? held;
  context.prepare(examples);
  if (validation !== undefined) context.prepare(validation);
  context.times.data += performance.now() - began;

  const verbose = options.verbose ?? "steps";
  const seed = options.seed ?? randomSeed();
  const recording = await recordingOf(options);
  const attended = { ...context, examples, validation, epochs, batchSize, seed };
  const loop: Loop = {
    model: context.model,
    trainStep: recording?.attend(attended) ?? context.trainStep,
    testStep: context.testStep,
    examples,
    validation,
    epochs,
    initialEpoch: options.initialEpoch ?? 0,
    batchSize,
    shuffle: options.shuffle ?? true,
    seed,
    callbacks: [...(options.callbacks ?? []), ...(recording === undefined ? [] : [recording])],
    progress: verbose === "silent" ? undefined : progress(options.writer ?? standardWriter(), verbose),
    signal: options.signal,
    history: context.history,
    times: context.times,
  };
  if (recording === undefined) return runLoop(loop);
  return concluding(runLoop(loop), recording);
}

async function recordingOf({ recording, studio = false }: FitOptions): Promise<Recording | undefined> {
  if (recording !== undefined || studio === false) return recording;
  return openStudio(studio === true ? {} : studio);
}

/** Tells the recording how the training ended. */
async function concluding(training: Promise<History>, recording: Recording): Promise<History> {
  try {
    const history = await training;
    await recording.conclude();
    return history;
  } catch (error) {
    await recording.conclude(error);
    throw error;
  }
}

/** The first part for training, the last for validation (Keras takes it before shuffling). */
function split(examples: HostExamples, part: number): [HostExamples, HostExamples | undefined] {
  if (!(part >= 0 && part < 1))
    throw new ArgumentError(`validationSplit must be at least 0 and below 1, received ${part}`);
  if (part === 0) return [examples, undefined];
  const kept = Math.floor(examples.length * (1 - part));
  if (kept === 0 || kept === examples.length) {
    throw new ArgumentError(
      `validationSplit ${part} of ${examples.length} examples leaves nothing to train or to validate on`,
    );
  }
  return [sliceExamples(examples, 0, kept), sliceExamples(examples, kept, examples.length)];
}

/** Class weights become sample weights. */
function weighted(examples: HostExamples, classWeight: FitOptions["classWeight"]): HostExamples {
  if (classWeight === undefined) return examples;
  const { sampleWeight, length } = examples;
  const classes = classesOf(examples);
  if (sampleWeight !== undefined && !(sampleWeight instanceof NdArray && sampleWeight.stride === 1)) {
    throw new ArgumentError({
      what: "classWeight goes together only with a sampleWeight of one number an example",
      hint: "multiply the weights yourself, and leave classWeight out",
    });
  }
  const weights = Float32Array.from(
    { length },
    (_, row) => (classWeight[classes[row]!] ?? 1) * (sampleWeight?.data[row] ?? 1),
  );
  return { ...examples, sampleWeight: new NdArray(weights, [length]) };
}

/** The class of each example: the target itself, or the place of the largest number in a one-hot row. */
function classesOf({ y, length }: HostExamples): ArrayLike<number> {
  if (y instanceof NdArray && y.stride === 1) return y.data;
  if (y instanceof NdArray && y.shape.length === 2) {
    return Array.from({ length }, (_, row) => {
      const { data } = y.slice(row, row + 1);
      return data.indexOf(Math.max(...data));
    });
  }
  throw new ArgumentError({
    what: "classWeight needs targets that are class numbers or one-hot rows",
    hint: "use sampleWeight for other targets",
  });
}
