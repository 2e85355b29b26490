import { forLoop, int, letLocal, number, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import { type Axis, type Contraction, extentOf, indexAxes, strides } from "./contraction.ts";
import type { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import type { Work } from "./roots.ts";
import type { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** What writing a kernel's pieces needs. */
export interface Pieces {
  readonly work: Work;
  readonly builder: KernelBuilder;
  readonly values: Values;
  readonly target: Target;
  readonly batch: Expr;
}

/** A block of rows: `rowCount` of them from `first` along the row axis, at `outer` of the axes around it. */
export interface BlockPosition {
  readonly batch: Expr;
  readonly outer: Expr;
  readonly first: Expr;
  readonly rowCount: Expr;
  readonly rowAxis: number;
}

/** A left operand in scratch memory: elements between rows and between steps of the sum. */
export interface LeftOperand {
  readonly buffer: string;
  readonly row: number;
  readonly step: number;
}

/** A right operand in scratch memory: panels of a tile's columns, `panel` elements from one to the next. */
export interface RightOperand extends LeftOperand {
  readonly panel: number;
}

/** Loops over the lanes of a panel that step through memory together: a cache has ways for so many addresses that are alike. */
const mostStreams = 8;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Packs the right operand of a contraction that the columns' side gives, for one batch: [panels of columns][sum][lanes]. */
export function packColumns(
  pieces: Pieces,
  body: Stmt[],
  columns: readonly Axis[],
  sum: readonly Axis[],
  contraction: Contraction,
): RightOperand {
  const depth = extentOf(sum);
  const panel = panelsOf(pieces, body, contraction, columns, depth, (k) => [[sum, k]], {
    from: int(0),
    count: int(depth),
  });
  return panel;
}

/** Packs a block of rows of the rows' side: as a left operand [rows][sum], or as a right one [panels][rows][lanes]. */
export function packRows(
  pieces: Pieces,
  body: Stmt[],
  contraction: Contraction,
  { batch, outer, first, rowCount, rowAxis }: BlockPosition,
  rowBlock: number,
  side: "left" | "right",
): RightOperand {
  const { builder, values } = pieces;
  const { space } = builder;
  const rowOf = (row: Expr): Expr => space.add(space.mul(outer, rowAxis), row);
  if (side === "right") {
    return panelsOf(
      pieces,
      body,
      contraction,
      contraction.columns,
      rowBlock,
      (row) => [[contraction.sum, rowOf(row)]],
      {
        from: first,
        count: rowCount,
        extent: rowAxis,
      },
    );
  }
  const depth = extentOf(contraction.sum);
  const buffer = builder.scratch("left", "f32", rowBlock * depth);
  const row = builder.index("r", rowAxis) as Index; // `index` makes that kind
  const k = builder.index("k", depth) as Index; // `index` makes that kind
  const at = indexAxes(values, [
    [contraction.batch, batch],
    [contraction.rows, rowOf(row)],
    [contraction.sum, k],
  ]);
  const position = space.add(space.mul(space.sub(row, first), depth), k);
  const loops: Loop[] = [
    { index: row.name, from: first, to: space.add(first, rowCount) },
    { index: k.name, from: int(0), to: int(depth) },
  ];
  body.push(...nest(builder, loops, [store(buffer, position, contraction.left(values, at)) as Store]));
  return { buffer, row: depth, step: 1, panel: 0 };
}

interface Steps {
  readonly from: Expr;
  readonly count: Expr;
  /** The range of the step's variable, when it is more than there is room for in a panel. */
  readonly extent?: number;
}

/** Panels of the right operand: [panels][depth][lanes], zeros behind the last column. */
function panelsOf(
  { work, builder, values, target, batch }: Pieces,
  body: Stmt[],
  contraction: Contraction,
  columns: readonly Axis[],
  depth: number,
  sumAt: (step: Expr) => readonly (readonly [readonly Axis[], Expr])[],
  { from, count, extent = depth }: Steps,
): RightOperand {
  const { space } = builder;
  const width = target.tile.columns;
  const size = extentOf(columns);
  const panels = Math.ceil(size / width);
  const buffer = builder.scratch("right", "f32", panels * depth * width);
  const step = builder.index("k", extent) as Index; // `index` makes that kind
  const panel = panels === 1 ? int(0) : builder.index("panel", panels);
  const first = space.mul(panel, width);
  const column = builder.index("column", size) as Index; // `index` makes that kind
  const place = (lane: Expr): Expr =>
    space.add(space.mul(space.add(space.mul(panel, depth), space.sub(step, from)), width), lane);
  const at = indexAxes(values, [[contraction.batch, batch], [columns, column], ...sumAt(step)]);
  const stored = store(buffer, place(space.sub(column, first)), contraction.right(values, at)) as Store;
  const steps: Loop = { index: step.name, from, to: space.add(from, count) };
  const upTo = (start: Expr, lanes: number): Loop => ({
    index: column.name,
    from: start,
    to: space.min(space.add(start, int(lanes)), int(size)),
  });
  const memory = strides(work, contraction, contraction.right);
  const sum = contraction.sum.filter(({ extent: each }) => each > 1).at(-1);
  const last = columns.filter(({ extent: each }) => each > 1).at(-1);
  const byColumn = (last === undefined ? 0 : memory.get(last)!) <= (sum === undefined ? 0 : memory.get(sum)!);
  const inPanel: Stmt[] = [];
  if (byColumn) inPanel.push(...nest(builder, [steps, upTo(first, width)], [stored]));
  else {
    const few = gcd(width, mostStreams);
    const group = builder.index("group", width / few) as Index; // `index` makes that kind
    const lanes = upTo(space.add(first, space.mul(group, few)), few);
    inPanel.push(forLoop(group.name, int(0), int(width / few), nest(builder, [steps, lanes], [stored])));
  }
  if (size % width !== 0) {
    const lane = builder.index("lane", width) as Index; // `index` makes that kind
    const rest: Loop = { index: lane.name, from: space.min(space.sub(int(size), first), int(width)), to: int(width) };
    inPanel.push(...nest(builder, [steps, rest], [store(buffer, place(lane), number(0, "f32")) as Store]));
  }
  body.push(...(panel.kind === "index" ? [forLoop(panel.name, int(0), int(panels), inPanel)] : inPanel));
  return { buffer, row: 1, step: width, panel: depth * width };
}

/** A product of two operands in scratch memory. */
export interface Product {
  readonly left: LeftOperand;
  readonly right: RightOperand;
  readonly result: { readonly buffer: string; readonly pitch: number };
  /** How many are computed, up to whole tiles, and how many at most. */
  readonly rows: { readonly count: Expr; readonly most: number };
  readonly columns: { readonly count: Expr; readonly most: number };
  readonly depth: Expr;
  readonly accumulate: boolean;
  /** Where a mask leaves nothing but zeros, which no tile need compute; absent where there is no such mask. */
  readonly visible?: VisiblePart | undefined;
}

/** A block's row `r` sees the columns below `r + seen` (which may lie outside of the block). */
export interface VisiblePart {
  readonly seen: Expr;
  /** What the product does with scores: it computes them, or sums over their columns, or over their rows. */
  readonly as: "result" | "columns" | "rows";
}

/** The register tiles of a product. */
export function blockTiles({ builder, target: { tile } }: Pieces, product: Product): Stmt {
  const { left, right, result, rows, columns, depth, accumulate, visible } = product;
  const { space } = builder;
  const up = (size: Expr, by: number): Expr => space.div(space.add(size, int(by - 1)), by);
  const columnPanel = builder.index("columnPanel", Math.ceil(columns.most / tile.columns)) as Index; // `index` makes that kind
  const rowPanel = builder.index("rowPanel", Math.ceil(rows.most / tile.rows)) as Index; // `index` makes that kind
  const inColumn: Stmt[] = [];
  const inRow: Stmt[] = [];
  /** The first row of the block that sees `column`. */
  const firstSeeing = (into: Stmt[], column: Expr, most: number): Expr => {
    const row = builder.indexLocal("seeing", most);
    into.push(letLocal(row.name, "i32", atLeast0(space.sub(space.add(column, int(1)), visible!.seen))));
    return row;
  };
  const firstRow =
    visible?.as === "result"
      ? space.div(firstSeeing(inColumn, space.mul(columnPanel, tile.columns), rows.most), tile.rows)
      : int(0);
  const lastSeen = (): Expr => space.add(space.mul(rowPanel, tile.rows), space.add(visible!.seen, int(tile.rows - 1)));
  const from = visible?.as === "rows" ? firstSeeing(inRow, space.mul(rowPanel, tile.rows), rows.most) : int(0);
  inRow.push({
    kind: "tile",
    a: {
      buffer: left.buffer,
      at: space.add(space.mul(rowPanel, tile.rows * left.row), space.mul(from, left.step)),
    },
    b: { buffer: right.buffer, at: space.add(space.mul(columnPanel, right.panel), space.mul(from, right.step)) },
    c: {
      buffer: result.buffer,
      at: space.add(space.mul(rowPanel, tile.rows * result.pitch), space.mul(columnPanel, tile.columns)),
    },
    pitch: result.pitch,
    rows: tile.rows,
    columns: tile.columns,
    aRow: left.row,
    aStep: left.step,
    bStep: right.step,
    depth: visible?.as === "columns" ? space.min(lastSeen(), depth) : space.sub(depth, from),
    accumulate,
  });
  inColumn.push(forLoop(rowPanel.name, firstRow, up(rows.count, tile.rows), inRow));
  return forLoop(columnPanel.name, int(0), up(columns.count, tile.columns), inColumn);
}

const atLeast0 = (x: Expr): Expr => ({ kind: "binary", op: "max", x, y: int(0), dtype: "i32" });
