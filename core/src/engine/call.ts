import { type Selection, selection } from "../device/select.ts";
import type { Node } from "../graph/node.ts";
import { type Cached, cached, load } from "./cache.ts";
import type { Cell } from "./cell.ts";
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
  /** The cells whose values a run replaces. */
  readonly changed: ReadonlySet<Cell>;
}

/** Finds or makes the executable of a traced function; whoever asks holds it until `dropHold`. */
export function compiledFor(traced: Traced, on: Selection): Compiled {
  const { graph, replaces } = traced.program;
  const entry = cached(on, graphKey(graph, replaces), () => traced.program);
  entry.holders++;
  const firstCell = traced.program.graph.inputs.length - traced.cells.length - traced.captured.length;
  const written = new Set(traced.program.replaces);
  const changed = new Set(traced.cells.filter((_, index) => written.has(firstCell + index)));
  return { traced, entry, changed };
}

/** Compiles the program, if it is not, beside the work that is enqueued. */
export async function compileAhead({ entry }: Compiled): Promise<void> {
  await load(entry, await entry.on.ready);
}

/** Enqueues one run and returns a leaf for each result of the function. Variables change in place. */
export function call({ traced, entry, changed }: Compiled, args: readonly Node[]): Node[] {
  const { program, cells, captured } = traced;
  const on = selection();
  const given = realize(args);
  // Snapshots of values of the past share their storage, so the run leaves them alone.
  const before = new Map<Cell, Node>();
  for (const result of traced.results) if (result.kind === "before") before.set(result.cell, result.cell.snapshot());

  // Everything that is not computed yet is computed together, initial values of variables above all.
  const holders = [...given.map(holderOf), ...cells.map(({ holder }) => holder), ...captured.map(holderOf)];
  prepare(holders, on);
  for (const cell of changed) cell.exclusive();
  const inputs = holders.map(({ storage }) => storage);
  const results = program.graph.outputs.map((node, index) => {
    const replaced = program.replaces[index];
    return replaced === undefined ? new Storage(node) : inputs[replaced]!;
  });
  enqueueRun(entry, inputs, results);
  for (const cell of changed) cell.changed();

  const leaves: Node[] = [];
  return traced.results.map((result) => {
    switch (result.kind) {
      case "output":
        leaves[result.index] ??= makeLeaf(results[result.index]!, program.graph.outputs[result.index]!.op);
        return leaves[result.index]!;
      case "argument":
        return given[result.index]!;
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
