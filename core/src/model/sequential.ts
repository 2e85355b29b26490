import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { withScope } from "../graph/node.ts";
import {
  type CallContext,
  type Config,
  type Inputs,
  input,
  Layer,
  type OpenShape,
  type Outputs,
  SymbolicTensor,
  type Variables,
} from "../nn/index.ts";
import type { Tensor } from "../tensor/index.ts";
import { Model, type ModelOptions } from "./model.ts";

/** Layers one after the other. Their Variables are made when the input's shape is known: at the first data, or by `input()` as the first entry. */
export class Sequential extends Model {
  readonly #layers: Layer[] = [];
  #chain: readonly SymbolicTensor[] = [];
  #input: SymbolicTensor | undefined;

  constructor(entries: readonly (Layer | SymbolicTensor)[] = [], options: ModelOptions = {}) {
    super(options);
    for (const entry of entries) this.add(entry);
  }

  /** Appends a layer; a symbolic `input()` is allowed as the very first entry. */
  add(entry: Layer | SymbolicTensor): this {
    if (entry instanceof SymbolicTensor) {
      if (this.#layers.length > 0) throw new ArgumentError(`${this.name}: input() must come first`);
      this.#input = entry;
      return this;
    }
    if (!(entry instanceof Layer)) {
      throw new ArgumentError(`${this.name}: entry ${this.#layers.length} is not a layer, received ${String(entry)}`);
    }
    if (this.#layers.some(({ name }) => name === entry.name)) {
      throw new ArgumentError({ what: `${this.name}: two layers are named "${entry.name}"`, hint: "give one another name" });
    }
    this.#layers.push(entry);
    if (this.#input !== undefined) this.buildFor(this.#input.shape);
    return this;
  }

  /** Removes the last layer. */
  pop(): Layer | undefined {
    this.#chain = this.#chain.slice(0, -1);
    return this.#layers.pop();
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
    this.#input ??= input(shape.slice(1));
    const chain: SymbolicTensor[] = [this.#input];
    withScope(this.name, () => {
      for (const layer of this.#layers) chain.push(layer(chain.at(-1)!));
    });
    this.#chain = chain;
    return this;
  }

  override build(shape: Shape): Variables {
    if (!this.built) this.buildFor([null, ...shape.slice(1)]);
    return {};
  }

  override call(x: Tensor, _variables: Variables, context: CallContext): Outputs {
    return this.#layers.reduce<Inputs>((value, layer) => layer.compute(value, context), x);
  }

  override config(): Config {
    return {};
  }
}

/** A model of layers one after the other. */
export const sequential = (entries: readonly (Layer | SymbolicTensor)[] = [], options: ModelOptions = {}): Sequential =>
  new Sequential(entries, options);
