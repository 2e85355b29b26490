import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import {
  accumulate,
  cast,
  combine,
  forLoop,
  identityOf,
  int,
  letLocal,
  load,
  local,
  store,
} from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { elementsPerTask, splitTasks } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { accumulatorOf } from "./reducer.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work } from "./roots.ts";
import { taskLoops } from "./tasks.ts";
import { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;

/** Running sums or maxima along one axis; a task has whole lines, side by side where the axis is not the last. */
export function lowerCumulative(work: Work, node: Node<"cumulative">, target: Target): LoweredKernel {
  const { axis, cumulative, reverse } = node.attrs;
  const x = node.inputs[0]!;
  const length = x.shape[axis]!;
  const outer = sizeOf(x.shape.slice(0, axis));
  const trailing = sizeOf(x.shape.slice(axis + 1));
  const nodes = neededBy(work.roots, work);
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const accumulator = accumulatorOf(node.dtype);

  // [lines] or [blocks, lines side by side]; a chunk of the innermost is a task.
  const single = trailing === 1;
  const dims = single ? [outer] : [outer, trailing];
  const split = splitTasks(dims, Math.max(1, Math.floor(elementsPerTask(target, costOfElement(nodes)) / length)));
  const { declarations, loops, variables } = taskLoops(builder, dims, split);
  const [line, lane = int(0)] = variables as [Expr, Expr?]; // one a dimension
  const step = builder.index("k", length) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const along = reverse ? space.sub(int(length - 1), step) : step;
  const position = space.flatten([line, along, lane], [outer, length, trailing]);
  const value = cast(new Values(builder, work).at(x, space.unflatten(position, x.shape)), accumulator);
  const initial = identityOf(cumulative, accumulator);

  // Alone, a line keeps its running value in a local; side by side, in a scratch row that vectors step through.
  const around = single ? loops : loops.slice(0, -1);
  let body: Stmt[];
  if (single) {
    const running = builder.name("running");
    const write = store(builder.write(node), position, cast(local(running, accumulator), node.dtype));
    const steps = [accumulate(running, cumulative, value), write];
    body = [letLocal(running, accumulator, initial), forLoop(step.name, int(0), int(length), steps)];
  } else {
    const lanes = loops.at(-1)!;
    const scratch = builder.scratch("running", accumulator, split.axis === 1 ? split.chunk : trailing);
    const at = space.sub(lane, lanes.from);
    const next = combine(cumulative, builder.safe(load(scratch, at, accumulator)), value);
    const start = store(scratch, at, initial) as Store;
    const stores = [store(scratch, at, next), store(builder.write(node), position, cast(next, node.dtype))] as Store[];
    const steps = { index: step.name, from: int(0), to: int(length) };
    body = [...nest(builder, [lanes], [start]), ...nest(builder, [steps, lanes], stores)];
  }
  for (const { index, from, to } of around) body = [forLoop(index, from, to, body)];
  const finish = { name: nameOf("lines", nodes, [node]), scope: scopeOf(nodes), flops: flopsOf(nodes) };
  return builder.finish({ ...finish, body: [...declarations, ...body], tasks: split.tasks });
}
