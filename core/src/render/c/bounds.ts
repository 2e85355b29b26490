import type { Expr } from "../../kernel/ir.ts";

/** The integers from the first to the second, both included. */
export type Interval = readonly [number, number];

/** What is known about the integers of one kernel: its tasks, params, loop indices and index locals, by name. */
export type Intervals = ReadonlyMap<string, Interval>;

const corners = (x: Interval, y: Interval, combine: (x: number, y: number) => number): Interval => {
  const values = [combine(x[0], y[0]), combine(x[0], y[1]), combine(x[1], y[0]), combine(x[1], y[1])];
  return [Math.min(...values), Math.max(...values)];
};

/** Where the exact (unwrapped) value of `expr` lies, if that can be told and no part of it leaves i32. */
export function intervalOf(expr: Expr, known: Intervals): Interval | undefined {
  const interval = rawInterval(expr, known);
  return interval !== undefined && interval[0] >= -2147483648 && interval[1] <= 2147483647 ? interval : undefined;
}

function rawInterval(expr: Expr, known: Intervals): Interval | undefined {
  switch (expr.kind) {
    case "number":
      return Number.isInteger(expr.value) ? [expr.value, expr.value] : undefined;
    case "index":
    case "param":
    case "local":
      return known.get(expr.name);
    case "binary": {
      if (expr.dtype !== "i32") return undefined;
      const x = intervalOf(expr.x, known);
      const y = intervalOf(expr.y, known);
      return x === undefined || y === undefined ? undefined : binaryInterval(expr.op, x, y);
    }
    case "select": {
      const then = expr.dtype === "i32" ? intervalOf(expr.then, known) : undefined;
      const otherwise = intervalOf(expr.else, known);
      return then && otherwise ? [Math.min(then[0], otherwise[0]), Math.max(then[1], otherwise[1])] : undefined;
    }
    default:
      return undefined;
  }
}

function binaryInterval(op: Extract<Expr, { kind: "binary" }>["op"], x: Interval, y: Interval): Interval | undefined {
  switch (op) {
    case "add":
      return [x[0] + y[0], x[1] + y[1]];
    case "sub":
      return [x[0] - y[1], x[1] - y[0]];
    case "mul":
      return corners(x, y, (a, b) => a * b);
    case "div":
      return y[0] > 0 ? corners(x, y, (a, b) => Math.floor(a / b)) : undefined;
    case "mod":
      return y[0] > 0 ? [0, y[1] - 1] : undefined;
    case "max":
      return [Math.max(x[0], y[0]), Math.max(x[1], y[1])];
    case "min":
      return [Math.min(x[0], y[0]), Math.min(x[1], y[1])];
    case "pow":
      return undefined;
  }
}
