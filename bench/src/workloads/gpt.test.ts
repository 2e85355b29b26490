import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setDevice } from "chainrule";
import { compile, countLaunches, type Program } from "chainrule/compiler";
import { createDevice, type Device } from "chainrule/device";
import type { Target } from "chainrule/render";
import { W5 } from "./gpt.ts";

/** What the compiler knows of the machine of reference (Zen 3), and of WebAssembly: figures are then the same everywhere. */
const targets: readonly Target[] = [
  {
    name: "c",
    vectorLanes: 8,
    vectorRegisters: 16,
    fusedMultiplyAdd: true,
    threads: 2,
    tile: { rows: 6, columns: 16 },
    depthBlock: 384,
    rowBlock: 84,
    columnBlock: 384,
    elementsPerTask: 16384,
  },
  {
    name: "wasm",
    vectorLanes: 4,
    vectorRegisters: 16,
    fusedMultiplyAdd: false,
    threads: 2,
    tile: { rows: 4, columns: 8 },
    depthBlock: 256,
    rowBlock: 96,
    columnBlock: 256,
    elementsPerTask: 16384,
  },
];

/** What one training step may need: arena bytes of activations and gradients, launches in all, and of one kind. */
const budget = { arenaMegabytes: 318, launches: 251, attentions: 12, updates: 5 };

const inner = await createDevice("wasm");
after(() => inner.close());

/** The training step's program. It is not run: the weights are made, and that is all. */
async function programOfStep(): Promise<Program> {
  let found: Program | undefined;
  const stop = new Error("the step was traced");
  const load: Device["load"] = (program) => {
    if (program.name !== "train") return inner.load(program);
    found = program;
    throw stop;
  };
  await setDevice(Object.assign(Object.create(inner) as Device, { load })); // with all else from its prototype
  const step = await W5.cases[0]!.prepare();
  await assert.rejects(async () => step(), new RegExp(stop.message));
  return found!;
}

test("a training step of W5 stays within its memory and its launches", async () => {
  const program = await programOfStep();
  for (const target of targets) {
    const plan = compile(program, target);
    const { name } = target;
    const launched = (prefix: string): number =>
      plan.steps.filter((step) => step.kind === "launch" && plan.kernels[step.kernel]!.name.startsWith(prefix)).length;
    const state = new Set(plan.outputs.filter(({ shape }) => shape.length > 0).map(({ slot }) => slot));
    const updates = plan.steps.filter((step) => {
      if (step.kind !== "launch") return false;
      const { buffers } = plan.kernels[step.kernel]!;
      return step.instances[0]!.bindings.some(({ slot }, i) => buffers[i]!.role !== "read" && state.has(slot));
    }).length;
    assert.equal(launched("attention"), budget.attentions, `${name}: one kernel a layer and direction`);
    assert.ok(updates <= budget.updates, `${name}: ${updates} launches write weights and moments`);
    assert.ok(plan.arenaBytes <= budget.arenaMegabytes * 1e6, `${name}: an arena of ${plan.arenaBytes} bytes`);
    const launches = countLaunches(plan.steps);
    assert.ok(launches <= budget.launches, `${name}: ${launches} launches`);
  }
});
