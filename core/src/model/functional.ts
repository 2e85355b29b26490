import { ArgumentError, InternalError } from "../base/errors.ts";
import type { BatchSource, DataLike } from "../data/index.ts";
import {
  type CallContext,
  type Config,
  InputLayer,
  type Inputs,
  isSymbolic,
  type Layer,
  type LayerCall,
  leavesOf,
  type Masked,
  type MaskedStructure,
  mapStructure,
  type Outputs,
  type Structure,
  type SymbolicTensor,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import { callsBetween, layersInOrder } from "./calls.ts";
import { describeGraph, type ModelDescription } from "./describe.ts";
import type { EvaluateOptions } from "./feedOf.ts";
import { type Front, frontOf, isHostCall, runFront } from "./front.ts";
import { bindInputs, demandDistinctNames, demandInputs } from "./inputs.ts";
import { Model, type ModelOptions } from "./model.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The tensors that stand for symbolic ones, in the same form; masks fall away where `Mask` says so. */
export type TensorsOf<Out> = Symbols extends Out
  ? Structure<Tensor>
  : Out extends SymbolicTensor
    ? Tensor
    : Out extends Masked<SymbolicTensor>
      ? Tensor
      : { readonly [K in keyof Out]: TensorsOf<Out[K]> };

type Symbols = MaskedStructure<SymbolicTensor>;

/** A network described by its graph: any number of inputs and outputs, shared and nested layers. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: Callable makes every instance callable.
export class Functional<Out extends Symbols = SymbolicTensor> extends Model {
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: Out;
  readonly calls: readonly LayerCall[];
  /** Non-enumerable as all private state: layers are found through `layers`, in Keras's order. */
  readonly #layers: readonly Layer[];
  readonly #front: Front | undefined;

  /** The calls by their layer; made when it is asked for. */
  #byLayer: ReadonlyMap<Layer, readonly LayerCall[]> | undefined;

  constructor(inputs: Structure<SymbolicTensor>, outputs: Out, options: ModelOptions = {}) {
    super(options);
    this.inputs = inputs;
    this.outputs = outputs;
    const [first, last] = [demandSymbolic("inputs", inputs), demandSymbolic("outputs", outputs)];
    this.calls = callsBetween(first, last);
    this.#front = frontOf(inputs, this.calls, outputs);
    this.#layers = layersInOrder(first, last, this.calls);
    demandDistinctNames(
      this.name,
      this.#layers.filter((layer) => !(layer instanceof InputLayer)),
    );
  }

  override get layers(): readonly Layer[] {
    return this.#layers;
  }

  override get graph(): { readonly inputs: Structure<SymbolicTensor>; readonly outputs: Out } {
    return this;
  }

  override callsOf(layer: Layer): readonly LayerCall[] {
    this.#byLayer ??= grouped(this.calls);
    return this.#byLayer.get(layer) ?? [];
  }

  override feed(x: Structure<DataLike>): Structure<DataLike> {
    return this.#front === undefined ? x : runFront(this.name, this.#front, x);
  }

  override call(x: Inputs, _variables: object, context: CallContext): Outputs {
    const bound = bindInputs(this.name, this.#front?.fed ?? this.inputs, x);
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
    for (const { layer, inputs, outputs } of this.calls.filter((call) => !isHostCall(call))) {
      const results = leavesOf(layer.compute(mapStructure(inputs as Symbols, isSymbolic, find), context), isTensor);
      outputs.forEach((output, index) => {
        values.set(output, results[index]!);
      });
    }
    return mapStructure(this.outputs as Symbols, isSymbolic, find);
  }

  override predict<Result extends Structure<Tensor> = TensorsOf<Out> & Structure<Tensor>>(
    x: Structure<DataLike> | BatchSource,
    options: EvaluateOptions = {},
  ): Promise<Result> {
    return super.predict<Result>(x, options);
  }

  override describe(): ModelDescription {
    return describeGraph(this);
  }

  override config(): Config {
    return {};
  }
}

/** A model of a graph gives what its outputs say. */
export interface Functional<Out extends Symbols = SymbolicTensor> {
  (x: Structure<SymbolicTensor>): Out;
  (x: Structure<Tensor>, context?: CallContext): TensorsOf<Out>;
}

function grouped(calls: readonly LayerCall[]): ReadonlyMap<Layer, readonly LayerCall[]> {
  const found = new Map<Layer, LayerCall[]>();
  for (const call of calls) {
    const list = found.get(call.layer);
    if (list === undefined) found.set(call.layer, [call]);
    else list.push(call);
  }
  return found;
}

/** The symbolic tensors of a structure, which has at least one and nothing else. */
function demandSymbolic(what: string, structure: Symbols): SymbolicTensor[] {
  const leaves = leavesOf(structure, isSymbolic);
  if (leaves.length > 0 && leaves.every(isSymbolic)) return leaves;
  throw new ArgumentError({
    what: `model: ${what} must be symbolic tensors: one, a list, or a record`,
    hint: "they come from input() and from calling layers on such tensors",
  });
}

/** A model with the given symbolic inputs and outputs: `model(x, y)`, `model([a, b], { title, tags })`. */
export const model = <const Out extends Symbols>(
  inputs: Structure<SymbolicTensor>,
  outputs: Out,
  options: ModelOptions = {},
): Functional<Out> => new Functional(inputs, outputs, options);
