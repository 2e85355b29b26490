import { range } from "../../base/shape.ts";
import { combine, dtypeOf, identityOf, isNumber, local as localExpr } from "../../kernel/build.ts";
import type { AccumulateName, Stmt } from "../../kernel/ir.ts";
import { goesFar, touchAhead } from "./ahead.ts";
import { type Context, lookup, registerOf } from "./context.ts";
import { pushFused } from "./fused.ts";
import { prepare } from "./prepare.ts";
import { natural, scalar } from "./scalar.ts";
import { vector } from "./vector.ts";
import { vectorizable, worthVectors } from "./vectorizable.ts";
import { combineVectors, pushLaneOf } from "./vectorMath.ts";

export type ForLoop = Extract<Stmt, { kind: "for" }>;
type Accumulate = Extract<Stmt, { kind: "accumulate" }>;

/** Writes statements; `vectors` says in which form. The statement writer hands itself in, so that files do not import in a circle. */
export type WriteBody = (context: Context, body: readonly Stmt[], vectors: boolean) => void;

const lanes = 4;
/** Partial sums kept in flight: an addition takes four cycles. */
const partials = 4;
/** Loops of at most this many iterations are written out, */
const writtenOut = 4;
/** as long as their bodies are small. */
const smallBody = 8;
/** Loops of few iterations are not worth several partial sums. */
const unrolledFrom = 2 * partials * lanes;

/** Writes a loop: what it can prepare before the first iteration, vectors where the loop allows them, and the rest one by one. */
export function writeLoop(context: Context, loop: ForLoop, writeBody: WriteBody): void {
  const { writer } = context;
  if (
    isNumber(loop.from) &&
    isNumber(loop.to) &&
    loop.to.value - loop.from.value <= writtenOut &&
    sizeOfBody(loop.body) <= smallBody
  ) {
    writeOut(context, loop, loop.from.value, loop.to.value, writeBody);
    return;
  }
  const induction = writer.local("i32");
  const end = writer.local("i32");
  const outer = context.indices.get(loop.index);
  scalar(context, loop.from);
  writer.set(induction);
  scalar(context, loop.to);
  writer.set(end);
  context.indices.set(loop.index, induction);
  if (natural(context, loop.from)) context.natural.add(loop.index);
  const count = isNumber(loop.from) && isNumber(loop.to) ? loop.to.value - loop.from.value : undefined;
  const vectors = loop.vector && (count === undefined || count >= lanes) && vectorizable(loop) && worthVectors(loop);

  if (count === undefined) {
    writer
      .get(induction)
      .get(end)
      .op("i32.lt_s")
      .if(undefined, () => writeIterations(context, loop, induction, end, count, vectors, writeBody));
  } else if (count > 0) {
    writeIterations(context, loop, induction, end, count, vectors, writeBody);
  }

  context.natural.delete(loop.index);
  if (outer === undefined) context.indices.delete(loop.index);
  else context.indices.set(loop.index, outer);
  writer.release(induction);
  writer.release(end);
}

/** Writes every iteration of a short loop, with the index as a constant. */
function writeOut(context: Context, loop: ForLoop, from: number, to: number, writeBody: WriteBody): void {
  const outer = context.constants.get(loop.index);
  if (from >= 0) context.natural.add(loop.index);
  for (let value = from; value < to; value++) {
    context.constants.set(loop.index, value);
    writeBody(context, loop.body, false);
  }
  context.natural.delete(loop.index);
  if (outer === undefined) context.constants.delete(loop.index);
  else context.constants.set(loop.index, outer);
}

/** Statements that a body comes to when inner loops are written out. */
const sizeOfBody = (body: readonly Stmt[]): number =>
  body.reduce((total, stmt) => {
    if (stmt.kind === "for") return total + writtenOut * sizeOfBody(stmt.body);
    return (
      total +
      (stmt.kind === "let" || stmt.kind === "set" || stmt.kind === "accumulate" || stmt.kind === "store"
        ? 1
        : smallBody)
    );
  }, 0);

function writeIterations(
  context: Context,
  loop: ForLoop,
  induction: number,
  end: number,
  count: number | undefined,
  vectors: boolean,
  writeBody: WriteBody,
): void {
  const { writer } = context;
  const ready = prepare(context, loop, induction, vectors);
  context.loops.push(ready);
  if (vectors) writeVectors(context, loop, induction, end, count, writeBody);
  if (!vectors || count === undefined || count % lanes !== 0) {
    const rest = (): void => {
      writer.loop((again) => {
        writeBody(context, loop.body, false);
        writer.get(induction).i32(1).op("i32.add").tee(induction).get(end).op("i32.lt_s").branchIf(again);
      });
    };
    if (vectors && count === undefined) writer.get(induction).get(end).op("i32.lt_s").if(undefined, rest);
    else rest();
  }
  context.loops.pop();
  for (const local of new Set([
    ...ready.scalars.values(),
    ...ready.splats.values(),
    ...[...ready.pointers.values()].map(({ local }) => local),
  ])) {
    writer.release(local);
  }
}

