import { type HostExamples, sliceExamples } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { measure, type TensorRole, type TensorStats } from "../record/index.ts";
import type { Tensor, Variable } from "../tensor/index.ts";
import type { Batch } from "../train/index.ts";
import { outputKey } from "./forward.ts";
import { diagramLayers } from "./graph.ts";
import type { Session } from "./session.ts";
import type { WatchedProgram, WatchedResults } from "./watchedStep.ts";

/** Steps between two samples: at first, at least, and at most. */
const firstStride = 32;
const smallestStride = 4;
const largestStride = 2 ** 16;

/** Tensors of a step on their way to the host. */
export interface Sample {
  readonly variables: readonly Variable[];
  readonly gradients: readonly Promise<Float32Array>[];
  readonly before: readonly Promise<Float32Array>[];
  readonly after: readonly Promise<Float32Array>[];
}

/**
 * Statistics of weights, gradients, updates and activations, so seldom that they take no more than their share of the time: the
 * number of steps between two samples is doubled and halved by what the samples cost.
 */
export class Statistics {
  readonly #session: Session;
  readonly #share: number;
  readonly #layers: ReadonlyMap<Variable, string>;
  readonly #names: ReadonlyMap<Variable, string>;
  #program: WatchedProgram | undefined;
  /** Whether the program is compiled: no step waits for it. */
  #ready = false;
  #stride = firstStride;
  /** Steps until the next sample. */
  #left = 0;
  /** Of the last plain steps and the last samples, in milliseconds. */
  readonly #plainMs: number[] = [];
  readonly #costMs: number[] = [];

  constructor(session: Session, share: number) {
    this.#session = session;
    this.#share = share;
    const { model } = session.training;
    const layers = model instanceof Model ? diagramLayers(model) : new Map<object, string>();
    this.#names = new Map(model.namedVariables().map(([name, variable]) => [variable, name]));
    const owners = [...layers].flatMap(([layer, id]) =>
      // The diagram's keys are layers.
      (layer as { readonly variables: readonly Variable[] }).variables.map((variable) => [variable, id] as const),
    );
    this.#layers = new Map(owners.reverse()); // the first use of a shared layer counts
  }

  forgetProgram(): void {
    this.#program?.run.dispose();
    this.#program = undefined;
    this.#ready = false;
  }

  /** The program of a step that is to be measured; undefined for other steps. */
  programFor(batch: Batch): WatchedProgram | undefined {
    if (this.#program === undefined) {
      const program = this.#session.makeProgram(true);
      this.#program = program;
      program.run.prepare(batch).then(
        () => {
          this.#ready = this.#program === program;
        },
        () => {}, // the plain step goes on without it
      );
    }
    if (!this.#ready || --this.#left > 0) return undefined;
    this.#left = this.#stride;
    return this.#program;
  }

  /** Asks for the tensors of a measured step; called before the next step is sent. */
  read({ variables }: WatchedProgram, { gradients, before }: WatchedResults): Sample {
    const read = async (tensor: Tensor): Promise<Float32Array> => {
      const values = await floats(tensor);
      tensor.dispose();
      return values;
    };
    return {
      variables: [...variables],
      gradients: gradients.map(read),
      before: before.map(read),
      after: variables.map(floats),
    };
  }

  /** After a step: writes its sample, where it has one, and learns from what that cost. */
  async take(step: number, stepMs: number, sample: Sample | undefined): Promise<void> {
    if (sample === undefined) {
      if (stepMs > 0) keep(this.#plainMs, stepMs);
      return;
    }
    const tensors = await this.#arrived(sample);
    const began = performance.now();
    for (const [role, variable, values] of tensors) this.#write(step, role, variable, values);
    await this.#activations(step);
    this.#adapt(step, Math.max(0, stepMs - (median(this.#plainMs) ?? stepMs)) + performance.now() - began);
  }

  async #arrived(sample: Sample): Promise<[TensorRole, Variable, Float32Array][]> {
    const { variables } = sample;
    const [gradients, before, after] = await Promise.all([
      Promise.all(sample.gradients),
      Promise.all(sample.before),
      Promise.all(sample.after),
    ]);
    return variables.flatMap((variable, index): [TensorRole, Variable, Float32Array][] => {
      const [old, now] = [before[index]!, after[index]!];
      const update = new Float32Array(now.length);
      for (let at = 0; at < now.length; at++) update[at] = now[at]! - old[at]!;
      return [
        ["weight", variable, now],
        ["gradient", variable, gradients[index]!],
        ["update", variable, update],
      ];
    });
  }

  #write(step: number, role: TensorRole, variable: Variable, values: Float32Array): void {
    const { recorder } = this.#session;
    const name = this.#names.get(variable) ?? variable.name;
    const layer = this.#layers.get(variable) ?? "";
    const stream = recorder.tensor({ name, layer, role, shape: variable.shape }, step);
    const { stats, histogram } = measure(values);
    recorder.write("stats", stats, { step, stream });
    recorder.write("histogram", histogram, { step, stream });
  }

  /** What the layers make of the probe set: statistics, and units that are silent for all of it. */
  async #activations(step: number): Promise<void> {
    const { evaluations, recorder } = this.#session;
    const probe: HostExamples | undefined = evaluations?.probe;
    if (evaluations === undefined || probe === undefined) return;
    const results = await evaluations.forward.layers(sliceExamples(probe, 0, probe.length).x);
    for (const { layer, shape, values } of results) {
      if (layer === outputKey) continue;
      const stream = recorder.tensor({ name: layer, layer, role: "activation", shape: shape.slice(1) }, step);
      const { stats, histogram } = measure(values);
      const told: TensorStats = { ...stats, ...silentUnits(values, shape) };
      recorder.write("stats", told, { step, stream });
      recorder.write("histogram", histogram, { step, stream });
    }
  }

  #adapt(step: number, costMs: number): void {
    keep(this.#costMs, costMs);
    const [plain = 0, cost = 0] = [median(this.#plainMs), median(this.#costMs)];
    const share = (): number => (plain === 0 ? 0 : cost / (this.#stride * plain));
    if (share() > this.#share) this.#stride = Math.min(largestStride, this.#stride * 2);
    else if (share() < this.#share / 2) this.#stride = Math.max(smallestStride, this.#stride / 2);
    this.#left = this.#stride;
    this.#session.recorder.event({ type: "recording", time: Date.now(), share: share(), stride: this.#stride }, step);
  }
}

/** The values of a tensor of floats. */
async function floats(tensor: { data(): Promise<unknown> }): Promise<Float32Array> {
  const values = (await tensor.data()) as ArrayLike<number>; // floats of any width come as f32
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** Medians are of so many: one step that the machine held up changes nothing. */
const keptTimes = 7;
function keep(times: number[], time: number): void {
  times.push(time);
  if (times.length > keptTimes) times.shift();
}
const median = (times: readonly number[]): number | undefined => [...times].sort((a, b) => a - b)[times.length >> 1];

/** Units (places of the last axis) that are 0 for all examples and positions. */
function silentUnits(
  values: Float32Array,
  shape: readonly number[],
): { readonly units: number; readonly deadUnits: number } {
  const units = shape.length < 2 ? 0 : shape.at(-1)!; // it has two sizes
  const alive = new Uint8Array(units);
  for (let at = 0; at < values.length; at++) if (values[at] !== 0) alive[at % units] = 1;
  return { units, deadUnits: units - alive.reduce((sum, each) => sum + each, 0) };
}
