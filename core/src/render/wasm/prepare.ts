import { bytesPerElement } from "../../base/dtype.ts";
import { add, dtypeOf, int, isNumber } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import { affineIn } from "./affine.ts";
import { type Context, lookup, type Prepared, registerOf } from "./context.ts";
import { type Changes, changesOf, factsOf, invariant } from "./facts.ts";
import { isProduct } from "./fused.ts";
import type { ForLoop } from "./loop.ts";
import { addressKey, natural, scalar, scaleBy } from "./scalar.ts";
import { splatScalar } from "./vectorMath.ts";

/** Computes pointers and values that do not change during the loop, once, before it. */
export function prepare(context: Context, loop: ForLoop, induction: number, vectors: boolean): Prepared {
  const { writer } = context;
  const changes: Changes = changesOf(loop.body);
  changes.names.add(loop.index);
  // Only locals that are never assigned again stand for their expression.
  const lets = new Map<string, Expr>();
  for (const stmt of loop.body)
    if (stmt.kind === "let" && !context.mutable.has(stmt.name)) lets.set(stmt.name, stmt.value);
  const ready: Prepared = { index: loop.index, pointers: new Map(), scalars: new Map(), splats: new Map() };

  const keep = (expr: Expr, target: Map<string, number>, splat: boolean): void => {
    const key = keyOf(expr);
    if (target.has(key)) return;
    scalar(context, expr);
    if (splat) splatScalar(context, dtypeOf(expr));
    const local = writer.local(splat ? "v128" : registerOf(dtypeOf(expr)));
    writer.set(local);
    target.set(key, local);
  };

  const pointers = new Map<string, number>();
  const pointerTo = (buffer: string, rest: Expr, size: number): number => {
    const key = addressKey(buffer, rest);
    const known = pointers.get(key);
    if (known !== undefined) return known;
    writer.get(lookup(context.buffers, buffer, "buffer").local);
    if (!isNumber(rest) || rest.value !== 0) {
      scalar(context, rest);
      scaleBy(context, size);
      writer.op("i32.add");
    }
    const pointer = writer.local("i32");
    writer.set(pointer);
    pointers.set(key, pointer);
    return pointer;
  };

  const visitAddress = (buffer: string, at: Expr, conditional: boolean): void => {
    const key = addressKey(buffer, at);
    if (ready.pointers.has(key)) return;
    const affine = affineIn(at, loop.index, changes, lets);
    // Reading memory ahead of a condition that guards it is not allowed.
    if (affine !== undefined && !(conditional && factsOf(affine.rest).buffers.size > 0)) {
      const { dtype } = lookup(context.buffers, buffer, "buffer");
      const size = bytesPerElement[dtype];
      const upward = affine.stride >= 0 && natural(context, loop.from);
      // The memory argument does not wrap: constants go there only when the rest is not negative.
      const apart = upward && affine.constant >= 0 && natural(context, affine.rest);
      const rest = apart ? affine.rest : add(affine.rest, int(affine.constant));
      ready.pointers.set(key, {
        local: pointerTo(buffer, rest, size),
        strideBytes: affine.stride * size,
        ahead: apart ? affine.constant * size : 0,
        induction,
        natural: upward && natural(context, rest),
        certain: !conditional,
      });
      return;
    }
    visit(at, conditional, false);
  };

  /** `lanewise`: the expression is wanted in vector form. */
  const visit = (expr: Expr, conditional: boolean, lanewise: boolean): void => {
    if (isNumber(expr)) return;
    const { buffers, costly } = factsOf(expr);
    if (invariant(expr, changes) && !isProduct(expr) && !(conditional && (buffers.size > 0 || costly))) {
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
