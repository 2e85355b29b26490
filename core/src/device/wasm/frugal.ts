import { tellCollector } from "../../base/collector.ts";
import { setEngineFlags } from "../../base/host.ts";
import { reachable } from "../../graph/walk.ts";
import type { Program } from "../../kernel/plan.ts";

/** Nodes of a program from which on planning it makes tens of megabytes; smaller ones start without collections. */
const worthwhile = 600;

const flag = "optimize-for-size";

/** Whether Node was started with the flag; words may be joined by "-" or "_". The last one counts. */
function preferred(): boolean {
  const { process } = globalThis as { readonly process?: { readonly execArgv?: readonly string[] } };
  const given = (process?.execArgv ?? []).map((each) => each.replaceAll("_", "-"));
  return given.lastIndexOf(`--${flag}`) > given.lastIndexOf(`--no-${flag}`);
}

/**
 * Plans or renders `program` in little memory. V8 would let the room for young objects grow to 33 MB, which it keeps and nobody needs
 * later; collections that prefer little memory shrink it. So it is told to prefer that, and to collect before and after.
 * A process that was started so goes on so.
 */
export function frugally<T>({ graph }: Program, work: () => T): T {
  if (reachable(graph.outputs).length < worthwhile) return work();
  setEngineFlags(`--${flag}`);
  tellCollector();
  try {
    return work();
  } finally {
    tellCollector();
    if (!preferred()) setEngineFlags(`--no-${flag}`);
  }
}
