import { bytesPerElement } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { costOf } from "../../graph/primitives.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { operandsOf } from "../../kernel/operands.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { isTemporary } from "./kernel.ts";
import { isInline, reducerOf, termsOf } from "./reducer.ts";

/** One part of lowering: some roots of a cluster, and all that is needed to compute them. */
export interface Work {
  readonly members: ReadonlySet<Node>;
  readonly stored: ReadonlySet<Node>;
  readonly roots: readonly Node[];
  readonly substitutes: ReadonlyMap<Node, Temporary>;
  /** Values that are likely to be the same in the next run. */
  readonly steady?: ReadonlySet<Node>;
}

/** The members that `roots` need, in the order of ids. */
export function neededBy(roots: readonly Node[], { members, stored }: Pick<Work, "members" | "stored">): Node[] {
  const seen = new Set<Node>();
  const pending = [...roots];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const computed = members.has(node) || !stored.has(node);
    if (seen.has(node) || !computed || (node.op === "input" && !roots.includes(node))) continue;
    seen.add(node);
    pending.push(...node.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

/** The reducers among `nodes`. */
export const reducersIn = (nodes: readonly Node[], inlineToo: boolean): Node[] =>
  nodes.filter((node) => reducerOf(node) !== undefined && (inlineToo || !isInline(node)));

/** Multiply-adds that one element of the cheapest root-shaped loop costs, roughly. */
export const costOfElement = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => sum + costOf(node) * (isInline(node) ? termsOf(node) : 1), 0);

/** Multiply-adds of computing every node once. */
export const flopsOf = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, node) => sum + costOf(node) * sizeOf(node.shape) * termsOf(node), 0);

/** Names of the operations that do something, at most six: "mul_add_max". */
export function nameOf(prefix: string, nodes: readonly Node[], roots: readonly Node[]): string {
  const silent = new Set(["const", "expand", "reshape", "custom", "detach", "tap", "input", "barrier"]);
  const ops = nodes.filter((node) => !silent.has(node.op)).map(({ op }) => op);
  const shown = ops.length > 6 ? [...ops.slice(0, 3), `${ops.length - 5}more`, ...ops.slice(-2)] : ops;
  return [prefix, (roots[0]?.shape ?? []).join("x") || "scalar", ...(shown.length === 0 ? ["copy"] : shown)].join("_");
}

export const scopeOf = (nodes: readonly Node[]): string =>
  [...new Set(nodes.map(({ scope }) => scope).filter((scope) => scope !== ""))].slice(0, 6).join("+");

/** Loads of all expressions of the statements: buffer to the keys of its addresses. */
function loadsOf(statements: readonly Stmt[]): Map<string, Set<string>> {
  const loads = new Map<string, Set<string>>();
  const seen = new Set<Expr>();
  const visit = (expr: Expr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    if (expr.kind === "load") loads.set(expr.buffer, (loads.get(expr.buffer) ?? new Set()).add(keyOf(expr.at)));
    for (const child of operandsOf(expr)) visit(child);
  };
  for (const stmt of statements) {
    if (stmt.kind === "store") visit(stmt.to.at);
    if (stmt.kind === "store" || stmt.kind === "accumulate" || stmt.kind === "let") visit(stmt.value);
  }
  return loads;
}

/**
 * Pairs of a root and a read node of which each element is read only where (task and iteration) that element of the root
 * is written, or before. `stages` are the statements before sharing, in order; loops over one range share their variables.
 */
function inPlacePairs(
  stages: readonly (readonly Stmt[])[],
  writes: readonly { readonly root: Node; readonly buffer: string }[],
  reads: readonly { readonly node: Node; readonly buffer: string }[],
): LoweredKernel["inPlace"] {
  const loads = stages.map(loadsOf);
  const pairs: (readonly [Node, Node])[] = [];
  for (const { root, buffer } of writes) {
    const writing = stages.findIndex((stage) =>
      stage.some((stmt) => stmt.kind === "store" && stmt.to.buffer === buffer),
    );
    const [only, ...others] = stages.flat().filter((stmt) => stmt.kind === "store" && stmt.to.buffer === buffer);
    if (only?.kind !== "store" || others.length > 0) continue;
    const address = keyOf(only.to.at);
    for (const read of reads) {
      const sameSize =
        sizeOf(root.shape) === sizeOf(read.node.shape) &&
        bytesPerElement[root.dtype] === bytesPerElement[read.node.dtype];
      const fits = loads.every((stage, number) => {
        const addresses = [...(stage.get(read.buffer) ?? [])];
        return addresses.every((other) => other === address && number <= writing);
      });
      if (sameSize && fits) pairs.push([root, read.node]);
    }
  }
  return pairs;
}

/** The kernel with its in-place pairs; its body was made of `stages`. */
export function withInPlace(lowered: LoweredKernel, stages: readonly (readonly Stmt[])[]): LoweredKernel {
  const named = lowered.arguments.map((argument, i) => ({ argument, buffer: lowered.kernel.buffers[i]! }));
  const nodes = named.flatMap(({ argument, buffer }) => (isTemporary(argument) ? [] : [{ node: argument, buffer }]));
  const writes = nodes
    .filter(({ buffer }) => buffer.role === "write")
    .map(({ node, buffer }) => ({ root: node, buffer: buffer.name }));
  const reads = nodes
    .filter(({ buffer }) => buffer.role === "read")
    .map(({ node, buffer }) => ({ node, buffer: buffer.name }));
  return { ...lowered, inPlace: inPlacePairs(stages, writes, reads) };
}
