import { range } from "../../../base/shape.ts";
import {
  add,
  and,
  cast,
  compare,
  forLoop,
  int,
  letLocal,
  load,
  number,
  select,
  store,
  when,
} from "../../../kernel/build.ts";
import type { Expr, Stmt } from "../../../kernel/ir.ts";
import type { Target } from "../../../render/target.ts";
import type { LoweredKernel, Temporary } from "../../cluster.ts";
import { KernelBuilder } from "../kernel.ts";
import { nest } from "../nest.ts";
import { flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "../roots.ts";
import { Values } from "../value.ts";
import { type Root, writeRoots } from "./epilogue.ts";
import type { Form } from "./form.ts";
import { apart, evenBlock, loopOver, packPatch, tileLocals } from "./patch.ts";
import { onSquare, transformFilter, transformProducts } from "./transform.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** How the gradient of the filters is cut: blocks of channels × features, each summed over all tiles or a part of them. */
interface Blocks {
  readonly rows: number;
  readonly rowBlocks: number;
  readonly columns: number;
  readonly columnBlocks: number;
  readonly splits: number;
  /** Tiles of a part, and those transformed at once. */
  readonly tiles: number;
  readonly depth: number;
}

/** Channels and features of a block: their transforms are shared by a product that stays in the second cache. */
const blockSide = 64;
const leastTasks = 8;

function blocksOf({ channels, features, positions, tiles }: Form, { tile, rowBlock, depthBlock }: Target): Blocks {
  const rows = evenBlock(channels, Math.ceil(blockSide / tile.rows) * tile.rows, tile.rows);
  const columns = evenBlock(features, blockSide, tile.columns);
  const [rowBlocks, columnBlocks] = [Math.ceil(channels / rows), Math.ceil(features / columns)];
  const wanted = (2 * rowBlock * depthBlock) / (positions * (rows + columns));
  const most = Math.max(1, Math.floor(tiles / Math.max(1, 2 * wanted)));
  const parts = Math.min(most, Math.ceil(leastTasks / (rowBlocks * columnBlocks)));
  const perSplit = Math.ceil(tiles / parts);
  return {
    rows,
    rowBlocks,
    columns,
    columnBlocks,
    splits: Math.ceil(tiles / perSplit),
    tiles: perSplit,
    depth: Math.min(perSplit, evenBlock(perSplit, wanted, 4)),
  };
}

/** The kernels of a convolution whose result is 3×3, summed over a large window: the gradient of 3×3 filters. */
export function lowerFilter(work: Work, form: Form, roots: readonly Root[], target: Target): LoweredKernel[] {
  const blocks = blocksOf(form, target);
  const { positions, channels, features } = form;
  const bytes = 4 * blocks.splits * positions * apart(channels * features);
  const partial: Temporary = { kind: "temporary", name: "partial", bytes };
  const products = sumTiles(work, form, blocks, blocks.splits > 1 ? partial : roots, target);
  return blocks.splits > 1 ? [products, addParts(work, form, blocks, partial, roots, target)] : [products];
}

/** Tasks that sum the products of tiles for a block of channels and features, into parts or roots. */
function sumTiles(
  work: Work,
  form: Form,
  blocks: Blocks,
  into: Temporary | readonly Root[],
  target: Target,
): LoweredKernel {
  const { tile } = target;
  const { node, positions, channels, features } = form;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const values = new Values(builder, work);
  const tasks = blocks.splits * blocks.rowBlocks * blocks.columnBlocks;
  const [split, rowBlock, columnBlock] = space.unflatten(builder.task(tasks), [
    blocks.splits,
    blocks.rowBlocks,
    blocks.columnBlocks,
  ]) as [Expr, Expr, Expr]; // three axes
  const firstRow = space.mul(rowBlock, blocks.rows);
  const firstColumn = space.mul(columnBlock, blocks.columns);
  const rowCount = space.min(space.sub(int(channels), firstRow), int(blocks.rows));
  const columnCount = space.min(space.sub(int(features), firstColumn), int(blocks.columns));
  const firstTile = space.mul(split, blocks.tiles);
  const lastTile = space.min(space.add(firstTile, int(blocks.tiles)), int(form.tiles));

  const dataPitch = apart(blocks.depth * blocks.rows);
  const windowPitch = apart(blocks.depth * blocks.columns);
  const productPitch = apart(blocks.rows * blocks.columns);
  const data = builder.scratch("data", "f32", positions * dataPitch);
  const window = builder.scratch("window", "f32", positions * windowPitch);
  const product = builder.scratch("product", "f32", positions * productPitch);
  const chunks = Math.ceil(blocks.tiles / blocks.depth);
  const chunk = builder.index("chunk", chunks) as Index; // `index` makes that kind
  const first = space.add(firstTile, space.mul(chunk, blocks.depth));
  const depth = space.min(space.sub(lastTile, first), int(blocks.depth));
  const patch = packPatch(builder, values, form, {
    into: data,
    first,
    count: depth,
    block: blocks.depth,
    pitch: dataPitch,
    rowPitch: blocks.rows,
    firstChannel: firstRow,
    channels: blocks.rows,
    channelCount: rowCount,
  });
  const windows = packWindow(builder, values, form, blocks, target, {
    into: window,
    pitch: windowPitch,
    first,
    depth,
    firstColumn,
    columnCount,
  });

  const position = builder.index("position", positions) as Index; // `index` makes that kind
  const panels = blocks.columns / tile.columns;
  const panel = builder.index("panel", panels) as Index; // `index` makes that kind
  const rowPanel = builder.index("rowPanel", blocks.rows / tile.rows) as Index; // `index` makes that kind
  const panelsOf = (count: Expr, size: number): Expr => space.div(space.add(count, int(size - 1)), size);
  const multiply = (accumulate: boolean): Stmt =>
    forLoop(position.name, int(0), int(positions), [
      forLoop(panel.name, int(0), panelsOf(columnCount, tile.columns), [
        forLoop(rowPanel.name, int(0), panelsOf(rowCount, tile.rows), [
          {
            kind: "tile",
            a: {
              buffer: data,
              at: space.add(space.mul(position, dataPitch), space.mul(rowPanel, tile.rows)),
            },
            b: {
              buffer: window,
              at: space.add(space.mul(position, windowPitch), space.mul(panel, blocks.depth * tile.columns)),
            },
            c: {
              buffer: product,
              at: space.add(
                space.add(space.mul(position, productPitch), space.mul(rowPanel, tile.rows * blocks.columns)),
                space.mul(panel, tile.columns),
              ),
            },
            pitch: blocks.columns,
            rows: tile.rows,
            columns: tile.columns,
            aRow: 1,
            aStep: blocks.rows,
            depth,
            accumulate,
          },
        ]),
      ]),
    ]);
  const many =
    chunks > 1 ? [when(compare("eq", chunk, int(0)), [multiply(false)], [multiply(true)])] : [multiply(false)];
  const body: Stmt[] = [
    forLoop(chunk.name, int(0), panelsOf(space.sub(lastTile, firstTile), blocks.depth), [
      ...patch.statements,
      ...windows.statements,
      ...many,
    ]),
  ];

  const row = builder.index("c", blocks.rows) as Index; // `index` makes that kind
  const element = (at: Expr, lane: Expr): Expr =>
    builder.safe(
      load(
        product,
        space.add(space.mul(at, productPitch), space.flatten([row, lane], [blocks.rows, blocks.columns])),
        "f32",
      ),
    );
  if (!Array.isArray(into)) {
    const lane = builder.index("lane", blocks.columns) as Index; // `index` makes that kind
    const at = builder.index("at", positions) as Index; // `index` makes that kind
    const place = space.add(
      space.mul(space.flatten([split, at], [blocks.splits, positions]), apart(channels * features)),
      space.flatten([space.add(firstRow, row), space.add(firstColumn, lane)], [channels, features]),
    );
    const loops = [
      loopOver(at, positions),
      { ...loopOver(row, 0), to: rowCount },
      { ...loopOver(lane, 0), to: columnCount },
    ];
    const copy = nest(builder, loops, [store(builder.write(into as Temporary), place, element(at, lane)) as Store]); // no list
    const nodes = neededBy([node], work);
    const name = nameOf("winograd_parts", nodes, [node]);
    return builder.finish({ name, scope: scopeOf(nodes), body: [...body, ...copy], tasks, flops: flopsOf([node]) });
  }
  const channel = builder.indexLocal("channel", channels); // its range is exact
  const written = writeFilters(builder, work, form, into as readonly Root[], {
    channel,
    columns: { first: firstColumn, count: columnCount, block: blocks.columns, features },
    product: (at, lane) => element(int(at), lane),
  });
  const declared = letLocal(channel.name, "i32", space.add(firstRow, row));
  body.push(forLoop(row.name, int(0), rowCount, [declared, ...written.statements]));
  const nodes = neededBy(work.roots, work);
  const name = nameOf("winograd", nodes, work.roots);
  const finished = builder.finish({ name, scope: scopeOf(nodes), body, tasks, flops: flopsOf(nodes) });
  return withInPlace(finished, [[patch.leaf, windows.leaf], written.stores]);
}

interface WindowPlace {
  readonly into: string;
  /** Elements between positions. */
  readonly pitch: number;
  readonly first: Expr;
  readonly depth: Expr;
  readonly firstColumn: Expr;
  readonly columnCount: Expr;
}

/** The window of every tile, transformed as a filter is: [position][panel][tile][tile columns]. */
function packWindow(
  builder: KernelBuilder,
  values: Values,
  form: Form,
  blocks: Blocks,
  { tile }: Target,
  { into, pitch, first, depth, firstColumn, columnCount }: WindowPlace,
): { readonly statements: Stmt[]; readonly leaf: Stmt } {
  const { taps } = form;
  const { space } = builder;
  const w = form.node.inputs[1]!;
  const copy = builder.scratch("taken", "f32", taps * taps * blocks.columns);
  const row = builder.index("tile", blocks.depth) as Index; // `index` makes that kind
  const { statements, indices } = tileLocals(builder, form, space.add(first, row));
  const [image, down, right] = indices as [Expr, Expr, Expr]; // three axes
  const [i, j, f] = [taps, taps, blocks.columns].map((extent) => builder.index("q", extent)) as [Index, Index, Index]; // `index` makes that kind
  const [y, x] = [space.add(space.mul(down, taps), i), space.add(space.mul(right, taps), j)];
  const [inRow, inColumn] = [space.less(y, int(w.shape[0]!)), space.less(x, int(w.shape[1]!))];
  const inside = and(inRow, inColumn);
  const known = inside.kind === "number" ? undefined : inside;
  const taken = values.at(w, [y, x, int(0), image, space.add(firstColumn, f)], known);
  const value = select(inside, cast(taken, "f32"), number(0, "f32"));
  const leaf = store(copy, space.flatten([i, j, f], [taps, taps, blocks.columns]), value) as Store;
  const copying = nest(builder, [loopOver(i, taps), loopOver(j, taps), { ...loopOver(f, 0), to: columnCount }], [leaf]);

  const panels = blocks.columns / tile.columns;
  const panel = builder.index("part", panels) as Index; // `index` makes that kind
  const lane = builder.index("lane", tile.columns) as Index; // `index` makes that kind
  const square = range(taps * taps).map((tap) =>
    builder.safe(load(copy, space.add(space.mul(space.add(int(tap * panels), panel), tile.columns), lane), "f32")),
  );
  const stores = onSquare(taps, square, (line) => transformFilter(form, line)).map((value, position) => {
    const line = space.flatten([panel, row], [panels, blocks.depth]);
    const at = space.add(int(position * pitch), space.add(space.mul(line, tile.columns), lane));
    return store(into, at, value) as Store;
  });
  const transforming = nest(builder, [loopOver(panel, panels), loopOver(lane, tile.columns)], stores);
  const body = [...statements, ...copying, ...transforming];
  return { statements: [forLoop(row.name, int(0), depth, body)], leaf };
}

interface FilterLine {
  readonly channel: Expr;
  readonly columns: { readonly first: Expr; readonly count: Expr; readonly block: number; readonly features: number };
  /** The summed product at a position and a column of the block. */
  readonly product: (position: number, lane: Expr) => Expr;
}

/** One channel's filters, transformed back, and the roots made of them. */
function writeFilters(
  builder: KernelBuilder,
  work: Work,
  form: Form,
  roots: readonly Root[],
  { channel, columns, product }: FilterLine,
): ReturnType<typeof writeRoots> {
  const { space } = builder;
  const { outputs, positions, size } = form;
  const results = builder.scratch("results", "f32", outputs * outputs * columns.block);
  const lane = builder.index("lane", columns.block) as Index; // `index` makes that kind
  const products = range(positions).map((position) => product(position, lane));
  const back = onSquare(size, products, (line) => transformProducts(form, line)).map(
    (value, at) => store(results, space.flatten([int(at), lane], [outputs * outputs, columns.block]), value) as Store,
  );
  const written = writeRoots(builder, work, form, roots, {
    outputs,
    sizes: [outputs, outputs],
    origin: [int(0), int(0)],
    whole: true,
    columns,
    results,
    out: (y, x, feature) => [channel, y, x, int(0), feature],
  });
  const lanes = { ...loopOver(lane, 0), to: columns.count };
  return { statements: [...nest(builder, [lanes], back), ...written.statements], stores: written.stores };
}

/** Adds the parts in order, and writes the roots. */
function addParts(
  work: Work,
  form: Form,
  blocks: Blocks,
  partial: Temporary,
  roots: readonly Root[],
  _target: Target,
): LoweredKernel {
  const { positions, channels, features } = form;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const tasks = channels * blocks.columnBlocks;
  const [channel, columnBlock] = space.unflatten(builder.task(tasks), [channels, blocks.columnBlocks]) as [Expr, Expr]; // two axes
  const first = space.mul(columnBlock, blocks.columns);
  const count = space.min(space.sub(int(features), first), int(blocks.columns));
  const pitch = apart(channels * features);
  const written = writeFilters(builder, work, form, roots, {
    channel,
    columns: { first, count, block: blocks.columns, features },
    product: (position, lane) =>
      range(blocks.splits)
        .map((part) => {
          const within = space.flatten([channel, space.add(first, lane)], [channels, features]);
          const at = space.add(int((part * positions + position) * pitch), within);
          return builder.safe(load(builder.read(partial), at, "f32"));
        })
        .reduce<Expr | undefined>((total, part) => (total === undefined ? part : add(total, part)), undefined)!,
  });
  const nodes = neededBy(work.roots, work);
  const name = nameOf("filters", nodes, work.roots);
  const finished = builder.finish({ name, scope: scopeOf(nodes), body: written.statements, tasks });
  return withInPlace(finished, [written.stores]);
}
