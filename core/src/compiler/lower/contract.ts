import { bytesPerElement } from "../../base/dtype.ts";
import { InternalError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { add, cast, compare, forLoop, int, letLocal, load, store, when } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { type Blocks, chooseBlocks } from "./blocks.ts";
import {
  type Axis,
  type Contraction,
  contractionOf,
  extentOf,
  extentsOf,
  indexAxes,
  strides,
  suitsEngine,
  transpose,
} from "./contraction.ts";
import { chooseLoops } from "./dims.ts";
import { type RootIndices, rootIndicesOf } from "./epilogue.ts";
import { KernelBuilder } from "./kernel.ts";
import { leftLayout, packLeft } from "./leftBlock.ts";
import { lowerLoop } from "./loop.ts";
import { groupBySize, lowerMaps } from "./maps.ts";
import { nest } from "./nest.ts";
import { packRight, type Right, rightInMemory } from "./panels.ts";
import { phasesOf } from "./phases.ts";
import { isInline } from "./reducer.ts";
import { flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "./roots.ts";
import { Values } from "./value.ts";
import { lowerWinograd } from "./winograd/index.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** A root and how the contraction's indices index it. */
interface EpilogueRoot {
  readonly root: Node;
  readonly indices: RootIndices;
}

/**
 * The kernels of a contraction with what comes before and after it: pack the right operand; then tasks of row × column
 * blocks pack their rows, run register tiles into a scratch block, and write the roots from it.
 */
export function lowerContract(work: Work, target: Target): LoweredKernel[] {
  const nodes = neededBy(work.roots, work);
  const found = nodes.filter((node) => kindOf(node) === "contract" && work.members.has(node));
  const [node] = found;
  if (node === undefined || found.length > 1 || sizeOf(node.shape) === 0) return lowerLoop(work, target);
  const straight = contractionOf(work, node);
  if (!suitsEngine(straight, target) || (isInline(node) && streams(work, straight))) return lowerLoop(work, target);
  // Roots that are elementwise in the contraction are written by its tasks; others read its stored result.
  const epilogue = work.roots.flatMap((root): EpilogueRoot[] => {
    const indices = rootIndicesOf(work, node, root);
    return indices === undefined ? [] : [{ root, indices }];
  });
  const rest = work.roots.filter((root) => !epilogue.some((other) => other.root === root));
  const { work: after, raw } = storing(work, node, rest);
  const roots: EpilogueRoot[] = [
    ...epilogue,
    ...raw.map((root) => ({ root, indices: rootIndicesOf(work, node, root)! })),
  ];
  const inside: Work = { ...work, roots: roots.map(({ root }) => root), substitutes: after.substitutes };
  const kernels =
    lowerWinograd(inside, node, roots, target) ??
    (phasesOf(inside, node) ?? [straight]).flatMap((part) => lowerEngine(inside, part, roots, target));
  return [...kernels, ...(rest.length === 0 ? [] : lowerLoop(after, target))];
}

/** The kernels that pack, multiply and write the roots. */
function lowerEngine(
  work: Work,
  straight: Contraction,
  roots: readonly EpilogueRoot[],
  target: Target,
): LoweredKernel[] {
  const contraction = orient(work, straight, target);

  const loops = chooseLoops(extentsOf(contraction.sum), (builder, indices) => {
    const values = new Values(builder, work);
    const others = [contraction.batch, contraction.rows, contraction.columns].flat();
    const at = new Map<Axis, Expr>(
      others.map((axis) => [axis, axis.extent === 1 ? int(0) : builder.index("o", axis.extent)]),
    );
    for (const [i, axis] of contraction.sum.entries()) at.set(axis, indices[i]!);
    return [contraction.left, contraction.right].map((operand) => operand(values, (axis) => at.get(axis)!));
  });
  const sum = loops.length === 0 ? [1] : loops;
  const blocks = chooseBlocks(contraction, sum, target);
  const panelBytes = 4 * blocks.batch * blocks.panels * blocks.depth * target.tile.columns;
  const panels: Temporary = { kind: "temporary", name: "panels", bytes: panelBytes };
  const right = rightInMemory(work, contraction, target) ?? ({ kind: "panels", panels } as const);
  const pack = right.kind === "panels" ? [packRight(work, contraction, blocks, target, panels)] : [];

  const kernels =
    blocks.splits > 1
      ? splitSum(work, contraction, blocks, target, right)
      : [tiles(work, contraction, blocks, target, right, roots)];
  return [...pack, ...kernels];
}

/** Whether both operands are contiguous (or constant) along the innermost axis of the result: few terms are then best unrolled. */
function streams(work: Work, contraction: Contraction): boolean {
  const innermost = contraction.out.filter(({ extent }) => extent > 1).at(-1);
  return [contraction.left, contraction.right].every(
    (operand) => innermost !== undefined && strides(work, contraction, operand).get(innermost)! <= 1,
  );
}

/** The work for `rest`, for which the contraction itself is stored (in a temporary unless it is a root). */
function storing(
  work: Work,
  node: Node,
  rest: readonly Node[],
): { readonly work: Work; readonly raw: readonly Node[] } {
  const members = new Set([...work.members].filter((member) => member !== node));
  const after = { ...work, members, stored: new Set([...work.stored, node]), roots: rest };
  if (rest.length === 0 || work.roots.includes(node)) return { work: after, raw: [] };
  const result: Temporary = {
    kind: "temporary",
    name: "result",
    bytes: sizeOf(node.shape) * bytesPerElement[node.dtype],
  };
  return { work: { ...after, substitutes: new Map(work.substitutes).set(node, result) }, raw: [node] };
}

/** The product or its transpose, whichever wastes less of the tiles; at a tie the one whose result is written in order. */
function orient(work: Work, contraction: Contraction, { tile }: Target): Contraction {
  const [rows, columns] = [extentOf(contraction.rows), extentOf(contraction.columns)];
  const padded = (height: number, width: number): number =>
    Math.ceil(height / tile.rows) * tile.rows * Math.ceil(width / tile.columns) * tile.columns;
  const [straight, turned] = [padded(rows, columns), padded(columns, rows)];
  const innermost = contraction.out.filter(({ extent }) => extent > 1).at(-1);
  const rowsInnermost = innermost !== undefined && contraction.rows.includes(innermost);
  const turn = rowsInnermost ? turned <= 1.2 * straight : turned <= 0.6 * straight;
  return turn ? transpose(work, contraction) : contraction;
}

/** The indices of the contraction's result for flat batch, row and column. */
function outIndices(values: Values, contraction: Contraction, batch: Expr, row: Expr, column: Expr): Expr[] {
  const at = indexAxes(values, [
    [contraction.batch, batch],
    [contraction.rows, row],
    [contraction.columns, column],
  ]);
  const { place } = contraction;
  return contraction.out.map((axis) => (place === undefined ? at(axis) : place(values.space, axis)(at(axis))));
}

/** What all tile kernels share: decoding the task, the blocks of the sum, and the tiles. */
function writeTiles(
  work: Work,
  builder: KernelBuilder,
  values: Values,
  contraction: Contraction,
  blocks: Blocks,
  target: Target,
  operand: Right,
) {
  const { space } = builder;
  const { tile } = target;
  const { sum, splits } = blocks;
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
  const count = (first: Expr, block: number, size: number): Expr => space.min(space.sub(int(size), first), int(block));
  const rowCount = declare("rowCount", blocks.rowBlock + 1, count(firstRow, blocks.rowBlock, blocks.rows));
  const columnCount = declare(
    "columnCount",
    blocks.columnBlock + 1,
    count(firstColumn, blocks.columnBlock, blocks.columns),
  );

  const deepest = sum.chunk * sum.inner;
  const layout = leftLayout(work, contraction, blocks, deepest);
  const left = builder.scratch("left", "f32", blocks.rowBlock * deepest);
  const result = builder.scratch("result", "f32", blocks.rowBlock * blocks.columnBlock);

  // One depth block: pack the rows, then all tiles.
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
  const packed = packLeft(builder, values, contraction, blocks, target, {
    scratch: left,
    layout,
    batch,
    firstRow,
    rowCount,
    outer: outer.slice(0, sum.axis),
    from,
    to,
  });
  inBlock.push(...packed.statements);

  const depth = declareIn(inBlock, "depth", deepest + 1, space.mul(space.sub(to, from), sum.inner));
  const start = space.flatten([...outer, ...sum.dims.slice(sum.axis + 1).map(() => int(0))], sum.dims);
  const columnPanel = builder.index("columnPanel", blocks.columnBlock / tile.columns) as Index; // `index` makes that kind
  const rowPanel = builder.index("rowPanel", blocks.rowBlock / tile.rows) as Index;
  const panelsUp = (size: Expr, by: number): Expr => space.div(space.add(size, int(by - 1)), by);
  const panel = space.add(space.div(firstColumn, tile.columns), columnPanel);
  const packedAt = space.flatten([batch, panel, start], [blocks.batch, blocks.panels, blocks.depth]);
  const rightAt = indexAxes(values, [
    [contraction.batch, batch],
    [contraction.columns, space.mul(panel, tile.columns)],
    [contraction.sum, start],
  ]);
  const unpacked = operand.kind === "memory" ? contraction.right(values, rightAt) : undefined;
  if (unpacked !== undefined && unpacked.kind !== "load")
    throw new InternalError("lower: the right operand is no memory");
  const right =
    operand.kind === "panels"
      ? { buffer: builder.read(operand.panels), at: space.mul(packedAt, tile.columns) }
      : { buffer: unpacked!.buffer, at: unpacked!.at };
  const tileLoops = (accumulate: boolean): Stmt =>
    forLoop(columnPanel.name, int(0), panelsUp(columnCount, tile.columns), [
      forLoop(rowPanel.name, int(0), panelsUp(rowCount, tile.rows), [
        {
          kind: "tile",
          a: { buffer: left, at: space.mul(rowPanel, tile.rows * layout.row) },
          b: right,
          c: {
            buffer: result,
            at: space.add(space.mul(rowPanel, tile.rows * blocks.columnBlock), space.mul(columnPanel, tile.columns)),
          },
          pitch: blocks.columnBlock,
          rows: tile.rows,
          columns: tile.columns,
          aRow: layout.row,
          aStep: layout.step,
          bStep: operand.kind === "panels" ? tile.columns : operand.step,
          depth,
          accumulate,
        },
      ]),
    ]);
  if (!several) {
    body.push(...inBlock, tileLoops(false));
  } else {
    inBlock.push(when(compare("eq", block, firstBlock), [tileLoops(false)], [tileLoops(true)]));
    const last = space.min(space.add(firstBlock, int(blocks.blocksPerSplit)), int(sum.count));
    body.push(forLoop((block as Index).name, firstBlock, last, inBlock));
  }

  // Rows and columns of the task, for the epilogue; the scratch block's element under them.
  const row = builder.index("row", blocks.rows) as Index;
  const column = builder.index("column", blocks.columns) as Index;
  const rows = { index: row.name, from: firstRow, to: space.add(firstRow, rowCount) };
  const columns = { index: column.name, from: firstColumn, to: space.add(firstColumn, columnCount) };
  const at = space.add(space.mul(space.sub(row, firstRow), blocks.columnBlock), space.sub(column, firstColumn));
  const element = builder.safe(load(result, at, "f32"));
  // What the tasks read while others write: the left operand's elements, and the right one's where it lies.
  const leaves = [packed.leaf, ...(unpacked === undefined ? [] : [store(result, int(0), unpacked)])];
  return { body, tasks, split, batch, row, column, rows, columns, element, leaves };
}

/** One kernel: whole sums, and the roots from the scratch block. */
function tiles(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  target: Target,
  operand: Right,
  roots: readonly EpilogueRoot[],
): LoweredKernel {
  const { node } = contraction;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const { body, tasks, batch, row, column, rows, columns, element, leaves } = writeTiles(
    work,
    builder,
    new Values(builder, work),
    contraction,
    blocks,
    target,
    operand,
  );
  const values = new Values(builder, work, (other, indices) => {
    if (other !== node) return undefined;
    if (!space.same(space.flatten(indices, node.shape), space.flatten(out, node.shape)))
      throw new InternalError("lower: the epilogue reads another element");
    return cast(element, node.dtype);
  });
  const out = outIndices(values, contraction, batch, row, column);
  const stores = roots.map(({ root, indices }) => {
    const at = indices(space, out);
    return store(builder.write(root), space.flatten(at, root.shape), values.at(root, at)) as Store;
  });
  const nodes = neededBy(work.roots, work);
  const finished = builder.finish({
    name: nameOf("contract", nodes, work.roots),
    scope: scopeOf(nodes),
    body: [...body, ...nest(builder, [rows, columns], stores)],
    tasks,
    flops: flopsOf(nodes),
  });
  return withInPlace(finished, [leaves, stores]);
}

/** Two kernels: tasks with parts of the sum into a temporary; then the parts added in order, and the roots. */
function splitSum(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  target: Target,
  operand: Right,
): LoweredKernel[] {
  const { node } = contraction;
  const shape = [blocks.splits, blocks.batch, blocks.rows, blocks.columns];
  const partial: Temporary = { kind: "temporary", name: "partial", bytes: 4 * sizeOf(shape) };
  const builder = new KernelBuilder(work.substitutes);
  const written = writeTiles(work, builder, new Values(builder, work), contraction, blocks, target, operand);
  const { body, tasks, split, batch, row, column, rows, columns, element } = written;
  const position = builder.space.flatten([split, batch, row, column], shape);
  const copy = nest(builder, [rows, columns], [store(builder.write(partial), position, element) as Store]);
  const nodes = neededBy([node], work);
  const products = builder.finish({
    name: nameOf("parts", nodes, [node]),
    scope: scopeOf(nodes),
    body: [...body, ...copy],
    tasks,
    flops: flopsOf([node]),
  });

  const known =
    (own: KernelBuilder) =>
    (other: Node, indices: readonly Expr[]): Expr | undefined => {
      if (other !== node) return undefined;
      const flat = (axes: readonly Axis[]): Expr =>
        own.space.flatten(
          axes.map((axis) => indices[contraction.out.indexOf(axis)] ?? int(0)),
          extentsOf(axes),
        );
      const [b, r, c] = [contraction.batch, contraction.rows, contraction.columns].map(flat) as [Expr, Expr, Expr]; // three groups
      let total: Expr | undefined;
      for (let part = 0; part < blocks.splits; part++) {
        const value = own.safe(load(own.read(partial), own.space.flatten([int(part), b, r, c], shape), "f32"));
        total = total === undefined ? value : add(total, value);
      }
      return cast(total!, node.dtype);
    };
  return [products, ...groupBySize(work.roots).map((roots) => lowerMaps({ ...work, roots }, target, known, "parts"))];
}
