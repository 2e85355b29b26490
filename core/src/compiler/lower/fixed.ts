import type { Node } from "../../graph/node.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";
import { isTemporary } from "./kernel.ts";

/** The calls of a step of a loop, apart: those that are the same in all steps, and the others. */
export interface SplitCalls<C extends LoweredKernel> {
  /** Bound to what lies outside of the loop. */
  readonly before: readonly C[];
  readonly each: readonly C[];
}

/**
 * Takes the calls out of a step that read nothing but constants of the loop and fill temporaries (packed weights): they run once,
 * before it. `constants` says what lies outside for each constant of the body.
 */
export function splitCalls<C extends LoweredKernel>(
  calls: readonly C[],
  constants: ReadonlyMap<Node, Node>,
): SplitCalls<C> {
  const filled = new Set<Temporary>();
  const before: C[] = [];
  const each: C[] = [];
  for (const call of calls) {
    const isFixed = call.arguments.every((argument, index) => {
      if (call.kernel.buffers[index]!.role === "read")
        return isTemporary(argument) ? filled.has(argument) : constants.has(argument);
      return isTemporary(argument) && writersOf(argument, calls) === 1;
    });
    if (!isFixed) {
      each.push(call);
      continue;
    }
    for (const argument of call.arguments) if (isTemporary(argument)) filled.add(argument);
    const outside = (argument: Node | Temporary): Node | Temporary =>
      isTemporary(argument) ? argument : constants.get(argument)!; // asked above
    before.push({ ...call, arguments: call.arguments.map(outside), inPlace: [] });
  }
  return { before, each };
}

const writersOf = (temporary: Temporary, calls: readonly LoweredKernel[]): number =>
  calls.filter(({ arguments: bound, kernel }) =>
    bound.some((argument, index) => argument === temporary && kernel.buffers[index]!.role !== "read"),
  ).length;
