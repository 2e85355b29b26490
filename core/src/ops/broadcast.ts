import { type DType, isFloat, isInteger, rangeOf } from "../base/dtype.ts";
import { DTypeError } from "../base/errors.ts";
import { printShape, type Shape } from "../base/shape.ts";
import { build, describe, dtypeError, type Node, shapeError } from "../graph/index.ts";

/** A tensor, or a JavaScript number, which is weak: it takes the dtype of the tensors that it meets. */
export type Operand = Node | number;

/** The operands with one dtype and one shape by NumPy's rules; `op` is the user's word for error messages. */
export function broadcast<const T extends readonly Operand[]>(
  op: string,
  operands: T,
): { -readonly [K in keyof T]: Node } {
  const nodes = strengthen(op, operands);
  const shape = broadcastShape(
    op,
    nodes.map((node) => node.shape),
    nodes,
  );
  // A map over a tuple keeps its length, which the type of Array.map does not say.
  return nodes.map((node) => expandTo(node, shape)) as { -readonly [K in keyof T]: Node };
}

/** The operands with one dtype, shapes untouched: weak numbers take the dtype of the tensors, f32 when there is none. */
export function strengthen<const T extends readonly Operand[]>(
  op: string,
  operands: T,
): { -readonly [K in keyof T]: Node } {
  const given = operands.filter((operand) => typeof operand !== "number");
  const dtype = given[0]?.dtype ?? "f32";
  const other = given.find((node) => node.dtype !== dtype);
  if (other !== undefined) {
    throw dtypeError(
      `${op}: dtypes differ, ${dtype} and ${other.dtype}`,
      given,
      `cast one of them: cast(x, "${isFloat(other.dtype) && !isFloat(dtype) ? other.dtype : dtype}")`,
    );
  }
  const nodes = operands.map((operand) => (typeof operand === "number" ? weak(op, operand, dtype, given[0]) : operand));
  // As above: the tuple keeps its length.
  return nodes as { -readonly [K in keyof T]: Node };
}

/** A scalar of `dtype`; throws DTypeError when `dtype` cannot hold `value`. */
function weak(op: string, value: number, dtype: DType, partner: Node | undefined): Node {
  const [lowest, highest] = rangeOf[dtype];
  const held = isFloat(dtype) || (Number.isInteger(value) && value >= lowest && value <= highest);
  if (held) return build.constant(value, dtype);
  throw new DTypeError({
    what: `${op}: the number ${value} does not fit dtype ${dtype}`,
    details: [
      ...(partner === undefined ? [] : [describe("tensor", partner)]),
      { role: "number", value: String(value), origin: "takes the tensor's dtype" },
    ],
    hint: isInteger(dtype) || dtype === "bool" ? 'cast the tensor first: cast(x, "f32")' : "use a smaller number",
  });
}

/** The operand as a node: a lone number becomes an f32 scalar. */
export const toNode = (operand: Operand): Node => (typeof operand === "number" ? build.constant(operand) : operand);

/** The common shape of `shapes`, aligned at the last axis; throws ShapeError when sizes differ and none of them is 1. */
export function broadcastShape(op: string, shapes: readonly Shape[], nodes: readonly Node[] = []): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    const size = sizes.find((candidate) => candidate !== 1) ?? 1;
    const clash = sizes.find((candidate) => candidate !== 1 && candidate !== size);
    if (clash !== undefined) {
      throw shapeError(
        `${op}: shapes ${listShapes(shapes)} do not broadcast`,
        nodes,
        `axis ${axis - rank} has sizes ${size} and ${clash}; they must be equal, or one of them 1`,
      );
    }
    return size;
  });
}

/** `x` repeated to `shape`, which must be a shape that it broadcasts to. */
export function expandTo(x: Node, shape: Shape): Node {
  const missing = shape.length - x.shape.length;
  return build.expand(build.reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]), shape);
}

/** `[2], [3] and [4]`. */
const listShapes = (shapes: readonly Shape[]): string => {
  const printed = shapes.map(printShape);
  return `${printed.slice(0, -1).join(", ")} and ${printed.at(-1)}`;
};

/** Throws DTypeError, in the words of `op`, unless `x` is a float tensor. */
export function requireFloat(op: string, x: Node): Node {
  if (isFloat(x.dtype)) return x;
  throw dtypeError(`${op}: needs a float tensor, received ${x.dtype}`, [x], 'cast it first: cast(x, "f32")');
}
