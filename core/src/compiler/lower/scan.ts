import { bytesPerElement, type DType } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { add, compare, forLoop, int, letLocal, load, number, store, when } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { type Carry, type Loop, loopOf } from "../scan/loop.ts";
import type { RowBlock, RowLoop } from "../scan/rowLoop.ts";
import { uniformOf } from "../simplify/rule.ts";
import { splitCalls } from "./fixed.ts";
import { inlineBody, type Lying, stemOf } from "./inline.ts";
import { isTemporary, KernelBuilder } from "./kernel.ts";

/** A scan and those of its results that somebody reads. */
export interface ScanWork {
  readonly scan: Node<"scan">;
  readonly picks: readonly Node<"pick">[];
  readonly rows: RowLoop;
}

/**
 * The kernels of one block size of a scan that runs as rows: what depends on no step and no row (packed weights), then one kernel
 * that takes its rows through all steps. `calls` are the kernels of one step for one block, in order; the values between
 * them, and the carries, lie in scratch memory.
 */
export function lowerScan(work: ScanWork, block: RowBlock, calls: readonly LoweredKernel[]): LoweredKernel[] {
  const loop = loopOf(work.scan);
  const fixed = new Map<Node, Node>();
  for (const { inner, outer } of loop.constants)
    if (!work.rows.axes.has(inner)) fixed.set(block.body.of.get(inner)!, outer);
  const { before, each } = splitCalls(calls, fixed);
  return [...before, new ScanKernel(work, loop, block, each).finish(calls)];
}

type Index = Extract<Expr, { kind: "index" }>;

class ScanKernel {
  readonly #builder = new KernelBuilder();
  readonly #work: ScanWork;
  readonly #loop: Loop;
  readonly #block: RowBlock;
  readonly #calls: readonly LoweredKernel[];
  readonly #places = new Map<Node | Temporary, Lying>();
  readonly #atStart: Stmt[] = [];
  readonly #atStep: Stmt[] = [];
  readonly #afterStep: Stmt[] = [];
  readonly #atEnd: Stmt[] = [];
  readonly #task: Expr;
  readonly #step: Index;
  readonly #firstRow: Expr;
  readonly #time: Expr;

  constructor(work: ScanWork, loop: Loop, block: RowBlock, calls: readonly LoweredKernel[]) {
    this.#work = work;
    this.#loop = loop;
    this.#block = block;
    this.#calls = calls;
    const { space } = this.#builder;
    this.#task = this.#builder.task(block.count);
    this.#firstRow = this.#declare(
      this.#atStart,
      "firstRow",
      space.add(space.mul(this.#task, block.rows), int(block.first)),
    );
    this.#step = this.#builder.index("step", loop.length) as Index; // `index` makes that kind
    const last = int(loop.length - 1);
    this.#time = loop.reverse ? this.#declare(this.#atStep, "time", space.sub(last, this.#step)) : this.#step;
    this.#placeSequences();
    this.#placeCarries();
    this.#placeResults();
  }

  finish(all: readonly LoweredKernel[]): LoweredKernel {
    const { length, carries } = this.#loop;
    const step = this.#calls.flatMap((call) => this.#inline(call));
    const { count, rows } = this.#block;
    const part = this.#work.rows.rows === 1 ? "whole" : `rows${rows}`;
    const shape = this.#work.picks[0]?.shape ?? carries[0]?.inner.shape ?? [];
    return this.#builder.finish({
      name: `scan_${length}_${part}_${shape.join("x")}`,
      scope: [...new Set(all.flatMap(({ kernel }) => (kernel.scope === "" ? [] : [kernel.scope])))]
        .slice(0, 6)
        .join("+"),
      body: [
        ...this.#atStart,
        forLoop(this.#step.name, int(0), int(length), [...this.#atStep, ...step, ...this.#afterStep]),
        ...this.#atEnd,
      ],
      tasks: count,
      flops: length * count * this.#calls.reduce((sum, { kernel }) => sum + kernel.flops, 0),
    });
  }

