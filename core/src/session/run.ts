import { ArgumentError } from "../base/errors.ts";
import { Turn } from "../base/turn.ts";
import { Dataset } from "../data/index.ts";
import { Model } from "../model/index.ts";
import type { ParameterDefinition, SeriesDefinition } from "../record/index.ts";
import { randomSeed, Tensor } from "../tensor/index.ts";
import { type Attended, Flight, type Logs, type Position, type TrainingControl } from "../train/index.ts";
import type { RecordingOptions } from "./options.ts";
import { Session } from "./session.ts";

/** Figures of a step: numbers, or scalars that may still be on the device. */
export type StepLogs = { readonly [name: string]: number | Tensor };

/** A step of the loop, while it goes on. */
interface OpenStep {
  readonly number: number;
  readonly figures: Map<string, number | Promise<number>>;
  /** When its body began, on the clock of `performance.now()`; what its data were waited for. */
  readonly began: number;
  readonly dataMs: number;
}

/** A number that the page may change: read it in each step. */
export interface Control {
  readonly value: number;
}

/** The recording of a loop of the user's own: see `startRun`. */
export class Run {
  readonly #session: Session;
  readonly #training: Attended;
  readonly #control: TrainingControl;
  readonly #flight = new Flight();
  readonly #turn = new Turn();
  readonly #epochFigures = new Map<string, { sum: number; count: number }>();
  #position: Position = { epoch: 0, step: 0 };
  /** Steps of an epoch, as far as they are known. */
  #stepsPerEpoch: number | undefined;
  #state: "new" | "begun" | "looping" | "left" | "finished" = "new";
  #passes = 0;
  #stopped = false;
  #failure: unknown;
  #present: OpenStep | undefined;
  #lastTold: Promise<void> | undefined;
  /** When the step before was over, and what recording had taken then. */
  #arrived = 0;
  #spentMs = 0;

  constructor(training: Attended, options: RecordingOptions, stepsPerEpoch: number | undefined) {
    // The step is not ours: it cannot be left out, and nothing is known of its gradients.
    this.#session = new Session({ ...options, guard: false, statistics: 0, refused });
    this.#training = training;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#control = this.#makeControl();
    this.#session.attend(training);
  }

