import { Recorder } from "../observe/index.ts";
import type { CheckpointReference, Order, Phase, RunDescription, RunEvent, Source } from "../record/index.ts";
import type { Variable } from "../tensor/index.ts";
import type { Attended, Batch, Logs, Position, Recording, Step, TrainingControl } from "../train/index.ts";
import { Checkpoints } from "./checkpoints.ts";
import { describeRun } from "./describe.ts";
import { Evaluations } from "./evaluations.ts";
import { FigureWriter } from "./figures.ts";
import { answer, traceReply } from "./inquiry.ts";
import type { Letter } from "./mailbox.ts";
import { MemoryWatch } from "./memory.ts";
import type { Parameter, RecordingOptions, RunPlace } from "./options.ts";
import { Statistics } from "./statistics.ts";
import { obey } from "./steering.ts";
import { Suspicion } from "./suspicion.ts";
import { defaultTelling, Telling } from "./telling.ts";
import { Thinning } from "./thinning.ts";
import { startTracing, type Tracing } from "./tracing.ts";
import { type WatchedProgram, watchedProgram } from "./watchedStep.ts";

/** A training that is recorded and steered: pass it to `fit` as `recording`. */
export const record = (options: RecordingOptions): Session => new Session(options);

/** Of the time of training, for statistics. */
const defaultShare = 0.01;

/** What the host does for a step is timed in each so manieth: to look at the clock is part of it. */
const steppedOver = 16;

/** Of the kernels that are told at evaluations: bytes in all, and about those of one. */
const mostTraceBytes = 16 * 2 ** 20;
const bytesOfSpan = 160;

type Parent = NonNullable<RunDescription["parent"]>;

/** All that is known of a training while it goes on. */
export class Session implements Recording {
  readonly options: RecordingOptions;
  readonly parameters: Parameter[] = [];
  /** Variables that `freeze` holds. */
  readonly held = new Set<Variable>();
  place: RunPlace;
  recorder: Recorder;
  checkpoints: Checkpoints;
  evaluations: Evaluations | undefined;
  paused = false;
  /** What the host has done for each step besides what it wrote, told by some of them. */
  figuresMs = 0;
  readonly suspicion = new Suspicion(this);
  /** Steps to do before the next pause. */
  stepsLeft = Number.POSITIVE_INFINITY;
  /** Set in `attend`. */
  training!: Attended;
  #figures: FigureWriter;
  #program: WatchedProgram | undefined;
  #statistics: Statistics | undefined;
  #control: TrainingControl | undefined;
  #position: Position = { epoch: 0, step: 0 };
  readonly #epochStarts = new Map<number, number>();
  #replay: { readonly step: number; readonly command: Order["command"] }[];
  #orders = 0;
  /** Steps that were sent, and those that have told their figures: they tell in order. */
  #sent = 0;
  #told = 0;
  /** When the last step was over. */
  #arrived = 0;
  #dataMs = 0;
  #freeAt = 0;
  #epochBegan = 0;
  #tracing: Tracing | undefined;
  readonly #traces = new Thinning(mostTraceBytes);
  readonly #memory = new MemoryWatch();
  #telling: Telling | undefined;
  /** The present evaluation was asked for. */
  #asked = false;
  /** An evaluation that has told nothing but its figures. */
  #untold: { readonly logs: Logs; readonly step: number } | undefined;
  #last: Promise<void> | undefined;
  #ended = false;
  #jumped = false;
  #branch: [RunPlace, Parent] | undefined;

  constructor(options: RecordingOptions) {
    this.options = options;
    this.place = options.place;
    this.recorder = new Recorder(options.place.sink, { offset: options.place.offset ?? 0 });
    this.#figures = new FigureWriter(this.recorder);
    this.checkpoints = new Checkpoints(options.place.blobs);
    this.#replay = [...(options.replay ?? [])];
  }

