import { isFloat, isInteger } from "../../base/dtype.ts";
import { binary, unary } from "../../graph/build.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { type Rule, uniform, uniformOf } from "./rule.ts";

/*
 * Identities that hold for floats bit by bit, with two deliberate exceptions: x + 0 → x keeps a −0 that the sum would make
 * +0, and pow(x, ½) → √x differs at −0 and −∞. Nothing here reorders a sum, drops a NaN or assumes that numbers are finite.
 */

const left = (node: Node): Node => node.inputs[0]!;
const right = (node: Node): Node => node.inputs[1]!;

/** Commutative operations have the known operand on the right. */
const knownRight: Rule = (node) => {
  if (!isOp(node, "add") && !isOp(node, "mul")) return undefined;
  const swap = uniformOf(left(node)) !== undefined && uniformOf(right(node)) === undefined;
  return swap ? binary(node.op, right(node), left(node)) : undefined;
};

const sums: Rule = (node) => {
  if (!isOp(node, "add")) return undefined;
  return uniformOf(right(node)) === 0 ? left(node) : undefined;
};

const products: Rule = (node) => {
  if (!isOp(node, "mul")) return undefined;
  const [x, y] = [left(node), right(node)];
  const known = uniformOf(y);
  if (known === 1) return x;
  if (known === -1 && node.dtype !== "u32" && node.dtype !== "u8") return unary("neg", x);
  if (known === 0 && isInteger(node.dtype)) return y;
  if (isOp(x, "neg") && isOp(y, "neg")) return binary("mul", left(x), left(y));
  return undefined;
};

/** Division by a power of two is multiplication, exactly. */
const quotients: Rule = (node) => {
  if (!isOp(node, "div")) return undefined;
  const known = uniformOf(right(node));
  if (known === 1) return left(node);
  if (known === undefined || !isFloat(node.dtype) || !isPowerOfTwo(known)) return undefined;
  return binary("mul", left(node), uniform(1 / known, node));
};

/** Powers of two whose reciprocals all float dtypes hold. */
const isPowerOfTwo = (value: number): boolean =>
  Math.abs(Math.log2(Math.abs(value))) <= 14 && Number.isInteger(Math.log2(Math.abs(value)));

const negations: Rule = (node) => (isOp(node, "neg") && isOp(left(node), "neg") ? left(left(node)) : undefined);

const powers: Rule = (node) => {
  if (!isOp(node, "pow")) return undefined;
  const x = left(node);
  const square = (): Node => binary("mul", x, x);
  const reciprocal = (y: Node): Node => binary("div", uniform(1, node), y);
  switch (uniformOf(right(node))) {
    case 0:
      return uniform(1, node);
    case 1:
      return x;
    case 2:
      return square();
    case 3:
      return binary("mul", square(), x);
    case 0.5:
      return unary("sqrt", x);
    case -0.5:
      return reciprocal(unary("sqrt", x));
    case -1:
      return reciprocal(x);
    case -2:
      return reciprocal(square());
    default:
      return undefined;
  }
};

const choices: Rule = (node) => {
  if (!isOp(node, "where")) return undefined;
  const [condition, x, y] = node.inputs as readonly [Node, Node, Node];
  if (x === y) return x;
  const known = uniformOf(condition);
  return known === undefined ? undefined : known !== 0 ? x : y;
};

/** min(x, x), x and x. */
const idempotent: Rule = (node) => {
  const same =
    isOp(node, "max") ||
    isOp(node, "min") ||
    (isOp(node, "bits") && (node.attrs.bits === "and" || node.attrs.bits === "or"));
  return same && left(node) === right(node) ? left(node) : undefined;
};

export const arithmetic: readonly Rule[] = [
  knownRight,
  sums,
  products,
  quotients,
  negations,
  powers,
  choices,
  idempotent,
];
