import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { scopeNow, withScope } from "../graph/node.ts";
import { Tensor, type Variable } from "../tensor/index.ts";
import { Callable } from "./callable.ts";
import { type CallContext, contextNow, inContext } from "./context.ts";
import { uniqueName } from "./names.ts";
import { mapStructure, type Structure } from "./structure.ts";
import { isSymbolic, type SymbolicTensor } from "./symbolic.ts";
import { callSymbolically } from "./symbolicCall.ts";

export type Variables = { readonly [name: string]: Variable };
export type Inputs = Structure<Tensor>;
export type Outputs = Structure<Tensor>;
export type Config = { readonly [name: string]: unknown };

export interface LayerOptions {
  /** Default: the class in snake case and a counter, as `dense_1`. */
  readonly name?: string | undefined;
  /** Whether optimizers change the variables. Default true. */
  readonly trainable?: boolean | undefined;
}

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
const shapeOf = (x: Inputs): Structure<Shape> => mapStructure(x, isTensor, ({ shape }) => shape);

/**
 * A function of tensors with Variables of its own. Subclasses say which Variables (`build`, at the first call, when the
 * input's shape is known) and what they compute (`call`). Layers held in own properties are found by themselves.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
export abstract class Layer<V extends Variables = Variables> extends Callable {
  readonly name: string;
  #trainable: boolean;
  #own: V | undefined;

  constructor(options: LayerOptions = {}) {
    super();
    this.name = options.name ?? uniqueName(this.typeName);
    if (this.name === "" || this.name.includes("/")) {
      throw new ArgumentError(`layer name "${this.name}" must not be empty or contain "/"`);
    }
    this.#trainable = options.trainable ?? true;
  }

  /** The class's name, as in summaries and files. */
  get typeName(): string {
    return this.constructor.name;
  }

  /** Makes the Variables for inputs of this shape (batch included; never depends on it). Called once. */
  build(_input: Structure<Shape>): V {
    // A layer without Variables: the empty record satisfies every V that such a subclass can name.
    return {} as V;
  }

  /** Checks an input before it is used; throws ShapeError in the user's words. */
  check(_input: Structure<Shape>): void {}

  /** Called before the layer is recorded in a graph: models that have a graph of their own make it here. */
  prepare(_x: Structure<SymbolicTensor>): void {}

  abstract call(x: Inputs, variables: V, context: CallContext): Outputs;

  /** The arguments that make an equal, untrained layer; plain JSON. */
  abstract config(): Config;

  /** Calls the layer on tensors, or records the call on symbolic tensors. `layer(x)` is the same. */
  override invoke(x: unknown, context: CallContext = contextNow()): unknown {
    const leaves = leavesOfUnknown(x);
    // Layers are called from untyped places as well: the leaves say what the structure is of.
    if (leaves.length > 0 && leaves.every(isTensor)) return this.compute(x as Inputs, context);
    if (leaves.length > 0 && leaves.every(isSymbolic))
      return callSymbolically(this.#plain, x as Structure<SymbolicTensor>);
    throw this.#refused(leaves);
  }

  /** Builds if needed and computes, under the layer's own scope and the given context. */
  compute(x: Inputs, context: CallContext): Outputs {
    const shape = shapeOf(x);
    const inner = this.#trainable ? context : { ...context, frozen: true };
    return withScope(this.name, () =>
      inContext(inner, () => {
        this.check(shape);
        const outputs = this.call(x, this.#built(shape), inner);
        const wrong = leavesOfUnknown(outputs).find((leaf) => !isTensor(leaf));
        if (wrong === undefined && outputs !== undefined) return outputs;
        throw new ArgumentError(
          `${this.name}: call must return a tensor, or tensors in a list or record; it returned ${describe(wrong)}`,
        );
      }),
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

  /** This layer without the types of its Variables, as those see it that work on all layers alike. */
  get #plain(): Layer {
    return this as unknown as Layer;
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

  get trainable(): boolean {
    return this.#trainable;
  }

  /** Freezes or thaws this layer and all layers inside; counts from the next training step on. */
  set trainable(value: boolean) {
    this.#trainable = value;
    for (const layer of this.layers) layer.trainable = value;
  }

  /** Layers held in own properties, directly or in lists, records and maps; in order of definition. */
  get layers(): readonly Layer[] {
    const found = new Set<Layer>();
    const visit = (value: unknown, depth: number): void => {
      if (value instanceof Layer) found.add(value);
      else if (depth < 4 && Array.isArray(value)) for (const item of value) visit(item, depth + 1);
      else if (depth < 4 && value instanceof Map) for (const item of value.values()) visit(item, depth + 1);
      else if (depth < 4 && isPlain(value)) for (const item of Object.values(value)) visit(item, depth + 1);
    };
    for (const value of Object.values(this)) visit(value, 0);
    found.delete(this.#plain);
    return [...found];
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

  /** The Variables that an optimizer may change. */
  get trainableVariables(): readonly Variable[] {
    return this.#collect(
      ({ trainable }) => trainable,
      (layer) => layer.#trainable,
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
  #collect(wanted: (variable: Variable) => boolean, open: (layer: Layer) => boolean): readonly Variable[] {
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

/** Layers are functions: of tensors, and of the symbolic tensors of functional models. */
// biome-ignore lint/correctness/noUnusedVariables: declarations that merge must have the same type parameters.
export interface Layer<V extends Variables = Variables> {
  (x: SymbolicTensor | readonly SymbolicTensor[] | { readonly [name: string]: SymbolicTensor }): SymbolicTensor;
  (x: Inputs, context?: CallContext): Tensor;
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The leaves of what may be anything: neither lists nor plain records. */
function leavesOfUnknown(x: unknown): unknown[] {
  if (Array.isArray(x)) return x.flatMap(leavesOfUnknown);
  return isPlain(x) ? Object.values(x).flatMap(leavesOfUnknown) : [x];
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return `a ${value.constructor.name}`;
  return typeof value === "function" ? "a function" : String(value);
}