  /** Steps of training that were sent. */
  get step(): number {
    return this.stepAt(this.#position);
  }
  stepAt({ epoch, step }: Position): number {
    return (this.#epochStarts.get(epoch) ?? epoch * this.stepsPerEpoch) + step;
  }
  /** As far as it is known: of the last epoch, where data are of unknown length. */
  get stepsPerEpoch(): number {
    const { examples, batchSize } = this.training;
    return this.#control?.steps ?? Math.ceil(examples.length / batchSize);
  }
  get control(): TrainingControl {
    return this.#control!; // there are no orders before onTrainBegin
  }

  attend(training: Attended): Step {
    this.training = training;
    const { optimizer } = training.model.objective;
    if (optimizer.schedule === undefined) {
      this.parameters.push({
        name: "learningRate",
        min: 1e-7,
        max: 1,
        scale: "log",
        get: () => optimizer.learningRate.item(),
        set: (value) => optimizer.setLearningRate(value),
      });
    }
    this.parameters.push(...(this.options.parameters ?? []));
    const step = (batch: Batch): Promise<void> => {
      this.#last = this.#train(batch, this.#last);
      return this.#last;
    };
    return Object.assign(step, {
      prepare: (batch: Batch): void => {
        this.#watched.run.prepare(batch).catch(() => {}); // the batch itself will tell
      },
    });
  }

  get #watched(): WatchedProgram {
    this.#program ??= this.makeProgram(false);
    return this.#program;
  }
  makeProgram(tensors: boolean): WatchedProgram {
    return watchedProgram(this.training, { guard: this.options.guard ?? true, held: this.held, tensors });
  }
  /** What a step does has changed: it is compiled anew. */
  forgetProgram(): void {
    this.#program?.run.dispose();
    this.#program = undefined;
    this.#statistics?.forgetProgram();
  }

  /** One step, and what it tells: read when it has run, so that the device need not wait. */
  async #train(batch: Batch, before: Promise<void> | undefined): Promise<void> {
    const number = ++this.#sent;
    const step = this.step + 1;
    const dataMs = this.#dataMs;
    const measured = this.#statistics?.programFor(batch);
    const program = measured ?? this.#watched;
    const results = program.run(batch);
    // Asked for now: what is read of the weights is what this step made of them.
    const sample = measured && results && this.#statistics?.read(measured, results);
    const numbers = (await program.told.data()) as ArrayLike<number>; // f32
    // Small programs may overtake others; figures are written in order. The error of the step before is told there.
    if (this.#told < number - 1) await before?.catch(() => {});
    this.#told = number;
    const at = performance.now();
    const stepMs = this.#arrived === 0 ? 0 : at - this.#arrived;
    this.#arrived = at;
    this.#figures.step(step, program, numbers, { at, stepMs, dataMs });
    const finite = program.finite(numbers);
    if (number % steppedOver === 0) this.figuresMs += steppedOver * (performance.now() - at);
    if (sample === undefined) this.#statistics?.passed(stepMs);
    else await this.#statistics?.take(step, stepMs, sample);
    if (!finite) await this.suspicion.found(step, program.decode(numbers).loss, batch);
  }

  async onTrainBegin(control: TrainingControl): Promise<void> {
    this.#control = control;
    this.#position = control.snapshot().position;
    await this.begin();
  }

  /** Writes the beginning of a run, here or where one branched off. */
  async begin(parent?: Parent): Promise<void> {
    const run = await describeRun(this, parent);
    this.place.describe?.(run);
    this.tell({ type: "run", run });
    this.phase("training");
    this.evaluations = new Evaluations(this);
    const share = this.options.statistics ?? defaultShare;
    if (share > 0) this.#statistics = new Statistics(this, share);
    await this.evaluations.begin();
    this.#telling = new Telling(this.options.telling ?? defaultTelling, performance.now());
    this.recorder.flush();
    this.#freeAt = performance.now();
  }

  /** The training goes on from a checkpoint. */
  moved(position: Position): void {
    this.#position = position;
    this.#jumped = true;
  }
  /** A new run goes on where this one is, once the present commands are done. */
  branchTo(place: RunPlace, parent: Parent): void {
    this.#branch = [place, parent];
  }
  async #beginBranch(place: RunPlace, parent: Parent): Promise<void> {
    this.#branch = undefined;
    this.phase("stopped", `branched off to ${place.id}`);
    this.recorder.close();
    this.place = place;
    this.recorder = new Recorder(place.sink, { offset: place.offset ?? 0 });
    this.#figures = new FigureWriter(this.recorder);
    // Its checkpoints are its own, from where it begins; a disk that is full takes no branch away.
    this.checkpoints = new Checkpoints(place.blobs);
    await this.begin(parent);
    await this.keep("automatic").catch(() => {});
    this.recorder.flush();
  }