  /** What stands in the block's body for a node of the whole one. */
  #inBlock(node: Node): Node {
    return this.#block.body.of.get(node)!;
  }

  #isSplit(node: Node): boolean {
    return this.#work.rows.axes.has(node);
  }

  #declare(statements: Stmt[], name: string, value: Expr): Expr {
    if (value.kind === "number") return value;
    const variable = this.#builder.indexLocal(name, 2 ** 31);
    statements.push(letLocal(variable.name, "i32", value));
    return variable;
  }

  /** Where the block's rows of a value begin: of `node` outside of the loop, or of its slice at the present step. */
  #from(node: Node, stepped: boolean): Expr {
    const { space } = this.#builder;
    const size = sizeOf(node.shape);
    const rows = this.#isSplit(node) ? space.mul(this.#firstRow, size / this.#work.rows.rows) : int(0);
    return stepped ? space.add(space.mul(this.#time, size), rows) : rows;
  }

  #placeSequences(): void {
    for (const { inner, outer } of this.#loop.sequences) {
      const from = this.#declare(this.#atStep, "from", this.#from(inner, true));
      this.#places.set(this.#inBlock(inner), { buffer: this.#builder.read(outer), from });
    }
  }

  /** Carries lie in scratch memory; the next value takes the old one's place at once where nobody needs that any more. */
  #placeCarries(): void {
    for (const [index, carry] of this.#loop.carries.entries()) {
      const [now, next] = [this.#inBlock(carry.inner), this.#inBlock(carry.next)];
      const place = this.#scratch("carry", now);
      this.#places.set(now, place);
      this.#places.set(next, this.#mayOverwrite(next, now) ? place : this.#scratch("next", next));
      this.#atStart.push(this.#start(carry, now, place));
      const fresh = this.#places.get(next)!;
      if (fresh !== place) this.#afterStep.push(this.#copy(now, fresh, place));
      this.#give(index, carry, place);
    }
  }

  /** The initial value of a carry, which is known or lies in memory. */
  #start({ outer, inner }: Carry, now: Node, place: Lying): Stmt {
    const value = uniformOf(outer);
    if (value === undefined)
      return this.#copy(now, { buffer: this.#builder.read(outer), from: this.#from(inner, false) }, place);
    return this.#each(now, (i) => store(place.buffer, i, number(value, now.dtype)));
  }

  /** The final value of a carry, where somebody reads it. */
  #give(index: number, carry: Carry, place: Lying): void {
    const pick = this.#pick(index);
    if (pick === undefined) return;
    const to = { buffer: this.#builder.write(pick), from: this.#from(carry.inner, false) };
    this.#atEnd.push(this.#byOne(carry.inner, this.#copy(this.#inBlock(carry.inner), place, to)));
  }

  #placeResults(): void {
    for (const [index, result] of this.#loop.steps.entries()) {
      const node = this.#inBlock(result);
      const pick = this.#pick(this.#loop.carries.length + index);
      if (pick === undefined) continue;
      const from = this.#declare(this.#atStep, "from", this.#from(result, true));
      const outside = { buffer: this.#builder.write(pick), from };
      if (this.#isSplit(result) || this.#block.count === 1) {
        this.#places.set(node, outside);
        continue;
      }
      const own = this.#scratch("result", node);
      this.#places.set(node, own);
      this.#afterStep.push(this.#byOne(result, this.#copy(node, own, outside)));
    }
  }

  #pick(index: number): Node<"pick"> | undefined {
    return this.#work.picks.find(({ attrs }) => attrs.index === index);
  }

  /** What is the same for all rows is computed by every task and written by the first of the first block. */
  #byOne(node: Node, stmt: Stmt): Stmt {
    if (this.#isSplit(node) || this.#block.count === 1) return stmt;
    return when(compare("eq", this.#task, int(0)), [stmt]);
  }

  #copy(node: Node, from: Lying, to: Lying): Stmt {
    return this.#each(node, (i) => store(to.buffer, add(i, to.from), load(from.buffer, add(i, from.from), node.dtype)));
  }

  #each({ shape }: Node, body: (i: Expr) => Stmt): Stmt {
    const i = this.#builder.index("i", Math.max(2, sizeOf(shape))) as Index; // two or more make that kind
    return forLoop(i.name, int(0), int(sizeOf(shape)), [body(i)], true);
  }

  #scratch(name: string, { shape, dtype }: Node): Lying {
    return { buffer: this.#builder.scratch(name, dtype, sizeOf(shape)), from: int(0) };
  }

  /** Whether all that reads `old` comes before `value` is written, or reads each element where it is written. */
  #mayOverwrite(value: Node, old: Node): boolean {
    const first = this.#calls.findIndex(({ arguments: bound }) => bound.includes(value));
    return this.#calls.every((call, index) => {
      if (index < first || !call.arguments.includes(old)) return true;
      return index === first && call.inPlace.some(([root, read]) => root === value && read === old);
    });
  }

  #inline(call: LoweredKernel): Stmt[] {
    const { kernel } = call;
    const buffers = new Map<string, Lying>();
    for (const [index, buffer] of kernel.buffers.entries()) {
      const argument = call.arguments[index];
      if (argument === undefined) {
        const name = this.#builder.scratch(stemOf(buffer.name), buffer.dtype, buffer.elements);
        buffers.set(buffer.name, { buffer: name, from: int(0) });
      } else buffers.set(buffer.name, this.#placeOf(argument, buffer.dtype));
    }
    const params = new Map(kernel.params.map((name, index) => [name, call.params[index]!]));
    if (call.tasks === 1) return inlineBody(kernel, { buffers, params, task: int(0) }, this.#builder);
    const task = this.#builder.index("part", call.tasks) as Index; // more than one task
    return [forLoop(task.name, int(0), int(call.tasks), inlineBody(kernel, { buffers, params, task }, this.#builder))];
  }

  /** Where an argument of a call lies; what is not known yet lives from one kernel of the step to another. */
  #placeOf(argument: Node | Temporary, dtype: DType): Lying {
    const known = this.#places.get(argument);
    if (known !== undefined) return known;
    const place = isTemporary(argument)
      ? this.#temporary(argument, dtype)
      : (this.#constant(argument) ?? this.#scratch("value", argument));
    this.#places.set(argument, place);
    return place;
  }

  #constant(argument: Node): Lying | undefined {
    const port = this.#loop.constants.find(({ inner }) => this.#inBlock(inner) === argument);
    if (port === undefined) return undefined;
    const from = this.#declare(this.#atStart, "from", this.#from(port.inner, false));
    return { buffer: this.#builder.read(port.outer), from };
  }

  /** A temporary that the step itself fills is scratch memory; others were filled before. */
  #temporary(argument: Temporary, dtype: DType): Lying {
    const isOwn = this.#calls.some((call) =>
      call.arguments.some((other, index) => other === argument && call.kernel.buffers[index]!.role !== "read"),
    );
    if (!isOwn) return { buffer: this.#builder.read(argument), from: int(0) };
    return {
      buffer: this.#builder.scratch(stemOf(argument.name), dtype, argument.bytes / bytesPerElement[dtype]),
      from: int(0),
    };
  }
}
