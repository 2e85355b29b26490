import { ArgumentError } from "../base/errors.ts";
import {
  type BatchSource,
  type Examples,
  type HostExamples,
  hostExamples,
  isBatchSource,
  type NanPolicy,
  sliceExamples,
} from "../data/index.ts";
import { demandChoice, demandKnown } from "../nn/options.ts";
import { randomSeed } from "../tensor/index.ts";
import type { Callback } from "./callbacks/callback.ts";
import { datasetFeed } from "./datasetFeed.ts";
import { demandPositive } from "./demand.ts";
import { arrayFeed, type Feed } from "./feed.ts";
import type { History } from "./history.ts";
import { type Loop, runLoop, type Step, type Times } from "./loop.ts";
import { progress, standardWriter, type Writer } from "./progress.ts";
import type { Recording, StudioOptions } from "./recording.ts";
import { examplesToShow } from "./shown.ts";
import type { Batch, Trainable } from "./step.ts";
import { type ClassWeight, weighted } from "./weights.ts";

export interface FitOptions extends FitSettings {
  /** Examples, or what gives batches of them. */
  readonly validationData?: Examples | BatchSource | undefined;
}

/** All options of `fit` but the data to validate on. */
export interface FitSettings {
  /** Passes over the data. Default 1. */
  readonly epochs?: number;
  /** Epoch to begin with, when training goes on. Default 0. */
  readonly initialEpoch?: number;
  /** Examples a step. Default 32; the last batch may be smaller. */
  readonly batchSize?: number;
  /** Of data that come in batches: steps of an epoch. Default: a whole pass; needed where passes have no end. */
  readonly stepsPerEpoch?: number | undefined;
  /** Likewise for the validation, which begins a pass each time. */
  readonly validationSteps?: number | undefined;
  /** After which epochs to validate: every so many, or a list of epochs that counts from 1. Default 1. */
  readonly validationFreq?: number | readonly number[] | undefined;
  /** This last part of the data (before shuffling) validates instead of training. Default 0. */
  readonly validationSplit?: number;
  /** Whether each epoch has a new order. Default true. */
  readonly shuffle?: boolean;
  /** Decides the orders. Default: the seed of `setRandomSeed`. */
  readonly seed?: number;
  /** Weight of the examples of each class (targets are class numbers). Default 1 each. */
  readonly classWeight?: ClassWeight | undefined;
  readonly callbacks?: readonly Callback[];
  /** "steps": a live bar (or lines); "epoch": a line an epoch; "silent". Default "steps". */
  readonly verbose?: "steps" | "epoch" | "silent";
  /** Where progress and what callbacks tell go. Default: standard output. */
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

/** Names of the options. A record, so that the compiler says which is missing here. */
export const fitOptions = {
  epochs: true,
  initialEpoch: true,
  batchSize: true,
  validationData: true,
  stepsPerEpoch: true,
  validationSteps: true,
  validationFreq: true,
  validationSplit: true,
  shuffle: true,
  seed: true,
  classWeight: true,
  callbacks: true,
  verbose: true,
  writer: true,
  signal: true,
  nanPolicy: true,
  studio: true,
  recording: true,
} satisfies Record<keyof FitOptions, true>;

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
  /** Checks targets alone. */
  check(examples: HostExamples): void;
  /** Runs what the model does on the host, before the compiled step: texts become numbers. */
  fed(examples: Examples): Examples;
}

