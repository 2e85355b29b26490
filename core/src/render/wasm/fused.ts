import type { Expr } from "../../kernel/ir.ts";
import type { Context } from "./context.ts";

type Binary = Extract<Expr, { kind: "binary" }>;

/** A product: what rounds together with the sum that it goes into. */
export const isProduct = (expr: Expr): expr is Binary => expr.kind === "binary" && expr.op === "product";

/**
 * Appends a sum or difference with a product as one relaxed instruction and returns true; false where `expr` is no such sum, or
 * the engine has no such instruction. Of two products the right one is fused. Only vectors have the instruction: one lane is
 * computed as one of four, so that the same sum rounds alike everywhere. `push` appends the operands, in `lanes` lanes.
 */
export function pushFused(
  context: Context,
  expr: Binary,
  lanes: 1 | 4,
  push: (context: Context, expr: Expr) => void,
): boolean {
  const { writer, library } = context;
  const { op, x, y, dtype } = expr;
  if (!library.relaxed || dtype !== "f32" || (op !== "add" && op !== "sub")) return false;
  const product = isProduct(y) ? y : isProduct(x) ? x : undefined;
  if (product === undefined) return false;
  for (const operand of [product.x, product.y, product === y ? x : y]) {
    push(context, operand);
    if (lanes === 1) writer.op("f32x4.splat");
  }
  if (op === "sub" && product === x) writer.op("f32x4.neg");
  writer.op(op === "sub" && product === y ? "f32x4.relaxed_nmadd" : "f32x4.relaxed_madd");
  if (lanes === 1) writer.lane("f32x4.extract_lane", 0);
  return true;
}
