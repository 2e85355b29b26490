import { ArgumentError, suggest } from "../base/errors.ts";
import {
  type BatchSource,
  type DataLike,
  type Examples,
  type HostExamples,
  hostExamples,
  isBatchSource,
  isNdArray,
} from "../data/index.ts";
import {
  type AnyCall,
  AnyLayer,
  type CallContext,
  inContext,
  isSymbolic,
  type Layer,
  type LayerCall,
  type LayerOptions,
  leavesOf,
  type MaskedStructure,
  mapStructure,
  type Structure,
  type SymbolicTensor,
  withoutMasks,
} from "../nn/index.ts";
import { jit, randomSeed, Tensor, type Variable } from "../tensor/index.ts";
import {
  type Batch,
  type CompileOptions,
  evaluate,
  type FitOptions,
  fit,
  History,
  Objective,
  outputNames,
  type Step,
  type StepResults,
  type Times,
  testStep,
  toBatch,
  totalLoss,
  trainStep,
  type Writer,
} from "../train/index.ts";
import { argumentsOf } from "./arguments.ts";
import { loadWeights, type WeightOptions } from "./assign.ts";
import { callsBetween } from "./calls.ts";
import type { ModelDescription } from "./describe.ts";
import { type EvaluateOptions, feedOf } from "./feedOf.ts";
import { fedExamples } from "./front.ts";
import { graphShapes, type Made, madeOn } from "./outputShapes.ts";
import { predict } from "./predict.ts";
import { type ShardOptions, saveModel, saveWeights } from "./save.ts";
import { metricsIn, namesIn, type Steps, settled } from "./steps.ts";
import { type SummaryOptions, summarize } from "./summary.ts";

export type ModelOptions = LayerOptions;
export type Graphed = {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: MaskedStructure<SymbolicTensor>;
};

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** A network that can be trained, evaluated, printed and saved. Subclasses say what it computes, and on what it can be called. */
export abstract class AnyModel extends AnyLayer {
  static override readonly name: string = "Model";
  static readonly masking = "own";
  /** What every `fit` so far recorded. */
  history = new History();
  /** Where the time of training and evaluation went so far, in milliseconds. */
  readonly times: Times = { data: 0, wait: 0, compile: 0, train: 0, evaluate: 0 };
  /** Free text that is saved with the model. */
  readonly notes: Record<string, string> = {};
  #objective: Objective | undefined;
  #options: CompileOptions | undefined;
  #steps: Steps | undefined;
  /** What was trainable when the model was compiled, by layer. */
  #frozenAt: ReadonlyMap<object, boolean> | undefined;
  /** What a class of the user's own gave when it was called before training. */
  #made: Made | undefined;
  #forward: ((x: Structure<Tensor>) => Structure<Tensor>) | undefined;

  /** The symbolic inputs and outputs, where the model has a graph. */
  get graph(): Graphed | undefined {
    return undefined;
  }

  /** The symbolic result of a layer, given itself or by name: where another model can end, or begin. */
  outputOf(layer: AnyLayer | string): SymbolicTensor {
    const found = typeof layer === "string" ? this.getLayer(layer) : layer;
    const outputs = this.callsOf(found).flatMap((call) => call.outputs);
    const [first] = outputs;
    if (first !== undefined && outputs.length === 1) return first;
    throw new ArgumentError({
      what: `${this.name}: layer "${found.name}" has ${outputs.length} results in this model`,
      hint:
        outputs.length === 0
          ? "the model is not built yet, or the layer is not part of it"
          : "pick one: callsOf(layer)[0].outputs[0]",
    });
  }

  /** The architecture as plain JSON; undefined for models whose class is the user's own. */
  describe(): ModelDescription | undefined {
    return undefined;
  }

  /** The uses of `layer` in this model's graph. */
  callsOf(layer: AnyLayer): readonly LayerCall[] {
    if (this.graph === undefined) return [];
    const calls = callsBetween(leavesOf(this.graph.inputs, isSymbolic), leavesOf(this.graph.outputs, isSymbolic));
    return calls.filter((call) => call.layer === layer);
  }

  /** The layer of that name, or at that place in `layers`; an unknown name is an error with the nearest valid ones. */
  getLayer(which: string | number): Layer {
    const { layers } = this;
    const found = typeof which === "number" ? layers.at(which) : layers.find(({ name }) => name === which);
    if (found !== undefined) return found;
    if (typeof which === "number")
      throw new ArgumentError(`${this.name}: there is no layer ${which}, the model has ${layers.length}`);
    const names = layers.map(({ name }) => name);
    throw new ArgumentError({ what: `no such layer: "${which}"`, hint: suggest(which, names) });
  }

