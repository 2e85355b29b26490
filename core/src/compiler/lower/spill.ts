import { sizeOf } from "../../base/shape.ts";
import { primitives } from "../../graph/primitives.ts";
import { dtypeOf, load, store } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { KernelBuilder } from "./kernel.ts";
import { withChildren } from "./nest.ts";
import type { Leaf, Stage } from "./rows.ts";

/** An operation of at least this cost is computed once a row and kept, when several stages need it. */
const expensive = 10;
/** Longest row that is kept, in elements. */
const longestRow = 32768;

const isExpensive = (expr: Expr): boolean =>
  (expr.kind === "unary" && primitives[expr.op].cost >= expensive) ||
  (expr.kind === "binary" && expr.op === "pow") ||
  expr.kind === "threefry";

/** Stages where what several of them compute expensively is stored to a scratch row by the first and loaded by the others. */
export function spillShared(
  builder: KernelBuilder,
  stages: readonly Stage[],
  variablesOf: (dims: readonly number[]) => readonly Expr[],
): readonly Stage[] {
  const seenIn = new Map<string, number>();
  const kept = new Map<string, { readonly buffer: string; readonly expr: Expr; readonly first: number }>();
  stages.forEach((stage, number) => {
    if (sizeOf(stage.dims) > longestRow || stage.dims.length === 0) return;
    for (const [key, expr] of candidates(builder, stage)) {
      const place = `${stage.dims.join("x")}|${key}`;
      const first = seenIn.get(place);
      if (first === undefined) seenIn.set(place, number);
      else if (!kept.has(place))
        kept.set(place, { buffer: builder.scratch("kept", dtypeOf(expr), sizeOf(stage.dims)), expr, first });
    }
  });
  if (kept.size === 0) return stages;

  return stages.map((stage, number) => {
    const prefix = `${stage.dims.join("x")}|`;
    const position = builder.space.flatten(variablesOf(stage.dims), stage.dims);
    const done = new Map<Expr, Expr>();
    const replace = (expr: Expr): Expr => {
      const place = kept.get(prefix + keyOf(expr));
      if (place !== undefined && place.first !== number)
        return builder.safe(load(place.buffer, position, dtypeOf(expr)));
      let result = done.get(expr);
      if (result === undefined) {
        result = withChildren(expr, operandsOf(expr).map(replace));
        done.set(expr, result);
      }
      return result;
    };
    const stores = [...kept]
      .filter(([key, { first }]) => first === number && key.startsWith(prefix))
      .map(([, { buffer, expr }]) => store(buffer, position, expr) as Leaf);
    return {
      ...stage,
      leaf: [...stores, ...stage.leaf.map((stmt) => ({ ...stmt, value: replace(stmt.value) }) as Leaf)],
    };
  });
}

/** Expensive expressions of a stage that vary inside the row and may be evaluated unconditionally. */
function candidates(builder: KernelBuilder, stage: Stage): Map<string, Expr> {
  const found = new Map<string, Expr>();
  const seen = new Map<Expr, boolean>();
  const rowRank = builder.space.rank({ kind: "index", name: "row" });
  /** Whether the expression reads memory only where an enclosing guard allows it. */
  const exposed = (expr: Expr): boolean => {
    let result = seen.get(expr);
    if (result === undefined) {
      const children = operandsOf(expr).map(exposed);
      result =
        expr.kind === "load"
          ? !builder.safeLoads.has(keyOf(expr))
          : expr.kind === "select"
            ? children[0]!
            : children.some(Boolean);
      if (!result && isExpensive(expr) && builder.space.rank(expr) > rowRank) found.set(keyOf(expr), expr);
      seen.set(expr, result);
    }
    return result;
  };
  for (const { value } of stage.leaf) exposed(value);
  return found;
}
