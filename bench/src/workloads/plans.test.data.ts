import { compile, type Plan, type Program } from "chainrule/compiler";
import { createReferenceDevice, setDevice } from "chainrule/device";
import type { Target } from "chainrule/render";
import type { Workload } from "./workload.ts";

/** A machine with AVX2: plans depend on it, but not on the machine of the test. */
export const target: Target = {
  name: "c",
  vectorLanes: 8,
  vectorRegisters: 16,
  fusedMultiplyAdd: true,
  threads: 2,
  tile: { rows: 6, columns: 16 },
  depthBlock: 256,
  rowBlock: 96,
  columnBlock: 256,
  elementsPerTask: 16_384,
};

/** The plan of the largest program that a case of a workload runs. Nothing is computed: all values are zero. */
export async function planOf({ cases }: Workload, name: string): Promise<Plan> {
  const programs: Program[] = [];
  const device = createReferenceDevice();
  const load = (program: Program) => {
    programs.push(program);
    return { plan: undefined, compileMs: 0, arenaBytes: 0, run() {}, dispose() {} };
  };
  await setDevice({ ...device, load: async (program) => load(program), loadSync: load });
  const run = await cases.find((each) => each.name === name)!.prepare();
  await run();
  const [largest] = programs.sort((a, b) => b.graph.inputs.length - a.graph.inputs.length);
  return compile(largest!, target);
}
