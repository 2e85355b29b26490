import { InternalError } from "../../base/errors.ts";
import type { Node } from "../../graph/node.ts";
import { add, cast, forLoop, int, letLocal, load, store } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { type AttentionBlocks, attentionBlocks } from "./attentionBlocks.ts";
import { type AttentionPlan, type Closing, planAttention } from "./attentionPlan.ts";
import { writeRows } from "./attentionRows.ts";
import { type BlockPosition, blockTiles, packColumns, packRows, type VisiblePart } from "./attentionTiles.ts";
import { type Contraction, extentOf, extentsOf, indexAxes } from "./contraction.ts";
import { joinedRoots, type RootPart } from "./joined.ts";
import { KernelBuilder } from "./kernel.ts";
import { lowerLoop } from "./loop.ts";
import { lowerMaps } from "./maps.ts";
import { type Loop, nest } from "./nest.ts";
import { flopsOf, nameOf, neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

type Store = Extract<Stmt, { kind: "store" }>;
type Index = Extract<Expr, { kind: "index" }>;

/**
 * The kernels of an attention. A task has one batch (or a range of its rows): it packs what it needs of the columns' operands,
 * and goes through blocks of rows. In each, scores are computed into scratch memory, the rows there become what the closings
 * contract, and these are contracted from scratch memory: no value of the scores' size is ever stored.
 */
export function lowerAttention(work: Work, target: Target): LoweredKernel[] {
  const joined = joinedRoots(work);
  const plan = joined === undefined ? undefined : planAttention({ ...work, roots: [...joined.keys()] });
  if (joined === undefined || plan === undefined) return lowerLoop(work, target);
  const blocks = attentionBlocks(plan, target);
  const kernel = new AttentionKernel(work, plan, blocks, target, joined);
  return kernel.write();
}

class AttentionKernel {
  readonly #work: Work;
  readonly #plan: AttentionPlan;
  readonly #blocks: AttentionBlocks;
  readonly #target: Target;
  readonly #joined: ReadonlyMap<Node, readonly RootPart[]>;
  readonly #builder: KernelBuilder;
  readonly #values: Values;

  constructor(
    work: Work,
    plan: AttentionPlan,
    blocks: AttentionBlocks,
    target: Target,
    joined: ReadonlyMap<Node, readonly RootPart[]>,
  ) {
    this.#work = work;
    this.#plan = plan;
    this.#blocks = blocks;
    this.#target = target;
    this.#joined = joined;
    this.#builder = new KernelBuilder(work.substitutes);
    this.#values = new Values(this.#builder, work);
  }

  write(): LoweredKernel[] {
    const { batch: batches, rows, columns, rowAxis, scores, closings, wide, visible } = this.#plan;
    const { rowBlock, perAxis, count, parts, pitch } = this.#blocks;
    const builder = this.#builder;
    const { space } = builder;
    const target = this.#target;
    const tasks = batches * parts;
    const body: Stmt[] = [];
    const declare = (into: Stmt[], prefix: string, extent: number, value: Expr): Expr => {
      if (value.kind === "number") return value;
      const variable = builder.indexLocal(prefix, extent);
      into.push(letLocal(variable.name, "i32", value));
      return variable;
    };
    const decoded = space.unflatten(builder.task(tasks), [batches, parts]);
    const batch = declare(body, "batch", batches, decoded[0]!);
    const part = declare(body, "part", parts, decoded[1]!);

    // What all blocks of rows read, packed once.
    const context = { work: this.#work, builder, values: this.#values, target, batch };
    const rightOfScores = scores.map((score) => packColumns(context, body, score.columns, score.sum, score));
    const rightOfClosings = closings.map(({ contraction, over }) =>
      over === "columns" ? packColumns(context, body, contraction.columns, contraction.sum, contraction) : undefined,
    );
    const sums = closings.map(({ contraction, over }) =>
      over === "rows" ? this.#zeros(body, columns, contraction) : undefined,
    );

    // A block of rows.
    const block = builder.index("block", count) as Index; // `index` makes that kind
    const inBlock: Stmt[] = [];
    const [outer, inside] = space.unflatten(block, [rows / rowAxis, perAxis]) as [Expr, Expr]; // one a size
    const firstOuter = declare(inBlock, "outer", rows / rowAxis, outer);
    const first = declare(inBlock, "first", rowAxis, space.mul(inside, rowBlock));
    const left = space.sub(int(rowAxis), first);
    const rowCount = declare(inBlock, "rows", rowBlock + 1, space.min(left, int(rowBlock)));
    const seen = (row: Expr): Expr => space.min(space.add(row, int(visible?.shift ?? columns)), int(columns));
    const limit =
      visible === undefined
        ? int(columns)
        : declare(inBlock, "limit", columns + 1, seen(space.sub(space.add(first, rowCount), int(1))));
    const position: BlockPosition = { batch, outer: firstOuter, first, rowCount, rowAxis };
    const partSeen = (as: VisiblePart["as"]): VisiblePart | undefined =>
      visible === undefined ? undefined : { seen: space.add(first, int(visible.shift)), as };

    const buffers = scores.map((score, i) => {
      const scratch = builder.scratch("scores", "f32", rowBlock * pitch);
      const packed = packRows(context, inBlock, score, position, rowBlock, "left");
      inBlock.push(
        blockTiles(context, {
          left: { buffer: packed.buffer, row: packed.row, step: packed.step },
          right: rightOfScores[i]!,
          result: { buffer: scratch, pitch },
          rows: { count: rowCount, most: rowBlock },
          columns: { count: limit, most: columns },
          depth: int(extentOf(score.sum)),
          accumulate: false,
          visible: partSeen("result"),
        }),
      );
      return scratch;
    });
    const wideBuffers = wide.map(() => builder.scratch("wide", "f32", rowBlock * pitch));
    inBlock.push(
      ...writeRows(builder, this.#plan, {
        ...position,
        scores: new Map(scores.map(({ node }, i) => [node, buffers[i]!])),
        wide: new Map(wide.map((node, i) => [node, wideBuffers[i]!])),
        pitch,
        seen: visible === undefined ? undefined : seen,
        tileRows: target.tile.rows,
        lanes: target.vectorLanes,
      }),
    );
    closings.forEach(({ contraction, wide: operand, over }, i) => {
      const scratch = wideBuffers[wide.indexOf(operand)]!;
      const size = extentOf(contraction.columns);
      if (over === "columns") {
        const result = this.#result(rowBlock, size);
        inBlock.push(
          blockTiles(context, {
            left: { buffer: scratch, row: pitch, step: 1 },
            right: rightOfClosings[i]!,
            result,
            rows: { count: rowCount, most: rowBlock },
            columns: { count: int(size), most: size },
            depth: limit,
            accumulate: false,
            visible: partSeen("columns"),
          }),
        );
        const row = builder.index("row", rowAxis) as Index; // `index` makes that kind
        const rowOf = space.add(space.mul(firstOuter, rowAxis), row);
        const loop = { index: row.name, from: first, to: space.add(first, rowCount) };
        inBlock.push(...this.#epilogue(contraction, batch, rowOf, loop, space.sub(row, first), result));
      } else {
        const right = packRows(context, inBlock, contraction, position, rowBlock, "right");
        inBlock.push(
          blockTiles(context, {
            left: { buffer: scratch, row: 1, step: pitch },
            right,
            result: sums[i]!,
            rows: { count: limit, most: columns },
            columns: { count: int(size), most: size },
            depth: rowCount,
            accumulate: true,
            visible: partSeen("rows"),
          }),
        );
      }
    });
    const perPart = Math.ceil(count / parts);
    const from = space.mul(part, perPart);
    const to = parts === 1 ? int(count) : space.min(space.add(from, int(perPart)), int(count));
    body.push(forLoop(block.name, from, to, inBlock));

    // Sums over rows are complete when all blocks are.
    const partials = closings.map((closing): Temporary | undefined =>
      closing.over === "rows" && parts > 1 ? this.#partial(closing) : undefined,
    );
    closings.forEach(({ contraction, over }, i) => {
      if (over !== "rows") return;
      const row = builder.index("column", columns) as Index; // `index` makes that kind
      const loop = { index: row.name, from: int(0), to: int(columns) };
      const partial = partials[i];
      body.push(
        ...(partial === undefined
          ? this.#epilogue(contraction, batch, row, loop, row, sums[i]!)
          : this.#storePartial(contraction, partial, [part, batch], row, loop, sums[i]!)),
      );
    });
    const nodes = neededBy(this.#work.roots, this.#work);
    const kernel = builder.finish({
      name: nameOf("attention", nodes, this.#work.roots),
      scope: scopeOf(nodes),
      body,
      tasks,
      flops: flopsOf(nodes),
    });
    return [
      kernel,
      ...closings.flatMap((closing, i) => (partials[i] === undefined ? [] : this.#sumPartials(closing, partials[i]!))),
    ];
  }

  #pitchOf(columns: number): number {
    const width = this.#target.tile.columns;
    return Math.ceil(columns / width) * width;
  }

  #result(rows: number, columns: number): { buffer: string; pitch: number } {
    const pitch = this.#pitchOf(columns);
    return { buffer: this.#builder.scratch("result", "f32", rows * pitch), pitch };
  }

  /** Scratch memory for sums over rows, set to 0. */
  #zeros(body: Stmt[], columns: number, contraction: Contraction): { buffer: string; pitch: number } {
    const height = this.#target.tile.rows;
    const sum = this.#result(Math.ceil(columns / height) * height, extentOf(contraction.columns));
    const size = columns * sum.pitch;
    const at = this.#builder.index("at", size) as Index; // `index` makes that kind
    const zero = store(sum.buffer, at, { kind: "number", value: 0, dtype: "f32" }) as Store;
    body.push(...nest(this.#builder, [{ index: at.name, from: int(0), to: int(size) }], [zero]));
    return sum;
  }

  /** Writes the roots that are made of the contraction, from its rows in scratch memory. */
  #epilogue(
    contraction: Contraction,
    batch: Expr,
    row: Expr,
    rows: Loop,
    rowInBlock: Expr,
    result: { readonly buffer: string; readonly pitch: number },
  ): Stmt[] {
    const builder = this.#builder;
    const { space } = builder;
    const column = builder.index("n", extentOf(contraction.columns)) as Index; // `index` makes that kind
    const columns = { index: column.name, from: int(0), to: int(extentOf(contraction.columns)) };
    const element = builder.safe(load(result.buffer, space.add(space.mul(rowInBlock, result.pitch), column), "f32"));
    const at = indexAxes(this.#values, [
      [contraction.batch, batch],
      [contraction.rows, row],
      [contraction.columns, column],
    ]);
    const out = contraction.out.map(at);
    const stores = this.#joined.get(contraction.node)!.map(({ root, indices }) => {
      return store(
        builder.write(root),
        space.flatten(indices(space, out), root.shape),
        cast(element, root.dtype),
      ) as Store;
    });
    // Along what is contiguous in the result.
    const innermost = contraction.out.findLast(({ extent }) => extent > 1);
    const alongRows =
      this.#joined.get(contraction.node)!.every(({ root }) => root === contraction.node) &&
      innermost !== undefined &&
      contraction.rows.includes(innermost);
    return nest(builder, alongRows ? [columns, rows] : [rows, columns], stores);
  }

  #partial({ contraction }: Closing): Temporary {
    const elements = this.#blocks.parts * this.#plan.batch * extentOf(contraction.rows) * extentOf(contraction.columns);
    return { kind: "temporary", name: "partial", bytes: 4 * elements };
  }

  #partialShape({ rows, columns }: Contraction): number[] {
    return [this.#blocks.parts, this.#plan.batch, extentOf(rows), extentOf(columns)];
  }

  #storePartial(
    contraction: Contraction,
    partial: Temporary,
    outer: readonly Expr[],
    row: Expr,
    rows: Loop,
    result: { readonly buffer: string; readonly pitch: number },
  ): Stmt[] {
    const builder = this.#builder;
    const { space } = builder;
    const column = builder.index("n", extentOf(contraction.columns)) as Index; // `index` makes that kind
    const columns = { index: column.name, from: int(0), to: int(extentOf(contraction.columns)) };
    const element = builder.safe(load(result.buffer, space.add(space.mul(row, result.pitch), column), "f32"));
    const at = space.flatten([...outer, row, column], this.#partialShape(contraction));
    return nest(builder, [rows, columns], [store(builder.write(partial), at, element) as Store]);
  }

  /** The kernels that add the parts of a sum over rows, in order, and write the roots. */
  #sumPartials({ contraction }: Closing, partial: Temporary): LoweredKernel[] {
    const { node, batch, rows, columns } = contraction;
    const shape = this.#partialShape(contraction);
    const known =
      (own: KernelBuilder) =>
      (other: Node, indices: readonly Expr[]): Expr | undefined => {
        if (other !== node) return undefined;
        const flat = [batch, rows, columns].map((axes) =>
          own.space.flatten(
            axes.map((axis) => indices[contraction.out.indexOf(axis)] ?? int(0)),
            extentsOf(axes),
          ),
        );
        let total: Expr | undefined;
        for (let part = 0; part < this.#blocks.parts; part++) {
          const value = own.safe(load(own.read(partial), own.space.flatten([int(part), ...flat], shape), "f32"));
          total = total === undefined ? value : add(total, value);
        }
        return cast(total!, node.dtype);
      };
    const roots = this.#joined.get(node)!.map(({ root }) => root);
    if (!roots.every((root) => root === node)) throw new InternalError("lower: parts are joined in one block only");
    return [lowerMaps({ ...this.#work, roots }, this.#target, known, "parts")];
  }
}
