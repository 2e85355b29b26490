import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { scopeNow, withScope } from "../graph/node.ts";
import { type Plain, Tensor, type Variable } from "../tensor/index.ts";
import { Callable } from "./callable.ts";
import { addLossTo, type CallContext, contextNow, inContext } from "./context.ts";
import { regularizer } from "./fieldKinds.ts";
import { type Fields, resolveFields, type ValuesOf, writeFields } from "./fields.ts";
import { heldBy } from "./held.ts";
import { Masked } from "./masked.ts";
import { uniqueName } from "./names.ts";
import type { Regularizer, RegularizerName } from "./regularizers.ts";
import { isPlain, leavesOf, type MaskedStructure, mapStructure, type Structure, withoutMasks } from "./structure.ts";
import { isSymbolic, type LayerCall, type SymbolicTensor } from "./symbolic.ts";
import { callSymbolically } from "./symbolicCall.ts";
import { type WeightOptions, weight } from "./weight.ts";

export type Variables = { readonly [name: string]: Variable };
/** What a layer is given and gives: tensors, some of them masked, in lists and records. */
export type Inputs = MaskedStructure<Tensor>;
export type Outputs = MaskedStructure<Tensor>;
export type Config = { readonly [name: string]: unknown };

export interface LayerOptions {
  /** Default: the class in snake case and a counter, as `dense_1`. */
  readonly name?: string | undefined;
  /** Whether optimizers change the variables. Default true. */
  readonly trainable?: boolean | undefined;
  /** A penalty on the layer's output; its sum over a batch, divided by the batch's size, is added to the loss. */
  readonly activityRegularizer?: RegularizerName | Regularizer | undefined;
}

/**
 * What a layer does with the mask of its input. `refuse`: it cannot work with one, and says how to drop it. `keep`: it
 * treats every position alike, so the mask of its one input is that of its output. `own`: `call` is given the Masked
 * values, and gives Masked ones where its result has a mask.
 */
export type Masking = "refuse" | "keep" | "own";

/** What a class of layers says of itself, in static properties. */
export interface LayerClass {
  readonly name: string;
  /** The options by name. A class without them checks its options itself, and writes its own `config`. */
  readonly fields?: Fields;
  /** The fields that the constructor takes before the options, in order. */
  readonly positional?: readonly string[];
  /** Default refuse. */
  readonly masking?: Masking;
}

/** Options that every layer has and a file holds among its config. */
export const commonFields = { activityRegularizer: regularizer() } as const;
const commonOptions = ["name", "trainable"] as const;

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/**
 * A function of tensors with Variables of its own. Subclasses say which Variables (`build`, at the first call, when the
 * input's shape is known) and what they compute (`call`). Layers held in own properties are found by themselves.
 */
export abstract class AnyLayer<V extends Variables = Variables, F extends Fields = Fields> extends Callable {
  static override readonly name: string = "Layer";
  readonly name: string;
  /** The values of the options, checked. */
  readonly options: ValuesOf<F> & ValuesOf<typeof commonFields>;
  readonly #uses: LayerCall[] = [];
  #trainable: boolean;
  #own: V | undefined;

  /** `leading` are the options that the constructor takes by position. */
  constructor(given: LayerOptions = {}, leading: { readonly [name: string]: unknown } = {}) {
    super();
    const { fields } = this.#class;
    const values = resolveFields(this.typeName, { ...commonFields, ...fields }, withLeading(given, leading), {
      others: commonOptions,
      open: fields === undefined,
    });
    // F is the type of the class's fields.
    this.options = values as unknown as ValuesOf<F> & ValuesOf<typeof commonFields>;
    this.name = given.name ?? uniqueName(this.typeName);
    if (this.name === "" || this.name.includes("/")) {
      throw new ArgumentError(`layer name "${this.name}" must not be empty or contain "/"`);
    }
    this.#trainable = given.trainable ?? true;
  }

