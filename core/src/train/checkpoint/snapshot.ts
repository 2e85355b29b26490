import { DataError } from "../../base/errors.ts";
import { printShape, sameShape } from "../../base/shape.ts";
import type { StoredTensor } from "../../formats/index.ts";
import { randomSeed, randomState } from "../../tensor/index.ts";
import type { Recorded, RunSnapshot, TrainingControl } from "../callbacks/callback.ts";
import { makeState, type Named, wholeState } from "../state.ts";
import type { CheckpointContent } from "./encode.ts";

const callbackPrefix = (index: number): string => `callbacks/${index}/`;

/** All state of a training as it is now. Everything is asked for at once: steps that are sent later do not count. */
export async function takeSnapshot(control: TrainingControl): Promise<CheckpointContent> {
  const run = control.snapshot();
  const named: Named[] = [
    ...wholeState(control.model),
    ...run.callbacks.flatMap((state, index) =>
      Object.entries(state?.tensors ?? {}).map(([name, tensor]): Named => [`${callbackPrefix(index)}${name}`, tensor]),
    ),
  ];
  const header = {
    ...run,
    callbacks: run.callbacks.map((state) => state?.values ?? null),
    randomSeed: randomSeed(),
  };
  const bytes = await Promise.all(named.map(([, state]) => state.bytes()));
  const tensors = new Map(
    named.map(([name, { dtype, shape }], index) => [name, { dtype, shape, bytes: bytes[index]! }] as const),
  );
  return { tensors, header };
}

/** Puts a snapshot back: the model's state, the random generator, and the place of the run. */
export function restoreSnapshot(
  control: TrainingControl,
  { tensors, header }: CheckpointContent,
  source: string,
): void {
  const weights = [...tensors.keys()].filter((name) => name.startsWith("model/"));
  if (control.model.namedVariables().length < weights.length) control.build();
  makeState(control.model, tensors);
  const states = wholeState(control.model);
  const known = new Set(states.map(([name]) => name));
  const surplus = [...tensors.keys()].find((name) => !name.startsWith("callbacks/") && !known.has(name));
  if (surplus !== undefined) throw unfit(source, `the model has no state "${surplus}"`);
  const pairs = states.map(([name, state]) => {
    const stored = tensors.get(name);
    if (stored === undefined) throw unfit(source, `it has no state "${name}"`);
    if (stored.dtype !== state.dtype || !sameShape(stored.shape, state.shape)) {
      const types = [stored, state].map(({ dtype, shape }) => `${dtype} ${printShape(shape)}`);
      throw unfit(source, `"${name}" is ${types[0]} in the file and ${types[1]} in the model`);
    }
    return [state, stored] as const;
  });
  const snapshot = readHeader(header, source);
  for (const [state, { bytes }] of pairs) state.assignBytes(bytes);
  if (typeof snapshot.randomSeed === "number") randomState.restoreSeed(snapshot.randomSeed);
  control.resume(snapshot, tensors);
}

/** The tensors of one callback, under the names that it gave. */
export function tensorsOf(
  tensors: ReadonlyMap<string, StoredTensor>,
  index: number,
): ReadonlyMap<string, StoredTensor> {
  const prefix = callbackPrefix(index);
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

const unfit = (source: string, why: string): DataError =>
  new DataError({
    what: `${source}: the checkpoint does not belong to this model: ${why}`,
    hint: "go on with the model, optimizer and metrics that wrote it, or remove its folder to begin again",
  });

type Json = { readonly [key: string]: unknown };
const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readHeader(header: unknown, source: string): RunSnapshot & { readonly randomSeed?: unknown } {
  const bad = (what: string): DataError =>
    new DataError({ what: `${source}: the checkpoint is damaged: ${what}`, hint: "go on from an earlier one" });
  if (!isRecord(header)) throw bad("it has no header");
  const { position, seed, stopped, callbacks, run, whole, data } = header;
  if (!isRecord(position) || !isCount(position["epoch"]) || !isCount(position["step"])) throw bad("its position");
  if (typeof seed !== "number" || typeof stopped !== "boolean" || !Array.isArray(callbacks)) throw bad("its fields");
  return {
    position: { epoch: position["epoch"], step: position["step"] },
    seed,
    stopped,
    run: readRecorded(run, bad),
    whole: readRecorded(whole, bad),
    callbacks: callbacks.map((values: unknown) => ({ values })),
    data: readPlace(data, bad),
    randomSeed: header["randomSeed"],
  };
}

function readPlace(value: unknown, bad: (what: string) => DataError): RunSnapshot["data"] {
  if (value === undefined) return undefined;
  if (!isRecord(value) || !isCount(value["pass"]) || !isCount(value["taken"])) throw bad("its place in the data");
  return { pass: value["pass"], taken: value["taken"] };
}

function readRecorded(value: unknown, bad: (what: string) => DataError): Recorded {
  const { epoch, history } = isRecord(value) ? value : {};
  if (!Array.isArray(epoch) || !epoch.every(isCount) || !isRecord(history)) throw bad("its history");
  const figures = Object.entries(history).map(([name, values]) => {
    if (!Array.isArray(values)) throw bad("its history");
    // JSON has no NaN: it writes null.
    return [name, values.map((figure: unknown) => (typeof figure === "number" ? figure : Number.NaN))] as const;
  });
  return { epoch, history: Object.fromEntries(figures) };
}
