import type { Expr, Stmt } from "../../kernel/ir.ts";
import { operandsOf } from "../../kernel/operands.ts";

export interface LocalUses {
  /** The i32 locals that addresses and loop bounds are made of, also through other locals. */
  readonly addressLocals: ReadonlySet<string>;
  /** Locals that change after their declaration; they may hold data. */
  readonly changing: ReadonlySet<string>;
}

/** How a kernel uses its locals. */
export function usesOfLocals(body: readonly Stmt[]): LocalUses {
  const values = new Map<string, Expr>();
  const found = new Set<string>();
  const changing = new Set<string>();
  const note = (expr: Expr): void => {
    if (expr.kind === "local") {
      const value = values.get(expr.name);
      if (found.has(expr.name) || value === undefined) return;
      found.add(expr.name);
      note(value);
    }
    for (const part of operandsOf(expr)) note(part);
  };
  const search = (expr: Expr): void => {
    if (expr.kind === "load") note(expr.at);
    for (const part of operandsOf(expr)) search(part);
  };
  const visit = (stmts: readonly Stmt[]): void => {
    for (const stmt of stmts) {
      switch (stmt.kind) {
        case "for":
          note(stmt.from);
          note(stmt.to);
          visit(stmt.body);
          break;
        case "let":
          if (stmt.dtype === "i32") values.set(stmt.name, stmt.value);
          search(stmt.value);
          break;
        case "store":
          note(stmt.to.at);
          search(stmt.value);
          break;
        case "if":
          search(stmt.when);
          visit(stmt.then);
          visit(stmt.else);
          break;
        case "while":
          search(stmt.when);
          visit(stmt.body);
          break;
        case "tile":
          for (const { at } of [stmt.a, stmt.b, stmt.c]) note(at);
          note(stmt.depth);
          break;
        case "set":
        case "accumulate":
          changing.add(stmt.name);
          search(stmt.value);
          break;
      }
    }
  };
  visit(body);
  return { addressLocals: new Set([...found].filter((name) => !changing.has(name))), changing };
}
