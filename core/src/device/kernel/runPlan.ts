import { bytesPerElement, type DType } from "../../base/dtype.ts";
import { interpretTask, type KernelMemory } from "../../kernel/interpret.ts";
import type { KernelBuffer } from "../../kernel/ir.ts";
import type { Binding, Plan, Step } from "../../kernel/plan.ts";

/** The memory of each slot: the arena, then inputs, then fresh outputs. */
export type Slots = readonly Uint8Array[];

/** The order in which the tasks of a launch run; results must not depend on it. */
export type TaskOrder = "forward" | "backward";

/** Runs a plan once: what its steps mean. Kernels are interpreted; tasks run one after the other. */
export function runPlan(plan: Plan, slots: Slots, order: TaskOrder = "forward"): void {
  runSteps(plan, plan.steps, slots, new Map(), order);
}

function runSteps(
  plan: Plan,
  steps: readonly Step[],
  slots: Slots,
  loops: Map<number, number>,
  order: TaskOrder,
): void {
  for (const step of steps) {
    switch (step.kind) {
      case "launch": {
        const kernel = plan.kernels[step.kernel]!;
        const buffers = kernel.buffers.filter(({ role }) => role !== "scratch");
        for (const { bindings, params, tasks } of step.instances) {
          const memory = bindings.map((binding, index) => view(slots, binding, loops, buffers[index]!));
          const run = interpretTask(kernel, memory, params);
          for (let task = 0; task < tasks; task++) run(order === "forward" ? task : tasks - 1 - task);
        }
        break;
      }
      case "loop":
        for (let iteration = 0; iteration < step.count; iteration++) {
          runSteps(plan, step.body, slots, loops.set(step.loop, iteration), order);
        }
        break;
      case "branch": {
        const { slot } = step.when;
        const chosen = slots[slot]![addressOf(step.when, loops)] === 0 ? step.else : step.then;
        runSteps(plan, chosen, slots, loops, order);
        break;
      }
      default:
        step satisfies never;
    }
  }
}

const addressOf = ({ offset, advance }: Binding, loops: ReadonlyMap<number, number>): number =>
  advance.reduce((sum, { loop, bytes }) => sum + bytes * loops.get(loop)!, offset);

const arrayOf: {
  readonly [D in DType]: new (
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ) => KernelMemory;
} = {
  f32: Float32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
};

/** The slot's memory from the binding on. The kernel's own bounds are the planner's matter. */
function view(
  slots: Slots,
  binding: Binding,
  loops: ReadonlyMap<number, number>,
  { dtype }: KernelBuffer,
): KernelMemory {
  const bytes = slots[binding.slot]!;
  const start = addressOf(binding, loops);
  const size = bytesPerElement[dtype];
  return new arrayOf[dtype](bytes.buffer, bytes.byteOffset + start, Math.floor((bytes.byteLength - start) / size));
}