  /** What the class says of itself. */
  get #class(): LayerClass {
    return this.constructor as unknown as LayerClass; // statics belong to the constructor
  }

  /** The class's name, as in summaries and files; the library's say it as a static field, which minifiers keep. */
  get typeName(): string {
    return this.#class.name;
  }

  /** Makes the Variables for inputs of this shape (batch included; never depends on it). Called once. */
  build(_input: Structure<Shape>): V {
    // A layer without Variables: the empty record satisfies every V that such a subclass can name.
    return {} as V;
  }

  /** Checks an input before it is used; throws ShapeError in the user's words. */
  check(_input: Structure<Shape>): void {}

  /** Called before the layer is recorded in a graph: models that have a graph of their own make it here. */
  prepare(_x: MaskedStructure<SymbolicTensor>): void {}

  abstract call(x: Inputs, variables: V, context: CallContext): Outputs;

  /** The options that make an equal, untrained layer; plain JSON. */
  config(): Config {
    const { fields } = this.#class;
    if (fields !== undefined) return writeFields({ ...commonFields, ...fields }, this.options);
    throw new ArgumentError({
      what: `${this.name}: the class ${this.typeName} does not say how a file can describe it`,
      hint: "give it static fields, or a config() of its own",
    });
  }

  /** Calls the layer on tensors, or records the call on symbolic tensors. `layer(x)` is the same. */
  override invoke(x: unknown, context: CallContext = contextNow()): unknown {
    const leaves = leavesOf(x as Structure<unknown>, isLeaf);
    // Layers are called from untyped places as well: the leaves say what the structure is of.
    if (leaves.length > 0 && leaves.every(isTensor)) return this.compute(x as Inputs, context);
    if (leaves.length > 0 && leaves.every(isSymbolic)) {
      const call = this.recordCall(x as MaskedStructure<SymbolicTensor>);
      this.#uses.push(call);
      return call.result;
    }
    throw this.#refused(leaves);
  }

  /** The call on symbolic tensors, with its symbolic results. */
  protected recordCall(x: MaskedStructure<SymbolicTensor>): LayerCall {
    return callSymbolically(this.#plain, x);
  }

  /** Builds if needed and computes, under the layer's own scope and the given context. */
  compute(x: Inputs, given: CallContext): Outputs {
    // What was compiled holds for all calls inside of a step, also for those that say only whether they train.
    const context = given.trainable === undefined ? { ...given, trainable: contextNow().trainable } : given;
    const inner = this.#trainableIn(context) ? context : { ...context, frozen: true };
    return withScope(this.name, () =>
      inContext(inner, () => {
        const { inputs, mask } = this.#unmasked(x);
        const shape = mapStructure(withoutMasks(inputs, isTensor), isTensor, (tensor): Shape => tensor.shape);
        this.check(shape);
        const outputs = this.call(inputs, this.#built(shape), inner);
        this.#demandTensors(outputs);
        this.penalize(outputs, inner);
        inner.seen?.(this.#plain, outputs);
        return mask === undefined ? outputs : new Masked(outputs as Tensor, mask); // who keeps masks gives one tensor
      }),
    );
  }

  /**
   * Adds a scalar to the loss of the step that this call belongs to; outside of training it adds nothing. Inside of a `scan`
   * it is the sum over the steps that counts.
   */
  addLoss(loss: Tensor): void {
    addLossTo(contextNow(), loss);
  }

  /** A Variable for `build` to return: names stand for initializers, regularizers, constraints. */
  addWeight<const S extends Shape>(shape: S, options: WeightOptions = {}): Variable<Plain<S>> {
    return weight(shape, options);
  }

  /** What `call` is given, and the mask that its result has all the same. */
  #unmasked(x: Inputs): { readonly inputs: Inputs; readonly mask: Tensor | undefined } {
    const { masking = "refuse" } = this.#class;
    if (masking === "own") return { inputs: x, mask: undefined };
    if (masking === "keep" && x instanceof Masked) return { inputs: x.values, mask: x.mask };
    if (leavesOf(x, isTensor).length === leavesOf(withoutMasks(x, isTensor), isTensor).length)
      return { inputs: x, mask: undefined };
    throw new ArgumentError({
      what: `${this.name}: the input has a mask, which ${this.typeName} cannot take into account`,
      hint: "drop it if all values may count alike: layers.dropMask()(x)",
    });
  }

  /** Adds what the layer's regularizer says of outputs, for each example. */
  protected penalize(outputs: Outputs, context: CallContext): void {
    const { activityRegularizer } = this.options;
    if (activityRegularizer === undefined || context.losses === undefined) return;
    for (const output of leavesOf(withoutMasks(outputs, isTensor), isTensor)) {
      addLossTo(context, activityRegularizer(output).div(output.shape[0] ?? 1) as Tensor);
    }
  }

  #demandTensors(outputs: unknown): void {
    const wrong = leavesOf(outputs as Structure<unknown>, isLeaf).find((leaf) => !isTensor(leaf));
    if (wrong === undefined && outputs !== undefined) return;
    throw new ArgumentError(
      `${this.name}: call must return a tensor, or tensors in a list or record; it returned ${describe(wrong)}`,
    );
  }

  #refused(leaves: readonly unknown[]): ArgumentError {
    const mixed = leaves.length > 0 && leaves.every((leaf) => isSymbolic(leaf) || isTensor(leaf));
    if (mixed) {
      return new ArgumentError({
        what: `${this.name}: symbolic and real tensors are mixed`,
        hint: "call a model on data, or build the graph from input() alone",
      });
    }
    const wrong = leaves.find((leaf) => !isSymbolic(leaf) && !isTensor(leaf));
    return new ArgumentError({
      what: `${this.name}: expected a tensor, or tensors in a list or record; received ${leaves.length === 0 ? "none" : describe(wrong)}`,
      hint: "make a tensor of your data: tensor([[1, 2], [3, 4]])",
    });
  }

  /** This layer without the types of its Variables and options, as those see it that work on all layers alike. */
  get #plain(): Layer {
    return this as unknown as Layer;
  }

  /** The Variables, made if they do not exist yet. For layers that use another's Variables without calling it. */
  protected variablesFor(shape: Structure<Shape>): V {
    return this.#built(shape);
  }

  #built(shape: Structure<Shape>): V {
    if (this.#own !== undefined) return this.#own;
    const own = this.build(shape);
    for (const [name, variable] of Object.entries(own)) variable.name = `${scopeNow()}/${name}`;
    this.#own = own;
    return own;
  }

  /** True once the Variables exist. */
  get built(): boolean {
    return this.#own !== undefined;
  }

  /** The layer's own Variables by name; an error before the first call. */
  get own(): V {
    if (this.#own === undefined) {
      throw new ArgumentError({
        what: `${this.name}: the layer has no variables yet`,
        hint: "they are made at the first call, when the input's shape is known; call or build the model first",
      });
    }
    return this.#own;
  }

  /** The calls of this layer on symbolic tensors, oldest first. */
  get uses(): readonly LayerCall[] {
    return this.#uses;
  }

  /** What the layer's only call on symbolic tensors gave: where another model can begin or end. */
  get output(): MaskedStructure<SymbolicTensor> {
    return this.#onlyUse("output").result;
  }

  /** What the layer's only call on symbolic tensors was given. */
  get input(): MaskedStructure<SymbolicTensor> {
    return this.#onlyUse("input").inputs;
  }

  #onlyUse(what: "input" | "output"): LayerCall {
    const [first, second] = this.#uses;
    if (first !== undefined && second === undefined) return first;
    throw new ArgumentError({
      what: `${this.name}: the layer was called on symbolic tensors ${this.#uses.length} times, so it has no single ${what}`,
      hint:
        first === undefined
          ? "call it in a functional model first"
          : `pick a call: layer.uses[0].${what === "output" ? "result" : "inputs"}`,
    });
  }

  get trainable(): boolean {
    return this.#trainable;
  }

  /** Freezes or thaws this layer and all layers inside; counts from the next `compile` on. */
  set trainable(value: boolean) {
    this.#trainable = value;
    for (const layer of this.layers) layer.trainable = value;
  }

  #trainableIn({ trainable }: CallContext): boolean {
    return trainable?.get(this) ?? this.#trainable;
  }

  /** Layers held in own properties, directly or in lists, records and maps; in order of definition. */
  get layers(): readonly Layer[] {
    return heldBy(this, (value) => (value instanceof Layer ? (value as unknown as Layer) : undefined));
  }

  /** This layer and all layers inside, at any depth, each once. */
  get allLayers(): readonly Layer[] {
    const found = new Set<Layer>();
    const open: Layer[] = [this.#plain];
    for (let layer = open.pop(); layer !== undefined; layer = open.pop()) {
      if (found.has(layer)) continue;
      found.add(layer);
      open.push(...[...layer.layers].reverse());
    }
    return [...found];
  }

  /** This layer's Variables and those of the layers inside, each once. Empty before the first call. */
  get variables(): readonly Variable[] {
    return this.#collect(
      () => true,
      () => true,
    );
  }

  /** The Variables that an optimizer may change: now, or, inside a step of a compiled model, when it was compiled. */
  get trainableVariables(): readonly Variable[] {
    const context = contextNow();
    return this.#collect(
      ({ trainable }) => trainable,
      (layer) => layer.#trainableIn(context),
    );
  }

  get nonTrainableVariables(): readonly Variable[] {
    const trainable = new Set(this.trainableVariables);
    return this.variables.filter((variable) => !trainable.has(variable));
  }

  /** All Variables with their place in the tree of layers, "encoder/dense_1/kernel": each once, under its first name. */
  namedVariables(prefix = ""): [string, Variable][] {
    const found = new Map<Variable, string>();
    for (const [name, variable] of Object.entries(this.#own ?? {})) found.set(variable, `${prefix}${name}`);
    for (const layer of this.layers) {
      for (const [name, variable] of layer.namedVariables(`${prefix}${layer.name}/`)) {
        if (!found.has(variable)) found.set(variable, name);
      }
    }
    return [...found].map(([variable, name]) => [name, variable]);
  }

  /** Wanted Variables of this layer and of the layers inside; nothing of a layer that is not `open`. */
  #collect(wanted: (variable: Variable) => boolean, open: (layer: AnyLayer) => boolean): readonly Variable[] {
    if (!open(this.#plain)) return [];
    const found = new Set(Object.values(this.#own ?? {}).filter(wanted));
    for (const layer of this.layers) for (const variable of layer.#collect(wanted, open)) found.add(variable);
    return [...found];
  }

  /** Number of elements in all Variables. */
  countParams(): number {
    return this.variables.reduce((sum, { size }) => sum + size, 0);
  }
}

/** How layers are called of which no rule is known: on anything, and they give one tensor. */
export interface AnyCall {
  (x: Structure<SymbolicTensor>): SymbolicTensor;
  (x: Structure<Tensor>, context?: CallContext): Tensor;
}

/** A layer of which nothing is known but that it can be called: the base of users' own, and what any layer can be held as. */
export interface Layer<V extends Variables = Variables, F extends Fields = Fields> extends AnyLayer<V, F>, AnyCall {}

type LayerConstructor = abstract new <V extends Variables = Variables, F extends Fields = Fields>(
  ...given: ConstructorParameters<typeof AnyLayer>
) => Layer<V, F>;
/** The same class: every layer can be called, AnyLayer only does not say on what. */
export const Layer = AnyLayer as LayerConstructor;

/** Options that are no object are passed on as they are: the check of options names them. */
const withLeading = (given: LayerOptions, leading: object): object =>
  typeof given === "object" && given !== null ? { ...given, ...leading } : given;

/** What is neither a list, nor a plain record, nor masked values. */
const isLeaf = (value: unknown): value is unknown =>
  !(Array.isArray(value) || isPlain(value) || value instanceof Masked);

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return `a ${value.constructor.name}`;
  return typeof value === "function" ? "a function" : String(value);
}
