import { InternalError } from "../../base/errors.ts";
import { compare, forLoop, int, letLocal, load, store, when } from "../../kernel/build.ts";
import type { Address, Expr, Stmt } from "../../kernel/ir.ts";
import type { Blocks } from "./blocks.ts";
import { type Contraction, indexAxes } from "./contraction.ts";
import type { Right } from "./inMemory.ts";
import type { KernelBuilder } from "./kernel.ts";
import { type LeftLayout, leftElements, leftLayout, packLeft } from "./leftBlock.ts";
import type { Loop } from "./nest.ts";
import { fillPanels } from "./panels.ts";
import type { Work } from "./roots.ts";
import type { Values } from "./value.ts";

type Index = Extract<Expr, { kind: "index" }>;

/** The operands as tiles read them; without a layout of its own, a block of the left one is copied. */
export interface Operands {
  readonly left: LeftLayout | undefined;
  readonly right: Right;
}

/** Memory that tiles write to: element (0, 0) of the block at (part, batch, first row, first column), and elements between rows. */
export interface Result {
  readonly buffer: string;
  readonly pitch: number;
  readonly at: (part: Expr, batch: Expr, row: Expr, column: Expr) => Expr;
}

/** The tiles of one task, and what an epilogue needs to know of it. */
export interface TileTask {
  readonly body: Stmt[];
  readonly tasks: number;
  readonly split: Expr;
  readonly batch: Expr;
  readonly row: Expr;
  readonly column: Expr;
  readonly rows: Loop;
  readonly columns: Loop;
  /** The sum at (row, column), in scratch memory; nothing where the tiles write their result where it belongs. */
  readonly element: Expr | undefined;
  /** What the tasks read while others write. */
  readonly leaves: readonly Stmt[];
}

/**
 * What all tile kernels share: decoding the task, the blocks of the sum, and the tiles. They write to `direct`, or to a
 * block of scratch memory.
 */
