import { ArgumentError, InternalError, suggest } from "../base/errors.ts";
import {
  type CallContext,
  type Inputs,
  isSymbolic,
  type Layer,
  type LayerCall,
  leavesOf,
  mapStructure,
  type Outputs,
  printOpenShape,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import { callsBetween } from "./calls.ts";
import { describeGraph, type ModelDescription } from "./describe.ts";
import { demandDistinctNames, demandInputs } from "./inputs.ts";
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
    this.calls = callsBetween(demandSymbolic("inputs", inputs), demandSymbolic("outputs", outputs));
    demandDistinctNames(this.name, this.layers);
  }

  override get layers(): readonly Layer[] {
    return [...new Set(this.calls.map(({ layer }) => layer))];
  }

  override get graph(): { readonly inputs: Structure<SymbolicTensor>; readonly outputs: Structure<SymbolicTensor> } {
    return this;
  }

  override call(x: Inputs, _variables: object, context: CallContext): Outputs {
    const bound = this.#bind(x);
    demandInputs(
      this.name,
      bound.map(([input]) => input),
      bound.map(([, { shape }]) => shape),
    );
    const values = new Map(bound);
    const find = (tensor: SymbolicTensor): Tensor => {
      const value = values.get(tensor);
      if (value === undefined) throw new InternalError(`functional model: ${tensor.name} was not computed in time`);
      return value;
    };
    for (const { layer, inputs, outputs } of this.calls) {
      const results = leavesOf(layer.compute(mapStructure(inputs, isSymbolic, find), context), isTensor);
      outputs.forEach((output, index) => {
        values.set(output, results[index]!);
      });
    }
    return mapStructure(this.outputs, isSymbolic, find);
  }

  /** Pairs the model's inputs with the given tensors, by name where they are named. */
  #bind(x: Inputs): [SymbolicTensor, Tensor][] {
    const expected = leavesOf(this.inputs, isSymbolic);
    if (!isTensor(x) && !Array.isArray(x)) {
      const given = x as { readonly [name: string]: Tensor };
      const names =
        isSymbolic(this.inputs) || Array.isArray(this.inputs)
          ? expected.map(({ name }) => name)
          : Object.keys(this.inputs);
      const surplus = Object.keys(given).find((name) => !names.includes(name));
      if (surplus !== undefined)
        throw new ArgumentError({
          what: `${this.name}: there is no input "${surplus}"`,
          hint: suggest(surplus, names),
        });
      return names.map((name, index) => {
        const value = given[name];
        if (value === undefined) throw missingInput(this.name, name, Object.keys(given), names);
        return [expected[index]!, value];
      });
    }
    const given = leavesOf(x, isTensor);
    if (given.length !== expected.length) {
      throw new ArgumentError({
        what: `${this.name}: the model has ${expected.length} input${expected.length === 1 ? "" : "s"}, received ${given.length}`,
        details: [
          { role: "expected", value: expected.map(({ name, shape }) => `${name} ${printOpenShape(shape)}`).join(", ") },
        ],
        hint: "several inputs are given as a list of arrays (nested lists count as one array: wrap them by ndarray), or by name",
      });
    }
    return expected.map((tensor, index) => [tensor, given[index]!]);
  }

  override describe(): ModelDescription {
    return describeGraph(this);
  }

  override config(): Readonly<Record<string, unknown>> {
    return {};
  }
}

/** The symbolic tensors of a structure, which has at least one and nothing else. */
function demandSymbolic(what: string, structure: Structure<SymbolicTensor>): SymbolicTensor[] {
  const leaves = leavesOf(structure, isSymbolic);
  if (leaves.length > 0 && leaves.every(isSymbolic)) return leaves;
  throw new ArgumentError({
    what: `model: ${what} must be symbolic tensors: one, a list, or a record`,
    hint: "they come from input() and from calling layers on such tensors",
  });
}

/** A model with the given symbolic inputs and outputs: `model(x, y)`, `model([a, b], { title, tags })`. */
export const model = (
  inputs: Structure<SymbolicTensor>,
  outputs: Structure<SymbolicTensor>,
  options: ModelOptions = {},
): Functional => new Functional(inputs, outputs, options);

const missingInput = (
  model: string,
  name: string,
  given: readonly string[],
  expected: readonly string[],
): ArgumentError =>
  new ArgumentError({
    what: `${model}: missing data for input "${name}"`,
    details: [
      { role: "received", value: given.join(", ") },
      { role: "expected", value: expected.join(", ") },
    ],
  });
