import { range, sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { accumulate, cast, forLoop, identityOf, int, letLocal, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { chooseLoops, elementsPerTask, indicesOf, type Probe } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { placeholder, type RowPlan } from "./plan.ts";
import type { Reducer } from "./reducer.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "./roots.ts";
import { spillShared } from "./spill.ts";
import { Values } from "./value.ts";

export type Leaf = Extract<Stmt, { kind: "store" | "accumulate" | "let" }>;

/** One loop over the elements of a row: accumulates reducers, or writes roots. */
export interface Stage {
  /** Loop sizes inside the row. Stages of equal sizes have the same loop variables. */
  readonly dims: readonly number[];
  readonly before: readonly Stmt[];
  readonly leaf: readonly Leaf[];
  readonly after: readonly Stmt[];
}

/**
 * One kernel that goes row by row: reduce stages in dependency order, then the roots. Values that are expensive and
 * needed by several stages are kept in a scratch row.
 */
export function lowerRows(work: Work, plan: RowPlan, target: Target): LoweredKernel {
  const builder = new KernelBuilder(work.substitutes);
  const nodes = neededBy(work.roots, work);
  const groups = groupReducers(plan);
  const elementsPerRow = Math.max(1, ...plan.reducers.map(({ reducer }) => sizeOf(reducer.extents)));
  const perTask = Math.max(1, Math.floor(elementsPerTask(target, costOfElement(nodes)) / elementsPerRow));
  const rowsPerTask = Math.ceil(plan.rows / Math.ceil(plan.rows / Math.min(plan.rows, perTask)));
  const tasks = Math.ceil(plan.rows / rowsPerTask);

  const { space } = builder;
  const task = builder.task(tasks);
  const row = builder.index("row", plan.rows) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const results = new Map<Node, Expr>();
  const values = new Values(builder, work, (node) => results.get(node));
  const loops = new RowLoops(builder);

  // Reduce stages: every result becomes a local of the row.
  const stages: Stage[] = [];
  for (const group of groups) {
    const inner = (own: Values, variables: readonly Expr[], at: Expr): Expr[] =>
      group.map(({ node, term }) => term(own, own.space.unflatten(at, node.shape), variables));
    const dims = chooseLoops(
      group[0]!.extents,
      probeRow(work, plan, (own, variables, at) => inner(own, variables, at)),
    );
    const variables = indicesOf(space, loops.variables(dims), dims, group[0]!.extents);
    const terms = inner(values, variables, row);
    const accumulators = group.map(({ op, accumulator }) => builder.local(op, accumulator));
    const after: Stmt[] = [];
    for (const [i, { node, accumulator }] of group.entries()) {
      if (accumulator === node.dtype) {
        results.set(node, accumulators[i]!);
        continue;
      }
      const rounded = builder.local("rounded", node.dtype);
      after.push(letLocal(rounded.name, node.dtype, cast(accumulators[i]!, node.dtype)));
      results.set(node, rounded);
    }
    stages.push({
      dims,
      before: group.map(({ op, accumulator }, i) =>
        letLocal(accumulators[i]!.name, accumulator, identityOf(op, accumulator)),
      ),
      leaf: group.map(({ op }, i) => accumulate(accumulators[i]!.name, op, terms[i]!) as Leaf),
      after,
    });
  }

  // Roots that vary inside the row, one loop for each size; then one value a row.
  for (const group of groupRoots(work.roots, plan)) {
    const rest = restOf(group[0]!, plan);
    const leaf = (own: Values, variables: readonly Expr[], at: Expr): Leaf[] => {
      const position = own.space.flatten(variables, rest);
      return group.map((root) => {
        const indices = rootIndices(own, root, plan, at, position);
        return store(own.builder.write(root), own.space.flatten(indices, root.shape), own.at(root, indices)) as Leaf;
      });
    };
    const expressions = (own: Values, variables: readonly Expr[], at: Expr): Expr[] =>
      leaf(own, variables, at).flatMap((stmt) => (stmt.kind === "store" ? [stmt.to.at, stmt.value] : []));
    const dims = chooseLoops(rest, probeRow(work, plan, expressions));
    const variables = indicesOf(space, loops.variables(dims), dims, rest);
    stages.push({ dims, before: [], leaf: leaf(values, variables, row), after: [] });
  }

  const leaves = stages.map((stage) => stage.leaf);
  const spilled = spillShared(builder, stages, (dims) => loops.variables(dims));
  const rowBody = spilled.flatMap(({ dims, before, leaf, after }) => [
    ...before,
    ...nest(builder, loops.loops(dims), leaf),
    ...after,
  ]);
  const from = space.mul(task, rowsPerTask);
  const to = space.add(from, int(rowsPerTask));
  const end = plan.rows % rowsPerTask === 0 ? to : space.min(to, int(plan.rows));
  const body = [forLoop(row.name, from, end, rowBody)];
  const name = nameOf("rows", nodes, work.roots);
  return withInPlace(builder.finish({ name, scope: scopeOf(nodes), body, tasks, flops: flopsOf(nodes) }), leaves);
}

/** Loop variables inside the row, shared by all stages with the same loop sizes. */
class RowLoops {
  readonly #builder: KernelBuilder;
  readonly #variables = new Map<string, readonly Expr[]>();

  constructor(builder: KernelBuilder) {
    this.#builder = builder;
  }

  variables(dims: readonly number[]): readonly Expr[] {
    const key = dims.join("x");
    let variables = this.#variables.get(key);
    if (variables === undefined) {
      variables = dims.map((extent) => this.#builder.index("j", extent));
      this.#variables.set(key, variables);
    }
    return variables;
  }

  loops(dims: readonly number[]) {
    return this.variables(dims).map((variable, i) => ({
      index: (variable as Extract<Expr, { kind: "index" }>).name, // `index` makes that kind
      from: int(0),
      to: int(dims[i]!),
    }));
  }
}

/** Looks at row expressions with a builder of its own, all reducers known. */
export function probeRow(
  work: Work,
  plan: RowPlan,
  expressions: (values: Values, variables: readonly Expr[], row: Expr) => readonly Expr[],
): Probe {
  const reducers = new Set(plan.reducers.map(({ reducer }) => reducer.node));
  return (builder, indices) => {
    const values = new Values(builder, work, (node) => (reducers.has(node) ? placeholder(node) : undefined));
    return expressions(values, indices, builder.index("row", plan.rows));
  };
}

/** Reducers of one level over the same domain, which share a loop. */
export function groupReducers(plan: RowPlan): Reducer[][] {
  const groups = new Map<string, Reducer[]>();
  const sorted = [...plan.reducers].sort((a, b) => a.level - b.level);
  for (const { reducer, level } of sorted) {
    const key = `${level}:${reducer.extents.join("x")}`;
    groups.set(key, [...(groups.get(key) ?? []), reducer]);
  }
  return [...groups.values()];
}

/** The sizes of the axes of a root that the row does not run over. */
export function restOf(root: Node, plan: RowPlan): number[] {
  const axes = plan.rowAxes.get(root) ?? [];
  return root.shape.filter((_, axis) => !axes.includes(axis));
}

/** Roots with equally many elements a row, those with one element last. */
function groupRoots(roots: readonly Node[], plan: RowPlan): Node[][] {
  const groups = new Map<number, Node[]>();
  for (const root of roots) {
    const size = sizeOf(restOf(root, plan));
    groups.set(size, [...(groups.get(size) ?? []), root]);
  }
  return [...groups.entries()].sort(([a], [b]) => Number(a === 1) - Number(b === 1)).map(([, group]) => group);
}

/** The indices into `root` of row `row` and flat position `position` inside it. */
export function rootIndices(values: Values, root: Node, plan: RowPlan, row: Expr, position: Expr): Expr[] {
  const axes = plan.rowAxes.get(root) ?? [];
  const outer = values.space.unflatten(
    row,
    axes.map((axis) => root.shape[axis]!),
  );
  const rest = range(root.shape.length).filter((axis) => !axes.includes(axis));
  const inner = values.space.unflatten(
    position,
    rest.map((axis) => root.shape[axis]!),
  );
  return range(root.shape.length).map((axis) => {
    const place = axes.indexOf(axis);
    return place >= 0 ? outer[place]! : inner[rest.indexOf(axis)]!;
  });
}
