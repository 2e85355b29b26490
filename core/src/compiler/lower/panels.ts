import { forLoop, int, letLocal, number, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { toLinear } from "../../kernel/linear.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import type { Blocks } from "./blocks.ts";
import { type Contraction, extentOf, indexAxes, strides } from "./contraction.ts";
import { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import { neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;

/** The right operand as tiles read it: packed panels, or its own memory with `step` elements between the steps of the sum. */
export type Right =
  | { readonly kind: "panels"; readonly panels: Temporary }
  | { readonly kind: "memory"; readonly step: number };

/** Panels side by side in memory that may be read unpacked: further apart, steps of the sum compete for places in the cache. */
const mostPanelsUnpacked = 2;
/** Elements between the steps of the sum (two cache lines) that are near for narrow panels, too. */
const alwaysNear = 32;

/** How tiles may read the right operand where it lies, or undefined: it must be whole panels wide, contiguous and unguarded. */
export function rightInMemory(work: Work, contraction: Contraction, target: Target): Right | undefined {
  const columns = extentOf(contraction.columns);
  if (columns % target.tile.columns !== 0) return undefined;
  const builder = new KernelBuilder(work.substitutes);
  const values = new Values(builder, work);
  const groups = [contraction.batch, contraction.sum, contraction.columns] as const;
  const flat = groups.map((axes) => builder.index("a", extentOf(axes)));
  const element = contraction.right(
    values,
    indexAxes(
      values,
      groups.map((axes, i) => [axes, flat[i]!] as const),
    ),
  );
  if (element.kind !== "load" || element.dtype !== "f32") return undefined;
  const factors = flat.map((variable) => toLinear(element.at).terms.get(keyOf(variable))?.factor ?? 0);
  const [, step, contiguous] = factors as [number, number, number]; // three groups
  const linear = toLinear(element.at).terms.size === factors.filter((factor) => factor !== 0).length;
  const near = step > 0 && step <= Math.max(mostPanelsUnpacked * target.tile.columns, alwaysNear);
  return linear && near && contiguous === 1 ? { kind: "memory", step } : undefined;
}

/** Places in memory that are read side by side: no more than a cache has ways for addresses that are alike. */
const mostStreams = 8;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** The kernel that packs the right operand: [batch][panels][depth][tile columns], f32, zeros behind the last column. */
export function packRight(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  target: Target,
  panels: Temporary,
): LoweredKernel {
  const width = target.tile.columns;
  const { dims } = blocks.sum;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;

  // A task packs a range of the outermost sum loop of one panel.
  const steps = dims[0]!;
  const perTask = Math.max(1, Math.min(steps, Math.floor(target.elementsPerTask / ((blocks.depth / steps) * width))));
  const ranges = Math.ceil(steps / perTask);
  const tasks = blocks.batch * blocks.panels * ranges;
  const decoded = space.unflatten(builder.task(tasks), [blocks.batch, blocks.panels, ranges]);
  const declarations: Stmt[] = [];
  const declare = (prefix: string, extent: number, value: Expr): Expr => {
    if (value.kind === "number") return value;
    const variable = builder.indexLocal(prefix, extent);
    declarations.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  const batch = declare("batch", blocks.batch, decoded[0]!);
  const panel = declare("panel", blocks.panels, decoded[1]!);
  const start = declare("start", steps, space.mul(decoded[2]!, perTask));
  const end =
    steps % perTask === 0 ? space.add(start, int(perTask)) : space.min(space.add(start, int(perTask)), int(steps));

  const variables = dims.map((extent) => builder.index("k", extent));
  const sumLoops: Loop[] = variables.map((variable, i) => ({
    index: (variable as Extract<Expr, { kind: "index" }>).name, // `index` makes that kind
    from: i === 0 ? start : int(0),
    to: i === 0 ? end : int(dims[i]!),
  }));
  const depth = space.flatten(variables, dims);
  const values = new Values(builder, work);
  const buffer = builder.write(panels);
  const base = space.flatten([batch, panel, depth], [blocks.batch, blocks.panels, blocks.depth]);
  const first = space.mul(panel, width);

  const element = (column: Expr, lane: Expr): Store => {
    const groups = [
      [contraction.batch, batch],
      [contraction.columns, column],
      [contraction.sum, depth],
    ] as const;
    return store(
      buffer,
      space.add(space.mul(base, width), lane),
      contraction.right(values, indexAxes(values, groups)),
    ) as Store;
  };
  // Whichever of columns and sum is contiguous in memory runs innermost.
  const memory = strides(work, contraction, contraction.right);
  const byColumn = (memory.get(contraction.columns.at(-1)!) ?? 0) <= (memory.get(contraction.sum.at(-1)!) ?? 0);
  const column = builder.index("column", extentOf(contraction.columns)) as Extract<Expr, { kind: "index" }>;
  const upTo = (start: Expr, count: number): Loop => ({
    index: column.name,
    from: start,
    to: space.min(space.add(start, int(count)), int(blocks.columns)),
  });
  const stored = element(column, space.sub(column, first));
  const body: Stmt[] = [];
  if (byColumn) body.push(...nest(builder, [...sumLoops, upTo(first, width)], [stored]));
  else {
    // A few columns at a time step through memory together: their cache lines are used up before they are evicted.
    const few = gcd(width, mostStreams);
    const group = builder.index("group", width / few) as Extract<Expr, { kind: "index" }>;
    const lanes = upTo(space.add(first, space.mul(group, few)), few);
    body.push(forLoop(group.name, int(0), int(width / few), nest(builder, [...sumLoops, lanes], [stored])));
  }
  if (blocks.columns % width !== 0) {
    const lane = builder.index("lane", width) as Extract<Expr, { kind: "index" }>;
    const rest: Loop = {
      index: lane.name,
      from: space.min(space.sub(int(blocks.columns), first), int(width)),
      to: int(width),
    };
    body.push(
      ...nest(
        builder,
        [...sumLoops, rest],
        [store(buffer, space.add(space.mul(base, width), lane), number(0, "f32")) as Store],
      ),
    );
  }
  const nodes = neededBy([contraction.node], work);
  const name = `pack_${[blocks.batch, blocks.depth, blocks.columns].join("x")}`;
  return builder.finish({ name, scope: scopeOf(nodes), body: [...declarations, ...body], tasks });
}
