import { DataError } from "../base/errors.ts";
import { type HostExamples, isNdArray, type NdArray, sliceExamples, uniformSource } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { leavesOf, mapStructure, type Structure, valuesOf } from "../nn/index.ts";
import { concatenate, type Jitted, jit, Tensor, tensor, watchAttention } from "../tensor/index.ts";
import type { Attended } from "../train/index.ts";
import { upload } from "./examples.ts";
import { diagramLayers } from "./graph.ts";
import { summary, summarySize } from "./summary.ts";

type Inputs = Structure<Tensor>;
/** Results by the layers that made them. */
type Taps = { readonly [layer: string]: Tensor };
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** What a layer made of a batch. */
export interface LayerResult {
  readonly layer: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** What is told of a layer's results for a batch. */
export interface LayerSummary {
  readonly layer: string;
  readonly shape: readonly number[];
  /** See `readSummary`. */
  readonly told: Float32Array;
  /** How often each unit (place of the last axis) is not 0, of all examples and positions: shares. None where there are no units. */
  readonly activity: Float32Array;
}

/** Examples a call. */
const batchSize = 100;

/** The model as it is now, asked without training. */
export class Forward {
  readonly #training: Attended;
  #plain: Jitted<(x: Inputs) => Tensor> | undefined;
  #tapped: Jitted<(x: Inputs) => Taps> | undefined;

  readonly #single = new Map<string, Jitted<(x: Inputs) => Taps>>();
  #attending: Jitted<(x: Inputs) => Taps> | undefined;
  #measured: Jitted<(x: Inputs) => Tensor> | undefined;
  /** What the summaries belong to, once they were traced. */
  #shapes: readonly { readonly layer: string; readonly shape: readonly number[] }[] = [];

  constructor(training: Attended) {
    this.#training = training;
  }

  /** The first output for examples, row by row: [examples, size]. */
  async outputs(examples: HostExamples): Promise<{ readonly values: Float32Array; readonly size: number }> {
    const { model } = this.#training;
    this.#plain ??= jit((x: Inputs) => firstOutput(model.compute(x, { training: false })), {
      name: `${model.name}/predict`,
    });
    const parts: Float32Array[] = [];
    for (let start = 0; start < examples.length; start += batchSize) {
      const part = sliceExamples(examples, start, Math.min(start + batchSize, examples.length));
      const output = this.#plain(mapStructure(part.x, isNdArray, upload));
      parts.push((await output.data()) as Float32Array); // outputs are floats
      output.dispose();
    }
    const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      values.set(part, at);
      at += part.length;
    }
    return { values, size: values.length / examples.length };
  }

  /** What every layer of the diagram makes of one batch, in order; the output last. */
  async layers(x: Structure<NdArray>): Promise<readonly LayerResult[]> {
    this.#tapped ??= this.#makeTapped();
    const results = await readAll(this.#tapped(mapStructure(x, isNdArray, upload)));
    // Programs give records back by the alphabet.
    const order = [...this.#ids().values(), outputKey];
    return results.sort((a, b) => order.indexOf(a.layer) - order.indexOf(b.layer));
  }

  /**
   * What one layer (the last but one, unless named: what the last one decides by) makes of a batch; with `most`, longer results as
   * so many sums with random signs, always the same ones: distances stay as they are but for some percent (Achlioptas 2003).
   */
  async layer(x: Structure<NdArray>, layer?: string, most = Number.POSITIVE_INFINITY): Promise<LayerResult> {
    const key = `${layer ?? ""} ${most}`;
    let one = this.#single.get(key);
    if (one === undefined) {
      one = jit((given: Inputs) => this.#oneOf(this.#tap(given), layer, most), { name: "one layer" });
      this.#single.set(key, one);
    }
    const [result] = await readAll(one(mapStructure(x, isNdArray, upload)));
    return result!; // there is one, or an error was thrown
  }

  #oneOf({ [outputKey]: _, ...layers }: Taps, layer: string | undefined, most: number): Taps {
    const names = Object.keys(layers);
    const name = layer ?? names.at(-2) ?? names.at(-1);
    const found = name === undefined ? undefined : layers[name];
    if (name === undefined || found === undefined) throw new DataError(`there is no layer "${name ?? ""}"`);
    const rows = found.reshape([found.shape[0]!, -1]) as Tensor; // it has an axis of examples
    const size = rows.shape[1]!; // as above
    return { [name]: size <= most ? rows : (rows.matmul(signs(size, most)) as Tensor) };
  }

  /** Statistics of what every layer of the diagram makes of one batch, taken on the device. */
  async summaries(x: Structure<NdArray>): Promise<readonly LayerSummary[]> {
    const result = this.#makeMeasured()(mapStructure(x, isNdArray, upload));
    const told = (await result.data()) as Float32Array; // summaries are f32
    result.dispose();
    let at = 0;
    return this.#shapes.map(({ layer, shape }) => {
      const units = at + summarySize;
      const end = units + unitsOf(shape);
      const own = { layer, shape, told: told.subarray(at, units), activity: told.subarray(units, end) };
      at = end;
      return own;
    });
  }

  /** Compiles that for such a batch. */
  prepareSummaries(x: Structure<NdArray>): Promise<void> {
    return this.#makeMeasured().prepare(mapStructure(x, isNdArray, upload));
  }

  #makeMeasured(): Jitted<(x: Inputs) => Tensor> {
    this.#measured ??= jit((x: Inputs) => this.#summaryOf(x), { name: `${this.#training.model.name}/activations` });
    return this.#measured;
  }

  #summaryOf(x: Inputs): Tensor {
    const { [outputKey]: _, ...layers } = this.#tap(x);
    this.#shapes = Object.entries(layers).map(([layer, { shape }]) => ({ layer, shape }));
    return concatenate(Object.values(layers).flatMap((each) => [summary(each), ...activity(each)])) as Tensor;
  }

  /** Which place of one example looks at which, in each layer that attends: [heads, queries, keys]. Computed for this alone. */
  async attention(x: Structure<NdArray>): Promise<readonly LayerResult[]> {
    this.#attending ??= jit((given: Inputs) => this.#attentionOf(given), {
      name: `${this.#training.model.name}/attention`,
    });
    return readAll(this.#attending(mapStructure(x, isNdArray, upload)));
  }

  #attentionOf(x: Inputs): Taps {
    const ids = this.#ids();
    const found: Record<string, Tensor> = {};
    let last: Tensor | undefined;
    // Layers are told of when they are done: what was seen before belongs to them.
    const seen = (layer: object): void => {
      const id = ids.get(layer);
      if (id !== undefined && last !== undefined) found[id] ??= last;
      if (id !== undefined) last = undefined;
    };
    watchAttention(
      (weights) => {
        const [heads, ...places] = weights.shape.slice(-3);
        last = weights.reshape([-1, heads!, ...places]).cast("f32") as Tensor; // weights have four axes or more
      },
      () => this.#training.model.compute(x, { training: false, seen }),
    );
    return found;
  }

  #ids(): ReadonlyMap<object, string> {
    const { model } = this.#training;
    return model instanceof Model ? diagramLayers(model) : new Map<object, string>();
  }

  #makeTapped(): Jitted<(x: Inputs) => Taps> {
    return jit((x: Inputs) => this.#tap(x), { name: `${this.#training.model.name}/layers` });
  }

  #tap(x: Inputs): Taps {
    const { model } = this.#training;
    const ids = this.#ids();
    const found: Record<string, Tensor> = {};
    const seen = (layer: object, outputs: unknown): void => {
      const id = ids.get(layer);
      const result = id === undefined ? undefined : firstOutput(outputs);
      // A layer that is used twice shows its first use.
      if (id !== undefined && result !== undefined && !(id in found)) found[id] = result.cast("f32") as Tensor;
    };
    const output = firstOutput(model.compute(x, { training: false, seen }));
    return { ...found, [outputKey]: output.cast("f32") as Tensor };
  }
}

