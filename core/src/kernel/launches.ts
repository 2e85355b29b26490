import type { Step } from "./plan.ts";

export type Launch = Extract<Step, { kind: "launch" }>;

/** The steps inside `step`, of both sides of a branch. */
export const stepsInside = (step: Step): readonly Step[] =>
  step.kind === "loop" ? step.body : step.kind === "branch" ? [...step.then, ...step.else] : [];

/** All launches in `steps`, in the order of the plan's text. */
export const launchesOf = (steps: readonly Step[]): Launch[] =>
  steps.flatMap((step) => (step.kind === "launch" ? [step] : launchesOf(stepsInside(step))));

/** How often each launch of `launchesOf` runs when the program runs once; both sides of a branch count. */
export const countsOf = (steps: readonly Step[], times = 1): number[] =>
  steps.flatMap((step) =>
    step.kind === "launch" ? [times] : countsOf(stepsInside(step), step.kind === "loop" ? times * step.count : times),
  );
