import { bytesPerElement } from "../../base/dtype.ts";
import { range } from "../../base/shape.ts";
import { combine, dtypeOf, identityOf, isNumber, local as localExpr } from "../../kernel/build.ts";
import type { AccumulateName, Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { affineIn } from "./affine.ts";
import { type Context, lookup, type Prepared } from "./context.ts";
import { type Changes, changesOf, factsOf, invariant, operandsOf } from "./facts.ts";
import { addressKey, natural, scalar, scaleBy } from "./scalar.ts";
import { combineVectors, pushLaneOf, splatScalar, vector } from "./vector.ts";

export type ForLoop = Extract<Stmt, { kind: "for" }>;
type Accumulate = Extract<Stmt, { kind: "accumulate" }>;

/** Writes statements; `vectors` says in which form. The statement writer hands itself in, so that files do not import in a circle. */
export type WriteBody = (context: Context, body: readonly Stmt[], vectors: boolean) => void;

const lanes = 4;
/** Partial sums kept in flight: an addition takes four cycles. */
const partials = 4;
/** Loops of few iterations are not worth several partial sums. */
const unrolledFrom = 2 * partials * lanes;

/** Writes a loop: what it can prepare before the first iteration, vectors where the loop allows them, and the rest one by one. */
export function writeLoop(context: Context, loop: ForLoop, writeBody: WriteBody): void {
  const { writer } = context;
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
  const vectors = loop.vector && (count === undefined || count >= lanes) && vectorizable(loop);

  if (count === undefined) {
    writer.get(induction).get(end).op("i32.lt_s").if(undefined, () => writeIterations(context, loop, induction, end, count, vectors, writeBody));
  } else if (count > 0) {
    writeIterations(context, loop, induction, end, count, vectors, writeBody);
  }

  context.natural.delete(loop.index);
  if (outer === undefined) context.indices.delete(loop.index);
  else context.indices.set(loop.index, outer);
  writer.release(induction);
  writer.release(end);
}

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
  for (const local of new Set([...ready.scalars.values(), ...ready.splats.values(), ...[...ready.pointers.values()].map(({ local }) => local)])) {
    writer.release(local);
  }
}

/** True when every statement has a vector form and no iteration reads what another one leaves. */
function vectorizable(loop: ForLoop): boolean {
  const declared = new Set(loop.body.flatMap((stmt) => (stmt.kind === "let" ? [stmt.name] : [])));
  const accumulated = new Set(loop.body.flatMap((stmt) => (stmt.kind === "accumulate" ? [stmt.name] : [])));
  const readsAccumulated = (expr: Expr): boolean => [...accumulated].some((name) => factsOf(expr).names.has(name));
  return loop.body.every((stmt) => {
    switch (stmt.kind) {
      case "let":
        return !readsAccumulated(stmt.value);
      case "set":
        return declared.has(stmt.name) && !accumulated.has(stmt.name) && !readsAccumulated(stmt.value);
      case "accumulate":
        return !declared.has(stmt.name) && !readsAccumulated(stmt.value);
      case "store":
        return !readsAccumulated(stmt.value) && !readsAccumulated(stmt.to.at);
      default:
        return false;
    }
  });
}