  /**
   * Chooses optimizer, losses and metrics, and settles what is trainable: layers that are frozen or thawed later count
   * from the next `compile` on. So a discriminator may be compiled for itself, frozen, and be part of a compiled GAN. A model
   * with a `trainStep` or a `computeLoss` of its own may need no options.
   */
  compile(options: CompileOptions = {}): this {
    // Names are checked now, so that a misspelt one does not wait for the data.
    const objective = new Objective(options, this.#outputNames ?? namesIn(options), metricsIn(this));
    this.#options = options;
    this.#steps = undefined;
    this.#frozenAt = new Map(this.allLayers.map((layer) => [layer, layer.trainable]));
    this.#objective = this.#outputNames === undefined ? undefined : objective;
    return this;
  }

  /** For subclasses: what the model computes has changed, so compiled programs are out of date. */
  protected forgetPrograms(): void {
    this.#forward = undefined;
    this.#steps = undefined;
  }

  get #outputNames(): readonly string[] | undefined {
    return this.graph === undefined ? undefined : outputNames(this.graph.outputs);
  }

  get compiled(): boolean {
    return this.#options !== undefined;
  }

  /** Losses, metrics and optimizer; an error before `compile`. */
  get objective(): Objective {
    this.#demandCompiled();
    const options = this.#options!; // demanded just before
    this.#objective ??= new Objective(options, this.#outputNames ?? namesIn(options), metricsIn(this));
    return this.#objective;
  }

  /** The optimizer's state; empty before the first step. */
  get optimizerVariables(): readonly Variable[] {
    const optimizer = this.#objective?.optimizer;
    return optimizer?.built ? optimizer.variables : [];
  }

  /** One training step inside a trace; override it to train in another way. */
  trainStep(batch: Batch): void {
    trainStep(this, batch);
  }

  /** One evaluation step inside a trace. */
  testStep(batch: Batch): void {
    testStep(this, batch);
  }

  /** The scalar that training drives down: the outputs' losses, the weights' regularizers, and what layers added. */
  computeLoss(results: StepResults): Tensor {
    return totalLoss(this, results);
  }

  /** Takes a batch's results into the running figures. */
  computeMetrics(loss: Tensor, { y, yPred, sampleWeight }: StepResults): void {
    this.objective.update(loss, y, yPred, sampleWeight);
  }

  /**
   * Trains on examples: `fit({ x, y }, options)` or `fit(x, y, options)`; without targets `fit(x, options)`. Or on what gives
   * batches: `fit(dataset, options)`.
   */
  async fit(
    data: Examples | Structure<DataLike> | BatchSource,
    second?: FitOptions | Structure<DataLike>,
    third?: FitOptions,
  ): Promise<History> {
    const [given, options] = argumentsOf<FitOptions>(data, second, third);
    this.#demandCompiled();
    return fit(
      {
        model: this,
        trainStep: this.#step("train"),
        testStep: this.#step("test"),
        body: (batch) => inContext(this.#asCompiled(true), () => this.trainStep(batch)),
        history: this.history,
        times: this.times,
        prepare: (host) => {
          this.#prepare(host);
          this.#compiledSteps();
        },
        check: (host) => this.#checkTargets(host),
        fed: (examples) => fedExamples(this, examples),
      },
      given,
      options ?? {},
    );
  }

  /** Loss and metrics over examples, by name: `evaluate({ x, y })`, `evaluate(x, y)` or `evaluate(dataset)`. */
  async evaluate(
    data: Examples | Structure<DataLike> | BatchSource,
    second?: EvaluateOptions | Structure<DataLike>,
    third?: EvaluateOptions,
  ): Promise<Record<string, number>> {
    const [examples, options] = argumentsOf<EvaluateOptions>(data, second, third);
    this.#demandCompiled();
    const feed = await feedOf("evaluate", examples, options, {
      fed: (batch) => fedExamples(this, batch),
      prepare: (host) => this.#prepare(host),
      check: (host) => this.#checkTargets(host),
    });
    const { test } = this.#compiledSteps();
    return evaluate(
      { model: this, testStep: test, signal: options?.signal, times: this.times, seed: randomSeed() },
      feed,
    );
  }

  /** The outputs for many examples, computed in batches; of data that come in batches, inputs are used alone. */
  async predict<Out extends Structure<Tensor> = Tensor>(
    x: Structure<DataLike> | BatchSource,
    options: EvaluateOptions = {},
  ): Promise<Out> {
    const fed = (batch: Examples): Examples => fedExamples(this, batch);
    const feed = await feedOf("predict", isBatchSource(x) ? x : { x }, options, { fed });
    const outputs = await predict((batch) => this.predictOnBatch(batch), feed, options.signal);
    // Out says what the caller knows of the model: one output unless told otherwise.
    return outputs as Out;
  }

  /** What the compiled part of the model is given for these data: layers at the beginning may work on the host. */
  feed(x: Structure<DataLike>): Structure<DataLike> {
    return x;
  }

  /** The outputs for one batch of tensors. */
  predictOnBatch(x: Structure<Tensor>): Structure<Tensor> {
    this.#forward ??= jit(
      (inputs: Structure<Tensor>) => withoutMasks(this.compute(inputs, { training: false }), isTensor),
      { name: `${this.name}/predict` },
    );
    this.buildFor(mapStructure(x, isTensor, ({ shape }) => openBatch(shape)));
    return this.#forward(x);
  }

