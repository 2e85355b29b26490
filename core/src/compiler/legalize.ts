import type { Target } from "../render/target.ts";
import { separate } from "./separate.ts";
import type { Source } from "./source.ts";

/** The program in terms of nodes that lowering is good at, with memory of its own for every output. */
export function legalize({ program, taps }: Source, _target: Target): Source {
  const graph = separate(program.graph);
  return { program: { ...program, graph }, taps };
}
