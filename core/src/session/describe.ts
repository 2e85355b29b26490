import type { HostExamples, NdArray } from "../data/index.ts";
import { Model } from "../model/index.ts";
import type { DataDescription, Json, RunDescription } from "../record/index.ts";
import { deviceReport } from "../tensor/index.ts";
import { classCountOf, firstInputOf, isNdArrayLike } from "./examples.ts";
import { modelGraph } from "./graph.ts";
import type { Session } from "./session.ts";

const version = "0.1.0";

/** What does not change in this run. */
export async function describeRun(session: Session, parent: RunDescription["parent"]): Promise<RunDescription> {
  const { training, options, place } = session;
  const { model, epochs, batchSize, seed } = training;
  const { objective } = model;
  const { name, description } = await deviceReport();
  const { stepsPerEpoch } = session;
  const parameters = session.parameters.map(async ({ get, set: _, ...parameter }) => ({
    ...parameter,
    value: await get(),
  }));
  const process = (globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } }).process;
  const optimizer = { name: objective.optimizer.name, config: plain(objective.optimizer.config()) };
  const loss = objective.losses.flatMap((each) => each?.name ?? []);
  return {
    schema: 1,
    id: place.id,
    name: options.name ?? place.id,
    ...(options.project === undefined ? {} : { project: options.project }),
    created: Date.now(),
    config: {
      optimizer: optimizer.name,
      ...prefixedFields(optimizer.config),
      batchSize,
      epochs,
      ...options.config,
    },
    seed,
    epochs,
    batchSize,
    stepsPerEpoch,
    steps: epochs * stepsPerEpoch,
    firstStep: session.step,
    device: { name, description },
    versions: { chainrule: version, ...(process?.versions?.node === undefined ? {} : { node: process.versions.node }) },
    data: describeData(session),
    ...(model instanceof Model ? { model: modelGraph(model) } : {}),
    optimizer,
    loss,
    parameters: await Promise.all(parameters),
    ...(parent === undefined ? {} : { parent }),
  };
}

/** The numbers and words of a configuration. */
function prefixedFields(config: Json): { readonly [name: string]: Json } {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return {};
  return Object.fromEntries(Object.entries(config).filter(([, value]) => typeof value !== "object"));
}

/** As JSON sees it. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value ?? null)) as Json;

const mostCounted = 100_000;

function describeData({ training, options }: Session): DataDescription {
  const { examples, validation } = training;
  const input = firstInputOf(training);
  const inputShape = input?.shape.slice(1) ?? [];
  const classes = classCountOf(training);
  const counts = classes === undefined || examples.length === 0 ? undefined : countClasses(examples, classes);
  const names =
    options.classes ?? (classes === undefined ? undefined : Array.from({ length: classes }, (_, at) => `${at}`));
  return {
    examples: examples.length,
    validationExamples: validation?.length ?? 0,
    inputShape,
    kind: kindOf(input),
    ...(names === undefined ? {} : { classes: names }),
    ...(counts === undefined ? {} : { classCounts: counts }),
    ...(input === undefined ? {} : moments(input, training.batchSize)),
  };
}

export function kindOf(input: NdArray | undefined): DataDescription["kind"] {
  const [, ...sizes] = input?.shape ?? [];
  const channels = sizes.at(-1) ?? 0;
  if (sizes.length === 3 && [1, 3, 4].includes(channels)) return "image";
  if (sizes.length === 2) return input?.data instanceof Float32Array && sizes[0] === sizes[1] ? "image" : "sequence";
  // Whole numbers in a row are tokens: their sizes mean nothing.
  if (sizes.length === 1 && input?.data instanceof Int32Array) return "sequence";
  return sizes.length === 1 && channels === 2 ? "points" : "vector";
}

function countClasses({ y, length }: HostExamples, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  if (!isNdArrayLike(y)) return counts;
  for (let at = 0; at < Math.min(length, mostCounted); at++) {
    const label = y.data[at * y.stride]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) counts[label]!++;
  }
  return counts;
}

/** Mean and deviation of the first batch. */
function moments(input: NdArray, batchSize: number): { readonly mean: number; readonly deviation: number } {
  const { data } = input.slice(0, Math.min(batchSize, input.shape[0]!));
  let [sum, squares] = [0, 0];
  for (let at = 0; at < data.length; at++) {
    sum += data[at]!;
    squares += data[at]! ** 2;
  }
  const mean = sum / data.length;
  return { mean, deviation: Math.sqrt(Math.max(0, squares / data.length - mean * mean)) };
}