/** Computes pointers and values that do not change during the loop, once, before it. */
function prepare(context: Context, loop: ForLoop, induction: number, vectors: boolean): Prepared {
  const { writer } = context;
  const changes: Changes = changesOf(loop.body);
  changes.names.add(loop.index);
  // Only locals that are never assigned again stand for their expression.
  const lets = new Map<string, Expr>();
  for (const stmt of loop.body) if (stmt.kind === "let" && !context.mutable.has(stmt.name)) lets.set(stmt.name, stmt.value);
  const ready: Prepared = { index: loop.index, pointers: new Map(), scalars: new Map(), splats: new Map() };

  const keep = (expr: Expr, target: Map<string, number>, splat: boolean): void => {
    const key = keyOf(expr);
    if (target.has(key)) return;
    scalar(context, expr);
    if (splat) splatScalar(context, dtypeOf(expr));
    const local = writer.local(splat ? "v128" : dtypeRegister(expr));
    writer.set(local);
    target.set(key, local);
  };

  const visitAddress = (buffer: string, at: Expr, conditional: boolean): void => {
    const key = addressKey(buffer, at);
    if (ready.pointers.has(key)) return;
    const affine = affineIn(at, loop.index, changes, lets);
    // Reading memory ahead of a condition that guards it is not allowed.
    if (affine !== undefined && !(conditional && factsOf(affine.rest).buffers.size > 0)) {
      const { local: base, dtype } = lookup(context.buffers, buffer, "buffer");
      const size = bytesPerElement[dtype];
      const upward = affine.stride >= 0 && natural(context, affine.rest) && natural(context, loop.from);
      writer.get(base);
      if (!isNumber(affine.rest) || affine.rest.value !== 0) {
        scalar(context, affine.rest);
        scaleBy(context, size);
        writer.op("i32.add");
      }
      const pointer = writer.local("i32");
      writer.set(pointer);
      ready.pointers.set(key, { local: pointer, strideBytes: affine.stride * size, induction, natural: upward });
      return;
    }
    visit(at, conditional, false);
  };

  /** `lanewise`: the expression is wanted in vector form. */
  const visit = (expr: Expr, conditional: boolean, lanewise: boolean): void => {
    if (isNumber(expr)) return;
    const { buffers, costly } = factsOf(expr);
    if (invariant(expr, changes) && !(conditional && (buffers.size > 0 || costly))) {
      const leaf = expr.kind === "index" || expr.kind === "param" || expr.kind === "local";
      if (lanewise) keep(expr, ready.splats, true);
      if (!leaf) keep(expr, ready.scalars, false);
      return;
    }
    if (expr.kind === "load") visitAddress(expr.buffer, expr.at, conditional);
    else if (expr.kind === "select") {
      visit(expr.when, conditional, lanewise);
      visit(expr.then, true, lanewise);
      visit(expr.else, true, lanewise);
    } else {
      for (const operand of operandsOf(expr)) visit(operand, conditional, lanewise);
    }
  };

  const visitBody = (body: readonly Stmt[], conditional: boolean): void => {
    for (const stmt of body) {
      switch (stmt.kind) {
        case "let":
        case "set":
        case "accumulate":
          visit(stmt.value, conditional, vectors);
          break;
        case "store":
          visitAddress(stmt.to.buffer, stmt.to.at, conditional);
          visit(stmt.value, conditional, vectors);
          break;
        case "for":
          visit(stmt.from, conditional, false);
          visit(stmt.to, conditional, false);
          visitBody(stmt.body, true);
          break;
        case "if":
          visit(stmt.when, conditional, false);
          visitBody(stmt.then, true);
          visitBody(stmt.else, true);
          break;
        case "while":
          visit(stmt.when, conditional, false);
          visitBody(stmt.body, true);
          break;
        case "tile":
          for (const { buffer, at } of [stmt.a, stmt.b, stmt.c]) visitAddress(buffer, at, conditional);
          visit(stmt.depth, conditional, false);
          break;
        default:
          stmt satisfies never;
      }
    }
  };
  visitBody(loop.body, false);
  return ready;
}

const dtypeRegister = (expr: Expr): "f32" | "i32" => (dtypeOf(expr).includes("f") ? "f32" : "i32");

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
  const outerLocals = new Map(loop.body.flatMap((stmt) => (stmt.kind === "let" ? [[stmt.name, context.locals.get(stmt.name)] as const] : [])));

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
      writer.get(sum);
      vector(context, stmt.value);
      combineVectors(context, stmt.op, dtypeOf(stmt.value));
      writer.set(sum);
    }
  };
  const whileRoomFor = (copyCount: number): void => {
    const step = copyCount * lanes;
    const room = (): void => void writer.get(induction).i32(step).op("i32.add").get(end).op("i32.le_s");
    const body = (): void => {
      writer.loop((again) => {
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
    const laneLocal = writer.local(dtypeRegister(localExpr(name, dtype)));
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

/** A name that no kernel uses: the lane that is being added to an accumulator. */
const laneName = "(lane)";
