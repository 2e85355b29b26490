import { ArgumentError, InternalError } from "../base/errors.ts";
import {
  type CallContext,
  type Inputs,
  isSymbolic,
  type Layer,
  type LayerCall,
  leavesOf,
  mapStructure,
  type Outputs,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import { callsBetween } from "./calls.ts";
import { Model, type ModelOptions } from "./model.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** A network described by its graph: any number of inputs and outputs, shared and nested layers. */
export class Functional extends Model {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: Structure<SymbolicTensor>;
  readonly calls: readonly LayerCall[];

  constructor(inputs: Structure<SymbolicTensor>, outputs: Structure<SymbolicTensor>, options: ModelOptions = {}) {
    super(options);
    this.inputs = inputs;
    this.outputs = outputs;
    this.calls = callsBetween(leavesOf(inputs, isSymbolic), leavesOf(outputs, isSymbolic));
  }

  override get layers(): readonly Layer[] {
    return [...new Set(this.calls.map(({ layer }) => layer))];
  }

  override get graph(): { readonly inputs: Structure<SymbolicTensor>; readonly outputs: Structure<SymbolicTensor> } {
    return this;
  }

  override call(x: Inputs, _variables: object, context: CallContext): Outputs {
    const values = new Map<SymbolicTensor, Tensor>(this.#bind(x));
    const valueOf = (tensor: SymbolicTensor): Tensor => {
      const value = values.get(tensor);
      if (value === undefined) throw new InternalError(`functional model: ${tensor.name} was not computed in time`);
      return value;
    };
    for (const { layer, inputs, outputs } of this.calls) {
      const results = leavesOf(layer.compute(mapStructure(inputs, isSymbolic, valueOf), context), isTensor);
      outputs.forEach((output, index) => {
        values.set(output, results[index]!);
      });
    }
    return mapStructure(this.outputs, isSymbolic, valueOf);
  }

  /** Pairs the model's inputs with the given tensors, by name where they are named. */
  #bind(x: Inputs): [SymbolicTensor, Tensor][] {
    const expected = leavesOf(this.inputs, isSymbolic);
    if (!isTensor(x) && !Array.isArray(x)) {
      const given = x as { readonly [name: string]: Tensor };
      const names = isSymbolic(this.inputs) || Array.isArray(this.inputs) ? expected.map(({ name }) => name) : Object.keys(this.inputs);
      return names.map((name, index) => {
        const value = given[name];
        if (value === undefined) throw missingInput(this.name, name, Object.keys(given), names);
        return [expected[index]!, value];
      });
    }
    const given = leavesOf(x, isTensor);
    if (given.length !== expected.length) {
      throw new ArgumentError(`${this.name}: the model has ${expected.length} inputs, received ${given.length}`);
    }
    return expected.map((tensor, index) => [tensor, given[index]!]);
  }

  override config(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/** A model with the given symbolic inputs and outputs: `model(x, y)`, `model([a, b], { title, tags })`. */
export const model = (inputs: Structure<SymbolicTensor>, outputs: Structure<SymbolicTensor>, options: ModelOptions = {}): Functional =>
  new Functional(inputs, outputs, options);

const missingInput = (model: string, name: string, given: readonly string[], expected: readonly string[]): ArgumentError =>
  new ArgumentError({
    what: `${model}: missing data for input "${name}"`,
    details: [{ role: "received", value: given.join(", ") }, { role: "expected", value: expected.join(", ") }],
  });
