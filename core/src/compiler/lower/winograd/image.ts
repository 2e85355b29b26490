import { range } from "../../../base/shape.ts";
import type { Node } from "../../../graph/node.ts";
import { bool, cast, forLoop, int, load, number, select, store } from "../../../kernel/build.ts";
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

/** Some panels of the features, whose transformed weights are there at a time. */
interface Part {
  readonly first: number;
  readonly panels: number;
  readonly weights: Temporary;
  /** Whether these are all panels. */
  readonly whole: boolean;
}

/**
 * Transformed weights are up to four times as large as the weights. Where they are more than these bytes, they are made for
 * some features after the others, all in the same memory; images are transformed for each part, which is little beside.
 */
const mostWeights = 16 * 2 ** 20;

function partsOf(form: Form, { tile }: Target): Part[] {
  const panels = Math.ceil(form.features / tile.columns);
  const bytesOf = (count: number): number => 4 * form.positions * weightPitch(form, count, tile.columns);
  const parts = Math.ceil((4 * form.positions * form.channels * panels * tile.columns) / mostWeights);
  const step = parts === 1 ? panels : evenBlock(panels, panels / parts, panelsAtOnce(panels, tile));
  return range(Math.ceil(panels / step)).map((index) => {
    const count = Math.min(step, panels - index * step);
    const weights: Temporary = { kind: "temporary", name: "weights", bytes: bytesOf(count) };
    return { first: index * step, panels: count, weights, whole: count === panels };
  });
}

/** Few columns at a time. */
const panelsAtOnce = (panels: number, tile: Target["tile"]): number =>
  Math.min(panels, Math.max(1, Math.round(64 / tile.columns)));

/** The kernels of a convolution with 3×3 filters: transform the weights; then blocks of tiles of the image. */
export const lowerImage = (work: Work, form: Form, roots: readonly Root[], target: Target): LoweredKernel[] =>
  partsOf(form, target).flatMap((part) => [
    transformWeights(work, form, part, target),
    filterTiles(work, form, part, roots, target),
  ]);

/** Elements between the weights of neighbouring positions. */
const weightPitch = ({ channels }: Form, panels: number, width: number): number => apart(panels * channels * width);

/** Channels whose weights are transformed together, from a copy in the order of the panels: more where they are contiguous. */
const channelsAtOnce = 16;
const contiguousChannels = 64;

const leastTasks = 8;
/** Every task reads all weights: when they come from afar, fewer tasks are better than small ones. */
const leastTasksWhenHeavy = 4;
const heavyWeights = 4 * 2 ** 20;

