import { add, int, isNumber, mul, sub } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { type Changes, invariant } from "./facts.ts";

/** `rest + constant + stride·index`, where `rest` does not change during the loop. */
export interface Affine {
  readonly stride: number;
  readonly rest: Expr;
  readonly constant: number;
}

/** The address `at` as a linear function of a loop's index, or undefined when it is none. `lets` are the body's own locals. */
export function affineIn(
  at: Expr,
  index: string,
  changes: Changes,
  lets: ReadonlyMap<string, Expr>,
): Affine | undefined {
  const visit = (expr: Expr): Affine | undefined => {
    if (invariant(expr, changes)) return { stride: 0, ...withoutConstant(expr) };
    if (expr.kind === "index") return expr.name === index ? { stride: 1, rest: int(0), constant: 0 } : undefined;
    if (expr.kind === "local") {
      const value = lets.get(expr.name);
      return value === undefined ? undefined : visit(value);
    }
    if (expr.kind !== "binary" || expr.dtype !== "i32") return undefined;
    const x = visit(expr.x);
    const y = visit(expr.y);
    if (x === undefined || y === undefined) return undefined;
    switch (expr.op) {
      case "add":
        return { stride: x.stride + y.stride, rest: add(x.rest, y.rest), constant: x.constant + y.constant };
      case "sub":
        return { stride: x.stride - y.stride, rest: sub(x.rest, y.rest), constant: x.constant - y.constant };
      case "mul": {
        if (isNumber(expr.y)) return times(x, expr.y.value);
        if (isNumber(expr.x)) return times(y, expr.x.value);
        return undefined;
      }
      default:
        return undefined;
    }
  };
  return visit(at);
}

const times = ({ stride, rest, constant }: Affine, factor: number): Affine => ({
  stride: stride * factor,
  rest: mul(rest, int(factor)),
  constant: constant * factor,
});

/** An i32 expression as a sum with a constant. */
function withoutConstant(expr: Expr): { readonly rest: Expr; readonly constant: number } {
  if (isNumber(expr)) return { rest: int(0), constant: expr.value };
  if (expr.kind !== "binary" || expr.dtype !== "i32" || (expr.op !== "add" && expr.op !== "sub"))
    return { rest: expr, constant: 0 };
  const [x, y] = [withoutConstant(expr.x), withoutConstant(expr.y)];
  return expr.op === "add"
    ? { rest: add(x.rest, y.rest), constant: x.constant + y.constant }
    : { rest: sub(x.rest, y.rest), constant: x.constant - y.constant };
}
