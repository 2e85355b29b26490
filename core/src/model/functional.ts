import { ArgumentError, InternalError } from "../base/errors.ts";
import type { BatchSource, DataLike } from "../data/index.ts";
import {
  type AnyLayer,
  type Application,
  type CallContext,
  type Config,
  type Graph,
  InputLayer,
  type Inputs,
  isSymbolic,
  type Layer,
  type LayerCall,
  leavesOf,
  type MaskedStructure,
  mapStructure,
  type Outputs,
  type ShapesOf,
  type Structure,
  type SymbolicTensor,
  type TensorsOf,
} from "../nn/index.ts";
import { Tensor } from "../tensor/index.ts";
import type { CompileOptions, History } from "../train/index.ts";
import { callsBetween, layersInOrder } from "./calls.ts";
import { describeGraph, type ModelDescription } from "./describe.ts";
import type { EvaluateOptions } from "./feedOf.ts";
import { type Front, frontOf, isHostCall, runFront } from "./front.ts";
import type { Entering, Fed, Fit, Fitting, Held, OutputNames, Second, Targets } from "./given.ts";
import { bindInputs, demandDistinctNames, demandInputs } from "./inputs.ts";
import { AnyModel, type ModelOptions } from "./model.ts";
import type { Predicted } from "./predicted.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

type Symbols = MaskedStructure<SymbolicTensor>;

/** A network described by its graph: any number of inputs and outputs, shared and nested layers. */
export class AnyFunctional<
  Out extends Symbols = Symbols,
  In extends Structure<SymbolicTensor> = Structure<SymbolicTensor>,
> extends AnyModel {
  static override readonly name: string = "Functional";
  readonly inputs: In;
  readonly outputs: Out;
  readonly calls: readonly LayerCall[];
  /** Non-enumerable as all private state: layers are found through `layers`, in Keras's order. */
  readonly #layers: readonly Layer[];
  readonly #front: Front | undefined;

  /** The calls by their layer; made when it is asked for. */
  #byLayer: ReadonlyMap<AnyLayer, readonly LayerCall[]> | undefined;

  constructor(inputs: In, outputs: Out, options: ModelOptions = {}) {
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

  override get graph(): { readonly inputs: In; readonly outputs: Out } {
    return this;
  }

  override callsOf(layer: AnyLayer): readonly LayerCall[] {
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

  override describe(): ModelDescription {
    return describeGraph(this);
  }

  override config(): Config {
    return {};
  }
}

/** A model of a graph gives what its outputs say. */
export interface Functional<Out extends Symbols = SymbolicTensor> extends AnyFunctional<Out> {
  (x: Structure<SymbolicTensor>): Out;
  (x: Structure<Tensor>, context?: CallContext): TensorsLike<Out>;
}
/** The same class, as for Layer. */
export const Functional = AnyFunctional as unknown as new <Out extends Symbols>(
  inputs: Structure<SymbolicTensor>,
  outputs: Out,
  options?: ModelOptions,
) => Functional<Out>;

type TensorsLike<Out> = Symbols extends Out ? Structure<Tensor> : TensorsOf<"real", ShapesOf<Out>>;

/** Data must have the shapes of the inputs, and targets the names of the outputs. */
interface WantsOf<In, Out> {
  readonly inputs: ShapesOf<In>;
  readonly outputs: ShapesOf<Out>;
}

/** A model of a graph whose inputs the types know as well, and refuse others. */
export interface FunctionalOf<Out extends Symbols, In extends Structure<SymbolicTensor>>
  extends AnyFunctional<Out, In>,
    Application<Graph<In, Out>> {
  compile(options?: CompileOptions<OutputNames<ShapesOf<Out>>>): this;
  fit<const X extends Fed, const Y extends Structure<DataLike> = Structure<DataLike>, const V extends Held = Held>(
    data: Fitting<WantsOf<In, Out>, X>,
    second?: Second<Fit<WantsOf<In, Out>, V>, ShapesOf<Out>, X, Y>,
    third?: Fit<WantsOf<In, Out>, V>,
  ): Promise<History>;
  evaluate<const X extends Fed, const Y extends Structure<DataLike> = Structure<DataLike>>(
    data: Fitting<WantsOf<In, Out>, X>,
    second?: Second<EvaluateOptions, ShapesOf<Out>, X, Y>,
    third?: EvaluateOptions,
  ): Promise<Record<string, number>>;
  trainOnBatch<const X extends Structure<DataLike>, const Y extends Structure<DataLike> = Structure<DataLike>>(
    x: Entering<WantsOf<In, Out>, X>,
    y?: Targets<ShapesOf<Out>, X, Y>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>>;
  testOnBatch<const X extends Structure<DataLike>, const Y extends Structure<DataLike> = Structure<DataLike>>(
    x: Entering<WantsOf<In, Out>, X>,
    y?: Targets<ShapesOf<Out>, X, Y>,
    sampleWeight?: Structure<DataLike>,
  ): Promise<Record<string, number>>;
  predict<
    Result extends Structure<Tensor> = Predicted<Graph<In, Out>>,
    const X extends Structure<DataLike> | BatchSource = Structure<DataLike> | BatchSource,
  >(x: Entering<WantsOf<In, Out>, X>, options?: EvaluateOptions): Promise<Result>;
  predictOnBatch<const X extends Structure<Tensor>>(x: Entering<WantsOf<In, Out>, X>): Predicted<Graph<In, Out>>;
}

function grouped(calls: readonly LayerCall[]): ReadonlyMap<AnyLayer, readonly LayerCall[]> {
  const found = new Map<AnyLayer, LayerCall[]>();
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
export const model = <const In extends Structure<SymbolicTensor>, const Out extends Symbols>(
  inputs: In,
  outputs: Out,
  options: ModelOptions = {},
): FunctionalOf<Out, In> => new Functional(inputs, outputs, options) as AnyFunctional<Out> as FunctionalOf<Out, In>; // types only