/** The part of the loop that runs in lanes; leaves the induction variable at the first iteration that is left over. */
function writeVectors(
  context: Context,
  loop: ForLoop,
  induction: number,
  end: number,
  count: number | undefined,
  writeBody: WriteBody,
): void {
  const { writer } = context;
  const accumulates = loop.body.filter((stmt): stmt is Accumulate => stmt.kind === "accumulate");
  const several = accumulates.length > 0 && accumulates.length <= 2 && (count === undefined || count >= unrolledFrom);
  const copies = several ? partials : 1;
  context.vector = { index: loop.index, induction, shift: 0, lane: undefined };
  const outerLocals = new Map(
    loop.body.flatMap((stmt) => (stmt.kind === "let" ? [[stmt.name, context.locals.get(stmt.name)] as const] : [])),
  );

  // One partial value a lane and copy. A name that is accumulated twice keeps one set of partials.
  const names = new Map<string, { readonly op: AccumulateName; readonly sums: readonly number[] }>();
  for (const { name, op, value } of accumulates) {
    if (names.has(name)) continue;
    const sums = range(copies).map(() => writer.local("v128"));
    for (const sum of sums) {
      vector(context, identityOf(op, dtypeOf(value)));
      writer.set(sum);
    }
    names.set(name, { op, sums });
  }

  const writeCopy = (copy: number): void => {
    for (const stmt of loop.body) {
      if (stmt.kind !== "accumulate") {
        writeBody(context, [stmt], true);
        continue;
      }
      const { sums } = lookup(names, stmt.name, "accumulator");
      const sum = sums[copy]!;
      accumulate(context, stmt, sum);
    }
  };
  const whileRoomFor = (copyCount: number): void => {
    const step = copyCount * lanes;
    const room = (): void => void writer.get(induction).i32(step).op("i32.add").get(end).op("i32.le_s");
    const body = (): void => {
      writer.loop((again) => {
        if (goesFar(count)) touchAhead(context, induction, end, step);
        for (const copy of range(copyCount)) {
          context.vector!.shift = copy * lanes; // set above
          writeCopy(copy);
        }
        context.vector!.shift = 0; // set above
        writer.get(induction).i32(step).op("i32.add").set(induction);
        room();
        writer.branchIf(again);
      });
    };
    room();
    writer.if(undefined, body);
  };
  if (copies > 1) whileRoomFor(copies);
  whileRoomFor(1);
  context.vector = undefined;
  for (const [name, before] of outerLocals) {
    writer.release(lookup(context.locals, name, "local").local);
    if (before === undefined) context.locals.delete(name);
    else context.locals.set(name, before);
  }

  // Copies pairwise, then lanes in order: the same tree for every trip count.
  for (const [name, { op, sums }] of names) {
    const { local, dtype } = lookup(context.locals, name, "local");
    let left = [...sums];
    while (left.length > 1) {
      const next: number[] = [];
      for (let index = 0; index < left.length; index += 2) {
        writer.get(left[index]!).get(left[index + 1]!);
        combineVectors(context, op, dtype);
        writer.set(left[index]!);
        next.push(left[index]!);
      }
      left = next;
    }
    const laneLocal = writer.local(registerOf(dtype));
    context.locals.set(laneName, { local: laneLocal, dtype, vector: false });
    for (const lane of range(lanes)) {
      pushLaneOf(context, left[0]!, dtype, lane);
      writer.set(laneLocal);
      scalar(context, combine(op, localExpr(name, dtype), localExpr(laneName, dtype)));
      writer.set(local);
    }
    context.locals.delete(laneName);
    writer.release(laneLocal);
    for (const sum of sums) writer.release(sum);
  }
}

/** Combines the vector that `stmt` computes with the one in `sum`. */
function accumulate(context: Context, { op, value }: Accumulate, sum: number): void {
  const { writer } = context;
  const dtype = dtypeOf(value);
  const total = localExpr(sumName, dtype);
  context.locals.set(sumName, { local: sum, dtype, vector: true });
  const whole = combine(op, total, value);
  if (op !== "sum" || whole.kind !== "binary" || !pushFused(context, whole, 4, vector)) {
    writer.get(sum);
    vector(context, value);
    combineVectors(context, op, dtype);
  }
  writer.set(sum);
  context.locals.delete(sumName);
}

/** A name that no kernel uses: the partial sum that is being added to. */
const sumName = "(sum)";
/** A name that no kernel uses: the lane that is being added to an accumulator. */
const laneName = "(lane)";
