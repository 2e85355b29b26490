import { bytesPerElement } from "../../base/dtype.ts";
import { InternalError } from "../../base/errors.ts";
import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { add, cast, int, load, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { toLinear } from "../../kernel/linear.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { type Blocks, chooseBlocks, fitted } from "./blocks.ts";
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
import { leftInMemory, type Right, rightInMemory } from "./inMemory.ts";
import { isTemporary, KernelBuilder } from "./kernel.ts";
import { lowerLoop } from "./loop.ts";
import { groupBySize, lowerMaps } from "./maps.ts";
import { nest } from "./nest.ts";
import { packRight } from "./panels.ts";
import { phasesOf } from "./phases.ts";
import { placeholder } from "./plan.ts";
import { isInline } from "./reducer.ts";
import { flopsOf, nameOf, neededBy, scopeOf, type Work, withInPlace } from "./roots.ts";
import { type Operands, type Result, writeTiles } from "./tiles.ts";
import { Values } from "./value.ts";
import { lowerWinograd } from "./winograd/index.ts";

type Store = Extract<Stmt, { kind: "store" }>;

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
  machine: Target,
): LoweredKernel[] {
  const contraction = orient(work, straight, machine);
  const target = fitted(contraction, machine);

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
  const there = { left: leftInMemory(work, contraction), right: rightInMemory(work, contraction, target) };
  const blocks = chooseBlocks(contraction, sum, target, {
    left: there.left === undefined,
    right: there.right === undefined && (isSteady(work, contraction.right) ? "kept" : true),
  });
  const right = there.right ?? (blocks.own ? ({ kind: "own" } as const) : packedBefore(blocks));
  const operands: Operands = { left: blocks.even ? there.left : undefined, right };
  const pack = right.kind === "panels" ? [packRight(work, contraction, blocks, target, right.panels)] : [];
  const kernels =
    blocks.splits > 1
      ? splitSum(work, contraction, blocks, operands, target)
      : [tiles(work, contraction, blocks, operands, roots)];
  return [...pack, ...kernels];
}

/** Whether all that the operand reads is likely to be the same in the next run. */
function isSteady(work: Work, operand: Contraction["right"]): boolean {
  const { steady } = work;
  if (steady === undefined || steady.size === 0) return false;
  const builder = new KernelBuilder(work.substitutes);
  operand(new Values(builder, work), ({ name, extent }) => (extent === 1 ? int(0) : builder.index(name, extent)));
  const read = builder.finish({ name: "", scope: "", body: [], tasks: 1 }).arguments;
  return read.length > 0 && read.every((source) => !isTemporary(source) && steady.has(source));
}