  /** Steps that are over. */
  get step(): number {
    return this.#state === "new" ? 0 : this.#session.step;
  }
  /** Somebody has stopped the run: `steps` gives nothing more. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Declares a number that may be changed while the loop goes on; before the first step. */
  control(name: string, value: number, { min, max, scale = "linear" }: ControlOptions): Control {
    if (this.#state !== "new")
      throw new ArgumentError({
        what: `run.control("${name}"): the run has begun, and its log says what can be changed`,
        hint: "declare controls before the first step",
      });
    const control = { value };
    const set = (next: number): void => {
      control.value = next;
    };
    this.#session.parameters.push({ name, min, max, scale, get: () => control.value, set });
    return control;
  }

  /**
   * The batches of `data`, one a step. Between two of them the run is paused, steered and stopped. Each call is an epoch. A loop that
   * is left before its data end (break, return, an error) is told as stopped; it may go on with another call.
   */
  async *steps<T>(data: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
    if (this.#state === "looping") throw new ArgumentError("run.steps: a run has one loop at a time");
    if (this.#state === "finished") throw new ArgumentError("run.steps: the run is finished");
    this.#failure = undefined; // who goes on after an error has dealt with it
    this.#stepsPerEpoch ??= countOf(data);
    await this.#begin();
    if (this.#stopped) return;
    if (this.#passes++ > 0) this.#moveTo({ epoch: this.#position.epoch + 1, step: 0 });
    if (this.#state === "left") this.#session.phase("training");
    this.#state = "looping";
    this.#epochFigures.clear();
    this.#session.onEpochBegin();
    let whole = false;
    try {
      let asked = performance.now();
      for await (const batch of data) {
        const dataMs = performance.now() - asked;
        const attending = this.#session.onBatchBegin(this.#position.step, this.#control);
        if (attending !== undefined) await attending;
        if (this.#stopped) break;
        const { step } = this.#session;
        this.#present = { number: step + 1, figures: new Map(), began: performance.now(), dataMs };
        yield batch;
        if (this.#isFinished) return;
        await this.#endStep(this.#present);
        await this.#turn.pass();
        if (this.#stopped) break;
        asked = performance.now();
      }
      await this.#flight.landed();
      whole = true;
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      await this.#endLoop(whole);
    }
  }

  /** Figures of the present step, as `{ loss, accuracy }`; scalars on the device are read when they are there. */
  log(figures: StepLogs): void {
    const { figures: known } = this.#demandStep();
    for (const [name, value] of Object.entries(figures)) known.set(name, numberOf(name, value));
  }

  /**
   * Tells what the model knows now: of `validationData` its figures (those of a compiled model, unless you give your own), confusion
   * and mistakes, and what becomes of the probe set.
   */
  async evaluate(logs?: Logs): Promise<Logs> {
    if (this.#state === "finished") throw new ArgumentError("run.evaluate: the run is finished");
    await this.#begin();
    await this.#lastTold?.catch(() => {}); // an error is the loop's to throw
    this.#session.onTestBegin();
    const figures = logs ?? (await this.#validate()) ?? {};
    await this.#session.onTestEnd(figures);
    return figures;
  }

  /** The run is over: as it should be, or by an error. Closes its log; to call it again changes nothing. */
  async finish(error?: unknown): Promise<void> {
    if (this.#state === "finished") return;
    await this.#begin();
    this.#state = "finished";
    await this.#lastTold?.catch(() => {});
    await this.#session.conclude(error ?? this.#failure);
  }

  /** Writes the beginning of the log, once. */
  async #begin(): Promise<void> {
    if (this.#state !== "new") return;
    this.#state = "begun";
    await this.#session.onTrainBegin(this.#control);
  }

  #demandStep(): OpenStep {
    if (this.#present !== undefined) return this.#present;
    throw new ArgumentError({
      what: "run.log: there is no step that the figures could belong to",
      hint: "call it inside of for await (const batch of run.steps(data)); run.evaluate(figures) tells those of a validation",
    });
  }

  #moveTo(position: Position): void {
    this.#position = position;
    this.#session.onPosition(position);
  }

  /** The body of the step is over; its figures are told when they are there. */
  #endStep(step: OpenStep): Promise<void> {
    this.#present = undefined;
    this.#moveTo({ epoch: this.#position.epoch, step: this.#position.step + 1 });
    const { learningRate } = this.#training.model.objective.optimizer;
    // Asked for now: later steps may change it.
    if (!step.figures.has("learningRate"))
      step.figures.set("learningRate", numberOf("learningRate", learningRate.read()));
    this.#lastTold = this.#tell(step, this.#lastTold);
    return this.#flight.add(this.#lastTold);
  }

  async #tell({ number, figures, began, dataMs }: OpenStep, before: Promise<void> | undefined): Promise<void> {
    const names = [...figures.keys()];
    const values = await Promise.all(figures.values());
    const at = performance.now();
    await before?.catch(() => {}); // in order; its error is thrown where it is waited for
    const { recorder, suspicion } = this.#session;
    // Steps may overlap; a pause is no time of a step.
    const stepMs = Math.max(0, this.#arrived > began ? at - this.#arrived : at - began + dataMs);
    this.#arrived = at;
    const recordMs = recorder.spentMs - this.#spentMs;
    this.#spentMs = recorder.spentMs;
    const ids = [...names, "stepMs", "dataMs", "recordMs"].map((name) => recorder.series(seriesOf(name), number));
    recorder.scalars(number, ids, [...values, stepMs, dataMs, recordMs]);
    names.forEach((name, index) => {
      const value = values[index]!; // as many as names
      if (seriesOf(name).split === "train") this.#addToEpoch(name, value);
    });
    const bad = names.find((name, index) => isLoss(name) && !Number.isFinite(values[index]));
    if (bad !== undefined) suspicion.tell(number, bad);
  }

  #addToEpoch(name: string, value: number): void {
    const { sum, count } = this.#epochFigures.get(name) ?? { sum: 0, count: 0 };
    this.#epochFigures.set(name, { sum: sum + value, count: count + 1 });
  }

  /** `finish` was called, perhaps inside of the loop: the log is closed. */
  get #isFinished(): boolean {
    return this.#state === "finished";
  }

  /** `whole`: the loop ended by itself, or was stopped; else it was left. */
  async #endLoop(whole: boolean): Promise<void> {
    if (this.#isFinished) return;
    // A step that was left by break counts if it has told something.
    const step = this.#present;
    this.#present = undefined;
    if (step !== undefined && step.figures.size > 0) this.#endStep(step).catch(() => {});
    await this.#lastTold?.catch(() => {});
    const { epoch } = this.#position;
    if (whole) {
      this.#state = "begun";
      const figures = [...this.#epochFigures].map(([name, { sum, count }]) => [name, sum / count] as const);
      await this.#session.onEpochEnd(epoch, Object.fromEntries(figures));
      this.#session.recorder.flush();
      return;
    }
    this.#state = "left";
    if (this.#failure === undefined) this.#session.phase("stopped", "the loop was left before its data ended");
    else this.#session.phase("failed", this.#failure instanceof Error ? this.#failure.message : String(this.#failure));
    this.#session.recorder.flush({ sync: true });
  }

  async #validate(): Promise<Logs | undefined> {
    const { model, validation } = this.#training;
    if (validation === undefined || !(model instanceof Model) || model.objective.losses.length === 0) return undefined;
    return model.evaluate(validation);
  }

  /** What commands do here. */
  #makeControl(): TrainingControl {
    const run = this;
    const { model, epochs, batchSize, validation } = this.#training;
    const nothing = { epoch: [], history: {} };
    return {
      model,
      epochs,
      get steps() {
        return run.#stepsPerEpoch;
      },
      batchSize,
      dataWait: 0,
      validates: false,
      stop: () => {
        run.#stopped = true;
      },
      tell: () => {},
      build: () => {},
      evaluate: async () => (validation === undefined ? undefined : run.evaluate()),
      snapshot: () => ({
        position: run.#position,
        seed: randomSeed(),
        stopped: false,
        run: nothing,
        whole: nothing,
        callbacks: [],
        data: undefined,
      }),
      // The data are the loop's own, and go on where they are.
      resume: ({ position }) => {
        run.#position = position;
      },
    };
  }
}

export interface ControlOptions extends Pick<ParameterDefinition, "min" | "max"> {
  /** Default "linear". */
  readonly scale?: ParameterDefinition["scale"];
}

/** What can be done only by who makes the step. */
const refused = {
  freeze: "this is a loop of the user's own: what its step moves is decided there",
  explain: "this is a loop of the user's own: its step cannot be done again",
} as const;

/** How many batches there are, as far as the data say. */
function countOf(data: object): number | undefined {
  if (Array.isArray(data)) return data.length;
  const count = data instanceof Dataset ? data.cardinality : undefined;
  return Number.isFinite(count) ? count : undefined; // a stream may have no end
}

const isLoss = (name: string): boolean => name.toLowerCase().endsWith("loss");

/** What a figure is, by its name. */
function seriesOf(name: string): Omit<SeriesDefinition, "define" | "id"> {
  if (/^(step|data|record)Ms$/.test(name)) return { name, split: "none", group: "time", every: "step", unit: "ms" };
  if (name === "learningRate") return { name, split: "none", group: "parameter", every: "step" };
  if (name === "gradientNorm") return { name, split: "none", group: "norm", every: "step" };
  return { name, split: "train", group: isLoss(name) ? "loss" : "metric", every: "step" };
}

/** The number itself, or what reads it; asked for now. */
function numberOf(name: string, value: number | Tensor): number | Promise<number> {
  if (typeof value === "number") return value;
  if (!(value instanceof Tensor) || value.size !== 1)
    throw new ArgumentError({
      what: `run.log: "${name}" must be a number or a scalar tensor, received ${value instanceof Tensor ? `a tensor of shape [${value.shape}]` : typeof value}`,
      hint: "take its mean: values.mean()",
    });
  const reading = value.data().then((data) => Number(data[0]));
  reading.catch(() => {}); // told where the step is
  return reading;
}
