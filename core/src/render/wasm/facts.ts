import type { Expr, Stmt } from "../../kernel/ir.ts";
import { operandsOf } from "../../kernel/operands.ts";

/** What an expression depends on, and what evaluating it costs. */
export interface Facts {
  /** Loop indices and locals. */
  readonly names: ReadonlySet<string>;
  readonly buffers: ReadonlySet<string>;
  /** Calls a function or divides. */
  readonly costly: boolean;
}

const known = new WeakMap<Expr, Facts>();

export function factsOf(expr: Expr): Facts {
  const cached = known.get(expr);
  if (cached !== undefined) return cached;
  const names = new Set<string>();
  const buffers = new Set<string>();
  let costly = expr.kind === "threefry" || (expr.kind === "unary" && expr.op !== "neg" && expr.op !== "floor");
  if (expr.kind === "binary" && (expr.op === "pow" || expr.op === "mod")) costly = true;
  if (expr.kind === "index" || expr.kind === "local") names.add(expr.name);
  if (expr.kind === "load") buffers.add(expr.buffer);
  for (const operand of operandsOf(expr)) {
    const inner = factsOf(operand);
    for (const name of inner.names) names.add(name);
    for (const buffer of inner.buffers) buffers.add(buffer);
    costly ||= inner.costly;
  }
  const facts = { names, buffers, costly };
  known.set(expr, facts);
  return facts;
}

/** What the statements of a loop body change. */
export interface Changes {
  readonly names: Set<string>;
  readonly buffers: Set<string>;
}

/** The names that `body` declares or sets and the buffers that it stores to, at any depth. */
export function changesOf(body: readonly Stmt[], changes: Changes = { names: new Set(), buffers: new Set() }): Changes {
  for (const stmt of body) {
    switch (stmt.kind) {
      case "for":
        changes.names.add(stmt.index);
        changesOf(stmt.body, changes);
        break;
      case "let":
      case "set":
      case "accumulate":
        changes.names.add(stmt.name);
        break;
      case "store":
        changes.buffers.add(stmt.to.buffer);
        break;
      case "if":
        changesOf(stmt.then, changes);
        changesOf(stmt.else, changes);
        break;
      case "while":
        changesOf(stmt.body, changes);
        break;
      case "tile":
        changes.buffers.add(stmt.c.buffer);
        break;
      default:
        stmt satisfies never;
    }
  }
  return changes;
}

const meet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean => {
  for (const name of a) if (b.has(name)) return true;
  return false;
};

/** True when `expr` has one value during a loop whose body makes `changes` (the loop's own index among them). */
export function invariant(expr: Expr, changes: Changes): boolean {
  const { names, buffers } = factsOf(expr);
  return !meet(names, changes.names) && !meet(buffers, changes.buffers);
}
