import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { positive } from "./checks.ts";
import { recordFunction } from "./functionCall.ts";
import { Layer, type LayerOptions, type Outputs } from "./layer.ts";
import { uniqueName } from "./names.ts";
import { recordOperation } from "./operation.ts";
import { type InputDType, type OpenShape, type Recorder, SymbolicTensor } from "./symbolic.ts";

const recorder: Recorder = { method: recordOperation, function: recordFunction };

/** Stands for an input in a model's list of layers; passes on what it is given. */
export class InputLayer extends Layer {
  static readonly fields = {};
  static readonly masking = "own";
  readonly tensor: SymbolicTensor;

  constructor(tensor: SymbolicTensor, options: LayerOptions = {}) {
    super({ ...options, name: tensor.name });
    this.tensor = tensor;
  }

  override get output(): SymbolicTensor {
    return this.tensor;
  }

  override call(x: Outputs): Outputs {
    return x;
  }
}

export interface InputOptions {
  readonly name?: string;
  /** Default f32, also for token ids (layers cast). "string" for texts, which a TextVectorization or its like takes first. */
  readonly dtype?: InputDType;
  /** The size of every batch, for layers that keep states from batch to batch; open otherwise. */
  readonly batchSize?: number;
}

/** An input's shape as types have it: the batch first, which any number may be, as what is null. */
type Entered<S extends OpenShape> = number extends S["length"]
  ? Shape
  : [number, ...{ -readonly [K in keyof S]: S[K] extends number ? S[K] : number }];

/** A symbolic tensor of shape (None, ...shape): the entry of a functional model. */
export function input<const S extends OpenShape>(shape: S, options: InputOptions = {}): SymbolicTensor<Entered<S>> {
  if (!Array.isArray(shape))
    throw new ArgumentError({ what: "input: a shape is a list of sizes", hint: `input([${String(shape)}])` });
  for (const size of shape) {
    if (size !== null && !(Number.isInteger(size) && size > 0)) {
      throw new ArgumentError({
        what: `input: sizes are positive integers or null, received [${shape.join(", ")}]`,
        hint: "leave the batch out: input([28, 28, 1]) takes batches of 28×28×1",
      });
    }
  }
  const { name = uniqueName("InputLayer"), dtype = "f32", batchSize } = options;
  const batch = batchSize === undefined ? null : positive("batchSize", batchSize);
  return entry(name, [batch, ...shape], dtype) as SymbolicTensor<Entered<S>>; // the shape just given
}

/** An input of exactly this shape, batch included. */
export function entry(name: string, shape: OpenShape, dtype: InputDType): SymbolicTensor {
  const tensor = new SymbolicTensor(name, shape, dtype, recorder);
  tensor.entry = new InputLayer(tensor);
  return tensor;
}
