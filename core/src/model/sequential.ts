import { ArgumentError, ShapeError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import type { BatchSource, DataLike, NdArray } from "../data/index.ts";
import { withScope } from "../graph/node.ts";
import {
  type AnyCall,
  type AnyLayer,
  type Application,
  type Apply,
  arrayOf,
  type CallContext,
  type Chain,
  type Config,
  describeLayer,
  type Fitting,
  HostLayer,
  type Inputs,
  input,
  isTexts,
  Layer,
  leavesOf,
  type OpenShape,
  type Outputs,
  type Structure,
  SymbolicTensor,
  type sizes,
  textsOf,
  type Variables,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import type { History } from "../train/index.ts";
import { describeInput, type ModelDescription } from "./describe.ts";
import type { EvaluateOptions } from "./feedOf.ts";
import { runFront } from "./front.ts";
import type { Entering, Fed, Fit, Fitting as Fits, Held, Second, Targets } from "./given.ts";
import { demandDistinctNames, demandInputs, isShape } from "./inputs.ts";
import { AnyModel, type ModelOptions } from "./model.ts";
import type { Predicted } from "./predicted.ts";

/** What a sequential model is a list of. */
type Entry = AnyLayer | SymbolicTensor;

/**
 * Layers one after the other. Their Variables are made when the input's shape is known: at the first data, or by `input()` as
 * the first entry.
 */
export class AnySequential extends AnyModel {
  static override readonly name: string = "Sequential";
  readonly #layers: Layer[] = [];
  /** The symbolic input and the result of each layer; shorter while the input's shape is not known. */
  readonly #chain: SymbolicTensor[] = [];
  #input: SymbolicTensor | undefined;
  /** True when the user said what the input is like; otherwise the first data did, and later data may differ. */
  #declared = false;

  constructor(entries: readonly Entry[] = [], options: ModelOptions = {}) {
    super(options);
    if (!Array.isArray(entries))
      throw new ArgumentError({ what: `${this.name}: the layers are a list`, hint: "sequential([layer, layer])" });
    for (const entry of entries) this.add(entry);
  }

  /** Appends a layer; a symbolic `input()` is allowed as the very first entry. */
  add(entry: Entry): this {
    if (entry instanceof SymbolicTensor) {
      if (this.#layers.length > 0) throw new ArgumentError(`${this.name}: input() must come first`);
      this.#input = entry;
      this.#declared = true;
      this.#chain.splice(0, Infinity, entry);
      return this;
    }
    if (!(entry instanceof Layer)) {
      throw new ArgumentError(`${this.name}: entry ${this.#layers.length} is not a layer, received ${String(entry)}`);
    }
    demandDistinctNames(this.name, [...this.#layers, entry]);
    this.#layers.push(entry);
    this.forgetPrograms();
    if (this.#layers.length === 1 && this.#input === undefined) this.#begin(entry);
    if (this.#input !== undefined) this.#extend();
    return this;
  }

  /** A model that knows its input tells ours. */
  #begin(first: Layer): void {
    const own = first instanceof AnyModel ? first.graph?.inputs : undefined;
    if (!(own instanceof SymbolicTensor)) return;
    this.#input = input(own.shape.slice(1), { dtype: own.dtype });
    this.#declared = true;
  }

  /** Removes the last layer and returns it. */
  pop(): Layer | undefined {
    const removed = this.#layers.pop();
    this.#chain.length = Math.min(this.#chain.length, this.#layers.length + 1);
    this.forgetPrograms();
    return removed;
  }

  override get layers(): readonly Layer[] {
    return this.#layers;
  }

  override get built(): boolean {
    return this.#chain.length > this.#layers.length;
  }

  override get graph(): { readonly inputs: SymbolicTensor; readonly outputs: SymbolicTensor } | undefined {
    const outputs = this.#chain.at(-1);
    return this.built && outputs !== undefined ? { inputs: this.#chain[0]!, outputs } : undefined;
  }

  /** Makes all Variables for inputs of this shape (batch axis included, usually null). */
  override buildFor(shape: OpenShape): this {
    if (this.built) return this;
    this.#input ??= input(demandBatch(this.name, shape).slice(1));
    this.#extend();
    return this;
  }

  #extend(): void {
    if (this.#chain.length === 0) this.#chain.push(this.#input!); // both callers have set it
    withScope(this.name, () => {
      for (const layer of this.#layers.slice(this.#chain.length - 1)) this.#chain.push(layer(this.#chain.at(-1)!));
    });
  }

  override check(shape: Structure<Shape>): void {
    const entry = this.#chain[this.#hosted];
    if (this.#declared && entry !== undefined) demandInputs(this.name, [entry], leavesOf(shape, isShape));
  }

  /** How many layers at the beginning work on the host. */
  get #hosted(): number {
    const first = this.#layers.findIndex((layer) => !isHost(layer));
    return first === -1 ? this.#layers.length : first;
  }

  override feed(x: Structure<DataLike>): Structure<DataLike> {
    if (this.#hosted === 0) return x;
    if (this.#input === undefined) {
      this.#input = inputFor(this.name, x);
      this.#declared = true; // what the host gives has the shape that its layers say
    }
    this.#extend();
    const calls = this.#chain.slice(1, this.#hosted + 1).map((tensor) => tensor.source!); // each made by its layer
    return runFront(this.name, { inputs: this.#chain[0]!, calls, fed: [this.#chain[this.#hosted]!] }, x);
  }

  override prepare(x: Structure<SymbolicTensor>): void {
    // With the open axes of the tensor, which a real input would not show.
    if (x instanceof SymbolicTensor) this.buildFor(x.shape);
  }

  override build(shape: Structure<Shape>): Variables {
    const [first, ...others] = leavesOf(shape, isShape);
    if (first === undefined || others.length > 0) {
      throw new ArgumentError({
        what: `${this.name}: a sequential model has one input, received ${others.length + Number(first !== undefined)}`,
        hint: "use model(inputs, outputs) for several inputs",
      });
    }
    this.buildFor([null, ...first.slice(1)]);
    return {};
  }

  override call(x: Tensor, _variables: Variables, context: CallContext): Outputs {
    return this.#layers.slice(this.#hosted).reduce<Inputs>((value, layer) => layer.compute(value, context), x);
  }

  override describe(): ModelDescription {
    if (this.graph !== undefined) {
      const input = describeInput(this.graph.inputs);
      return { kind: "sequential", input, declared: this.#declared, layers: this.layers.map(describeLayer) };
    }
    throw new ArgumentError({
      what: `${this.name}: the model is not built yet, so there is nothing to save`,
      hint: "train it, call it, or give it an input()",
    });
  }

  override config(): Config {
    return {};
  }
}

/** Layers one after the other of which the types know nothing; more can be added. */
export interface Sequential extends AnySequential, AnyCall {}
/** The same class, as for Layer. */
export const Sequential = AnySequential as unknown as new (
  entries?: readonly Entry[],
  options?: ModelOptions,
) => Sequential;

/** Data must have the shape of the input, where there is one; else what the first layers can be called on. */
type WantsOf<Entries extends readonly unknown[]> = Entries extends readonly [
  { readonly [sizes]: infer S extends Shape },
  ...unknown[],
]
  ? { readonly inputs: S }
  : { readonly rule: Chain<Entries> };

/** Layers one after the other that the types know: what they make of shapes together. */
export interface SequentialOf<Entries extends readonly Entry[]> extends AnySequential, Application<Chain<Entries>> {
  add(entry: Entry & "this type lists the layers; write `const m: Sequential` to add some"): this;
  fit<const X extends Fed, const Y extends Structure<DataLike> = Structure<DataLike>, const V extends Held = Held>(
    data: Fits<WantsOf<Entries>, X>,
    second?: Second<Fit<WantsOf<Entries>, V>, Apply<Chain<Entries>, unknown>, X, Y>,
    third?: Fit<WantsOf<Entries>, V>,
  ): Promise<History>;
  evaluate<const X extends Fed, const Y extends Structure<DataLike> = Structure<DataLike>>(
    data: Fits<WantsOf<Entries>, X>,
    second?: Second<EvaluateOptions, Apply<Chain<Entries>, unknown>, X, Y>,
    third?: EvaluateOptions,
  ): Promise<Record<string, number>>;
  trainOnBatch<const X extends Structure<DataLike>, const Y extends Structure<DataLike> = Structure<DataLike>>(
    x: Entering<WantsOf<Entries>, X>,
    y?: Targets<Apply<Chain<Entries>, unknown>, X, Y>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>>;
  testOnBatch<const X extends Structure<DataLike>, const Y extends Structure<DataLike> = Structure<DataLike>>(
    x: Entering<WantsOf<Entries>, X>,
    y?: Targets<Apply<Chain<Entries>, unknown>, X, Y>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>>;
  predict<
    Result extends Structure<Tensor> = Predicted<Chain<Entries>>,
    const X extends Structure<DataLike> | BatchSource = Structure<DataLike> | BatchSource,
  >(x: Entering<WantsOf<Entries>, X>, options?: EvaluateOptions): Promise<Result>;
  predictOnBatch<const X extends Structure<Tensor>>(x: Entering<WantsOf<Entries>, X>): Predicted<Chain<Entries>>;
}

const isHost = (layer: Layer): boolean => (layer as unknown) instanceof HostLayer;

/** An input for data like these, for a model that begins with a layer on the host. */
function inputFor(name: string, x: Structure<DataLike>): SymbolicTensor {
  if (x instanceof Tensor) return input(x.shape.slice(1), { dtype: x.dtype });
  if (isTexts(x)) return input(demandBatch(name, textsOf(name, x).shape).slice(1), { dtype: "string" });
  return input(demandBatch(name, arrayOf(name, x as NdArray).shape).slice(1)); // arrayOf refuses what is no such array
}

function demandBatch(name: string, shape: OpenShape): OpenShape {
  if (shape.length > 0) return shape;
  throw new ShapeError({
    what: `${name}: the input is a single number, without a batch axis`,
    hint: "give a batch: tensor([[1, 2, 3]])",
  });
}

/** A list without layers, or of unknown length, says nothing. */
type Typed<Entries extends readonly Entry[]> = number extends Entries["length"]
  ? Sequential
  : Entries extends readonly [] | readonly [SymbolicTensor]
    ? Sequential
    : SequentialOf<Entries>;

/** A model of layers one after the other. Layers that cannot follow each other are refused where they stand in the list. */
export const sequential = <const Entries extends readonly Entry[] = readonly []>(
  entries?: Fitting<Entries>,
  options: ModelOptions = {},
): Typed<Entries> => new Sequential(entries as Entries, options) as AnySequential as Typed<Entries>; // types only