/** The weights as panels of the right operand, one product for each position: [position][panel][channel][tile columns]. */
function transformWeights(work: Work, form: Form, part: Part, target: Target): LoweredKernel {
  const { panels, weights } = part;
  const width = target.tile.columns;
  const { channels, features, positions, taps } = form;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const w = form.node.inputs[1]!;
  const contiguous = strideOf(work, w, 3) <= strideOf(work, w, 4);
  const group = Math.min(channels, contiguous ? contiguousChannels : channelsAtOnce);
  const groups = Math.ceil(channels / group);
  const tasks = panels * groups;
  const [panel, some] = space.unflatten(builder.task(tasks), [panels, groups]) as [Expr, Expr]; // two axes
  const first = space.mul(some, group);
  const count = space.min(space.sub(int(channels), first), int(group));
  const copy = builder.scratch("copy", "f32", taps * taps * group * width);
  const values = new Values(builder, work);

  const [row, column, channel, lane] = [taps, taps, group, width].map((extent) =>
    builder.index("k", extent),
  ) as Index[]; // `index` makes that kind
  const feature = space.add(space.mul(space.add(int(part.first), panel), width), lane!);
  const inside = features % width === 0 ? bool(true) : space.less(feature, int(features));
  const element = select(
    inside,
    cast(
      values.at(
        w,
        [row!, column!, int(0), space.add(first, channel!), feature],
        features % width === 0 ? undefined : inside,
      ),
      "f32",
    ),
    number(0, "f32"),
  );
  const place = space.flatten([row!, column!, channel!, lane!], [taps, taps, group, width]);
  const all = [loopOver(row!, taps), loopOver(column!, taps)];
  const [down, across] = [{ ...loopOver(channel!, group), to: count }, loopOver(lane!, width)];
  const copying = nest(
    builder,
    [...all, ...(contiguous ? [across, down] : [down, across])],
    [store(copy, place, element) as Store],
  );

  const [one, each] = [builder.index("c", group) as Index, builder.index("f", width) as Index]; // `index` makes that kind
  const taken = range(taps * taps).map((tap) =>
    builder.safe(load(copy, space.flatten([int(tap), one, each], [taps * taps, group, width]), "f32")),
  );
  const buffer = builder.write(weights);
  const stores = onSquare(taps, taken, (line) => transformFilter(form, line)).map((value, position) => {
    const at = space.flatten([panel, space.add(first, one), each], [panels, channels, width]);
    return store(buffer, space.add(int(position * weightPitch(form, panels, width)), at), value) as Store;
  });
  const transforming = nest(builder, [{ ...loopOver(one, group), to: count }, loopOver(each, width)], stores);
  const nodes = neededBy([form.node], work);
  const name = `weights_${positions}x${channels}x${features}`;
  return builder.finish({ name, scope: scopeOf(nodes), body: [...copying, ...transforming], tasks });
}

/** Elements between neighbours of `node` along one axis, as far as one load tells. */
function strideOf(work: Work, node: Node, axis: number): number {
  const builder = new KernelBuilder();
  const { space } = builder;
  const at = (index: number): Expr =>
    new Values(builder, work).at(
      node,
      node.shape.map((size, other) => int(other === axis ? Math.min(index, size - 1) : 0)),
    );
  const [low, high] = [at(0), at(1)];
  if (low.kind !== "load" || high.kind !== "load") return 1;
  const distance = space.sub(high.at, low.at);
  return distance.kind === "number" ? Math.abs(distance.value) : 1;
}