/** Random signs, scaled so that lengths stay: [size, count]. */
function signs(size: number, count: number): Tensor {
  const uniform = uniformSource(1);
  const values = Float32Array.from({ length: size * count }, () => (uniform() < 0.5 ? -1 : 1) / Math.sqrt(count));
  return tensor(values, { shape: [size, count] }) as Tensor;
}

/** The values of results that have the names of layers. */
async function readAll(results: Taps): Promise<LayerResult[]> {
  const read = Object.entries(results).map(async ([layer, result]): Promise<LayerResult> => {
    const values = Float32Array.from((await result.data()) as ArrayLike<number>);
    return { layer, shape: result.shape, values };
  });
  const all = await Promise.all(read);
  for (const result of Object.values(results)) result.dispose();
  return all;
}

/** Units of results of that shape. */
const unitsOf = (shape: readonly number[]): number => (shape.length < 2 ? 0 : shape.at(-1)!); // it has two sizes

/** How often each place of the last axis is not 0: f32 [units]. */
function activity(x: Tensor): Tensor[] {
  if (unitsOf(x.shape) === 0) return [];
  const others = x.shape.slice(1).map((_, axis) => axis);
  return [x.notEqual(0).cast("f32").mean(others) as Tensor];
}

/** The model's output among the results of layers. */
export const outputKey = "output of the model";

/** The first tensor of what a layer gives, without its mask. */
const firstOutput = (outputs: unknown): Tensor =>
  leavesOf(outputs as Structure<Tensor>, isTensor).map((each) => valuesOf(each))[0] as Tensor; // layers give at least one

/** Whether these numbers are the probabilities of classes. */
export const areProbabilities = (row: Float32Array): boolean =>
  Math.abs(row.reduce((total, value) => total + value, 0) - 1) < 1e-3 && row.every((value) => value >= 0);

/** Rows that are probabilities stay; others are taken for logits. */
export function probabilities(values: Float32Array, size: number): Float32Array {
  const result = Float32Array.from(values);
  for (let at = 0; at < values.length; at += size) {
    const row = result.subarray(at, at + size);
    if (areProbabilities(row)) continue;
    const largest = row.reduce((most, value) => Math.max(most, value));
    let total = 0;
    for (let index = 0; index < size; index++) total += row[index] = Math.exp(row[index]! - largest);
    for (let index = 0; index < size; index++) row[index]! /= total;
  }
  return result;
}
