import { add, int, isNumber, mul, sub } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { type Changes, invariant } from "./facts.ts";

/** `rest + stride·index`, where `rest` does not change during the loop. */
export interface Affine {
  readonly stride: number;
  readonly rest: Expr;
}

/** The address `at` as a linear function of a loop's index, or undefined when it is none. `lets` are the body's own locals. */
export function affineIn(
  at: Expr,
  index: string,
  changes: Changes,
  lets: ReadonlyMap<string, Expr>,
): Affine | undefined {
  const visit = (expr: Expr): Affine | undefined => {
    if (invariant(expr, changes)) return { stride: 0, rest: expr };
    if (expr.kind === "index") return expr.name === index ? { stride: 1, rest: int(0) } : undefined;
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
        return { stride: x.stride + y.stride, rest: add(x.rest, y.rest) };
      case "sub":
        return { stride: x.stride - y.stride, rest: sub(x.rest, y.rest) };
      case "mul": {
        if (isNumber(expr.y)) return { stride: x.stride * expr.y.value, rest: mul(x.rest, y.rest) };
        if (isNumber(expr.x)) return { stride: y.stride * expr.x.value, rest: mul(x.rest, y.rest) };
        return undefined;
      }
      default:
        return undefined;
    }
  };
  return visit(at);
}
