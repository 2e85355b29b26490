import { type HostExamples, sliceExamples, takeExamples } from "../data/index.ts";
import { bytesSlice, halvesSlice, type JudgedExample, type Slice } from "../record/index.ts";
import type { Logs } from "../train/index.ts";
import { boundary, unitPlanes } from "./boundary.ts";
import { kindOf as describeKind } from "./describe.ts";
import { shortEmbeddings } from "./embeddings.ts";
import { classCountOf, firstInput, firstInputOf, isNdArrayLike } from "./examples.ts";
import { Forward, outputKey, probabilities } from "./forward.ts";
import { lastWeights } from "./lastWeights.ts";
import type { Session } from "./session.ts";
import { Thinning } from "./thinning.ts";

/** Examples that a confusion matrix is counted over, at most: the first ones. */
const mostExamples = 5000;
const mostMistakes = 24;
const defaultProbe = 32;
/** Pictures larger than this are not written. */
const largestPicture = 256 * 256 * 3;
/** Numbers of feature maps and of attention that are written, a layer. */
const largestMap = 32 * 32 * 32;
const largestAttention = 8 * 128 * 128;
/** Examples whose embeddings are written, and points a side of the plane. */
const embedded = 256;
const boundarySize = 48;

type Split = "train" | "validation";

/** What the model knows, told at each evaluation: confusion, the worst mistakes, the probe set, feature maps. */
export class Evaluations {
  readonly #session: Session;
  readonly forward: Forward;
  readonly #classes: number | undefined;
  readonly #split: Split;
  readonly #examples: HostExamples;
  #probe: HostExamples | undefined;
  readonly #pictures = new Set<string>();
  readonly #thinning = new Thinning();
  /** The step whose inside was told last. */
  #toldInside = -1;
  /** Whether a layer attends, as far as it is known. */
  #attends = true;

  constructor(session: Session) {
    this.#session = session;
    const { training } = session;
    this.forward = new Forward(training);
    this.#classes = classCountOf(training);
    this.#split = training.validation === undefined ? "train" : "validation";
    const whole = training.validation ?? training.examples;
    this.#examples = sliceExamples(whole, 0, Math.min(mostExamples, whole.length));
  }

  /** The examples that are followed. */
  get probe(): HostExamples | undefined {
    return this.#probe;
  }

