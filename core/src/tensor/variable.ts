import { bytesPerElement, type DType } from "../base/dtype.ts";
import { ArgumentError, DataError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { Cell, hostLeaf, outsideTrace } from "../engine/index.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { checkShape, full } from "./create.ts";
import { nextKey } from "./generator.ts";
import { asNode, operand, type TensorLike } from "./like.ts";
import { Tensor } from "./tensor.ts";
import type { Plain } from "./types.ts";

/** Makes the first value of a variable, of this shape and dtype. `key` is for random values; each variable gets its own. */
export type Initializer = (shape: Shape, dtype: DType, key: Tensor<[2], "u32">) => Tensor;

export interface VariableOptions<D extends DType = DType> {
  readonly name?: string;
  /** False: optimizers leave it alone. */
  readonly trainable?: boolean;
  readonly dtype?: D;
  /** A penalty that training adds to the loss. */
  readonly regularizer?: (value: Tensor) => Tensor;
  /** Projects the value onto what is allowed, after each step of an optimizer. */
  readonly constraint?: (value: Tensor) => Tensor;
  /** The key for the initializer; from the default generator when not given. */
  readonly key?: Tensor<[2], "u32">;
}

/**
 * A value that can change: weights, statistics, counters. It is a tensor wherever one is wanted, showing its present
 * value. Identity, shape and dtype stay for life.
 */
export class Variable<out S extends Shape = Shape, out D extends DType = DType> extends Tensor<S, D> {
  /** Internal: the memory behind it. */
  readonly cell: Cell;
  trainable: boolean;
  readonly regularizer: ((value: Tensor) => Tensor) | undefined;
  readonly constraint: ((value: Tensor) => Tensor) | undefined;

  /** Internal: users make variables with `variable`. */
  constructor(initial: Node, { name = "variable", trainable = true, regularizer, constraint }: VariableOptions = {}) {
    const cell = new Cell(name, initial);
    super(cell);
    this.cell = cell;
    this.trainable = trainable;
    this.regularizer = regularizer;
    this.constraint = constraint;
  }

  get name(): string {
    return this.cell.name;
  }
  set name(name: string) {
    this.cell.name = name;
  }

  /** A tensor with the present value, which later changes leave as it is. */
  read(): Tensor<S, D> {
    return new Tensor(this.cell.read());
  }

  /** Makes `value` the present value: at once, or, while a function is traced, whenever the function runs. */
  assign(value: TensorLike): this {
    const node = asNode(value, this.dtype);
    const scalar = typeof value === "number" && this.rank > 0;
    this.cell.assign(scalar ? full(this.shape, value, this.dtype).node : node);
    return this;
  }
  assignAdd(value: TensorLike): this {
    return this.assign(new Tensor(ops.add(this.node, operand(value, this.dtype))));
  }
  assignSub(value: TensorLike): this {
    return this.assign(new Tensor(ops.sub(this.node, operand(value, this.dtype))));
  }

  /** The present value as a device holds it: packed by dtype, little-endian, row-major. */
  bytes(): Promise<Uint8Array> {
    return this.cell.bytes();
  }

  /** Makes the value in `bytes`, packed as `bytes()` gives it, the present one. */
  assignBytes(bytes: Uint8Array): this {
    const expected = this.size * bytesPerElement[this.dtype];
    if (bytes.byteLength !== expected) {
      throw new DataError({
        what: `assign: ${bytes.byteLength} bytes for the variable ${this.name}, which has ${expected}`,
        details: [{ role: "variable", value: `${this.dtype} ${printShape(this.shape)}`, origin: this.name }],
        hint: "the bytes belong to a variable of another shape or dtype",
      });
    }
    // Not `slice`: that of a Buffer, which files come in, is a view of the whole file.
    this.cell.assign(hostLeaf(new Uint8Array(bytes), this.shape, this.dtype, this.name));
    return this;
  }

  override toString(): string {
    return `variable ${this.name} ${super.toString()}`;
  }
}

/**
 * A variable: of a shape, filled by an initializer (zeros when none is given), or of a tensor's values. Made while a
 * function is traced, it is still initialised outside, once.
 */
export function variable<const S extends Shape, D extends DType = "f32">(
  shape: S,
  initializer?: Initializer,
  options?: VariableOptions<D>,
): Variable<Plain<S>, D>;
export function variable<S extends Shape, D extends DType>(
  value: Tensor<S, D>,
  options?: VariableOptions<D>,
): Variable<S, D>;
export function variable(value: number, options?: VariableOptions): Variable<[], DType>;
export function variable(
  given: Shape | Tensor | number,
  second?: Initializer | VariableOptions,
  third?: VariableOptions,
): Tensor {
  const options = (typeof second === "function" ? third : (second ?? third)) ?? {};
  const dtype = options.dtype;
  return outsideTrace(() => {
    if (!isShape(given)) return new Variable(asNode(given, dtype), options);
    checkShape("variable", given);
    if (typeof second !== "function") return new Variable(full(given, 0, dtype ?? "f32").node, options);
    const key = options.key ?? nextKey();
    const initial = second(given, dtype ?? "f32", key);
    return new Variable(checked(initial, given, options.name), options);
  });
}

const isShape = (given: Shape | Tensor | number): given is Shape => Array.isArray(given);

function checked(initial: Tensor, shape: Shape, name = "variable"): Node {
  if (initial.shape.length === shape.length && initial.shape.every((size, axis) => size === shape[axis]))
    return initial.node;
  throw new ArgumentError({
    what: `the initializer of ${name} returned [${initial.shape.join(", ")}], asked for [${shape.join(", ")}]`,
    hint: "an initializer returns a tensor of the shape that it is given",
  });
}
