import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import { recorder } from "../tensor/recorded.ts";
import type { Layer } from "./layer.ts";
import type { MaskedStructure } from "./structure.ts";
import { type OperationName, type Operations, operationNames } from "./symbolicOperations.ts";

/** A shape in which `null` stands for a size that only data decides, such as the batch. */
export type OpenShape = readonly (number | null)[];

/** Element types of inputs: texts are for layers that work on the host (`HostLayer`). */
export type InputDType = DType | "string";

/** The key of what symbolic tensors carry in types alone. */
export declare const sizes: unique symbol;

/** One use of a layer in a functional graph: which symbolic tensors went in and came out. */
export interface LayerCall {
  readonly layer: Layer;
  readonly inputs: MaskedStructure<SymbolicTensor>;
  /** What came out, in the form in which the layer gives it. */
  readonly result: MaskedStructure<SymbolicTensor>;
  /** The symbolic tensors of `result` in order, masks among them. */
  readonly outputs: readonly SymbolicTensor[];
}

/** How calls become layers of the graph; what is given may hold symbolic tensors. */
export interface Recorder {
  /** Records `x.method(...given)`. */
  method(method: OperationName, x: SymbolicTensor, given: readonly unknown[]): unknown;
  /** Records a free function of tensors: `call(...given)`. */
  function(call: unknown, given: readonly unknown[]): unknown;
}

/**
 * A place in a functional graph: made by `input()`, by calling layers and free functions (`relu(x)`) on symbolic tensors, and
 * by its methods, which are those of tensors; holds no numbers. `S` is its shape as far as the types know it, the batch being
 * any `number`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the static block below makes the methods of the interface.
export class SymbolicTensor<out S extends Shape = Shape> {
  declare readonly [sizes]: S;
  readonly name: string;
  readonly shape: OpenShape;
  readonly dtype: InputDType;
  /** The layer call that makes it; undefined for an input. */
  source: LayerCall | undefined;
  /** The layer that stands for an input in a model's list. */
  entry: Layer | undefined;
  /** Internal: how its methods, and functions of it, are recorded. */
  readonly record: Recorder;

  static {
    for (const method of operationNames) {
      Object.defineProperty(SymbolicTensor.prototype, method, {
        value(this: SymbolicTensor, ...given: unknown[]) {
          return this.record.method(method, this, given);
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

  /** Internal: `call(...given)`, in which this is one of the arguments; whatever it returns, with symbolic tensors in it. */
  [recorder](call: unknown, given: readonly unknown[]): SymbolicTensor {
    return this.record.function(call, given) as SymbolicTensor; // or lists and records of them, as the types of `recorded` say
  }

  toString(): string {
    return `SymbolicTensor ${this.name} ${printOpenShape(this.shape)} ${this.dtype}`;
  }
}

// biome-ignore lint/correctness/noUnusedVariables: declarations that merge must have the same type parameters.
export interface SymbolicTensor<out S extends Shape = Shape> extends Operations<SymbolicTensor> {}

export const isSymbolic = (value: unknown): value is SymbolicTensor => value instanceof SymbolicTensor;

/** `(None, 28, 28, 1)`, as Keras prints shapes. */
export const printOpenShape = (shape: OpenShape): string =>
  `(${shape.map((size) => size ?? "None").join(", ")}${shape.length === 1 ? "," : ""})`;
