import { forLoop, int, letLocal, number, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Blocks } from "./blocks.ts";
import { type Axis, type Contraction, extentOf, extentsOf, indexAxes, strides } from "./contraction.ts";
import { chooseLoops } from "./dims.ts";
import type { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import type { Work } from "./roots.ts";
import { Values } from "./value.ts";
import { apart } from "./winograd/patch.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** How a packed block of the left operand lies in scratch memory: what its own memory is contiguous along runs innermost. */
export interface LeftLayout {
  /** Elements between rows of a tile, and between steps of the sum. One of them is 1. */
  readonly row: number;
  readonly step: number;
  /** Elements between the first rows of tiles, where the rows of each tile lie together as a panel; else rows follow each other. */
  readonly panel?: number;
  /** Loop sizes over the rows; the last one is contiguous in memory when rows run innermost. */
  readonly rowDims: readonly number[];
}

/** Where a block of the left operand goes, and which part of the operand it is. */
export interface LeftBlock {
  readonly scratch: string;
  readonly layout: LeftLayout;
  readonly batch: Expr;
  /** First row of the task, and how many it has. */
  readonly firstRow: Expr;
  readonly rowCount: Expr;
  /** Variables of the loops over the sum outside the block. */
  readonly outer: readonly Expr[];
  /** First step of the blocked loop, and the one after the last. */
  readonly from: Expr;
  readonly to: Expr;
}

/** Rows of a tile that are worth a panel: each step of the sum copies so many (four, on wasm, cost more than they saved). */
const leastInPanel = 5;

/**
 * The layout of blocks of at most `deepest` steps. Where memory is contiguous along the rows, those of each tile become a panel: steps of a
 * tile would else be as far from each other as the block is high, each in a cache line of its own.
 */
export function leftLayout(work: Work, contraction: Contraction, blocks: Blocks, deepest: number): LeftLayout {
  const memory = strides(work, contraction, contraction.left);
  const innermost = (axes: readonly Axis[]): number => {
    const axis = axes.filter(({ extent }) => extent > 1).at(-1);
    return axis === undefined ? Number.POSITIVE_INFINITY : memory.get(axis)!;
  };
  if (innermost(contraction.rows) >= innermost(contraction.sum))
    return { row: deepest, step: 1, rowDims: [blocks.rows] };
  const rowDims = chooseLoops(extentsOf(contraction.rows), (builder, indices) => {
    const at = new Map<Axis, Expr>(contraction.rows.map((axis, i) => [axis, indices[i]!]));
    const other = (axis: Axis): Expr => (axis.extent === 1 ? int(0) : builder.index("o", axis.extent));
    for (const axis of [...contraction.batch, ...contraction.sum]) at.set(axis, other(axis));
    return [contraction.left(new Values(builder, work), (axis) => at.get(axis)!)];
  });
  const { rows } = blocks.tile;
  if (rowDims.length > 1 || blocks.height <= rows || rows < leastInPanel)
    return { row: 1, step: blocks.height, rowDims };
  return { row: 1, step: rows, panel: apart(rows * deepest), rowDims };
}

/** Elements of the block, with what lies between panels. */
export const leftElements = (layout: LeftLayout, { height, tile }: Blocks, deepest: number): number =>
  layout.panel === undefined ? height * deepest : Math.ceil(height / tile.rows) * layout.panel;

/** Where a row of the block lies that belongs to the tile `panel`. */
function rowAt({ space }: KernelBuilder, layout: LeftLayout, blocks: Blocks, panel: Expr, row: Expr): Expr {
  if (layout.panel === undefined) return space.mul(row, layout.row);
  return space.add(space.mul(panel, layout.panel), space.sub(row, space.mul(panel, blocks.tile.rows)));
}

/** Packs one block of the left operand into scratch memory, with zeros behind the last row up to a whole tile. */
export function packLeft(
  builder: KernelBuilder,
  values: Values,
  contraction: Contraction,
  blocks: Blocks,
  block: LeftBlock,
): { readonly statements: Stmt[]; readonly leaf: Stmt } {
  const { space } = builder;
  const { layout } = block;
  const { dims, axis, inner } = blocks.sum;
  const variables = dims.slice(axis).map((extent) => builder.index("k", extent) as Index); // `index` makes that kind
  const steps: Loop[] = variables.map(({ name }, i) => ({
    index: name,
    from: i === 0 ? block.from : int(0),
    to: i === 0 ? block.to : int(dims[axis + i]!),
  }));
  const depth = space.flatten([...block.outer, ...variables], dims);
  const step = space.sub(space.flatten(variables, dims.slice(axis)), space.mul(block.from, inner));
  const batchAndSum = indexAxes(values, [
    [contraction.batch, block.batch],
    [contraction.sum, depth],
  ]);
  const place = (panel: Expr, row: Expr, at: Expr): Expr =>
    space.add(rowAt(builder, layout, blocks, panel, row), space.mul(at, layout.step));
  const element = (row: Expr, rowIndices: readonly Expr[], panel: Expr = int(0)): Store => {
    const rowIndex = new Map(contraction.rows.map((each, i) => [each, rowIndices[i]!]));
    const value = contraction.left(values, (each) => rowIndex.get(each) ?? batchAndSum(each));
    return store(block.scratch, place(panel, space.sub(row, block.firstRow), step), value) as Store;
  };
  const packed =
    layout.panel !== undefined
      ? packPanels(builder, contraction, blocks, block, steps, element)
      : layout.row === 1
        ? packAlongRows(builder, contraction, block, steps, element)
        : packAlongSum(builder, contraction, blocks, block, steps, element);
  const statements = [...packed.statements];
  const height = blocks.tile.rows;
  if (!blocks.even) {
    const row = builder.index("row", blocks.height) as Index; // `index` makes that kind
    const at = builder.index("step", layout.row === 1 ? blocks.depth : layout.row) as Index; // `index` makes that kind
    const rows = {
      index: row.name,
      from: block.rowCount,
      to: space.mul(space.div(space.add(block.rowCount, int(height - 1)), height), height),
    };
    const all = { index: at.name, from: int(0), to: space.mul(space.sub(block.to, block.from), inner) };
    const panel = space.div(block.rowCount, height);
    const zero = store(block.scratch, place(panel, row, at), number(0, "f32")) as Store;
    statements.push(...nest(builder, layout.row === 1 ? [all, rows] : [rows, all], [zero]));
  }
  return { statements, leaf: packed.leaf };
}

interface Packed {
  readonly statements: readonly Stmt[];
  readonly leaf: Store;
}

/** Row after row: the row's indices are decoded once, and the loops over the sum run inside. */
function packAlongSum(
  builder: KernelBuilder,
  contraction: Contraction,
  blocks: Blocks,
  { firstRow, rowCount }: LeftBlock,
  steps: readonly Loop[],
  element: (row: Expr, rowIndices: readonly Expr[]) => Store,
): Packed {
  const { space } = builder;
  const row = builder.index("row", blocks.rows) as Index; // `index` makes that kind
  const declarations: Stmt[] = [];
  const rowIndices = space.unflatten(row, extentsOf(contraction.rows)).map((value, i) => {
    if (value.kind === "number" || value.kind === "index") return value;
    const variable = builder.indexLocal(contraction.rows[i]!.name, contraction.rows[i]!.extent);
    declarations.push(letLocal(variable.name, "i32", value));
    return variable;
  });
  const leaf = element(row, rowIndices);
  const body = [...declarations, ...nest(builder, steps, [leaf])];
  return { statements: [forLoop(row.name, firstRow, space.add(firstRow, rowCount), body)], leaf };
}

/** Step after step of the sum: the rows run inside, tile after tile. */
function packPanels(
  builder: KernelBuilder,
  contraction: Contraction,
  { rowBlock, tile, even }: Blocks,
  { firstRow, rowCount }: LeftBlock,
  steps: readonly Loop[],
  element: (row: Expr, rowIndices: readonly Expr[], panel: Expr) => Store,
): Packed {
  const { space } = builder;
  const extents = extentsOf(contraction.rows);
  const row = builder.index("row", extentOf(contraction.rows)) as Index; // `index` makes that kind
  const panel = builder.index("rowPanel", Math.ceil(rowBlock / tile.rows)) as Index; // `index` makes that kind
  const rowsFrom = (first: Expr, end: Expr): Loop => ({ index: row.name, from: space.add(firstRow, first), to: end });
  const full = space.div(rowCount, tile.rows);
  const first = space.mul(panel, tile.rows);
  const leaf = element(row, space.unflatten(row, extents), panel);
  const whole = rowsFrom(first, space.add(firstRow, space.add(first, int(tile.rows))));
  const statements = nest(builder, [...steps, { index: panel.name, from: int(0), to: full }, whole], [leaf]);
  if (even && rowBlock % tile.rows === 0) return { statements, leaf };
  const rest = rowsFrom(space.mul(full, tile.rows), space.add(firstRow, rowCount));
  const last = element(row, space.unflatten(row, extents), full);
  return { statements: [...statements, ...nest(builder, [...steps, rest], [last])], leaf };
}

/** Step after step of the sum: the rows run inside, in pieces that are contiguous in memory. */
function packAlongRows(
  builder: KernelBuilder,
  contraction: Contraction,
  { firstRow, rowCount, layout }: LeftBlock,
  steps: readonly Loop[],
  element: (row: Expr, rowIndices: readonly Expr[]) => Store,
): Packed {
  const { space } = builder;
  const { rowDims } = layout;
  const extents = extentsOf(contraction.rows);
  const last = space.add(firstRow, rowCount);
  const length = rowDims.at(-1) ?? 1;
  const pieces = rowDims.slice(0, -1).reduce((product, extent) => product * extent, 1);
  const piece = pieces === 1 ? int(0) : builder.index("piece", pieces);
  const from = space.sub(firstRow, space.mul(piece, length));
  const to = space.sub(last, space.mul(piece, length));
  const declarations: Stmt[] = [];
  const declare = (prefix: string, extent: number, value: Expr): Expr => {
    if (value.kind === "number" || value.kind === "local") return value;
    const variable = builder.indexLocal(prefix, extent);
    declarations.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  const start =
    pieces === 1 ? from : declare("start", length, { kind: "binary", op: "max", x: from, y: int(0), dtype: "i32" });
  const end = pieces === 1 ? to : declare("end", length + 1, space.min(to, int(length)));
  const inside = builder.index("row", length) as Index; // `index` makes that kind
  const row = space.add(space.mul(piece, length), inside);
  const leaf = element(row, space.unflatten(row, extents));
  const body = [...declarations, ...nest(builder, [...steps, { index: inside.name, from: start, to: end }], [leaf])];
  if (piece.kind !== "index") return { statements: body, leaf };
  const firstPiece = space.div(firstRow, length);
  const lastPiece = space.add(space.div(space.sub(last, int(1)), length), int(1));
  return { statements: [forLoop(piece.name, firstPiece, lastPiece, body)], leaf };
}