export function writeTiles(
  work: Work,
  builder: KernelBuilder,
  values: Values,
  contraction: Contraction,
  blocks: Blocks,
  operands: Operands,
  direct?: Result,
): TileTask {
  const { space } = builder;
  const { sum, splits, tile, even } = blocks;
  const tasks = splits * blocks.batch * blocks.rowBlocks * blocks.columnBlocks;
  // Neighbouring tasks share their columns: the panels under them stay in the cache.
  const decoded = space.unflatten(builder.task(tasks), [splits, blocks.batch, blocks.columnBlocks, blocks.rowBlocks]);
  const body: Stmt[] = [];
  const declareIn = (statements: Stmt[], prefix: string, extent: number, value: Expr): Expr => {
    if (value.kind === "number") return value;
    const variable = builder.indexLocal(prefix, extent);
    statements.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  const declare = (prefix: string, extent: number, value: Expr): Expr => declareIn(body, prefix, extent, value);
  const split = declare("part", splits, decoded[0]!);
  const batch = declare("batch", blocks.batch, decoded[1]!);
  const firstRow = declare("firstRow", blocks.rows, space.mul(decoded[3]!, blocks.rowBlock));
  const firstColumn = declare("firstColumn", blocks.columns, space.mul(decoded[2]!, blocks.columnBlock));
  const count = (first: Expr, block: number, size: number): Expr =>
    size % block === 0 ? int(block) : space.min(space.sub(int(size), first), int(block));
  const rowCount = declare("rowCount", blocks.rowBlock + 1, count(firstRow, blocks.rowBlock, blocks.rows));
  const columnCount = declare(
    "columnCount",
    blocks.columnBlock + 1,
    count(firstColumn, blocks.columnBlock, blocks.columns),
  );

  // One depth block: pack the operands, then all tiles.
  const deepest = sum.chunk * sum.inner;
  const inBlock: Stmt[] = [];
  const several = blocks.blocksPerSplit > 1;
  const firstBlock = space.mul(split, blocks.blocksPerSplit);
  const block = several ? builder.index("block", sum.count) : firstBlock;
  const outerDims = [...sum.dims.slice(0, sum.axis), sum.chunks];
  const outer = space.unflatten(block, outerDims).map((value, i) => {
    const last = i === sum.axis;
    if (last) return declareIn(inBlock, "from", sum.dims[i]!, space.mul(value, sum.chunk));
    return declareIn(inBlock, "outer", sum.dims[i]!, value);
  });
  const from = outer[sum.axis]!;
  const whole = space.add(from, int(sum.chunk));
  const to =
    sum.dims[sum.axis]! % sum.chunk === 0
      ? whole
      : declareIn(inBlock, "to", sum.dims[sum.axis]! + 1, space.min(whole, int(sum.dims[sum.axis]!)));
  const depth = (): Expr => declareIn(inBlock, "depth", deepest + 1, space.mul(space.sub(to, from), sum.inner));
  const start = space.flatten([...outer, ...sum.dims.slice(sum.axis + 1).map(() => int(0))], sum.dims);
  const chunk = { outer: outer.slice(0, sum.axis), from, to };

  const leaves: Stmt[] = [];
  const leaf = (element: Expr): Address => {
    if (element.kind !== "load") throw new InternalError("lower: the operand is no memory");
    leaves.push(store("", int(0), element));
    return { buffer: element.buffer, at: element.at };
  };
  const layout = operands.left ?? leftLayout(work, contraction, blocks, deepest);
  let left: Address;
  if (operands.left === undefined) {
    const scratch = builder.scratch("left", "f32", leftElements(layout, blocks, deepest));
    const packed = packLeft(builder, values, contraction, blocks, {
      scratch,
      layout,
      batch,
      firstRow,
      rowCount,
      ...chunk,
    });
    inBlock.push(...packed.statements);
    leaves.push(packed.leaf);
    left = { buffer: scratch, at: int(0) };
  } else {
    const at = indexAxes(values, [
      [contraction.batch, batch],
      [contraction.rows, firstRow],
      [contraction.sum, start],
    ]);
    left = leaf(contraction.left(values, at));
  }

  const columnPanel = builder.index("columnPanel", blocks.columnBlock / tile.columns) as Index; // `index` makes that kind
  const firstPanel = space.div(firstColumn, tile.columns);
  const panel = space.add(firstPanel, columnPanel);
  let right: Address;
  switch (operands.right.kind) {
    case "panels": {
      const at = space.flatten([batch, panel, start], [blocks.batch, blocks.panels, blocks.depth]);
      right = { buffer: builder.read(operands.right.panels), at: space.mul(at, tile.columns) };
      break;
    }
    case "own": {
      const scratch = builder.scratch("panels", "f32", blocks.columnBlock * deepest);
      const filled = fillPanels(builder, values, work, contraction, blocks, {
        buffer: scratch,
        batch,
        firstPanel,
        endPanel: space.add(firstPanel, panelsUp(builder, columnCount, tile.columns)),
        axis: sum.axis,
        ...chunk,
        place: (each, step) => space.add(space.mul(space.sub(each, firstPanel), deepest), space.sub(step, start)),
      });
      inBlock.push(...filled.statements);
      leaves.push(filled.leaf);
      right = { buffer: scratch, at: space.mul(columnPanel, deepest * tile.columns) };
      break;
    }
    case "memory": {
      const at = indexAxes(values, [
        [contraction.batch, batch],
        [contraction.columns, space.mul(panel, tile.columns)],
        [contraction.sum, start],
      ]);
      right = leaf(contraction.right(values, at));
    }
  }

  const result = direct ?? {
    buffer: builder.scratch("result", "f32", blocks.height * blocks.columnBlock),
    pitch: blocks.columnBlock,
    at: () => int(0),
  };
  const corner = result.at(split, batch, firstRow, firstColumn);
  const steps = depth();
  const { panel: leftPanel = tile.rows * layout.row } = layout;
  const tileAt = (panel: Expr, rows: number, accumulate: boolean): Stmt => ({
    kind: "tile",
    a: { buffer: left.buffer, at: space.add(left.at, space.mul(panel, leftPanel)) },
    b: right,
    c: {
      buffer: result.buffer,
      at: space.add(
        corner,
        space.add(space.mul(panel, tile.rows * result.pitch), space.mul(columnPanel, tile.columns)),
      ),
    },
    pitch: result.pitch,
    rows,
    columns: tile.columns,
    aRow: layout.row,
    aStep: layout.step,
    bStep: operands.right.kind === "memory" ? operands.right.step : tile.columns,
    depth: steps,
    accumulate,
  });
  const rowPanel = builder.index("rowPanel", Math.ceil(blocks.height / tile.rows)) as Index; // `index` makes that kind
  const rest = blocks.lastRows < tile.rows ? blocks.lastRows : 0;
  const full = even ? int((blocks.rowBlock - rest) / tile.rows) : panelsUp(builder, rowCount, tile.rows);
  const tileLoops = (accumulate: boolean): Stmt =>
    forLoop(columnPanel.name, int(0), panelsUp(builder, columnCount, tile.columns), [
      forLoop(rowPanel.name, int(0), full, [tileAt(rowPanel, tile.rows, accumulate)]),
      ...(rest === 0 ? [] : [tileAt(int((blocks.rowBlock - rest) / tile.rows), rest, accumulate)]),
    ]);
  if (!several) {
    body.push(...inBlock, tileLoops(false));
  } else {
    inBlock.push(when(compare("eq", block, firstBlock), [tileLoops(false)], [tileLoops(true)]));
    const last = space.min(space.add(firstBlock, int(blocks.blocksPerSplit)), int(sum.count));
    body.push(forLoop((block as Index).name, firstBlock, last, inBlock));
  }

  // Rows and columns of the task, for the epilogue; the scratch block's element under them.
  const row = builder.index("row", blocks.rows) as Index; // `index` makes that kind
  const column = builder.index("column", blocks.columns) as Index; // `index` makes that kind
  const rows = { index: row.name, from: firstRow, to: space.add(firstRow, rowCount) };
  const columns = { index: column.name, from: firstColumn, to: space.add(firstColumn, columnCount) };
  const at = space.add(space.mul(space.sub(row, firstRow), blocks.columnBlock), space.sub(column, firstColumn));
  const element = direct === undefined ? builder.safe(load(result.buffer, at, "f32")) : undefined;
  return { body, tasks, split, batch, row, column, rows, columns, element, leaves };
}

const panelsUp = ({ space }: KernelBuilder, size: Expr, by: number): Expr =>
  space.div(space.add(size, int(by - 1)), by);
