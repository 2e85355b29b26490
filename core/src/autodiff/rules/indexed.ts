import { InternalError } from "../../base/errors.ts";
import { range, type Shape, sizeOf } from "../../base/shape.ts";
import { build, type Node } from "../../graph/index.ts";
import { none, nothing, type VjpRule } from "../rule.ts";
import { add, div, equal, keep, zeros } from "../terms.ts";

type IndexedOp = "gather" | "scatter" | "argsort" | "measure";

/** Elements picked and placed by index. Indices have no derivative. */
export const indexed: { readonly [K in IndexedOp]: VjpRule<K> } = {
  gather: (g, { inputs: [x, indices], attrs: { axis } }) => [build.scatter("add", zeros(x), indices, g, axis), none],

  scatter: (g, { inputs: [x, indices, updates], output: y, attrs: { scatter, axis } }) => {
    const picked = (node: Node): Node => build.gather(node, indices, axis);
    switch (scatter) {
      case "add":
        return [g, none, picked(g)];
      case "set": {
        // What was overwritten has no part in the result: the base where an update went, and all updates but the last.
        const base = build.scatter("set", g, indices, zeros(updates), axis);
        return [base, none, keep(lastWriter(indices, x.shape[axis]!, updates.shape, axis), picked(g))];
      }
      case "max": {
        // The base and all updates that tie for the maximum share g equally.
        const baseWins = equal(x, y);
        const updateWins = equal(updates, picked(y));
        const ones = (wins: Node): Node => build.cast(wins, x.dtype);
        const ties = build.scatter("add", ones(baseWins), indices, ones(updateWins), axis);
        // Where nothing ties (NaN), nothing flows; dividing there would make NaN of an unrelated 0.
        const shared = div(g, build.where(equal(ties, zeros(ties)), add(ties, build.fill(1, ties)), ties));
        return [keep(baseWins, shared), none, keep(updateWins, picked(shared))];
      }
      default:
        throw new InternalError(`no derivative of scatter ${scatter satisfies never}`);
    }
  },

  argsort: nothing,
  measure: nothing,
};

/** True for the updates that no later update with the same index overwrites; of the shape of the updates. */
function lastWriter(indices: Node, length: number, shape: Shape, axis: number): Node {
  const turn = build.reshape(build.iota([sizeOf(indices.shape)], 0), indices.shape);
  const nobody = build.fill(-1, { shape: [length], dtype: "i32" });
  const last = build.gather(build.scatter("set", nobody, indices, turn, 0), indices, 0);
  const wins = equal(last, turn);
  const aligned = shape.map((size, position) =>
    range(indices.shape.length).some((i) => axis + i === position) ? size : 1,
  );
  return build.expand(build.reshape(wins, aligned), shape);
}
