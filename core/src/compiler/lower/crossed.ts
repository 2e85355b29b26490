import type { Shape } from "../../base/shape.ts";
import { int } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { toLinear } from "../../kernel/linear.ts";
import { operandsOf } from "../../kernel/operands.ts";
import { indicesOf, type Probe, splitTasks } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import type { Loop } from "./nest.ts";
import { type TaskLoops, taskLoops } from "./tasks.ts";

type Index = Extract<Expr, { kind: "index" }>;

/** Elements of a block along both axes: a cache line of f32. Larger blocks would compete for the same places in the cache. */
const edge = 16;

/** The loop that a load is contiguous along while it jumps along the innermost one, as in a transposition. */
export function crossedAxis(shape: Shape, dims: readonly number[], probe: Probe): number | undefined {
  const last = dims.length - 1;
  if (dims.length < 2 || dims[last]! < edge) return undefined;
  const builder = new KernelBuilder();
  const names = new Map(dims.map((extent, axis) => [(builder.index("i", extent) as Index).name, axis])); // `index` makes that kind
  const variables = [...names.keys()].map((name): Expr => ({ kind: "index", name }));
  const votes = new Map<number, number>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "load") {
      const factors = new Map<number, number>();
      for (const { atom, factor } of toLinear(expr.at).terms.values()) {
        const axis = atom.kind === "index" ? names.get(atom.name) : undefined;
        if (axis !== undefined) factors.set(axis, Math.abs(factor));
      }
      const axis = [...factors].find(([, factor]) => factor === 1)?.[0];
      if (axis !== undefined && axis !== last && (factors.get(last) ?? 0) >= edge && dims[axis]! >= edge)
        votes.set(axis, (votes.get(axis) ?? 0) + 1);
    }
    operandsOf(expr).forEach(visit);
  };
  probe(builder, indicesOf(builder.space, variables, dims, shape)).forEach(visit);
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

/** Loops over `dims` in blocks of the axis `crossed` and the innermost one, so that every cache line is used up while it is there. */
export function crossedLoops(
  builder: KernelBuilder,
  dims: readonly number[],
  crossed: number,
  elements: number,
): TaskLoops {
  const { space } = builder;
  const last = dims.length - 1;
  const others = dims.map((_, axis) => axis).filter((axis) => axis !== crossed && axis !== last);
  const blocks = [Math.ceil(dims[crossed]! / edge), Math.ceil(dims[last]! / edge)];
  const outer = [...others.map((axis) => dims[axis]!), ...blocks];
  const split = splitTasks(outer, Math.max(1, Math.floor(elements / (edge * edge))));
  const { declarations, loops, variables } = taskLoops(builder, outer, split);
  const inside = (axis: number, block: Expr, size: number): { readonly loop: Loop; readonly variable: Expr } => {
    const variable = builder.index("j", dims[axis]!) as Index; // `index` makes that kind
    const from = space.mul(block, size);
    return {
      loop: { index: variable.name, from, to: space.min(space.add(from, int(size)), int(dims[axis]!)) },
      variable,
    };
  };
  const row = inside(crossed, variables.at(-2)!, edge);
  const column = inside(last, variables.at(-1)!, edge);
  const at = dims.map((_, axis) =>
    axis === crossed ? row.variable : axis === last ? column.variable : variables[others.indexOf(axis)]!,
  );
  return { declarations, loops: [...loops, row.loop, column.loop], variables: at, tasks: split.tasks };
}