  /** Chooses the probe set, and asks the model what it thinks before it has learned. */
  async begin(): Promise<void> {
    const { options, recorder, step } = this.#session;
    const indices = stratified(this.#examples, options.probe ?? defaultProbe, this.#classes);
    if (indices.length === 0) return;
    this.#probe = takeExamples(this.#examples, indices);
    const examples = [...indices].map((index, row) => ({
      key: `${this.#split}/${index}`,
      truth: truthOf(this.#probe!, row),
    }));
    recorder.event({ type: "probe", time: Date.now(), split: this.#split, examples }, step);
    examples.forEach(({ key }, row) => {
      this.#picture(key, this.#probe!, row); // chosen just before
    });
    await this.#predictProbe();
  }

  /** An evaluation of which only the figures are told. */
  figuresOnly(logs: Logs): void {
    const { recorder, step } = this.#session;
    recorder.event({ type: "evaluation", time: Date.now(), split: this.#split, examples: 0, ms: 0, logs }, step);
  }

  /** After an evaluation with these figures. */
  async take(logs: Logs): Promise<void> {
    const began = performance.now();
    const { recorder, step } = this.#session;
    const judged = this.#classes === undefined ? undefined : await this.#judge(this.#classes);
    await this.#predictProbe();
    recorder.event(
      {
        type: "evaluation",
        time: Date.now(),
        split: this.#split,
        examples: judged === undefined ? 0 : this.#examples.length,
        ms: performance.now() - began,
        logs,
        ...(judged === undefined ? {} : { confusion: judged.confusion, classes: this.#classes! }), // judged only with classes
      },
      step,
    );
    if (judged === undefined) return;
    recorder.event({ type: "mistakes", time: Date.now(), split: this.#split, examples: judged.mistakes }, step);
    for (const { key } of judged.mistakes) this.#picture(key, this.#examples, Number(key.split("/")[1]));
  }

  async #judge(classes: number): Promise<{ readonly confusion: number[]; readonly mistakes: JudgedExample[] }> {
    const { values, size } = await this.forward.outputs(this.#examples);
    const likely = probabilities(values, size);
    const confusion = new Array<number>(classes * classes).fill(0);
    const wrong: JudgedExample[] = [];
    for (let row = 0; row < this.#examples.length; row++) {
      const truth = truthOf(this.#examples, row);
      const own = likely.subarray(row * size, (row + 1) * size);
      const predicted = own.indexOf(own.reduce((most, value) => Math.max(most, value)));
      if (predicted < 0 || !(truth >= 0 && truth < classes)) continue;
      confusion[truth * classes + predicted]!++;
      if (predicted === truth) continue;
      const loss = -Math.log(Math.max(own[truth]!, 1e-30));
      wrong.push({ key: `${this.#split}/${row}`, truth, predicted, probability: own[predicted]!, loss });
    }
    return { confusion, mistakes: wrong.sort((a, b) => b.loss - a.loss).slice(0, mostMistakes) };
  }

  async #predictProbe(): Promise<void> {
    const { recorder, step } = this.#session;
    if (this.#probe === undefined) return;
    const { values, size } = await this.forward.outputs(this.#probe);
    const shown = this.#classes === undefined ? values : probabilities(values, size);
    const shape = [this.#probe.length, size];
    recorder.write("slice", halvesSlice({ key: "probe", role: "prediction", shape }, shown), { step });
    if (this.#thinning.due()) await this.#tellInside(this.#probe);
  }

  /** What goes on inside: maps and attention of the first example of the probe set, where examples lie, what parts the plane. */
  async #tellInside(probe: HostExamples): Promise<void> {
    const { recorder, step, training } = this.#session;
    this.#toldInside = step;
    const write = (slice: Slice): void => {
      recorder.write("slice", slice, { step });
      this.#thinning.wrote(slice.data.length);
    };
    const { x } = sliceExamples(probe, 0, 1);
    for (const { layer, shape, values } of await this.forward.layers(x)) {
      if (layer === outputKey || values.length > largestMap) continue;
      write(bytesSlice({ key: "probe/0", role: "featureMap", layer, shape: shape.slice(1) }, values));
    }
    if (this.#attends) {
      const maps = await this.forward.attention(x);
      this.#attends = maps.length > 0;
      for (const { layer, shape, values } of maps)
        if (values.length <= largestAttention)
          write(bytesSlice({ key: "probe/0", role: "attention", layer, shape: shape.slice(1) }, values));
    }
    if (this.#classes !== undefined && firstInput(probe) !== undefined)
      write(
        await shortEmbeddings(
          this.forward,
          sliceExamples(this.#examples, 0, Math.min(embedded, this.#examples.length)),
          this.#split,
        ),
      );
    if (describeKind(firstInputOf(training)) === "points")
      write(await boundary(this.#session, { extent: this.#extent(), size: boundarySize }));
  }

  /** The training is over: what can be asked of nobody any more is told, so that units can be looked at in its log. */
  async end(): Promise<void> {
    const { recorder, step, training } = this.#session;
    if (this.#probe !== undefined && this.#toldInside !== step) await this.#tellInside(this.#probe);
    for (const slice of await lastWeights(training)) recorder.write("slice", slice, { step });
    if (this.#probe === undefined || describeKind(firstInputOf(training)) !== "points") return;
    for (const slice of await unitPlanes(this.#session, this.#extent())) recorder.write("slice", slice, { step });
  }

  /** The part of the plane in which the examples lie, and a little more. */
  #extent(): [number, number, number, number] {
    const { data } = firstInput(this.#examples)!; // points have been found there
    const range = (axis: number): [number, number] => {
      let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      for (let at = axis; at < data.length; at += 2) {
        low = Math.min(low, data[at]!);
        high = Math.max(high, data[at]!);
      }
      const margin = (high - low || 1) / 10;
      return [low - margin, high + margin];
    };
    return [...range(0), ...range(1)];
  }

  /** Writes the picture of an example, once. */
  #picture(key: string, examples: HostExamples, row: number): void {
    const input = firstInput(examples);
    if (input === undefined || input.stride > largestPicture || this.#pictures.has(key)) return;
    this.#pictures.add(key);
    const one = input.slice(row, row + 1);
    const slice = bytesSlice({ key, role: "example", shape: one.shape.slice(1) }, one.data);
    this.#session.recorder.write("slice", slice, { step: this.#session.step });
  }
}

/** The class of an example; NaN where its target is none. */
function truthOf({ y }: HostExamples, row: number): number {
  return isNdArrayLike(y) && y.stride === 1 ? y.data[row]! : Number.NaN;
}

/** The first examples of each class in turn, until there are so many; without classes, the first ones. */
function stratified(examples: HostExamples, count: number, classes: number | undefined): Uint32Array {
  const most = Math.min(count, examples.length);
  if (classes === undefined) return Uint32Array.from({ length: most }, (_, index) => index);
  const byClass = Array.from({ length: classes }, (): number[] => []);
  for (let row = 0; row < examples.length; row++) {
    const own = byClass[truthOf(examples, row)];
    if (own !== undefined && own.length < most) own.push(row);
  }
  const chosen: number[] = [];
  for (let round = 0; chosen.length < most && byClass.some((rows) => round < rows.length); round++)
    for (const rows of byClass) if (rows[round] !== undefined && chosen.length < most) chosen.push(rows[round]!);
  return Uint32Array.from(chosen);
}
