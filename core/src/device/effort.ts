import type { Plan, Step } from "../kernel/plan.ts";

/** What one thread does in a microsecond, and what a launch costs it: rough on purpose, for plans of small kernels. */
export interface Pace {
  readonly multiplyAdds: number;
  readonly bytes: number;
  readonly launchMicroseconds: number;
}

/** About how many microseconds a plan takes on one thread. A function of the plan alone, so that it is the same everywhere. */
export function effortOf({ kernels, steps, kept }: Plan, pace: Pace): number {
  const stepsEffort = (some: readonly Step[]): number => some.reduce((sum, step) => sum + stepEffort(step), 0);
  const stepEffort = (step: Step): number => {
    switch (step.kind) {
      case "launch": {
        const { flops, bytes } = kernels[step.kernel]!;
        const instances = step.instances.length;
        const work = step.work ?? { multiplyAdds: flops * instances, bytes: bytes * instances };
        return work.multiplyAdds / pace.multiplyAdds + work.bytes / pace.bytes + pace.launchMicroseconds;
      }
      case "loop":
        return step.count * stepsEffort(step.body);
      case "branch":
        // What is kept is made by few runs.
        if (kept !== undefined && step.when.slot === kept.flag) return 0;
        return Math.max(stepsEffort(step.then), stepsEffort(step.else));
    }
  };
  return stepsEffort(steps);
}
