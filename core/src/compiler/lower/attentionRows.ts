import { InternalError } from "../../base/errors.ts";
import type { Node } from "../../graph/node.ts";
import {
  accumulate,
  bool,
  cast,
  forLoop,
  identityOf,
  int,
  letLocal,
  load,
  number,
  select,
  store,
} from "../../kernel/build.ts";
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
  /** Rows of a tile: closings read together what so many rows, or columns, see. */
  readonly tileRows: number;
  readonly lanes: number;
}

/**
 * Row by row: the reductions in their order, then the wide values; what a row does not see is 0. A row ends where a vector does:
 * in the last one the mask decides. (Up to 15 elements one by one took a quarter of the time.)
 * Wide values go on as zeros as far as tiles read: there, too, the mask decides, whatever lies in the scratch memory.
 */
export function writeRows(builder: KernelBuilder, plan: AttentionPlan, block: RowBlock): Stmt[] {
  const { space } = builder;
  const { rows, columns, rowPlan, rowWork, wide, visible } = plan;
  const upToVector = (size: Expr): Expr =>
    space.mul(space.div(space.add(size, int(block.lanes - 1)), block.lanes), block.lanes);
  const row = builder.index("row", block.rowAxis) as Index; // `index` makes that kind
  const column = builder.index("column", columns) as Index; // `index` makes that kind
  const flatRow = space.add(space.mul(block.batch, rows), space.add(space.mul(block.outer, block.rowAxis), row));
  const flat = space.add(space.mul(flatRow, columns), column);
  const inBlock = space.mul(space.sub(row, block.first), block.pitch);
  const at = space.add(inBlock, column);

  const seen = block.seen === undefined ? undefined : builder.indexLocal("seen", columns + 1);
  /** What counts for nothing where the row sees nothing: its terms and values there are computed, but not taken. */
  const masked = (value: Expr, otherwise: Expr): Expr =>
    seen === undefined ? value : select(space.less(column, seen), value, otherwise);
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
      leaf: group.map(
        ({ op, accumulator }, i) =>
          accumulate(accumulators[i]!.name, op, masked(terms[i]!, identityOf(op, accumulator))) as Leaf,
      ),
      after,
    };
  });
  const stores = wide.map((node) => {
    const value = values.at(node, space.unflatten(flat, node.shape));
    return store(block.wide.get(node)!, at, masked(cast(value, "f32"), number(0, "f32"))) as Leaf;
  });
  stages.push({ dims: [columns], before: [], leaf: stores, after: [] });

  const body: Stmt[] = [];
  const ends = { reductions: int(columns) as Expr, wide: int(columns) as Expr };
  let filled: Expr = int(columns);
  const declare = (prefix: string, value: Expr, extent: number): Expr => {
    const variable = builder.indexLocal(prefix, extent);
    body.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  if (block.seen !== undefined && seen !== undefined) {
    body.push(letLocal(seen.name, "i32", block.seen(row)));
    filled = declare(
      "filled",
      space.min(upToVector(space.add(seen, int(block.tileRows - 1))), int(block.pitch)),
      block.pitch + 1,
    );
    ends.reductions = declare("end", space.min(upToVector(seen), int(columns)), columns + 1);
    ends.wide = declare("behind", space.min(filled, int(columns)), columns + 1);
  }
  const spilled = spillShared(builder, stages, () => [column]);
  for (const [i, { before, leaf, after }] of spilled.entries()) {
    const to = i === spilled.length - 1 ? ends.wide : ends.reductions;
    body.push(...before, ...nest(builder, [{ index: column.name, from: int(0), to }], leaf), ...after);
  }
  if (seen !== undefined && block.pitch > columns) {
    const padding = builder.index("padding", block.pitch) as Index; // `index` makes that kind
    const zeros = wide.map(
      (node) => store(block.wide.get(node)!, space.add(inBlock, padding), number(0, "f32")) as Store,
    );
    body.push(...nest(builder, [{ index: padding.name, from: int(columns), to: filled }], zeros));
  }
  return [forLoop(row.name, block.first, space.add(block.first, block.rowCount), body)];
}
