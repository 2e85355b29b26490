import { InternalError } from "../../base/errors.ts";
import type { Node } from "../../graph/node.ts";
import { accumulate, bool, cast, forLoop, identityOf, int, letLocal, load, number, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { type AttentionPlan, withScores } from "./attentionPlan.ts";
import type { BlockPosition } from "./attentionTiles.ts";
import type { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { groupReducers, type Leaf, type Stage } from "./rows.ts";
import { spillShared } from "./spill.ts";
import { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

export interface RowBlock extends BlockPosition {
  /** Scratch buffers of the scores and of the wide values: a block of rows, `pitch` elements apart. */
  readonly scores: ReadonlyMap<Node, string>;
  readonly wide: ReadonlyMap<Node, string>;
  readonly pitch: number;
  /** How many columns a row sees; absent when it sees all. */
  readonly seen: ((row: Expr) => Expr) | undefined;
  /** Columns that closings read of each row. */
  readonly filled: Expr;
}

/** Row by row: the reductions in their order, then the wide values; what a row does not see is 0. */
export function writeRows(builder: KernelBuilder, plan: AttentionPlan, block: RowBlock): Stmt[] {
  const { space } = builder;
  const { rows, columns, rowPlan, rowWork, wide, visible } = plan;
  const row = builder.index("row", block.rowAxis) as Index; // `index` makes that kind
  const column = builder.index("column", columns) as Index; // `index` makes that kind
  const flatRow = space.add(space.mul(block.batch, rows), space.add(space.mul(block.outer, block.rowAxis), row));
  const flat = space.add(space.mul(flatRow, columns), column);
  const inBlock = space.mul(space.sub(row, block.first), block.pitch);
  const at = space.add(inBlock, column);

  const results = new Map<Node, Expr>();
  const values = new Values(builder, withScores(rowWork, block.scores.keys()), (node, indices) => {
    if (visible?.conditions.has(node)) return bool(true);
    const result = results.get(node);
    if (result !== undefined) return result;
    const scores = block.scores.get(node);
    if (scores === undefined) return undefined;
    if (!space.same(space.flatten(indices, node.shape), flat))
      throw new InternalError("lower: a score is read in another row or column");
    return cast(builder.safe(load(scores, at, "f32")), node.dtype);
  });

  const stages: Stage[] = groupReducers(rowPlan).map((group) => {
    const accumulators = group.map(({ op, accumulator }) => builder.local(op, accumulator));
    const terms = group.map(({ node, term, extents }) =>
      term(values, space.unflatten(flatRow, node.shape), space.unflatten(column, extents)),
    );
    const after: Stmt[] = [];
    for (const [i, { node, accumulator }] of group.entries()) {
      const rounded = accumulator === node.dtype ? undefined : builder.local("rounded", node.dtype);
      if (rounded !== undefined) after.push(letLocal(rounded.name, node.dtype, cast(accumulators[i]!, node.dtype)));
      results.set(node, rounded ?? accumulators[i]!);
    }
    return {
      dims: [columns],
      before: group.map(({ op, accumulator }, i) =>
        letLocal(accumulators[i]!.name, accumulator, identityOf(op, accumulator)),
      ),
      leaf: group.map(({ op }, i) => accumulate(accumulators[i]!.name, op, terms[i]!) as Leaf),
      after,
    };
  });
  const stores = wide.map((node) => {
    const value = values.at(node, space.unflatten(flat, node.shape));
    return store(block.wide.get(node)!, at, cast(value, "f32")) as Leaf;
  });
  stages.push({ dims: [columns], before: [], leaf: stores, after: [] });

  const body: Stmt[] = [];
  let end: Expr = int(columns);
  if (block.seen !== undefined) {
    const seen = builder.indexLocal("seen", columns + 1);
    body.push(letLocal(seen.name, "i32", block.seen(row)));
    end = seen;
  }
  const loop = { index: column.name, from: int(0), to: end };
  for (const { before, leaf, after } of spillShared(builder, stages, () => [column]))
    body.push(...before, ...nest(builder, [loop], leaf), ...after);
  if (block.seen !== undefined) {
    const behind = builder.index("behind", block.pitch) as Index; // `index` makes that kind
    const zeros = wide.map(
      (node) => store(block.wide.get(node)!, space.add(inBlock, behind), number(0, "f32")) as Store,
    );
    body.push(...nest(builder, [{ index: behind.name, from: end, to: block.filled }], zeros));
  }
  return [forLoop(row.name, block.first, space.add(block.first, block.rowCount), body)];
}