  /** One training step; returns the figures so far. */
  async trainOnBatch(
    x: Structure<DataLike>,
    y?: Structure<DataLike>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>> {
    return this.#onBatch("train", { x, y, sampleWeight });
  }

  /** One evaluation step; returns the figures so far. */
  async testOnBatch(
    x: Structure<DataLike>,
    y?: Structure<DataLike>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>> {
    return this.#onBatch("test", { x, y, sampleWeight });
  }

  async #onBatch(kind: "train" | "test", examples: Examples): Promise<Record<string, number>> {
    this.#demandCompiled();
    const host = await hostExamples(fedExamples(this, examples));
    this.#prepare(host);
    this.objective.reset();
    await this.#compiledSteps()[kind](toBatch(host));
    return this.objective.logs();
  }

  #demandCompiled(): void {
    if (this.compiled) return;
    throw new ArgumentError({
      what: `${this.name}: the model is not compiled`,
      hint: 'call compile({ optimizer: "adam", loss: … }) first',
    });
  }

  /** Builds the model for these examples and checks the targets. */
  #prepare(host: HostExamples): void {
    this.buildFor(mapStructure(host.x, isNdArray, ({ shape }) => openBatch(shape)));
    if (this.graph === undefined) this.#buildOwn(host);
    this.#checkTargets(host);
  }

  /** Who trains or computes the loss in another way may take targets of any shape. */
  #checkTargets(host: HostExamples): void {
    const shapes = this.graph === undefined ? this.#made?.shapesFor(host.x) : graphShapes(this.graph.outputs);
    if (host.y === undefined || (this.graph === undefined && shapes === undefined)) return;
    const { trainStep, computeLoss } = AnyModel.prototype;
    const usual = this.trainStep === trainStep && this.computeLoss === computeLoss;
    this.objective.checkTargets(host.y, usual ? shapes : undefined);
  }

  /**
   * A class of the user's own makes its Variables when it is called: once before the first step, which must know them, and again
   * for examples of another shape, to know its outputs. Whose step is its own as well may not be made to be called on the data.
   */
  #buildOwn(host: HostExamples): void {
    if (this.#made?.shapesFor(host.x) !== undefined || this.trainStep !== AnyModel.prototype.trainStep) return;
    this.#made = madeOn(this, host);
  }

  /** Makes all Variables for inputs of these shapes (batch included). Models with a graph are built already. */
  buildFor(_shapes: Structure<readonly (number | null)[]>): unknown {
    return this;
  }

  /** The step as it is compiled when it is called: compiling the model makes it another. */
  #step(kind: keyof Steps): Step {
    const step = (batch: Batch): Promise<void> => this.#compiledSteps()[kind](batch);
    return Object.assign(step, { prepare: (batch: Batch): void => this.#compiledSteps()[kind].prepare(batch) });
  }

  #asCompiled(training: boolean): CallContext {
    return { training, trainable: this.#frozenAt };
  }

  #compiledSteps(): Steps {
    const objective = this.objective;
    if (this.#steps !== undefined) return this.#steps;
    const train = jit((batch: Batch) => inContext(this.#asCompiled(true), () => this.trainStep(batch)), {
      name: `${this.name}/train`,
    });
    const test = jit((batch: Batch) => inContext(this.#asCompiled(false), () => this.testStep(batch)), {
      name: `${this.name}/test`,
    });
    inContext(this.#asCompiled(true), () => objective.optimizer.build(this.trainableVariables));
    this.#steps = { train: settled(train, objective), test: settled(test, objective) };
    return this.#steps;
  }

  /**
   * Writes the model to a file: weights, architecture, state of the training. The ending says the format: `.safetensors` (holds
   * everything), `.keras` (Keras 3) or `.h5` (Keras 2). See `loadModel`.
   */
  async save(path: string): Promise<void> {
    await saveModel(this, path);
  }

  /** Writes only the weights: by name (`.safetensors`), or as Keras 3 (`.weights.h5`) or Keras 2 (`.h5`) has them. */
  async saveWeights(path: string, options: ShardOptions = {}): Promise<void> {
    await saveWeights(this, path, options);
  }

  /** Reads weights into the model, which must be built; returns what `skipMismatch` or `byName` has left out. */
  async loadWeights(file: string | Uint8Array, options: WeightOptions = {}): Promise<readonly string[]> {
    return loadWeights(this, file, options);
  }

  /** Prints the table of layers (or gives it to `writer`), and returns it. */
  summary({ writer, ...options }: SummaryOptions & { readonly writer?: Writer } = {}): string {
    const text = summarize(this, options);
    if (writer === undefined) console.log(text);
    else writer.write(`${text}\n`);
    return text;
  }
}

/** A model of which nothing is known but that it can be called: the base of users' own, and what holds any model. */
export interface Model extends AnyModel, AnyCall {}
/** The same class, as for Layer. */
export const Model = AnyModel as unknown as abstract new (...given: ConstructorParameters<typeof AnyModel>) => Model;

const openBatch = ([, ...sizes]: readonly number[]): readonly (number | null)[] => [null, ...sizes];
