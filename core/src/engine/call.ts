import { type Selection, selection } from "../device/select.ts";
import type { Node } from "../graph/node.ts";
import { type Cached, cached } from "./cache.ts";
import { holderOf, makeLeaf } from "./leaf.ts";
import { prepare, realize } from "./realize.ts";
import { enqueueRun } from "./run.ts";
import { graphKey } from "./signature.ts";
import { Storage } from "./storage.ts";
import type { Traced } from "./trace.ts";

/** A traced function bound to a device. */
export interface Compiled {
  readonly traced: Traced;
  readonly entry: Cached;
}

/** Finds or makes the executable of a traced function; whoever asks holds it until `dropHold`. */
export function compiledFor(traced: Traced, on: Selection): Compiled {
  const { graph, replaces } = traced.program;
  const entry = cached(on, graphKey(graph, replaces), () => traced.program);
  entry.holders++;
  return { traced, entry };
}

/** Enqueues one run and returns a leaf for each result of the function. Variables change in place. */
export function call({ traced, entry }: Compiled, args: readonly Node[]): Node[] {
  const { program, cells, captured } = traced;
  const on = selection();
  const givenNodes = realize(args);
  // Snapshots of values of the past share their storage, so the run leaves them alone.
  const before = new Map(
    traced.results.flatMap((result) => (result.kind === "before" ? [[result.cell, result.cell.snapshot()]] : [])),
  );

  // Everything that is not computed yet is computed together, initial values of variables above all.
  prepare([...givenNodes.map(holderOf), ...cells.map(({ holder }) => holder), ...captured.map(holderOf)], on);
  const changed = new Set(program.replaces);
  const inputs = [
    ...givenNodes.map((node) => holderOf(node).storage),
    ...cells.map((cell, index) => (changed.has(args.length + index) ? cell.exclusive() : cell.holder.storage)),
    ...captured.map((node) => holderOf(node).storage),
  ];
  const results = program.graph.outputs.map((node, index) => {
    const replaced = program.replaces[index];
    return replaced === undefined ? new Storage(node) : inputs[replaced]!;
  });
  enqueueRun(entry, inputs, results);
  for (const replaced of changed) if (replaced !== undefined) cells[replaced - args.length]!.changed();

  const leaves = new Map<number, Node>();
  const leafOf = (index: number): Node => {
    const leaf = leaves.get(index) ?? makeLeaf(results[index]!, program.graph.outputs[index]!.op);
    leaves.set(index, leaf);
    return leaf;
  };
  return traced.results.map((result) => {
    switch (result.kind) {
      case "output":
        return leafOf(result.index);
      case "argument":
        return givenNodes[result.index]!;
      case "captured":
        return result.node;
      case "before":
        return before.get(result.cell)!;
      case "after":
        return result.cell.snapshot();
      default:
        return result satisfies never;
    }
  });
}
