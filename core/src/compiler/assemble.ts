import { bytesPerElement } from "../base/dtype.ts";
import { range } from "../base/shape.ts";
import type { Kernel } from "../kernel/ir.ts";
import { structureOf } from "../kernel/key.ts";
import type { Instance, KeptPart, LaunchWork, Plan, PlanOutput, PlanTensor, Program, Step } from "../kernel/plan.ts";
import type { Kept } from "./keep.ts";
import type { Layout } from "./memory.ts";
import { aligned } from "./pack.ts";
import { rootOf } from "./place.ts";
import type { Block, Call, Work } from "./region.ts";

/** The plan: kernels each once under a unique name, steps with bindings, inputs and outputs. */
export function assemble(layout: Layout, taps: Plan["taps"]): Plan {
  const { program, block, slots, aliases, kept } = layout.placed;
  const kernels: Kernel[] = [];
  const known = new Map<string, number>();
  const names = new Set<string>();

  const kernelOf = (call: Call): number => {
    const structure = structureOf(call.kernel);
    const existing = known.get(structure);
    if (existing !== undefined) return existing;
    known.set(structure, kernels.length);
    kernels.push({ ...call.kernel, name: uniqueName(call.kernel.name, names) });
    return kernels.length - 1;
  };
  const instanceOf = (call: Call): Instance => ({
    bindings: call.arguments.map(layout.locate),
    params: call.params,
    tasks: call.tasks,
  });
  const stepOf = (work: Work): Step => {
    if (work.kind === "launch")
      return {
        kind: "launch",
        kernel: kernelOf(work.calls[0]!),
        instances: work.calls.map(instanceOf),
        work: workOf(work.calls),
      };
    if (work.kind === "branch") {
      return {
        kind: "branch",
        when: layout.locate(work.node.inputs[0]!),
        then: stepsOf(work.whenTrue),
        else: stepsOf(work.whenFalse),
      };
    }
    return {
      kind: "loop",
      loop: layout.placed.loops.get(work.node)!,
      count: work.node.attrs.length,
      body: stepsOf(work.body),
    };
  };
  // A loop of no steps leaves the initial carries as they are.
  const isEmpty = (work: Work): boolean => work.kind === "loop" && work.node.attrs.length === 0;
  const stepsOf = (inner: Block): Step[] => inner.works.filter((work) => !isEmpty(work)).map(stepOf);

  const inputs = block.graph.inputs.map(
    ({ attrs: { name }, shape, dtype }, index): PlanTensor => ({ name, shape, dtype, slot: index + 1 }),
  );
  const outputs = block.graph.outputs.map((node, index): PlanOutput => {
    const replaces = program.replaces[index];
    const slot = replaces === undefined ? slots.get(rootOf(node, aliases))! : replaces + 1;
    const tap = taps.find(({ output }) => output === index);
    return {
      name: tap?.name ?? inputs[replaces ?? -1]?.name ?? `output${index}`,
      shape: node.shape,
      dtype: node.dtype,
      slot,
      replaces,
    };
  });
  const steps = stepsOf(block);
  if (kept !== undefined) {
    const when = { slot: kept.flag, offset: 0, advance: [] };
    steps.splice(0, kept.works, { kind: "branch", when, then: steps.slice(0, kept.works), else: [] });
  }
  return {
    name: program.name,
    kernels,
    steps,
    inputs,
    outputs,
    slots: 1 + slots.size + (kept === undefined ? 0 : 2),
    ...(kept === undefined ? {} : { kept: keptPart(kept, program) }),
    arenaBytes: layout.arenaBytes,
    scratchBytes: Math.max(0, ...kernels.map(scratchOf)),
    tenants: layout.intervals.map(({ value, bytes, first, last, offset }) => {
      const [name, scope] = "kind" in value ? [value.name, ""] : [value.op, value.scope];
      return { name, scope, offset, bytes, first, last };
    }),
    taps,
  };
}

const keptPart = ({ flag, memory, bytes }: Kept, { steady = [], replaces }: Program): KeptPart => ({
  flag,
  memory,
  bytes,
  inputs: steady.filter((index) => !replaces.includes(index)),
});

const workOf = (calls: readonly Call[]): LaunchWork => ({
  scope: [...new Set(calls.flatMap(({ kernel }) => (kernel.scope === "" ? [] : kernel.scope.split("+"))))].join("+"),
  multiplyAdds: calls.reduce((sum, { kernel }) => sum + kernel.flops, 0),
  bytes: calls.reduce((sum, { kernel }) => sum + kernel.bytes, 0),
});

/** Bytes of all scratch buffers of the kernel, one after the other, each aligned. */
const scratchOf = ({ buffers }: Kernel): number =>
  buffers.reduce(
    (sum, { role, dtype, elements }) => sum + (role === "scratch" ? aligned(elements * bytesPerElement[dtype]) : 0),
    0,
  );

function uniqueName(name: string, taken: Set<string>): string {
  const candidates = [name, ...range(taken.size + 1).map((index) => `${name}_${index + 2}`)];
  const free = candidates.find((candidate) => !taken.has(candidate))!;
  taken.add(free);
  return free;
}
