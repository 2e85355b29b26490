import assert from "node:assert/strict";
import { test } from "node:test";
import { kernelTarget } from "../device/kernel/index.ts";
import type { Plan, Step } from "../kernel/plan.ts";
import { compile, compileStages } from "./compile.ts";
import { mlpStep, softmaxProgram } from "./programs.test.data.ts";
import { verifyLayout, verifyPlan } from "./verifyPlan.ts";

const plan = compile(softmaxProgram(), kernelTarget);
const [launch] = plan.steps as [Extract<Step, { kind: "launch" }>];

/** The plan with its first instance changed. */
const changed = (change: Partial<(typeof launch)["instances"][number]>): Plan => ({
  ...plan,
  steps: [{ ...launch, instances: [{ ...launch.instances[0]!, ...change }] }],
});

test("a right plan passes", () => verifyPlan(plan));

const wrong: Readonly<Record<string, readonly [Plan, RegExp]>> = {
  "a slot that is not there": [
    changed({ bindings: [{ slot: 9, offset: 0, advance: [] }, launch.instances[0]!.bindings[1]!] }),
    /no slot 9/,
  ],
  "an offset outside": [
    changed({ bindings: [{ slot: 1, offset: 99999, advance: [] }, launch.instances[0]!.bindings[1]!] }),
    /outside slot 1/,
  ],
  "an unknown loop": [
    changed({
      bindings: [{ slot: 1, offset: 0, advance: [{ loop: 3, bytes: 4 }] }, launch.instances[0]!.bindings[1]!],
    }),
    /loop 3/,
  ],
  "too few buffers": [changed({ bindings: [] }), /takes 2 buffers/],
  "an unknown kernel": [{ ...plan, kernels: [] }, /no kernel 0/],
  "equal names": [{ ...plan, kernels: [...plan.kernels, ...plan.kernels] }, /one name/],
};
for (const [name, [broken, message]] of Object.entries(wrong))
  test(name, () => assert.throws(() => verifyPlan(broken), message));

test("values that overlap in time and memory are found", () => {
  const { layout } = compileStages(mlpStep(), kernelTarget);
  verifyLayout(layout);
  const squeezed = { ...layout, intervals: layout.intervals.map((interval) => ({ ...interval, offset: 0 })) };
  assert.throws(() => verifyLayout(squeezed), /share bytes/);
});
