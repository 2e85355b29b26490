import { on } from "../base/events.ts";
import type { HostExamples } from "../data/index.ts";
import { Model } from "../model/index.ts";
import { halvesSlice, type TensorRole } from "../record/index.ts";
import { concatenate, type Jitted, jit, type Tensor, type Variable, zeros } from "../tensor/index.ts";
import type { Batch } from "../train/index.ts";
import { diagramLayers } from "./graph.ts";
import { keep, median, SamplePace } from "./samplePace.ts";
import type { Session } from "./session.ts";
import { readSummary, summary, summarySize } from "./summary.ts";
import { figuresScope, type WatchedProgram, type WatchedResults, watchedName } from "./watchedStep.ts";

/** Of layers with more, only the number of dead units is told. */
const mostUnits = 4096;

/** What a sample measures of each variable, in the order of its summaries. */
const roles = ["weight", "gradient", "update"] as const satisfies readonly TensorRole[];

/** Statistics of a step on their way to the host. */
export interface Sample {
  readonly variables: readonly Variable[];
  /** A summary for each variable and role. */
  readonly told: Promise<Float32Array>;
}

type Tensors = readonly Tensor[];

/**
 * Statistics of weights, gradients, updates and activations, so seldom that they take no more than their share of the time: the
 * number of steps between two samples is doubled and halved by what the samples cost.
 */
export class Statistics {
  readonly #session: Session;
  readonly #pace: SamplePace;
  readonly #layers: ReadonlyMap<Variable, string>;
  readonly #names: ReadonlyMap<Variable, string>;
  #program: WatchedProgram | undefined;
  #summaries: Jitted<(gradients: Tensors, before: Tensors) => Tensor> | undefined;
  /** Whether the program is compiled: no step waits for it. */
  #ready = false;
  /** Steps until the next sample. */
  #left = 0;
  /** Of the last plain steps, in milliseconds. */
  readonly #plainMs: number[] = [];
  /** Of a step: kernels that only serve figures. */
  readonly #kernelsMs: number[] = [];
  #stopHearing = (): void => {};
  /** What the run's beginning took to write; with the first sample, told once. */
  #openingMs: number | undefined;
  #openingTold = false;
  /** Steps since the last sample, their time, and what the host had done for figures by then. */
  #steps = 0;
  #trainedMs = 0;
  #figuresMs = 0;

  constructor(session: Session, share: number) {
    this.#session = session;
    this.#pace = new SamplePace(share);
    const { model } = session.training;
    const layers = model instanceof Model ? diagramLayers(model) : new Map<object, string>();
    this.#names = new Map(model.namedVariables().map(([name, variable]) => [variable, name]));
    const owners = [...layers].flatMap(([layer, id]) =>
      // The diagram's keys are layers.
      (layer as { readonly variables: readonly Variable[] }).variables.map((variable) => [variable, id] as const),
    );
    this.#layers = new Map(owners.reverse()); // the first use of a shared layer counts
  }

  close(): void {
    this.#stopHearing();
  }
  forgetProgram(): void {
    this.close();
    this.#program?.run.dispose();
    this.#program = undefined;
    this.#summaries?.dispose();
    this.#summaries = undefined;
    this.#ready = false;
  }

  /** The program of a step that is to be measured; undefined for other steps. */
  programFor(batch: Batch): WatchedProgram | undefined {
    if (this.#openingMs === undefined) {
      this.#openingMs = this.#session.recorder.spentMs;
      this.#figuresMs = this.#figuresSpent;
    }
    if (this.#program === undefined) {
      const program = this.#session.makeProgram(true);
      this.#program = program;
      this.#prepare(program, batch).then(
        () => {
          this.#ready = this.#program === program;
        },
        () => {}, // the plain step goes on without it
      );
    }
    if (!this.#ready) return undefined;
    if (--this.#left === 1) this.#hearKernels();
    if (this.#left > 0) return undefined;
    this.#left = this.#pace.stride;
    return this.#program;
  }

  /** Has the kernels of the next step timed, the one before a sample, to know what those take that only serve figures. */
  #hearKernels(): void {
    this.close();
    const name = watchedName(this.#session.training.model.name);
    this.#stopHearing = on("run", ({ program, launches }) => {
      if (program !== name) return;
      const own = launches.filter(({ scope }) =>
        scope.split("+").every((each) => each.split("/").includes(figuresScope)),
      );
      keep(this.#kernelsMs, sum(own.map(({ ms }) => ms)));
      this.#stopHearing();
    });
  }

  /** Compiles all that a sample needs beside the steps. */
  async #prepare(program: WatchedProgram, batch: Batch): Promise<void> {
    const { evaluations, training } = this.#session;
    await program.run.prepare(batch);
    if (this.#program !== program) return;
    const { variables } = program;
    this.#summaries = summariesOf([...variables], `${training.model.name}/statistics`);
    const like = variables.map(({ shape }) => zeros(shape)) as Tensors; // only their types are looked at
    await this.#summaries.prepare(like, like);
    if (evaluations?.probe !== undefined) await evaluations.forward.prepareSummaries(evaluations.probe.x);
  }

  /** Measures the tensors of a step on the device; called before the next step is sent. */
  read({ variables }: WatchedProgram, { gradients, before }: WatchedResults): Sample {
    // Compiled before the first measured step.
    const told = floatsOf(this.#summaries!(gradients, before)).finally(() => {
      for (const each of [...gradients, ...before]) each.dispose();
    });
    return { variables: [...variables], told };
  }

