import type { Plan, Program } from "../kernel/plan.ts";
import type { Target } from "../render/target.ts";
import { assemble } from "./assemble.ts";
import { forms } from "./forms.ts";
import { fuse } from "./fuse.ts";
import { keep } from "./keep.ts";
import { legalize } from "./legalize.ts";
import { lowerOnce } from "./lowerOnce.ts";
import { lowerRegion, structureOfUnit } from "./lowerRegion.ts";
import { memory } from "./memory.ts";
import { runPass } from "./pass.ts";
import { place } from "./place.ts";
import { schedule } from "./schedule.ts";
import { simplify } from "./simplify.ts";
import type { Source } from "./source.ts";
import { steadyNodes } from "./steady.ts";

export interface CompileOptions {
  /** "none" makes one kernel of every node that is no view: for tests, and to see what fusion brings. */
  readonly fusion?: "full" | "none";
}

/** The plan of `program` for `target`: what a device runs. */
export function compile(program: Program, target: Target, options: CompileOptions = {}): Plan {
  return compileStages(program, target, options).plan;
}

/** All that `compile` makes on the way, for `inspectProgram`. */
export function compileStages(program: Program, target: Target, { fusion = "full" }: CompileOptions = {}) {
  const source: Source = { program, taps: [], rowLoops: new Map() };
  // Fewer and simpler nodes, of the same value.
  const simplified = runPass("simplify", simplify, source, forms.source, forms.source);
  // Nodes that kernels are good at.
  const legal = runPass(
    "legalize",
    (it: Source) => legalize(it, { target, fusion }),
    simplified,
    forms.source,
    forms.source,
  );
  const updates = new Set(
    legal.program.graph.outputs.filter((_, index) => legal.program.replaces[index] !== undefined),
  );
  // Which nodes share a kernel.
  const cut = ({ program: { graph }, rowLoops }: Source) =>
    fuse(graph, { target, fusion, replacing: updates, rowLoops });
  const region = runPass("fuse", cut, legal, forms.source, forms.region);
  // What the kernels are.
  const lowerCluster = lowerOnce(target, steadyNodes(legal.program));
  const lowered = runPass(
    "lower",
    (it: typeof region) => lowerRegion(it, target, lowerCluster),
    region,
    forms.region,
    forms.lowered,
  );
  // In which order they run, and which run as one.
  const block = runPass(
    "schedule",
    (it: typeof lowered) => schedule(it, updates, structureOfUnit),
    lowered,
    forms.lowered,
    forms.block,
  );
  // Which values share memory by meaning.
  const placed = runPass(
    "place",
    (it: typeof block) => place(legal.program, it, lowerCluster),
    block,
    forms.block,
    forms.placed,
  );
  // What one run can leave to the next.
  const parted = runPass("keep", keep, placed, forms.placed, forms.placed);
  // Where in memory everything is.
  const layout = runPass("memory", memory, parted, forms.placed, forms.layout);
  // Plain data.
  const plan = runPass("plan", (it: typeof layout) => assemble(it, legal.taps), layout, forms.layout, forms.plan);
  return { simplified, legal, region, block: parted.block, layout, plan };
}