/** Panels of the right operand that a launch packs. */
function packedBefore({ batch, panels, depth, tile }: Blocks): Right {
  const bytes = 4 * batch * panels * depth * tile.columns;
  return { kind: "panels", panels: { kind: "temporary", name: "panels", bytes } };
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

/** What packing an element of the right operand costs, in multiply-adds. */
const packing = 32;

/** The product or its transpose, whichever wastes less of the tiles; at a tie the one whose result is written in order. */
function orient(work: Work, contraction: Contraction, { tile }: Target): Contraction {
  const [rows, columns, depth] = [contraction.rows, contraction.columns, contraction.sum].map(extentOf) as [
    number,
    number,
    number,
  ];
  const padded = (height: number, width: number): number =>
    Math.ceil(height / tile.rows) * tile.rows * Math.ceil(width / tile.columns) * tile.columns;
  const [straight, turned] = [padded(rows, columns), padded(columns, rows)];
  // A sum so long that the result is little beside the operands: the right one, which is packed, should be the smaller.
  if (isOp(contraction.node, "contract") && depth >= 8 * Math.max(rows, columns)) {
    const less = turned + packing * rows <= 0.8 * (straight + packing * columns);
    return less ? transpose(work, contraction) : contraction;
  }
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

/** Where tiles can write the contraction itself, if they need not write more than it has: whole tiles, rows one after the other. */
function directResult(
  builder: KernelBuilder,
  contraction: Contraction,
  blocks: Blocks,
  buffer: string,
  at: Result["at"],
): Result | undefined {
  if (!blocks.even || blocks.columns % blocks.tile.columns !== 0) return undefined;
  const [batch, row, column] = [contraction.batch, contraction.rows, contraction.columns].map((axes) =>
    builder.index("at", extentOf(axes)),
  ) as [Expr, Expr, Expr]; // three groups
  const { terms } = toLinear(at(int(0), batch, row, column));
  const factors = [batch, row, column].map((variable) => terms.get(keyOf(variable))?.factor ?? 0);
  const [, pitch, contiguous] = factors as [number, number, number]; // three groups
  const linear = terms.size === factors.filter((factor) => factor !== 0).length;
  return linear && contiguous === 1 && pitch > 0 ? { buffer, pitch, at } : undefined;
}

/** Where tiles can write the one root, if it is the contraction itself in some order of its elements. */
function plainResult(
  work: Work,
  builder: KernelBuilder,
  own: Values,
  contraction: Contraction,
  blocks: Blocks,
  roots: readonly EpilogueRoot[],
): Result | undefined {
  const [only, ...others] = roots;
  if (only === undefined || others.length > 0 || only.root.dtype !== "f32") return undefined;
  const { space } = builder;
  const { root, indices } = only;
  const sum = placeholder(contraction.node);
  const value = new Values(builder, work, (other) => (other === contraction.node ? sum : undefined)).at(
    root,
    root.shape.map((size) => (size === 1 ? int(0) : builder.index("at", size))),
  );
  if (value !== sum) return undefined;
  const place: Result["at"] = (_, batch, row, column) =>
    space.flatten(indices(space, outIndices(own, contraction, batch, row, column)), root.shape);
  return directResult(builder, contraction, blocks, builder.write(root), place);
}

/** One kernel: whole sums, and the roots from the scratch block, or from the registers where nothing is left to do. */
function tiles(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  operands: Operands,
  roots: readonly EpilogueRoot[],
): LoweredKernel {
  const { node } = contraction;
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const own = new Values(builder, work);
  const direct = plainResult(work, builder, own, contraction, blocks, roots);
  const written = writeTiles(work, builder, own, contraction, blocks, operands, direct);
  const { body, tasks, batch, row, column, rows, columns, element, leaves } = written;
  const nodes = neededBy(work.roots, work);
  const finish = { name: nameOf("contract", nodes, work.roots), scope: scopeOf(nodes), tasks, flops: flopsOf(nodes) };
  if (element === undefined) return builder.finish({ ...finish, body });

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
  const epilogue = nest(builder, [rows, columns], stores);
  return withInPlace(builder.finish({ ...finish, body: [...body, ...epilogue] }), [leaves, stores]);
}

/** Two kernels: tasks with parts of the sum into a temporary; then the parts added in order, and the roots. */
function splitSum(
  work: Work,
  contraction: Contraction,
  blocks: Blocks,
  operands: Operands,
  target: Target,
): LoweredKernel[] {
  const { node } = contraction;
  const shape = [blocks.splits, blocks.batch, blocks.rows, blocks.columns];
  const partial: Temporary = { kind: "temporary", name: "partial", bytes: 4 * sizeOf(shape) };
  const builder = new KernelBuilder(work.substitutes);
  const buffer = builder.write(partial);
  const place: Result["at"] = (...indices) => builder.space.flatten(indices, shape);
  const direct = directResult(builder, contraction, blocks, buffer, place);
  const written = writeTiles(work, builder, new Values(builder, work), contraction, blocks, operands, direct);
  const { body, tasks, split, batch, row, column, rows, columns, element } = written;
  const position = place(split, batch, row, column);
  const copy = element === undefined ? [] : nest(builder, [rows, columns], [store(buffer, position, element) as Store]);
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
