import assert from "node:assert/strict";
import { test } from "node:test";
import { compile } from "../compiler/compile.ts";
import { countLaunches } from "../compiler/print.ts";
import { verifyPlan } from "../compiler/verifyPlan.ts";
import { checkKeeping, predicting } from "./keeping.test.body.ts";
import { createKernelDevice, kernelTarget } from "./kernel/index.ts";
import { Keeping, Stamps } from "./stamps.ts";
import { createWasmDevice } from "./wasm/index.ts";

test("what depends on steady inputs alone stands in a branch at the start, with memory of its own", () => {
  const plain = compile(predicting([]), kernelTarget);
  const plan = compile(predicting([1, 2]), kernelTarget);
  verifyPlan(plan);
  assert.equal(plain.kept, undefined);
  assert.deepEqual(plan.kept?.inputs, [1, 2]);
  const [first, ...rest] = plan.steps;
  assert.equal(first?.kind, "branch");
  assert.ok(first?.kind === "branch" && first.when.slot === plan.kept?.flag && first.then.length >= 2);
  assert.equal(countLaunches(plan.steps), countLaunches(plain.steps));
  assert.equal(rest.length, 1);
  // Of the weights alone: what the scale becomes is no part of it.
  assert.ok(compile(predicting([1]), kernelTarget).kept!.bytes < plan.kept!.bytes);
  assert.equal(compile({ ...predicting([1, 2]), replaces: [1] }, kernelTarget).kept?.inputs.includes(1), false);
});

test("what is kept is made again when an input is another one, or was written to", () => {
  const plan = compile(predicting([1, 2]), kernelTarget);
  const stamps = new Stamps();
  const keeping = new Keeping(plan, stamps);
  const [x, w, scale, out] = [{ bytes: 1 }, { bytes: 1 }, { bytes: 1 }, { bytes: 1 }] as const;
  const next = (weights = w): boolean => keeping.next([x, weights, scale], [out]);
  assert.deepEqual([next(), next()], [true, false]);
  stamps.changed(x);
  assert.equal(next(), false);
  stamps.changed(w);
  assert.deepEqual([next(), next()], [true, false]);
  assert.deepEqual([next(scale), next(scale), next()], [true, false, true]);
  // A result that serves as an input of the next run changes with every run.
  assert.deepEqual([next(out), next(out)], [true, true]);
  keeping.forget();
  assert.equal(next(out), true);
});

test("kept values follow their inputs: kernels in JavaScript", () => checkKeeping(createKernelDevice()));

for (const sharing of ["automatic", "none"] as const) {
  test(`kept values follow their inputs: wasm, memory shared: ${sharing}`, async () => {
    const device = await createWasmDevice({ threads: 2, sharing });
    await checkKeeping(device);
    await device.close();
  });
}
