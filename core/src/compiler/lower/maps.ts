import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { crossedAxis, crossedLoops } from "./crossed.ts";
import { chooseLoops, elementsPerTask, splitTasks } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { loopSize, partsOf } from "./parts.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "./roots.ts";
import { flatLoop, taskLoops } from "./tasks.ts";
import { type Known, Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;

/** Values that the kernel gets from elsewhere, for each builder it is written with. */
export type KnownIn = (builder: KernelBuilder) => Known;

const nothingKnown: KnownIn = () => () => undefined;

/** One kernel for roots of equal size whose elements are computed independently of each other. */
export function lowerMaps(work: Work, target: Target, knownIn: KnownIn = nothingKnown, prefix = "map"): LoweredKernel {
  const { roots } = work;
  const { shape } = partsOf(roots[0]!)[0]!.node; // every root has a part
  const leaf = (builder: KernelBuilder, position: Expr): Store[] => {
    const values = new Values(builder, work, knownIn(builder));
    const { space } = builder;
    return roots.flatMap((root) =>
      partsOf(root).map(({ node, place }): Store => {
        const indices = space.unflatten(position, node.shape);
        const at = node === root ? position : space.flatten(place(space, indices), root.shape);
        return store(builder.write(root), at, values.at(node, indices)) as Store; // `store` makes that kind
      }),
    );
  };
  const probe = (builder: KernelBuilder, indices: readonly Expr[]): Expr[] =>
    leaf(builder, builder.space.flatten(indices, shape)).flatMap((stmt) => [stmt.to.at, stmt.value]);
  const dims = chooseLoops(shape, probe);

  const nodes = neededBy(roots, work);
  const builder = new KernelBuilder(work.substitutes);
  const elements = elementsPerTask(target, costOfElement(nodes));
  const finish = { name: nameOf(prefix, nodes, roots), scope: scopeOf(nodes), flops: flopsOf(nodes) };

  if (dims.length === 1) {
    const { loops, variables, tasks, params } = flatLoop(builder, sizeOf(shape), elements);
    const stores = leaf(builder, variables[0]!);
    const body = nest(builder, loops, stores);
    return withInPlace(builder.finish({ ...finish, body, tasks, params }), [stores]);
  }

  const crossed = crossedAxis(shape, dims, probe);
  const { declarations, loops, variables, tasks } =
    crossed === undefined
      ? taskLoops(builder, dims, splitTasks(dims, elements))
      : crossedLoops(builder, dims, crossed, elements);
  const stores = leaf(builder, builder.space.flatten(variables, dims));
  const body = [...declarations, ...nest(builder, loops, stores)];
  return withInPlace(builder.finish({ ...finish, body, tasks }), [stores]);
}

/** Roots grouped by the number of iterations that write them, in order. */
export function groupBySize(roots: readonly Node[]): Node[][] {
  const groups = new Map<number, Node[]>();
  for (const root of roots) {
    const size = loopSize(root);
    groups.set(size, [...(groups.get(size) ?? []), root]);
  }
  return [...groups.values()];
}
