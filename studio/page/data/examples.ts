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
export function examplePictures(log: RunLog, keys: ReadonlySet<string>): Map<string, Picture> {
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
  // Evaluations that told only their figures have nothing to show.
  const of = log.evaluations.filter(({ value }) => value.split === split);
  const whole = of.filter(({ value }) => value.confusion !== undefined);
  const own = whole.length > 0 ? whole : of;
  const found = lastAt(own, step) ?? own[0];
  return found === undefined ? undefined : { ...found, steps: own.map((each) => each.step) };
}

export interface Mistake extends JudgedExample {
  readonly picture: Picture | undefined;
}

/** The worst examples at `step`, with their pictures. */
export function mistakesAt(log: RunLog, split: Split, step: number): { step: number; mistakes: Mistake[] } | undefined {
  const own = log.mistakes.filter(({ value }) => value.split === split);
  const found = lastAt(own, step) ?? own[0];
  if (found === undefined) return undefined;
  const pictures = examplePictures(log, new Set(found.value.examples.map(({ key }) => key)));
  const mistakes = found.value.examples.map((example) => ({ ...example, picture: pictures.get(example.key) }));
  return { step: found.step, mistakes };
}

/** What was said of an example at one evaluation. */
export interface Said {
  readonly step: number;
  readonly predicted: number;
  readonly loss: number;
}

/** What was said of an example over the run until `step`: at evaluations that had it in the probe set, or among the worst. */
export function historyOf(log: RunLog, key: string, step: number): Said[] {
  const found = new Map<number, Said>();
  for (const mistakes of log.mistakes) {
    const told = mistakes.value.examples.find((each) => each.key === key);
    if (told !== undefined)
      found.set(mistakes.step, { step: mistakes.step, predicted: told.predicted, loss: told.loss });
  }
  const probe = log.probes.at(-1)?.value.examples ?? [];
  const place = probe.findIndex((each) => each.key === key);
  const truth = probe[place]?.truth ?? Number.NaN;
  const say = sayer(log);
  for (const slice of place < 0 ? [] : log.slices) {
    if (!isProbePrediction(slice)) continue;
    const saying = say(rowOf(sliceValues(slice.value), place, probe.length), truth);
    if (saying?.kind === "class")
      found.set(slice.step, {
        step: slice.step,
        predicted: saying.said,
        loss: -Math.log(Math.max(saying.ofTruth, 1e-7)),
      });
  }
  return [...found.values()].filter((each) => each.step <= step).sort((a, b) => a.step - b.step);
}

/** What a model says of an example: a class and how sure it is, or a number. */
export type Saying =
  | { readonly kind: "class"; readonly said: number; readonly probability: number; readonly ofTruth: number }
  | { readonly kind: "number"; readonly said: number };

/** Reads the outputs for one example, by the run's loss: classes of several outputs, of one output, or numbers. */
function sayer(log: RunLog): (outputs: Float32Array, truth: number) => Saying | undefined {
  const { loss = [], data } = log.description ?? {};
  const classifies = data?.classes !== undefined || loss.some((name) => /cross-?entropy|hinge|focal/i.test(name));
  return (outputs, truth) => {
    const [first = Number.NaN] = outputs;
    if (outputs.length > 1) {
      if (!Number.isInteger(truth) || truth >= outputs.length) return undefined;
      const said = largest(outputs);
      return { kind: "class", said, probability: outputs[said]!, ofTruth: outputs[truth]! };
    }
    if (!classifies || (truth !== 0 && truth !== 1))
      return Number.isNaN(truth) ? undefined : { kind: "number", said: first };
    // One output says how likely the second of two classes is; what is no probability is its logit.
    const second = first >= 0 && first <= 1 ? first : 1 / (1 + Math.exp(-first));
    const said = second >= 0.5 ? 1 : 0;
    return {
      kind: "class",
      said,
      probability: said === 1 ? second : 1 - second,
      ofTruth: truth === 1 ? second : 1 - second,
    };
  };
}

const isProbePrediction = ({ value: { head } }: RunLog["slices"][number]): boolean =>
  head.role === "prediction" && head.key === "probe";

/** What is told of one of so many examples. */
function rowOf(values: Float32Array, place: number, count: number): Float32Array {
  const size = Math.round(values.length / count);
  return values.subarray(place * size, (place + 1) * size);
}

export interface ProbeExample {
  readonly key: string;
  readonly truth: number;
  readonly picture: Picture | undefined;
  /** Undefined before the first evaluation, and of models that say more than one class or number of an example. */
  readonly saying: Saying | undefined;
  /** Whether it was right at each evaluation until the step; of classes. */
  readonly history: readonly boolean[];
}

/** `told`: whether the model was asked about them yet. */
export interface ProbeNow {
  readonly step: number;
  readonly told: boolean;
  readonly examples: readonly ProbeExample[];
}

/** The probe set as the model saw it at `step`. */
export function probeAt(log: RunLog, step: number): ProbeNow | undefined {
  const probe = log.probes.at(-1);
  if (probe === undefined) return undefined;
  const told = log.slices.filter((slice) => slice.step <= step && isProbePrediction(slice));
  const predictions = told.slice(-24).map((slice) => ({ step: slice.step, values: sliceValues(slice.value) }));
  const known = probe.value.examples;
  const say = sayer(log);
  const pictures = examplePictures(log, new Set(known.map(({ key }) => key)));
  const last = predictions.at(-1);
  const examples = known.map(({ key, truth }, place): ProbeExample => {
    const sayings = predictions.map(({ values }) => say(rowOf(values, place, known.length), truth));
    const history = sayings.flatMap((each) => (each?.kind === "class" ? [each.said === truth] : []));
    return { key, truth, picture: pictures.get(key), saying: sayings.at(-1), history };
  });
  return { step: last?.step ?? probe.step, told: last !== undefined, examples };
}
