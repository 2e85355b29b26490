import {
  type EvaluationEvent,
  type JudgedExample,
  type SliceHead,
  type SliceRole,
  sliceValues,
} from "chainrule/record";
import type { RunLog } from "./runLog.ts";
import { type At, largest, lastAt } from "./search.ts";

export type Split = EvaluationEvent["split"];

/** A slice with its numbers, as panels draw it. */
export interface Picture {
  readonly step: number;
  readonly head: SliceHead;
  readonly values: Float32Array;
}

const pictureOf = ({ step, value }: RunLog["slices"][number]): Picture => ({
  step,
  head: value.head,
  values: sliceValues(value),
});

export interface SlicesView {
  readonly role: SliceRole;
  readonly layer?: string | undefined;
  readonly key?: string | undefined;
}

/** The slices that were the last ones of their key and layer at `step`. Examples do not change, so their steps do not count. */
export function slicesAt(log: RunLog, { role, layer, key }: SlicesView, step: number): Picture[] {
  const found = new Map<string, RunLog["slices"][number]>();
  for (const slice of log.slices) {
    const { head } = slice.value;
    if (head.role !== role || (slice.step > step && role !== "example")) continue;
    if ((layer !== undefined && head.layer !== layer) || (key !== undefined && head.key !== key)) continue;
    found.set(`${head.layer ?? ""} ${head.key}`, slice);
  }
  return [...found.values()].map(pictureOf);
}

/** The pictures of examples, by key. */
function examplePictures(log: RunLog, keys: ReadonlySet<string>): Map<string, Picture> {
  const found = new Map<string, Picture>();
  for (const slice of log.slices) {
    const { role, key } = slice.value.head;
    if (role === "example" && keys.has(key) && !found.has(key)) found.set(key, pictureOf(slice));
  }
  return found;
}

export interface EvaluationAt extends At<EvaluationEvent> {
  /** Steps of all evaluations of this split. */
  readonly steps: readonly number[];
}

export function evaluationAt(log: RunLog, split: Split, step: number): EvaluationAt | undefined {
  const own = log.evaluations.filter(({ value }) => value.split === split);
  const found = lastAt(own, step) ?? own[0];
  return found === undefined ? undefined : { ...found, steps: own.map((each) => each.step) };
}

export interface Mistake extends JudgedExample {
  readonly picture: Picture | undefined;
  /** What was said of this example at evaluations before, oldest first. */
  readonly history: readonly { readonly step: number; readonly predicted: number; readonly loss: number }[];
}

/** The worst examples at `step`, with their pictures. */
export function mistakesAt(log: RunLog, split: Split, step: number): { step: number; mistakes: Mistake[] } | undefined {
  const own = log.mistakes.filter(({ value }) => value.split === split);
  const found = lastAt(own, step) ?? own[0];
  if (found === undefined) return undefined;
  const pictures = examplePictures(log, new Set(found.value.examples.map(({ key }) => key)));
  const mistakes = found.value.examples.map((example) => ({
    ...example,
    picture: pictures.get(example.key),
    history: own
      .filter((each) => each.step <= found.step)
      .flatMap((each) => {
        const told = each.value.examples.find(({ key }) => key === example.key);
        return told === undefined ? [] : [{ step: each.step, predicted: told.predicted, loss: told.loss }];
      }),
  }));
  return { step: found.step, mistakes };
}

export interface ProbeExample {
  readonly key: string;
  readonly truth: number;
  readonly picture: Picture | undefined;
  /** Probability of each class at the step; empty before the first evaluation. */
  readonly probabilities: readonly number[];
  /** The most probable class at each evaluation until the step. */
  readonly history: readonly number[];
}

/** The probe set as the model saw it at `step`. */
export function probeAt(log: RunLog, step: number): { step: number; examples: ProbeExample[] } | undefined {
  const probe = log.probes.at(-1);
  if (probe === undefined) return undefined;
  const told = log.slices.filter(
    (slice) => slice.step <= step && slice.value.head.role === "prediction" && slice.value.head.key === "probe",
  );
  const predictions = told.slice(-24).map((slice) => ({ step: slice.step, values: sliceValues(slice.value) }));
  const count = probe.value.examples.length;
  const rowOf = (values: Float32Array, place: number): Float32Array => {
    const classes = Math.round(values.length / count);
    return values.subarray(place * classes, (place + 1) * classes);
  };
  const pictures = examplePictures(log, new Set(probe.value.examples.map(({ key }) => key)));
  const last = predictions.at(-1);
  const examples = probe.value.examples.map(({ key, truth }, place) => ({
    key,
    truth,
    picture: pictures.get(key),
    probabilities: last === undefined ? [] : [...rowOf(last.values, place)],
    history: predictions.map(({ values }) => largest(rowOf(values, place))),
  }));
  return { step: last?.step ?? probe.step, examples };
}
