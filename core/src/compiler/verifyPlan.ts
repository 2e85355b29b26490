import { bytesPerElement } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import type { Binding, Plan, Step } from "../kernel/plan.ts";
import type { Layout } from "./memory.ts";
import { alignment } from "./pack.ts";

/** No two values that live at the same time share a byte of the arena; all offsets are aligned and inside. */
export function verifyLayout({ intervals, arenaBytes }: Layout): void {
  const ordered = intervals.filter(({ bytes }) => bytes > 0);
  for (const [index, a] of ordered.entries()) {
    if (a.offset % alignment !== 0) throw new InternalError(`memory: offset ${a.offset} is not aligned`);
    if (a.offset + a.bytes > arenaBytes)
      throw new InternalError(`memory: offset ${a.offset} + ${a.bytes} is outside the arena of ${arenaBytes}`);
    for (const b of ordered.slice(index + 1)) {
      const together = a.first <= b.last && b.first <= a.last;
      const overlap = a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
      if (together && overlap)
        throw new InternalError(`memory: two live values share bytes at offsets ${a.offset} and ${b.offset}`);
    }
  }
}

/** Kernels have unique names; every binding has a known slot and starts inside it in all iterations; counts fit the kernels. */
export function verifyPlan(plan: Plan): void {
  const sizes = new Map<number, number>([[0, plan.arenaBytes]]);
  for (const { slot, shape, dtype } of [...plan.inputs, ...plan.outputs])
    sizes.set(slot, sizeOf(shape) * bytesPerElement[dtype]);
  if (plan.kept !== undefined) sizes.set(plan.kept.flag, 1).set(plan.kept.memory, plan.kept.bytes);
  if (new Set(plan.kernels.map(({ name }) => name)).size !== plan.kernels.length)
    throw new InternalError("plan: two kernels have one name");

  const checkBinding = ({ slot, offset, advance }: Binding, counts: ReadonlyMap<number, number>): void => {
    const size = sizes.get(slot);
    if (size === undefined || slot >= plan.slots) throw new InternalError(`plan: there is no slot ${slot}`);
    const ends = advance.map(({ loop, bytes }) => {
      const count = counts.get(loop);
      if (count === undefined)
        throw new InternalError(`plan: a binding advances with loop ${loop}, which is not around it`);
      return (count - 1) * bytes;
    });
    const low = offset + ends.reduce((sum, end) => sum + Math.min(0, end), 0);
    const high = offset + ends.reduce((sum, end) => sum + Math.max(0, end), 0);
    if (low < 0 || high > size)
      throw new InternalError(`plan: offsets ${low} to ${high} are outside slot ${slot} of ${size} bytes`);
  };
  const check = (step: Step, counts: ReadonlyMap<number, number>): void => {
    if (step.kind === "loop") {
      const inner = new Map([...counts, [step.loop, step.count]]);
      for (const nested of step.body) check(nested, inner);
      return;
    }
    if (step.kind === "branch") {
      checkBinding(step.when, counts);
      for (const nested of [...step.then, ...step.else]) check(nested, counts);
      return;
    }
    const kernel = plan.kernels[step.kernel];
    if (kernel === undefined) throw new InternalError(`plan: there is no kernel ${step.kernel}`);
    const bound = kernel.buffers.filter(({ role }) => role !== "scratch").length;
    for (const { bindings, params } of step.instances) {
      if (bindings.length !== bound || params.length !== kernel.params.length) {
        throw new InternalError(
          `plan: ${kernel.name} takes ${bound} buffers and ${kernel.params.length} params, received ${bindings.length} and ${params.length}`,
        );
      }
      for (const binding of bindings) checkBinding(binding, counts);
    }
  };
  for (const step of plan.steps) check(step, new Map());
}