  /** A step without a sample took so long. */
  passed(stepMs: number): void {
    this.#steps++;
    this.#trainedMs += stepMs;
    if (stepMs > 0) keep(this.#plainMs, stepMs);
  }

  /** Writes the sample of a step, and learns from what it cost. */
  async take(step: number, stepMs: number, sample: Sample): Promise<void> {
    this.#trainedMs += stepMs;
    const told = await sample.told;
    const began = performance.now();
    const spentBefore = this.#figuresSpent;
    sample.variables.forEach((variable, index) => {
      for (const [place, role] of roles.entries()) {
        const at = (index * roles.length + place) * summarySize;
        this.#write(step, role, variable, told.subarray(at, at + summarySize));
      }
    });
    await this.#activations(step);
    const writtenMs = performance.now() - began;
    this.#trainedMs += writtenMs;
    const kernelsMs = (median(this.#kernelsMs) ?? 0) * this.#steps;
    const figuresMs = spentBefore - this.#figuresMs + kernelsMs;
    this.#steps = 0;
    this.#figuresMs = this.#figuresSpent;
    this.#adapt(step, Math.max(0, stepMs - (median(this.#plainMs) ?? stepMs)) + writtenMs, Math.max(0, figuresMs));
  }

  #write(step: number, role: TensorRole, variable: Variable, told: Float32Array): void {
    const { recorder } = this.#session;
    const name = this.#names.get(variable) ?? variable.name;
    const layer = this.#layers.get(variable) ?? "";
    const stream = recorder.tensor({ name, layer, role, shape: variable.shape }, step);
    const { stats, histogram } = readSummary(told, variable.size);
    recorder.write("stats", stats, { step, stream });
    recorder.write("histogram", histogram, { step, stream });
  }

  /** What the layers make of the probe set: statistics, and units that are silent for all of it. */
  async #activations(step: number): Promise<void> {
    const { evaluations, recorder } = this.#session;
    const probe: HostExamples | undefined = evaluations?.probe;
    if (evaluations === undefined || probe === undefined) return;
    for (const { layer, shape, told, activity } of await evaluations.forward.summaries(probe.x)) {
      const stream = recorder.tensor({ name: layer, layer, role: "activation", shape: shape.slice(1) }, step);
      const size = shape.reduce((product, each) => product * each, 1);
      const { stats, histogram } = readSummary(told, size);
      const [units, deadUnits] = [activity.length, activity.filter((share) => share === 0).length];
      recorder.write("stats", { ...stats, units, deadUnits }, { step, stream });
      // Which they are.
      if (units > 0 && units <= mostUnits)
        recorder.write("slice", halvesSlice({ key: "units", role: "activity", layer, shape: [units] }, activity), {
          step,
        });
      recorder.write("histogram", histogram, { step, stream });
    }
  }

  /** What the host has done so far that belongs to no sample, when none is being written. */
  get #figuresSpent(): number {
    return this.#session.figuresMs + this.#session.recorder.spentMs;
  }

  #adapt(step: number, costMs: number, figuresMs: number): void {
    const plainMs = median(this.#plainMs) ?? 0;
    const share = this.#pace.sampled({ costMs, plainMs, trainedMs: this.#trainedMs, figuresMs });
    this.#left = this.#pace.stride;
    this.#trainedMs = 0;
    const opening = this.#openingTold ? {} : { openingMs: (this.#openingMs ?? 0) + costMs };
    this.#openingTold = true;
    const told = { share, stride: this.#pace.stride, sampleMs: costMs, ...opening };
    this.#session.recorder.event({ type: "recording", time: Date.now(), ...told }, step);
  }
}

/**
 * Summaries of weights, gradients and updates, one variable after the other. A program of its own: the step computes what it always
 * does, and gives gradients and the weights before it besides.
 */
const summariesOf = (
  variables: readonly Variable[],
  name: string,
): Jitted<(gradients: Tensors, before: Tensors) => Tensor> =>
  jit(
    (gradients: Tensors, before: Tensors) => {
      const told = variables.flatMap((variable, index) => {
        const weight = variable.read() as Tensor;
        return [summary(weight), summary(gradients[index]!), summary(weight.sub(before[index]!) as Tensor)];
      });
      return concatenate(told) as Tensor;
    },
    { name },
  );

/** A small result, which is given back once it was read. */
async function floatsOf(tensor: Tensor): Promise<Float32Array> {
  const values = (await tensor.data()) as Float32Array; // summaries are f32
  tensor.dispose();
  return values;
}

const sum = (times: readonly number[]): number => times.reduce((all, each) => all + each, 0);
