import { ArgumentError } from "../base/errors.ts";
import { type Examples, type HostExamples, hostExamples, isNdArray } from "../data/index.ts";
import type { Model } from "../model/index.ts";
import { mapStructure } from "../nn/index.ts";
import type { Optimizer } from "../optim/index.ts";
import { randomSeed, type Variable } from "../tensor/index.ts";
import { type Attended, Objective, type Step, type StudioOptions, type Trainable } from "../train/index.ts";
import type { RecordingOptions, RunPlace } from "./options.ts";
import { Run } from "./run.ts";

export interface RunOptions extends Omit<RecordingOptions, "place" | "guard" | "statistics" | "refused"> {
  /** What learns: its graph is shown, and its state is what checkpoints hold. A model that is not compiled is compiled with `optimizer`. */
  readonly model?: Model | undefined;
  /** What moves the weights; its learning rate can be changed. Default: that of the compiled model. */
  readonly optimizer?: Optimizer | undefined;
  /** Without a model: what learns. */
  readonly variables?: readonly Variable[] | undefined;
  /** Examples of the training, or some of them: what the page shows, and asks the model about. */
  readonly examples?: Examples | undefined;
  /** What `run.evaluate` tells of. */
  readonly validationData?: Examples | undefined;
  /** Of the whole run, for the page: epochs (calls of `steps`), steps of one, examples of a step. Default 1, as found, 32. */
  readonly epochs?: number | undefined;
  readonly stepsPerEpoch?: number | undefined;
  readonly batchSize?: number | undefined;
  /** Where the run is written, without the package of the studio. */
  readonly place?: RunPlace | undefined;
  /** Opens the studio, as `fit({ studio })` does. Default: true, unless there is a `place`. */
  readonly studio?: boolean | StudioOptions | undefined;
}

/**
 * Records a loop of the user's own, and lets it be watched and steered as `fit` is:
 * `for await (const batch of run.steps(data)) { …; run.log({ loss }) }`, then `await run.finish()`.
 */
export async function startRun(options: RunOptions): Promise<Run> {
  const {
    model,
    optimizer,
    variables,
    examples,
    validationData,
    epochs = 1,
    stepsPerEpoch,
    batchSize = 32,
    place,
    studio = place === undefined,
    ...rest
  } = options;
  const learner = learnerOf(options);
  const host = async (given: Examples | undefined): Promise<HostExamples | undefined> =>
    given === undefined ? undefined : hostExamples(given, "allow");
  const shown = await host(examples);
  const validation = await host(validationData);
  const seen = shown ?? validation;
  if (seen !== undefined && model !== undefined)
    model.buildFor(mapStructure(seen.x, isNdArray, ({ shape: [, ...sizes] }) => [null, ...sizes]));
  const training: Attended = {
    model: learner,
    body: notOurs,
    trainStep: ownStep,
    testStep: ownStep,
    examples: shown ?? { x: [], y: undefined, sampleWeight: undefined, length: 0 },
    validation,
    epochs,
    batchSize,
    seed: randomSeed(),
    times: { data: 0, wait: 0, compile: 0, train: 0, evaluate: 0 },
  };
  return new Run(training, await recordingOptions(rest, place, studio), stepsPerEpoch);
}

interface StudioPackage {
  readonly studioOptions: (options: StudioOptions) => Promise<RecordingOptions>;
}

async function recordingOptions(
  given: Omit<RecordingOptions, "place">,
  place: RunPlace | undefined,
  studio: boolean | StudioOptions,
): Promise<RecordingOptions> {
  if (place !== undefined) return { ...given, place };
  if (studio === false)
    throw new ArgumentError({
      what: "startRun: there is no place for the run",
      hint: "place: { id, sink }, or studio: { serve: false } for a folder of runs",
    });
  const { loadStudio } = await import("../train/openStudio.ts");
  const { studioOptions } = (await loadStudio("startRun")) as StudioPackage; // our own package
  return studioOptions({ ...given, ...(studio === true ? {} : studio) } as StudioOptions); // it passes on what it does not know
}

/** What learns, with its optimizer. */
function learnerOf({ model, optimizer, variables, examples, validationData }: RunOptions): Trainable {
  if (model === undefined) {
    if (optimizer === undefined)
      throw new ArgumentError({
        what: "startRun: there is neither a model nor an optimizer",
        hint: "startRun({ model, optimizer })",
      });
    if (examples !== undefined || validationData !== undefined)
      throw new ArgumentError({
        what: "startRun: examples are for a model, and there is none",
        hint: "startRun({ model, … })",
      });
    return standIn(optimizer, variables ?? []);
  }
  if (model.compiled) {
    if (optimizer !== undefined && model.objective.optimizer !== optimizer)
      throw new ArgumentError({
        what: "startRun: the model was compiled with another optimizer than the one given",
        hint: "leave optimizer out, or declare its rate: run.control(…)",
      });
    return model;
  }
  if (optimizer === undefined)
    throw new ArgumentError({
      what: "startRun: the model has no optimizer",
      hint: "compile it, or startRun({ model, optimizer })",
    });
  return model.compile({ optimizer });
}

const notOurs = (): never => {
  throw new ArgumentError("this is a loop of the user's own: its step is not known");
};
const ownStep: Step = Object.assign(async (): Promise<void> => notOurs(), { prepare: () => {} });

/** What stands for a model where there are only Variables. */
function standIn(optimizer: Optimizer, variables: readonly Variable[]): Trainable {
  const names = variables.map(({ name }) => name);
  const unique = names.map((name, index) => (names.indexOf(name) === index ? name : `${name}_${index}`));
  return {
    name: "loop",
    objective: new Objective({ optimizer }, ["output"]),
    variables,
    trainableVariables: variables.filter(({ trainable }) => trainable),
    namedVariables: () => variables.map((variable, index) => [unique[index]!, variable]),
    save: notOurs,
    saveWeights: notOurs,
    compute: notOurs,
    computeLoss: notOurs,
    computeMetrics: notOurs,
    trainStep: notOurs,
    testStep: notOurs,
  };
}
