import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import { accumulate, identityOf, index, int, letLocal, load, param, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { elementsPerTask } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import { type Reducer, reducerOf } from "./reducer.ts";
import { costOfElement, flopsOf, nameOf, neededBy, reducersIn, scopeOf, type Work } from "./roots.ts";
import type { Leaf } from "./rows.ts";
import { flatLoop } from "./tasks.ts";
import { Values } from "./value.ts";

/** The parameter of the kernel that puts parts together: how many there are. */
const partsParam = "parts";

/**
 * One reduction of everything to one number, and maps of that number: a kernel whose tasks each reduce a part of fixed size, and
 * one that puts the parts together. How many elements and parts there are is a parameter, so norms of arrays of any size are the
 * same two kernels (as long as elements are read as they lie; fusion has views written out for updates, which read them too).
 */
export function lowerNorm(work: Work, target: Target): LoweredKernel[] {
  const nodes = neededBy(work.roots, work);
  const reducer = reducerOf(reducersIn(nodes, true)[0]!)!; // fuse says that there is one
  const { op, accumulator, extents, node } = reducer;
  const builder = new KernelBuilder(work.substitutes);
  const cost = costOfElement(nodes.filter(({ shape }) => sizeOf(shape) > 1));
  const { loops, variables, tasks, params } = flatLoop(builder, sizeOf(extents), elementsPerTask(target, cost));
  const parts: Temporary = { kind: "temporary", name: "parts", bytes: tasks * bytesPerElement.f32 };

  const inner = builder.space.unflatten(variables[0]!, extents);
  const term = reducer.term(new Values(builder, work), node.shape.map(zero), inner);
  const sum = builder.local(op, accumulator);
  const body = [...reduced(builder, sum, reducer, loops, term), store(builder.write(parts), index("task"), sum)];
  const [name, scope] = [nameOf("norm", nodes, work.roots), scopeOf(nodes)];
  const partial = builder.finish({ name: `${name}_parts`, scope, body, tasks, params, flops: flopsOf(nodes) });
  return [partial, together(work, reducer, parts, { name, scope, count: tasks })];
}

const zero = (): Expr => int(0);

/** Statements that reduce `term` over `loops` into the local `sum`. */
const reduced = (
  builder: KernelBuilder,
  sum: Extract<Expr, { kind: "local" }>,
  { op, accumulator }: Reducer,
  loops: readonly Loop[],
  term: Expr,
): Stmt[] => [
  letLocal(sum.name, accumulator, identityOf(op, accumulator)),
  ...nest(builder, loops, [accumulate(sum.name, op, term) as Leaf]), // `accumulate` makes that kind
];

/** The kernel that puts the parts together, in their order, and computes the roots. */
function together(
  work: Work,
  reducer: Reducer,
  parts: Temporary,
  { name, scope, count }: { readonly name: string; readonly scope: string; readonly count: number },
): LoweredKernel {
  const builder = new KernelBuilder(work.substitutes);
  const variable = builder.index("i", count) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const part = builder.safe(load(builder.read(parts), variable, "f32"));
  const sum = builder.local(reducer.op, reducer.accumulator);
  const values = new Values(builder, work, (node) => (node === reducer.node ? sum : undefined));
  const roots = work.roots.map(
    (root) => store(builder.write(root), int(0), values.at(root, root.shape.map(zero))) as Leaf, // `store` makes that kind
  );
  const loop = { index: variable.name, from: int(0), to: param(partsParam) };
  const body = [...reduced(builder, sum, reducer, [loop], part), ...nest(builder, [], roots)];
  return builder.finish({ name, scope, body, tasks: 1, params: [[partsParam, count]], flops: count });
}