/** Trains on `data`. All checks come first where all data are there: nothing is lost to bad data in the middle of a run. */
export async function fit(context: FitContext, data: Examples | BatchSource, options: FitOptions): Promise<History> {
  demandKnown("fit", options, Object.keys(fitOptions));
  const epochs = demandPositive("epochs", options.epochs ?? 1);
  const { verbose = "steps" } = options;
  demandChoice("verbose", verbose, ["steps", "epoch", "silent"]);
  const callbacks = options.callbacks ?? [];
  if (!Array.isArray(callbacks))
    throw new ArgumentError({ what: "fit: callbacks are a list", hint: "callbacks: [one]" });
  const seed = options.seed ?? randomSeed();
  const began = performance.now();
  const [training, validation] = await feeds(context, data, options, seed);
  context.times.data += performance.now() - began;

  const often = options.validationFreq ?? 1;
  const recording = await recordingOf(options);
  const beginning = { seed, round: context.history.epoch.length, step: 0 };
  const attended = {
    ...context,
    examples: training.whole ?? training.sample,
    // What is validated on once only may be something that gives its elements once.
    validation:
      recording &&
      validation &&
      (await examplesToShow(validation, beginning, epochs > (options.initialEpoch ?? 0) + 1)),
    batchSize: training.batchSize,
    epochs,
    seed,
  };
  const writer = options.writer ?? standardWriter();
  const loop: Loop = {
    model: context.model,
    trainStep: recording?.attend(attended) ?? context.trainStep,
    testStep: context.testStep,
    training,
    validation,
    validationFreq: typeof often === "number" ? demandPositive("validationFreq", often) : often,
    epochs,
    initialEpoch: options.initialEpoch ?? 0,
    seed,
    callbacks: [...callbacks, ...(recording === undefined ? [] : [recording])],
    progress: verbose === "silent" ? undefined : progress(writer, verbose),
    writer,
    signal: options.signal,
    history: context.history,
    times: context.times,
  };
  const running = runLoop(loop).finally(async () => {
    await training.close();
    await validation?.close();
  });
  return recording === undefined ? running : concluding(running, recording);
}

async function recordingOf({ recording, studio = false }: FitOptions): Promise<Recording | undefined> {
  if (recording !== undefined || studio === false) return recording;
  // Loaded when asked for: pages that only train need not carry it.
  const { openStudio } = await import("./openStudio.ts");
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

/** Where the batches for training and for validation come from. */
async function feeds(
  context: FitContext,
  data: Examples | BatchSource,
  options: FitOptions,
  seed: number,
): Promise<readonly [Feed, Feed | undefined]> {
  const { nanPolicy = "error", classWeight, validationData } = options;
  const batchSize = demandPositive("batchSize", options.batchSize ?? 32);
  const first = { seed, round: context.history.epoch.length, step: 0 };
  const { fed, check } = context;
  const common = { nanPolicy, fed, check };
  let training: Feed;
  let held: HostExamples | undefined;
  if (isBatchSource(data)) {
    demandForBatches(options);
    const steps = demandSteps("stepsPerEpoch", options.stepsPerEpoch);
    training = await datasetFeed(data, first, { ...common, role: "fit", steps, goesOn: true, classWeight });
  } else {
    if (options.stepsPerEpoch !== undefined) throw onlyForBatches("stepsPerEpoch");
    const all = weighted(await hostExamples(fed(data), nanPolicy), classWeight);
    const [examples, last] = split(all, options.validationSplit ?? 0);
    held = last;
    context.prepare(examples);
    training = arrayFeed(examples, batchSize, options.shuffle ?? true);
  }
  if (training.measured) context.prepare(training.sample);

  if (isBatchSource(validationData)) {
    const steps = demandSteps("validationSteps", options.validationSteps);
    const validation = await datasetFeed(validationData, first, { ...common, role: "validation", steps });
    context.prepare(validation.sample);
    return [training, validation];
  }
  if (options.validationSteps !== undefined) throw onlyForBatches("validationSteps");
  const given = validationData === undefined ? held : await hostExamples(fed(validationData), nanPolicy);
  if (given === undefined) return [training, undefined];
  context.prepare(given);
  return [training, arrayFeed(given, batchSize, false)];
}

const demandSteps = (option: string, steps: number | undefined): number | undefined =>
  steps === undefined ? undefined : demandPositive(option, steps);

const onlyForBatches = (option: string): ArgumentError =>
  new ArgumentError({
    what: `${option} goes together with data that come in batches: a Dataset or a generator`,
    hint: "of arrays, each epoch uses all; give a part of them, or Dataset.fromTensorSlices(arrays).batch(32).repeat()",
  });

/** Options that say how arrays become batches have no meaning for data that are batches. */
function demandForBatches({ batchSize, shuffle, validationSplit }: FitOptions): void {
  const refuse = (option: string, hint: string): never => {
    throw new ArgumentError({ what: `fit: ${option} does not go together with data that come in batches`, hint });
  };
  if (batchSize !== undefined) refuse("batchSize", "say the size where the batches are made: data.batch(64)");
  if (shuffle === true) refuse("shuffle", "data.shuffle() before batch()");
  if (validationSplit !== undefined && validationSplit !== 0)
    refuse("validationSplit", "validationData: data.take(100), and train on data.skip(100)");
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
