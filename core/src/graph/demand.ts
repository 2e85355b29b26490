import type { DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { printShape, type Shape, sameShape } from "../base/shape.ts";
import { dtypeError, shapeError } from "./describe.ts";
import type { Graph, Node } from "./node.ts";
import type { Op } from "./primitives.ts";

// What shape rules demand of their inputs, and say when it does not hold.

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

export const typeOf = ({ shape, dtype }: TensorType): TensorType => ({ shape, dtype });

export function demand(holds: boolean, message: () => string, nodes: readonly Node[] = []): void {
  if (!holds) throw shapeError(message(), nodes);
}

export function allow(allowed: readonly DType[], node: Node, op: string, nodes: readonly Node[]): void {
  if (!allowed.includes(node.dtype)) {
    throw dtypeError(
      `${op}: dtype ${node.dtype} is not supported (${allowed.join(", ")})`,
      nodes,
      "cast the input first",
    );
  }
}

/** All inputs have one shape and one dtype. */
export function alike(inputs: readonly Node[], op: string): TensorType {
  const [first] = inputs;
  if (first === undefined) throw new InternalError(`${op}: no inputs`);
  for (const other of inputs) {
    demand(sameShape(first.shape, other.shape), () => `${op}: shapes differ`, inputs);
    if (other.dtype !== first.dtype)
      throw dtypeError(`${op}: dtypes differ, ${first.dtype} and ${other.dtype}`, inputs, "cast one of them");
  }
  return typeOf(first);
}

export const unary =
  (allowed: readonly DType[]) =>
  (inputs: readonly Node[], _attrs: unknown, op: Op): TensorType => {
    allow(allowed, only(inputs), op, inputs);
    return typeOf(only(inputs));
  };

export const binary =
  (allowed: readonly DType[]) =>
  (inputs: readonly Node[], _attrs: unknown, op: Op): TensorType => {
    const type = alike(inputs, op);
    allow(allowed, inputs[0]!, op, inputs);
    return type;
  };

export const only = (inputs: readonly Node[]): Node => inputs[0]!;

export const identity = (inputs: readonly Node[]): TensorType => typeOf(only(inputs));

export const validAxis = (axis: number, rank: number): boolean => Number.isInteger(axis) && axis >= 0 && axis < rank;

export const span = (size: number, dilation: number): number => (size - 1) * dilation + 1;

export function checkBody(body: Graph, inputs: readonly TensorType[], what: string): void {
  demand(
    body.inputs.length === inputs.length,
    () => `${what}: the body takes ${body.inputs.length} inputs, received ${inputs.length}`,
  );
  body.inputs.forEach((input, index) => {
    const given = inputs[index]!;
    demand(
      sameShape(input.shape, given.shape) && input.dtype === given.dtype,
      () =>
        `${what}: body input ${index} is ${input.dtype} ${printShape(input.shape)}, received ${given.dtype} ${printShape(given.shape)}`,
    );
  });
}
