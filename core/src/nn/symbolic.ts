import type { DType } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Layer } from "./layer.ts";
import { uniqueName } from "./names.ts";
import type { Structure } from "./structure.ts";

/** A shape in which `null` stands for a size that only data decides, such as the batch. */
export type OpenShape = readonly (number | null)[];

/** One use of a layer in a functional graph: which symbolic tensors went in and came out. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: Structure<SymbolicTensor>;
  readonly outputs: readonly SymbolicTensor[];
}

/** A place in a functional graph: made by `input()` and by calling layers on symbolic tensors; holds no numbers. */
export class SymbolicTensor {
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: DType;
  /** The layer call that makes it; undefined for an input. */
  source: LayerCall | undefined;

  constructor(name: string, shape: OpenShape, dtype: DType) {
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
  }

  toString(): string {
    return `SymbolicTensor ${this.name} ${printOpenShape(this.shape)} ${this.dtype}`;
  }
}

export const isSymbolic = (value: unknown): value is SymbolicTensor => value instanceof SymbolicTensor;

/** `(None, 28, 28, 1)`, as Keras prints shapes. */
export const printOpenShape = (shape: OpenShape): string =>
  `(${shape.map((size) => size ?? "None").join(", ")}${shape.length === 1 ? "," : ""})`;

export interface InputOptions {
  readonly name?: string;
  /** Default f32, also for token ids (layers cast). */
  readonly dtype?: DType;
}

/** A symbolic tensor of shape (None, ...shape): the entry of a functional model. */
export function input(shape: OpenShape, options: InputOptions = {}): SymbolicTensor {
  for (const size of shape) {
    if (size !== null && !(Number.isInteger(size) && size > 0)) {
      throw new ArgumentError({
        what: `input: sizes are positive integers or null, received [${shape.join(", ")}]`,
        hint: "leave the batch out: input([28, 28, 1]) takes batches of 28×28×1",
      });
    }
  }
  return new SymbolicTensor(options.name ?? uniqueName("Input"), [null, ...shape], options.dtype ?? "f32");
}
