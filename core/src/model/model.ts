import { ArgumentError, suggest } from "../base/errors.ts";
import { batchesOf, type DataLike, type Examples, type HostExamples, hostExamples, isNdArray, type NdArray } from "../data/index.ts";
import {
  isSymbolic,
  Layer,
  type LayerCall,
  type LayerOptions,
  leavesOf,
  likeStructure,
  mapStructure,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";
import { concatenate, jit, Tensor, type Variable } from "../tensor/index.ts";
import {
  type Batch,
  type CompileOptions,
  demandPositive,
  evaluate,
  type FitOptions,
  fit,
  History,
  Objective,
  type Step,
  testStep,
  type Times,
  toBatch,
  trainStep,
  type Writer,
} from "../train/index.ts";
import { callsBetween } from "./calls.ts";
import { type SummaryOptions, summarize } from "./summary.ts";

export type ModelOptions = LayerOptions;
export type Graphed = { readonly inputs: Structure<SymbolicTensor>; readonly outputs: Structure<SymbolicTensor> };

export interface EvaluateOptions {
  /** Default 32. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The compiled steps; made again whenever `compile` is called or what is trainable changes. */
interface Steps {
  readonly key: string;
  readonly train: Step;
  readonly test: Step;
}

/** A network that can be trained, evaluated, printed and saved. Subclasses say what it computes. */
export abstract class Model extends Layer {
  /** What every `fit` so far recorded. */
  history = new History();
  /** Where the time of training and evaluation went so far, in milliseconds. */
  readonly times: Times = { data: 0, compile: 0, train: 0, evaluate: 0 };
  /** Free text that is saved with the model. */
  readonly notes: Record<string, string> = {};
  #objective: Objective | undefined;
  #options: CompileOptions | undefined;
  #steps: Steps | undefined;
  #forward: ((x: Structure<Tensor>) => Structure<Tensor>) | undefined;

  /** The symbolic inputs and outputs, where the model has a graph. */
  get graph(): Graphed | undefined {
    return undefined;
  }

  /** The uses of `layer` in this model's graph. */
  callsOf(layer: Layer): readonly LayerCall[] {
    if (this.graph === undefined) return [];
    const calls = callsBetween(leavesOf(this.graph.inputs, isSymbolic), leavesOf(this.graph.outputs, isSymbolic));
    return calls.filter((call) => call.layer === layer);
  }

  /** The layer of that name; an unknown name is an error with the nearest valid ones. */
  getLayer(name: string): Layer {
    const found = this.layers.find((layer) => layer.name === name);
    if (found !== undefined) return found;
    throw new ArgumentError({ what: `no such layer: "${name}"`, hint: suggest(name, this.layers.map((layer) => layer.name)) });
  }

  /** Chooses optimizer, losses and metrics. What is trainable counts as of the next step. */
  compile(options: CompileOptions): this {
    this.#options = options;
    this.#steps = undefined;
    // Names are checked now, so that a misspelt one does not wait for the data.
    this.#objective = this.#outputNames === undefined ? undefined : new Objective(options, this.#outputNames);
    if (this.#objective === undefined) new Objective(options, namesIn(options));
    return this;
  }

  get #outputNames(): readonly string[] | undefined {
    const outputs = this.graph?.outputs;
    if (outputs === undefined) return undefined;
    if (isSymbolic(outputs)) return ["output"];
    if (Array.isArray(outputs)) return (outputs as readonly SymbolicTensor[]).map(({ name }) => name);
    return Object.keys(outputs);
  }

  get compiled(): boolean {
    return this.#options !== undefined;
  }

  /** Losses, metrics and optimizer; an error before `compile`. */
  get objective(): Objective {
    if (this.#options === undefined) {
      throw new ArgumentError({
        what: `${this.name}: the model is not compiled`,
        hint: 'call compile({ optimizer: "adam", loss: … }) first',
      });
    }
    this.#objective ??= new Objective(this.#options, this.#outputNames ?? namesIn(this.#options));
    return this.#objective;
  }

  get optimizerVariables(): readonly Variable[] {
    return this.#objective?.optimizer.variables ?? [];
  }

  /** One training step inside a trace; override it to train in another way. */
  trainStep(batch: Batch): void {
    trainStep(this, batch);
  }

  /** One evaluation step inside a trace. */
  testStep(batch: Batch): void {
    testStep(this, batch);
  }

  /** Trains on examples: `fit({ x, y }, options)` or `fit(x, y, options)`. */
  async fit(data: Examples | Structure<DataLike>, second?: FitOptions | Structure<DataLike>, third?: FitOptions): Promise<History> {
    const [examples, options] = argumentsOf<FitOptions>(data, second, third);
    const { train, test } = this.#compiledSteps();
    return fit(
      {
        model: this,
        trainStep: train,
        testStep: test,
        history: this.history,
        times: this.times,
        prepare: (host) => this.#prepare(host),
      },
      examples,
      options ?? {},
    );
  }

  /** Loss and metrics over examples, by name: `evaluate({ x, y })` or `evaluate(x, y)`. */
  async evaluate(data: Examples | Structure<DataLike>, second?: EvaluateOptions | Structure<DataLike>, third?: EvaluateOptions): Promise<Record<string, number>> {
    const [examples, options] = argumentsOf<EvaluateOptions>(data, second, third);
    const host = await hostExamples(examples);
    this.#prepare(host);
    const batchSize = demandPositive("batchSize", options?.batchSize ?? 32);
    const { test } = this.#compiledSteps();
    return evaluate({ model: this, testStep: test, batchSize, signal: options?.signal, times: this.times }, host);
  }

  /** The outputs for many examples, computed in batches. */
  async predict<Out extends Structure<Tensor> = Tensor>(x: Structure<DataLike>, { batchSize = 32, signal }: EvaluateOptions = {}): Promise<Out> {
    const host = await hostExamples({ x });
    const parts: Structure<Tensor>[] = [];
    for (const batch of batchesOf(host, demandPositive("batchSize", batchSize))) {
      parts.push(this.predictOnBatch(toBatch(batch).x));
      if (signal?.aborted === true) throw signal.reason;
    }
    // Out says what the caller knows of the model: one output unless told otherwise.
    return joined(parts) as Out;
  }

  /** The outputs for one batch of tensors. */
  predictOnBatch(x: Structure<Tensor>): Structure<Tensor> {
    this.#forward ??= jit((inputs: Structure<Tensor>) => this.compute(inputs, { training: false }), { name: `${this.name}/predict` });
    this.#ensureBuilt(mapStructure(x, isTensor, ({ shape }) => shape));
    return this.#forward(x);
  }

  /** One training step; returns the figures so far. */
  async trainOnBatch(x: Structure<DataLike>, y?: Structure<DataLike>, sampleWeight?: DataLike): Promise<Record<string, number>> {
    return this.#onBatch("train", { x, y, sampleWeight });
  }

  /** One evaluation step; returns the figures so far. */
  async testOnBatch(x: Structure<DataLike>, y?: Structure<DataLike>, sampleWeight?: DataLike): Promise<Record<string, number>> {
    return this.#onBatch("test", { x, y, sampleWeight });
  }

  async #onBatch(kind: "train" | "test", examples: Examples): Promise<Record<string, number>> {
    const host = await hostExamples(examples);
    this.#prepare(host);
    this.objective.reset();
    await this.#compiledSteps()[kind](toBatch(host));
    return this.objective.logs();
  }

  /** Builds the model for these examples and checks the targets. */
  #prepare(host: HostExamples): void {
    this.#ensureBuilt(mapStructure(host.x, isNdArray, ({ shape }) => shape));
    if (host.y !== undefined && this.compiled && this.graph !== undefined) {
      const sizes = leavesOf(this.graph.outputs, isSymbolic).map(({ shape }) => shape.at(-1) ?? 1);
      this.objective.checkTargets(host.y, sizes);
    }
  }

  /** Makes the Variables, by a symbolic call, for inputs of these shapes. */
  #ensureBuilt(shapes: Structure<readonly number[]>): void {
    this.buildFor(shapes);
  }

  /** Makes all Variables for inputs of these shapes (batch included). Models with a graph are built already. */
  buildFor(_shapes: Structure<readonly (number | null)[]>): unknown {
    return this;
  }

  #compiledSteps(): Steps {
    const objective = this.objective;
    const key = this.trainableVariables.map(({ name }) => name).join("\n");
    if (this.#steps?.key !== key) {
      const train = jit((batch: Batch) => this.trainStep(batch), { name: `${this.name}/train` });
      const test = jit((batch: Batch) => this.testStep(batch), { name: `${this.name}/test` });
      objective.optimizer.build(this.trainableVariables);
      this.#steps = { key, train: settled(train, objective), test: settled(test, objective) };
    }
    return this.#steps;
  }

  /** Prints the table of layers (or gives it to `writer`), and returns it. */
  summary({ writer, ...options }: SummaryOptions & { readonly writer?: Writer } = {}): string {
    const text = summarize(this, options);
    if (writer === undefined) console.log(text);
    else writer.write(`${text}\n`);
    return text;
  }
}

