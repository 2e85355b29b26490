import type { DType } from "../base/dtype.ts";
import type { Layer } from "./layer.ts";
import type { MaskedStructure } from "./structure.ts";
import { type OperationName, type Operations, operationNames } from "./symbolicOperations.ts";

/** A shape in which `null` stands for a size that only data decides, such as the batch. */
export type OpenShape = readonly (number | null)[];

/** Element types of inputs: texts are for layers that work on the host (`HostLayer`). */
export type InputDType = DType | "string";

/** One use of a layer in a functional graph: which symbolic tensors went in and came out. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: MaskedStructure<SymbolicTensor>;
  /** What came out, in the form in which the layer gives it. */
  readonly result: MaskedStructure<SymbolicTensor>;
  /** The symbolic tensors of `result` in order, masks among them. */
  readonly outputs: readonly SymbolicTensor[];
}

/** Records `x.method(...given)` as a layer of the graph; `given` may hold symbolic tensors. */
export type Recorder = (method: OperationName, x: SymbolicTensor, given: readonly unknown[]) => unknown;

/**
 * A place in a functional graph: made by `input()`, by calling layers on symbolic tensors, and by its methods, which are
 * those of tensors; holds no numbers.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the static block below makes the methods of the interface.
export class SymbolicTensor {
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: InputDType;
  /** The layer call that makes it; undefined for an input. */
  source: LayerCall | undefined;
  /** The layer that stands for an input in a model's list. */
  entry: Layer | undefined;
  /** Internal: how its methods are recorded. */
  readonly record: Recorder;

  static {
    for (const method of operationNames) {
      Object.defineProperty(SymbolicTensor.prototype, method, {
        value(this: SymbolicTensor, ...given: unknown[]) {
          return this.record(method, this, given);
        },
      });
    }
  }

  constructor(name: string, shape: OpenShape, dtype: InputDType, record: Recorder) {
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
    this.record = record;
  }

  toString(): string {
    return `SymbolicTensor ${this.name} ${printOpenShape(this.shape)} ${this.dtype}`;
  }
}

export interface SymbolicTensor extends Operations<SymbolicTensor> {}

export const isSymbolic = (value: unknown): value is SymbolicTensor => value instanceof SymbolicTensor;

/** `(None, 28, 28, 1)`, as Keras prints shapes. */
export const printOpenShape = (shape: OpenShape): string =>
  `(${shape.map((size) => size ?? "None").join(", ")}${shape.length === 1 ? "," : ""})`;