/** Tasks of tiles: transform their patches, multiply position by position, transform back, and write the roots. */
function filterTiles(
  work: Work,
  form: Form,
  { first, panels, weights, whole }: Part,
  roots: readonly Root[],
  target: Target,
): LoweredKernel {
  const { tile } = target;
  const { node, channels, features, positions, tiles, outputs, across } = form;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const values = new Values(builder, work);

  // As many tiles as fit a share of the second cache with their transforms.
  const atOnce = panelsAtOnce(panels, tile);
  const columnBlock = atOnce * tile.columns;
  const budget = 4.5 * target.rowBlock * target.depthBlock;
  let block = evenBlock(tiles, budget / (positions * (channels + columnBlock)), tile.rows);
  const least = weights.bytes > heavyWeights ? leastTasksWhenHeavy : leastTasks;
  while (Math.ceil(tiles / block) < least && block > tile.rows) block = evenBlock(tiles, block / 2, tile.rows);
  const tasks = Math.ceil(tiles / block);
  const firstTile = space.mul(builder.task(tasks), block);
  const count = space.min(space.sub(int(tiles), firstTile), int(block));
  const body: Stmt[] = [];

  const [dataPitch, productPitch] = [apart(block * channels), apart(block * columnBlock)];
  const data = builder.scratch("data", "f32", positions * dataPitch);
  const product = builder.scratch("product", "f32", positions * productPitch);
  const patch = packPatch(builder, values, form, {
    into: data,
    first: firstTile,
    count,
    block,
    pitch: dataPitch,
    rowPitch: channels,
    firstChannel: int(0),
    channels,
  });
  body.push(...patch.statements);

  const group = builder.index("columns", Math.ceil(panels / atOnce)) as Index; // `index` makes that kind
  const inGroup = (prefix: string): Index => builder.index(prefix, atOnce) as Index; // `index` makes that kind
  const groupPanels = space.min(space.sub(int(panels), space.mul(group, atOnce)), int(atOnce));
  const position = builder.index("position", positions) as Index; // `index` makes that kind
  const panel = inGroup("panel");
  const rowPanel = builder.index("rowPanel", block / tile.rows) as Index; // `index` makes that kind
  const rightPanel = space.add(space.mul(group, atOnce), panel);
  const multiply = forLoop(position.name, int(0), int(positions), [
    forLoop(panel.name, int(0), groupPanels, [
      forLoop(rowPanel.name, int(0), space.div(space.add(count, int(tile.rows - 1)), tile.rows), [
        {
          kind: "tile",
          a: {
            buffer: data,
            at: space.add(space.mul(position, dataPitch), space.mul(rowPanel, tile.rows * channels)),
          },
          b: {
            buffer: builder.read(weights),
            at: space.add(
              space.mul(position, weightPitch(form, panels, tile.columns)),
              space.mul(rightPanel, channels * tile.columns),
            ),
          },
          c: {
            buffer: product,
            at: space.add(
              space.add(space.mul(position, productPitch), space.mul(rowPanel, tile.rows * columnBlock)),
              space.mul(panel, tile.columns),
            ),
          },
          pitch: columnBlock,
          rows: tile.rows,
          columns: tile.columns,
          aRow: channels,
          aStep: 1,
          depth: int(channels),
          accumulate: false,
        },
      ]),
    ]),
  ]);

  // Back: one tile after the other, its results in a scratch block of their own, from which the roots are made.
  const results = builder.scratch("results", "f32", outputs * outputs * columnBlock);
  const row = builder.index("tile", block) as Index; // `index` makes that kind
  const firstColumn = space.add(int(first * tile.columns), space.mul(group, columnBlock));
  const columnCount = space.min(space.sub(int(features), firstColumn), int(columnBlock));
  const lane = builder.index("lane", columnBlock) as Index; // `index` makes that kind
  const products = range(positions).map((at) =>
    builder.safe(
      load(product, space.add(int(at * productPitch), space.flatten([row, lane], [block, columnBlock])), "f32"),
    ),
  );
  const back = onSquare(form.size, products, (line) => transformProducts(form, line)).map(
    (value, at) => store(results, space.flatten([int(at), lane], [outputs * outputs, columnBlock]), value) as Store,
  );
  const { statements, indices } = tileLocals(builder, form, space.add(firstTile, row));
  const written = writeRoots(builder, work, form, roots, {
    outputs,
    sizes: [node.shape[1]!, node.shape[2]!],
    origin: indices.slice(1).map((at) => space.mul(at, outputs)) as [Expr, Expr], // two axes
    whole: across[0] * outputs === node.shape[1]! && across[1] * outputs === node.shape[2]!,
    columns: { first: firstColumn, count: columnCount, block: columnBlock, features },
    results,
    out: (y, x, feature) => [indices[0]!, y, x, int(0), feature],
  });
  body.push(
    forLoop(group.name, int(0), int(Math.ceil(panels / atOnce)), [
      multiply,
      forLoop(row.name, int(0), count, [
        ...statements,
        ...nest(builder, [{ ...loopOver(lane, columnBlock), to: columnCount }], back),
        ...written.statements,
      ]),
    ]),
  );
  const nodes = neededBy(work.roots, work);
  const finished = builder.finish({
    name: nameOf("winograd", nodes, work.roots),
    scope: scopeOf(nodes),
    body,
    tasks,
    flops: Math.round((flopsOf(nodes) * panels) / Math.ceil(features / tile.columns)),
  });
  // The parts after this one read the image again.
  return whole ? withInPlace(finished, [[patch.leaf], written.stores]) : finished;
}
