import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import type { BinaryOp, UnaryOp } from "../../graph/primitives.ts";
import { kindOf } from "../../graph/primitives.ts";
import type { Expr } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { toLinear } from "../../kernel/linear.ts";
import { binaryIn, unaryIn } from "../../kernel/scalar.ts";
import { KernelBuilder } from "./kernel.ts";
import { reducerOf } from "./reducer.ts";
import { Values } from "./value.ts";

/** Row `i` of the innermost row axis sees the columns below `i + shift`; at the others every wide value is 0. */
export interface Visible {
  readonly shift: number;
  /** Conditions that say just that: true wherever a row is computed. */
  readonly conditions: ReadonlySet<Node>;
}

interface Rows {
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowAxis: number;
  /** All that is computed between scores and wide values. */
  readonly nodes: readonly Node[];
  readonly wide: readonly Node[];
}

/**
 * Which columns each row sees, from masks `where(column < row + shift, scores, −∞)` in the graph: behind them, −∞ becomes
 * exp(−∞) = 0 in sums and products. (Values there count as finite: 0 times anything is 0.) Undefined without such a mask.
 */
export function visibleColumns(rows: Rows): Visible | undefined {
  const masks = rows.nodes.filter((node): node is Node<"where"> => isOp(node, "where") && isWide(node, rows));
  const shifts = new Map<Node, number>();
  for (const { inputs } of masks) {
    const shift = shiftOf(inputs[0]!, rows);
    if (shift !== undefined) shifts.set(inputs[0]!, shift);
  }
  for (const shift of new Set(shifts.values())) {
    const conditions = new Set([...shifts].filter(([, other]) => other === shift).map(([condition]) => condition));
    if (shift > 0 && vanishes(rows, conditions)) return { shift, conditions };
  }
  return undefined;
}

const isWide = (node: Node, { batch, rows, columns }: Rows): boolean => sizeOf(node.shape) === batch * rows * columns;

/** The number s for which the condition is `column < row + s`, where row counts along the innermost row axis. */
function shiftOf(condition: Node, { batch, rows, columns, rowAxis }: Rows): number | undefined {
  const builder = new KernelBuilder();
  const { space } = builder;
  const outer = builder.index("outer", (batch * rows) / rowAxis);
  const row = builder.index("row", rowAxis);
  const column = builder.index("column", columns);
  const flat = space.flatten([outer, row, column], [(batch * rows) / rowAxis, rowAxis, columns]);
  // Everything is computed here, whatever lies in memory.
  const values = new Values(builder, { members: new Set([condition]), stored: new Set() });
  let expr: Expr;
  try {
    expr = values.at(condition, space.unflatten(flat, condition.shape));
  } catch {
    return undefined;
  }
  const margin = marginOf(expr, false);
  if (margin === undefined) return undefined;
  const [high, low] = [toLinear(margin.high), toLinear(margin.low)];
  const factors = new Map<string, number>();
  for (const [sign, { terms }] of [
    [1, high],
    [-1, low],
  ] as const)
    for (const [key, { factor }] of terms) factors.set(key, (factors.get(key) ?? 0) + sign * factor);
  const [ofRow, ofColumn] = [factors.get(keyOf(row)) ?? 0, factors.get(keyOf(column)) ?? 0];
  const others = [...factors].some(([key, factor]) => factor !== 0 && key !== keyOf(row) && key !== keyOf(column));
  if (ofRow !== 1 || ofColumn !== -1 || others) return undefined;
  return high.constant - low.constant + margin.slack;
}

/** Integers such that the condition is `high − low + slack > 0`. */
function marginOf(expr: Expr, negated: boolean): { high: Expr; low: Expr; slack: number } | undefined {
  if (expr.kind === "compare" && expr.op === "lt")
    return negated ? { high: expr.x, low: expr.y, slack: 1 } : { high: expr.y, low: expr.x, slack: 0 };
  const isTrue = (side: Expr): boolean => side.kind === "number" && side.value === 1;
  const isFalse = (side: Expr): boolean => side.kind === "number" && side.value === 0;
  if (expr.kind === "bits" && expr.op === "xor" && isTrue(expr.y)) return marginOf(expr.x, !negated);
  if (expr.kind === "compare" && expr.op === "eq" && isFalse(expr.y)) return marginOf(expr.x, !negated);
  return undefined;
}

/** Whether all wide values are 0, and all reductions unchanged, where the conditions are false. */
function vanishes({ nodes, wide, ...rows }: Rows, conditions: ReadonlySet<Node>): boolean {
  const hidden = new Map<Node, number>();
  for (const node of nodes) {
    const value = hiddenValue(node, hidden, conditions);
    if (value !== undefined) hidden.set(node, value);
    const reducer = reducerOf(node);
    if (reducer === undefined || kindOf(node) !== "reduce") continue;
    const term = hidden.get(node.inputs[0]!);
    const neutral = reducer.op === "sum" ? 0 : reducer.op === "max" ? Number.NEGATIVE_INFINITY : undefined;
    if (neutral === undefined || !Object.is(term, neutral)) return false;
    hidden.delete(node);
  }
  return wide.every((node) => isWide(node, { nodes, wide, ...rows }) && hidden.get(node) === 0);
}

/** What the node's elements are where the conditions are false, if that is the same everywhere. */
function hiddenValue(node: Node, hidden: ReadonlyMap<Node, number>, conditions: ReadonlySet<Node>): number | undefined {
  if (isOp(node, "const")) return node.attrs.value;
  if (isOp(node, "expand") || isOp(node, "reshape")) return hidden.get(node.inputs[0]!);
  if (isOp(node, "where") && conditions.has(node.inputs[0]!)) return hidden.get(node.inputs[2]!);
  if (kindOf(node) !== "map" || isOp(node, "where") || isOp(node, "compare") || isOp(node, "bits")) return undefined;
  const values = node.inputs.map((input) => hidden.get(input));
  const [x, y] = values;
  if (isOp(node, "cast")) return x;
  if (node.op === "mul" && (x === 0 || y === 0)) return 0;
  if (node.op === "div" && x === 0) return 0;
  if (node.op === "add" && (x === Number.NEGATIVE_INFINITY || y === Number.NEGATIVE_INFINITY))
    return Number.NEGATIVE_INFINITY;
  if (values.some((value) => value === undefined)) return undefined;
  const result =
    values.length === 1
      ? unaryIn(node.op as UnaryOp, node.dtype)(x!) // the other maps carry the names of scalar operations
      : binaryIn(node.op as BinaryOp, node.dtype)(x!, y!);
  return result === 0 ? 0 : result;
}