/** Calls the jitted step and waits until the running loss has been written. */
const settled =
  (step: (batch: Batch) => void, objective: Objective): Step =>
  async (batch) => {
    step(batch);
    await objective.total.count.data();
  };

/** `(data, options)` or `(x, y, options)`. */
function argumentsOf<Options>(data: Examples | Structure<DataLike>, second: unknown, third: Options | undefined): [Examples, Options | undefined] {
  if (typeof data === "object" && "x" in data && !isTensor(data)) return [data as Examples, second as Options | undefined];
  return [{ x: data as Structure<DataLike>, y: second as Structure<DataLike> | undefined }, third];
}

/** The output names that the options of `compile` use, for models that have no graph (yet). */
function namesIn({ loss }: CompileOptions): readonly string[] {
  if (typeof loss !== "object" || "call" in loss) return ["output"];
  return Array.isArray(loss) ? loss.map((_, index) => `output_${index}`) : Object.keys(loss);
}

/** Batches of outputs put one after the other. */
function joined(parts: readonly Structure<Tensor>[]): Structure<Tensor> {
  const [first] = parts;
  const leaves = parts.map((part) => leavesOf(part, isTensor));
  const whole = leaves[0]!.map((_, index) => concatenate(leaves.map((part) => part[index]!), 0));
  return likeStructure(first!, isTensor, whole);
}
