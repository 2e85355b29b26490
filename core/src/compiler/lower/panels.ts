import { forLoop, int, letLocal, number, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import type { Blocks } from "./blocks.ts";
import { type Contraction, extentOf, indexAxes, strides } from "./contraction.ts";
import { KernelBuilder } from "./kernel.ts";
import { type Loop, nest } from "./nest.ts";
import { neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/** Places in memory that are read side by side: no more than a cache has ways for addresses that are alike. */
const mostStreams = 8;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Steps of the sum that a packing task takes at least, so that what it writes to one panel is a few whole cache lines. */
const leastSteps = 16;

/** Tasks that packing should have, where each has at least so many elements. */
const leastTasks = 8;
const leastElements = 4096;

/** The size of equal parts of at most `most`. */
const evenly = (size: number, most: number): number => Math.ceil(size / Math.ceil(size / most));

/** The kernel that packs the right operand: [batch][panels][depth][tile columns], f32, zeros behind the last column. */
export function packRight(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  target: Target,
  panels: Temporary,
): LoweredKernel {
  const width = blocks.tile.columns;
  const { dims } = blocks.sum;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;

  // A task packs a range of the outermost sum loop of a few panels; where memory runs along the sum, few at a time.
  const steps = dims[0]!;
  const stepElements = (blocks.depth / steps) * width;
  const whole = blocks.batch * blocks.panels * blocks.depth * width;
  const elements = Math.max(leastElements, Math.min(target.elementsPerTask, whole / leastTasks));
  const together = contiguousInColumns(work, contraction) ? leastSteps : blocks.depth;
  const most = Math.floor(elements / (together * width));
  const panelBlock = evenly(blocks.panels, Math.max(1, most));
  const panelBlocks = Math.ceil(blocks.panels / panelBlock);
  const perTask = evenly(steps, Math.max(1, Math.floor(elements / (panelBlock * stepElements))));
  const ranges = Math.ceil(steps / perTask);
  const tasks = blocks.batch * panelBlocks * ranges;
  const decoded = space.unflatten(builder.task(tasks), [blocks.batch, panelBlocks, ranges]);
  const declarations: Stmt[] = [];
  const declare = (prefix: string, extent: number, value: Expr): Expr => {
    if (value.kind === "number") return value;
    const variable = builder.indexLocal(prefix, extent);
    declarations.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  const batch = declare("batch", blocks.batch, decoded[0]!);
  const firstPanel = declare("firstPanel", blocks.panels, space.mul(decoded[1]!, panelBlock));
  const start = declare("start", steps, space.mul(decoded[2]!, perTask));
  const upTo = (from: Expr, count: number, size: number): Expr => {
    const end = space.add(from, int(count));
    return size % count === 0 ? end : space.min(end, int(size));
  };
  const body = fillPanels(builder, new Values(builder, work), work, contraction, blocks, {
    buffer: builder.write(panels),
    batch,
    firstPanel,
    endPanel: upTo(firstPanel, panelBlock, blocks.panels),
    outer: [],
    from: start,
    to: upTo(start, perTask, steps),
    axis: 0,
    place: (panel, depth) => space.flatten([batch, panel, depth], [blocks.batch, blocks.panels, blocks.depth]),
  });
  const nodes = neededBy([contraction.node], work);
  const name = `pack_${[blocks.batch, blocks.depth, blocks.columns].join("x")}`;
  return builder.finish({ name, scope: scopeOf(nodes), body: [...declarations, ...body.statements], tasks });
}

/** Whether the right operand's memory is contiguous along the columns rather than along the sum. */
function contiguousInColumns(work: Work, contraction: Contraction): boolean {
  const memory = strides(work, contraction, contraction.right);
  return (memory.get(contraction.columns.at(-1)!) ?? 0) <= (memory.get(contraction.sum.at(-1)!) ?? 0);
}

/** Which part of the right operand becomes panels, and where they go. */
export interface PanelBlock {
  readonly buffer: string;
  readonly batch: Expr;
  readonly firstPanel: Expr;
  readonly endPanel: Expr;
  /** Variables of the loops over the sum outside loop `axis`, and the part of that loop. */
  readonly outer: readonly Expr[];
  readonly axis: number;
  readonly from: Expr;
  readonly to: Expr;
  /** The row of a panel's columns in the buffer, for the panel and the step of the whole sum. */
  readonly place: (panel: Expr, depth: Expr) => Expr;
}

/** Writes panels, with zeros behind the last column; also gives the store of one element. */
export function fillPanels(
  builder: KernelBuilder,
  values: Values,
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  block: PanelBlock,
): { readonly statements: Stmt[]; readonly leaf: Stmt } {
  const { space } = builder;
  const { dims } = blocks.sum;
  const width = blocks.tile.columns;
  const panel = builder.index("panel", blocks.panels) as Index; // `index` makes that kind
  const variables = dims.slice(block.axis).map((extent) => builder.index("k", extent) as Index); // `index` makes that kind
  const sumLoops: Loop[] = variables.map(({ name }, i) => ({
    index: name,
    from: i === 0 ? block.from : int(0),
    to: i === 0 ? block.to : int(dims[block.axis + i]!),
  }));
  const depth = space.flatten([...block.outer, ...variables], dims);
  const base = space.mul(block.place(panel, depth), width);
  const first = space.mul(panel, width);

  // Whichever of columns and sum is contiguous in memory runs innermost.
  const column = builder.index("column", extentOf(contraction.columns)) as Index; // `index` makes that kind
  const storeAt = (at: Expr): Store =>
    store(
      block.buffer,
      space.add(base, space.sub(at, first)),
      contraction.right(
        values,
        indexAxes(values, [
          [contraction.batch, block.batch],
          [contraction.columns, at],
          [contraction.sum, depth],
        ]),
      ),
    ) as Store;
  const upTo = (start: Expr, count: number): Loop => ({
    index: column.name,
    from: start,
    to:
      blocks.columns % width === 0
        ? space.add(start, int(count))
        : space.min(space.add(start, int(count)), int(blocks.columns)),
  });
  if (contiguousInColumns(work, contraction) && blocks.columns % width === 0) {
    // A step's columns lie side by side: read through, they reach the panels as fast as memory gives them.
    const panels: Loop = { index: panel.name, from: block.firstPanel, to: block.endPanel };
    const lane = builder.index("lane", width) as Index; // `index` makes that kind
    const lanes: Loop = { index: lane.name, from: int(0), to: int(width) };
    // Whole panels are of one part of what was concatenated, where parts are whole panels.
    const leaf = storeAt(space.add(first, lane));
    return { statements: nest(builder, [...sumLoops, panels, lanes], [leaf]), leaf };
  }
  const stored = storeAt(column);
  const body: Stmt[] = [];
  if (contiguousInColumns(work, contraction)) body.push(...nest(builder, [...sumLoops, upTo(first, width)], [stored]));
  else {
    // A few columns at a time step through memory together: their cache lines are used up before they are evicted.
    const few = gcd(width, mostStreams);
    const group = builder.index("group", width / few) as Index; // `index` makes that kind
    const lanes = upTo(space.add(first, space.mul(group, few)), few);
    body.push(forLoop(group.name, int(0), int(width / few), nest(builder, [...sumLoops, lanes], [stored])));
  }
  if (blocks.columns % width !== 0) {
    const lane = builder.index("lane", width) as Index; // `index` makes that kind
    const from = space.min(space.sub(int(blocks.columns), first), int(width));
    const rest: Loop = { index: lane.name, from, to: int(width) };
    const zero = store(block.buffer, space.add(base, lane), number(0, "f32")) as Store;
    body.push(...nest(builder, [...sumLoops, rest], [zero]));
  }
  return { statements: [forLoop(panel.name, block.firstPanel, block.endPanel, body)], leaf: stored };
}