  /** Keeps the state as it is between two steps, and tells of it. */
  async keep(cause: CheckpointReference["cause"], before?: string): Promise<CheckpointReference> {
    const reference = await this.checkpoints.take(this.control, cause, before);
    this.recorder.write("checkpoint", reference, { step: this.step });
    return reference;
  }

  onEpochBegin(): void {
    this.#epochBegan = performance.now();
  }

  onBatchBegin(step: number, control: TrainingControl): void | Promise<void> {
    this.#control = control;
    this.#position = { epoch: this.#position.epoch, step };
    const began = performance.now();
    this.#dataMs = began - this.#freeAt;
    const letters = this.options.mailbox?.take() ?? [];
    const again = this.#replay.length > 0 && this.#replay[0]!.step <= this.step;
    const traced = this.#tracing !== undefined && this.step >= this.#tracing.until;
    if (letters.length === 0 && !this.paused && !again && !this.suspicion.open && !traced && this.stepsLeft > 0) {
      this.stepsLeft--;
      if (step % steppedOver === 0) this.figuresMs += steppedOver * (performance.now() - began);
      return;
    }
    return this.#attendTo(letters);
  }

  /** Does what is asked, and waits while the training is paused. */
  async #attendTo(letters: readonly Letter[]): Promise<void> {
    const { mailbox } = this.options;
    // The steps under way tell their figures first; an error is the loop's to throw.
    await this.#last?.catch(() => {});
    if (this.#tracing !== undefined && this.step >= this.#tracing.until) this.#endTracing(this.#tracing);
    if (this.suspicion.open) await this.suspicion.explain();
    // Before the commands: those that are given again may ask for a pause, as they did.
    if (this.stepsLeft <= 0) this.pause("after the steps that were asked for");
    while (this.#replay.length > 0 && this.#replay[0]!.step <= this.step)
      await this.give(this.#replay.shift()!.command, "replay");
    for (const letter of letters) await this.#open(letter);
    while (this.paused && !this.#ended && mailbox !== undefined) {
      await mailbox.arrival();
      for (const letter of mailbox.take()) await this.#open(letter);
    }
    if (this.#branch !== undefined) await this.#beginBranch(...this.#branch);
    // The batch of this step is left out when the training goes on from elsewhere.
    if (!this.#jumped) this.stepsLeft--;
    this.#jumped = false;
    // Time that was spent here is no time of training.
    this.#arrived = 0;
  }

  async #open(letter: Letter): Promise<void> {
    if (letter.type === "request" && letter.request.type === "trace") this.#trace(letter.id, letter.request.steps);
    else if (letter.type === "order") {
      const acknowledgement = await obey(this, letter.order);
      this.options.mailbox?.reply({ type: "acknowledgement", acknowledgement });
    } else this.options.mailbox?.reply(await answer(this, letter));
    this.recorder.flush();
  }

  /** Listens to the kernels of the next steps; the answer comes when they are done. */
  #trace(id: string, steps: number): void {
    if (this.#tracing?.id === undefined && !this.paused) {
      if (this.#tracing !== undefined) this.#endTracing(this.#tracing);
      this.#listen(startTracing(id, this.step, steps));
    } else {
      const reason = this.paused ? "the training is paused: let it go on first" : "somebody else is tracing now";
      this.options.mailbox?.reply({ type: "refusal", id, reason });
    }
  }
  #listen(tracing: Tracing): void {
    this.#tracing = tracing;
    this.#memory.allocations.listen();
  }
  #endTracing(tracing: Tracing): void {
    this.#tracing = undefined;
    this.#memory.allocations.rest();
    const spans = tracing.end();
    this.recorder.write("spans", spans, { step: this.step, onDemand: tracing.id !== undefined });
    if (tracing.id !== undefined) this.options.mailbox?.reply(traceReply(tracing.id, spans, this.step));
    else this.#traces.wrote(spans.spans.length * bytesOfSpan);
  }

  async #tellMemory(): Promise<void> {
    this.recorder.write("memory", await this.#memory.report(this.training.model), { step: this.step });
  }

  /** A command from inside. */
  async give(command: Order["command"], from: Source): Promise<void> {
    await obey(this, { id: `${from}-${++this.#orders}`, from, time: Date.now(), command });
  }

  onPosition(position: Position): void {
    // Epochs may have any length: where one begins is known when the one before is over.
    if (position.step === 0 && position.epoch > this.#position.epoch) this.#epochStarts.set(position.epoch, this.step);
    this.#position = position;
    this.#freeAt = performance.now();
  }

  /** Pauses before the next step. */
  pause(reason?: string): void {
    if (this.paused) return;
    this.paused = true;
    this.phase("paused", reason);
  }
  resume(steps = Number.POSITIVE_INFINITY): void {
    this.stepsLeft = steps;
    if (!this.paused) return;
    this.paused = false;
    this.phase("training");
  }
  stop(): void {
    this.#ended = true;
    this.paused = false;
    this.control.stop();
  }

  onTestBegin(): void {
    this.phase("evaluating");
  }
  async onTestEnd(logs: Logs): Promise<void> {
    this.#figures.evaluation(this.step, logs);
    const began = performance.now();
    const due = this.#telling?.due(began) === true;
    if (due || this.#asked) {
      await this.#tellAll(logs);
      this.#telling?.told(began, performance.now());
    } else {
      this.#untold = { logs, step: this.step };
      this.evaluations?.figuresOnly(logs);
    }
    const pace = this.#telling?.changed();
    if (pace !== undefined) this.tell({ type: "telling", time: Date.now(), ...pace });
    this.phase("training");
    this.#arrived = 0;
  }
  /** All that there is to tell of the model as it is now. */
  async #tellAll(logs: Logs): Promise<void> {
    this.#untold = undefined;
    await this.evaluations?.take(logs);
    await this.#tellMemory();
    // The kernels of one step after each evaluation; a paused training may stand for long, and is not listened to.
    if (this.#tracing === undefined && !this.paused && this.#traces.due())
      this.#listen(startTracing(undefined, this.step, 1));
  }
  /** An evaluation that somebody asked for: it tells everything. */
  async evaluate(): Promise<Logs | undefined> {
    this.#asked = true;
    try {
      return await this.control.evaluate();
    } finally {
      this.#asked = false;
    }
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    await this.#tellMemory();
    this.tell({ type: "epoch", time: Date.now(), epoch, ms: performance.now() - this.#epochBegan, logs });
  }

  async conclude(error?: unknown): Promise<void> {
    await this.#last?.catch(() => {});
    // What stops a training is looked for even so. What cannot be told of one that has failed is left out.
    if (this.suspicion.open) await this.suspicion.explain().catch(() => {});
    if (this.#untold !== undefined && error === undefined)
      await this.#tellAll(this.#untold.step === this.step ? this.#untold.logs : {});
    // A training that has failed has weights that say nothing; one that cannot be told has an end all the same.
    if (error === undefined) await this.evaluations?.end().catch(() => {});
    if (error === undefined) this.phase(this.#ended ? "stopped" : "done");
    else this.phase("failed", error instanceof Error ? error.message : String(error));
    if (this.#tracing !== undefined) this.#endTracing(this.#tracing);
    this.#statistics?.close();
    this.#memory.close();
    this.recorder.close();
    this.options.mailbox?.close?.();
  }

  phase(phase: Phase, reason?: string): void {
    this.tell({ type: "phase", time: Date.now(), phase, ...(reason === undefined ? {} : { reason }) });
  }
  tell(event: RunEvent): void {
    this.recorder.event(event, this.step);
  }
}
