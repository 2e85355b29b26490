import { range, sizeOf } from "../../base/shape.ts";
import { cast, combine, forLoop, identityOf, int, load, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { chooseLoops, elementsPerTask, indicesOf, splitTasks } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import { placeholder, type RowPlan } from "./plan.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "./roots.ts";
import type { Leaf } from "./rows.ts";
import { taskLoops } from "./tasks.ts";
import { Values } from "./value.ts";

/** Longest block of accumulators, in elements: it stays in the L1 cache. */
const longestBlock = 2048;

/** Steps of the innermost reduced loop that are added between reading and writing the accumulators, where they are cheap. */
const stepsTogether = 4;
const cheapStep = 4;

/** The loops of a column reduction: over what is kept, and over what is combined. */
export interface ColumnLoops {
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
}

/** Loop sizes for reducers whose kept axes are innermost in memory. */
export function columnLoops(work: Work, plan: RowPlan): ColumnLoops {
  const shape = plan.reducers[0]!.reducer.node.shape;
  const extents = plan.reducers[0]!.reducer.extents;
  const nodes = new Set(plan.reducers.map(({ reducer }) => reducer.node));
  const expressions = (builder: KernelBuilder, position: Expr, inner: readonly Expr[]): Expr[] => {
    const values = new Values(builder, work, (node) => (nodes.has(node) ? placeholder(node) : undefined));
    return [
      ...plan.reducers.map(({ reducer }) =>
        reducer.term(values, builder.space.unflatten(position, reducer.node.shape), inner),
      ),
      ...work.roots.map((root) => values.at(root, builder.space.unflatten(position, root.shape))),
    ];
  };
  const kept = chooseLoops(shape, (builder, indices) =>
    expressions(
      builder,
      builder.space.flatten(indices, shape),
      extents.map((extent) => builder.index("k", extent)),
    ),
  );
  const reduced = chooseLoops(extents, (builder, inner) => {
    const outer = kept.map((extent) => builder.index("o", extent));
    return expressions(builder, builder.space.flatten(outer, kept), inner);
  });
  return { kept, reduced };
}

/**
 * One kernel for reducers over one domain whose kept axes are innermost: a block of accumulators in scratch, to which
 * every step of the reduced loops adds one vector-friendly row.
 */
export function lowerColumns(work: Work, plan: RowPlan, { kept, reduced }: ColumnLoops, target: Target): LoweredKernel {
  const reducers = plan.reducers.map(({ reducer }) => reducer);
  const nodes = neededBy(work.roots, work);
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;

  const perTask = Math.max(1, Math.floor(elementsPerTask(target, costOfElement(nodes)) / Math.max(1, sizeOf(reduced))));
  const last = kept.length - 1;
  const lanes = Math.min(kept[last] ?? 1, Math.max(perTask, target.vectorLanes * 4));
  const split = splitTasks(kept, Math.min(lanes, longestBlock), target.vectorLanes);
  const { declarations, loops, variables } = taskLoops(builder, kept, split);
  const outer = loops.slice(0, -1);
  const inner = loops.at(-1);
  const block = inner === undefined ? 1 : split.axis === last ? split.chunk : kept[last]!;
  const at = inner === undefined ? int(0) : space.sub(variables[last]!, inner.from);
  const columns = inner === undefined ? [] : [inner];

  const scratch = reducers.map(({ op, accumulator }) => builder.scratch(op, accumulator, block));
  const current = reducers.map(({ accumulator }, i) => builder.safe(load(scratch[i]!, at, accumulator)));
  const position = space.flatten(variables, kept);

  // Accumulators start at the identity, take one term a step, and end in the roots.
  const start = reducers.map(({ op, accumulator }, i) => store(scratch[i]!, at, identityOf(op, accumulator)) as Leaf);
  const values = new Values(builder, work);
  const terms = reducers.map(
    ({ node, term }) =>
      (inner: readonly Expr[]) =>
        term(values, space.unflatten(position, node.shape), indicesOf(space, inner, reduced, reducers[0]!.extents)),
  );
  const adding = (many: readonly (readonly Expr[])[]): Leaf[] =>
    reducers.map(({ op }, i) => {
      const total = many.reduce((sum, inner) => combine(op, sum, terms[i]!(inner)), current[i]!);
      return store(scratch[i]!, at, total) as Leaf;
    });
  const step = stepsOf(builder, reduced, costOfElement(nodes) <= cheapStep ? stepsTogether : 1, adding);
  const finished = new Values(builder, work, (node) => {
    const i = reducers.findIndex((reducer) => reducer.node === node);
    return i < 0 ? undefined : cast(current[i]!, node.dtype);
  });
  const end = work.roots.map(
    (root) => store(builder.write(root), position, finished.at(root, space.unflatten(position, root.shape))) as Leaf,
  );

  let body: Stmt[] = [
    ...nest(builder, columns, start),
    ...step.flatMap(({ loops, leaves }) => nest(builder, [...loops, ...columns], leaves, inner !== undefined)),
    ...nest(builder, columns, end),
  ];
  for (const { index, from, to } of [...outer].reverse()) body = [forLoop(index, from, to, body)];
  const finish = {
    name: nameOf("columns", nodes, work.roots),
    scope: scopeOf(nodes),
    body: [...declarations, ...body],
    tasks: split.tasks,
  };
  return withInPlace(builder.finish({ ...finish, flops: flopsOf(nodes) }), [step.flatMap(({ leaves }) => leaves), end]);
}

interface Steps {
  readonly loops: readonly Loop[];
  readonly leaves: readonly Leaf[];
}

/** Loops over all of `dims`, in order: of the last one `together` steps at a time, then what is left one by one. */
function stepsOf(
  builder: KernelBuilder,
  dims: readonly number[],
  together: number,
  leavesOf: (many: readonly (readonly Expr[])[]) => readonly Leaf[],
): Steps[] {
  const { space } = builder;
  const last = dims.at(-1) ?? 1;
  const made = (count: number, from: number, times: number): Steps => {
    const variables = [...dims.slice(0, -1), ...(dims.length === 0 ? [] : [times])].map(
      (extent) => builder.index("k", extent) as Extract<Expr, { kind: "index" }>, // `index` makes that kind
    );
    const loops = variables.map(({ name }, i) => ({
      index: name,
      from: int(0),
      to: int(i < dims.length - 1 ? dims[i]! : times),
    }));
    const inner = variables.at(-1);
    const many = range(count).map((place) =>
      inner === undefined ? [] : [...variables.slice(0, -1), space.add(space.mul(inner, count), int(from + place))],
    );
    return { loops, leaves: leavesOf(many) };
  };
  const whole = together === 1 ? 0 : Math.floor(last / together);
  const rest = last - whole * together;
  if (whole === 0) return [made(1, 0, last)];
  return [made(together, 0, whole), ...(rest === 0 ? [] : [made(1, whole * together, rest)])];
}
