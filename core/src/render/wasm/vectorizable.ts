import type { Expr } from "../../kernel/ir.ts";
import { affineIn } from "./affine.ts";
import { changesOf, factsOf } from "./facts.ts";
import type { ForLoop } from "./loop.ts";

/** True when every statement has a vector form and no iteration reads what another one leaves. */
export function vectorizable(loop: ForLoop): boolean {
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

/** False for loops that only move words between scattered places: lanes would be filled and emptied one by one. */
export function worthVectors(loop: ForLoop): boolean {
  const changes = changesOf(loop.body);
  changes.names.add(loop.index);
  const lets = new Map(loop.body.flatMap((stmt) => (stmt.kind === "let" ? [[stmt.name, stmt.value] as const] : [])));
  const contiguous = (at: Expr): boolean => affineIn(at, loop.index, changes, lets)?.stride === 1;
  const movesOnly = (expr: Expr): boolean =>
    expr.kind === "load"
      ? !contiguous(expr.at)
      : expr.kind === "local" && lets.has(expr.name) && movesOnly(lets.get(expr.name)!);
  const stores = loop.body.filter((stmt) => stmt.kind === "store");
  const accumulates = loop.body.some((stmt) => stmt.kind === "accumulate");
  return (
    accumulates || stores.length === 0 || !stores.every((stmt) => !contiguous(stmt.to.at) && movesOnly(stmt.value))
  );
}
