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

let known = new WeakMap<Expr, Facts>();

/** Forgets what was found out: expressions live as long as their plan, which needs none of it once it is rendered. */
export function forgetFacts(): void {
  known = new WeakMap();
}

const nothing: ReadonlySet<string> = new Set();

/** All of both; one of them where it holds the other, as almost always. */
function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size < b.size) return union(b, a);
  for (const name of b) if (!a.has(name)) return new Set([...a, ...b]);
  return a;
}

export function factsOf(expr: Expr): Facts {
  const cached = known.get(expr);
  if (cached !== undefined) return cached;
  let names = expr.kind === "index" || expr.kind === "local" ? new Set([expr.name]) : nothing;
  let buffers = expr.kind === "load" ? new Set([expr.buffer]) : nothing;
  let costly = expr.kind === "threefry" || (expr.kind === "unary" && expr.op !== "neg" && expr.op !== "floor");
  if (expr.kind === "binary" && (expr.op === "pow" || expr.op === "mod")) costly = true;
  for (const operand of operandsOf(expr)) {
    const inner = factsOf(operand);
    names = union(names, inner.names);
    buffers = union(buffers, inner.buffers);
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
