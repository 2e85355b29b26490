import type { Expr } from "./ir.ts";

/** The expressions directly inside `expr`, in order. */
export function operandsOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "number":
    case "index":
    case "param":
    case "local":
      return [];
    case "load":
      return [expr.at];
    case "unary":
    case "cast":
    case "bitcast":
      return [expr.x];
    case "binary":
    case "compare":
    case "bits":
      return [expr.x, expr.y];
    case "select":
      return [expr.when, expr.then, expr.else];
    case "threefry":
      return [expr.key0, expr.key1, expr.counter];
  }
}
