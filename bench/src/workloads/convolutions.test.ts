import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect, optimizers, setDevice, type Tensor } from "chainrule";
import { countLaunches } from "chainrule/compiler";
import { convnet, W3 } from "./convnet.ts";
import { labels, uniform } from "./data.ts";
import { planOf as nativePlanOf } from "./plans.test.data.ts";
import { resnet, W4 } from "./resnet.ts";
import { classifierStep, type Step } from "./training.ts";

/** Launches of one run and the bytes of the arena and of what is kept. Raise a figure only in the commit that spends it. */
interface Plan {
  readonly launches: number;
  readonly arena: number;
  readonly kept: number;
}

/** As the wasm device compiles it: a target that is the same on every machine. */
const plans: { readonly [name: string]: Plan } = {
  "W3 train": { launches: 36, arena: 13_100_416, kept: 0 },
  "W3 train, clipped by norm": { launches: 38, arena: 13_100_416, kept: 0 },
  "W3 train, clipped by global norm": { launches: 39, arena: 13_100_416, kept: 0 },
  "W4 train": { launches: 347, arena: 171_276_352, kept: 0 },
  "W4 train, clipped by global norm": { launches: 350, arena: 171_276_352, kept: 0 },
  "W4 predict 32": { launches: 75, arena: 16_777_216, kept: 157_978_880 },
  "W4 predict 1": { launches: 69, arena: 524_288, kept: 51_750_144 },
};

/** The first line of a printed plan, and that of what it keeps. */
function planOf(text: string): Plan {
  const [, launches, arena] = / kernels, (\d+) launches, arena (\d+) bytes/.exec(text) ?? [];
  const [, kept = "0"] = /^kept .* (\d+) bytes/m.exec(text) ?? [];
  return { launches: Number(launches), arena: Number(arena), kept: Number(kept) };
}

const trained = (step: Step, x: Tensor, y: Tensor): Promise<string> => inspect(step, x, y);

const trainedConvnet = (clip: object): Promise<string> =>
  trained(classifierStep(convnet(), optimizers.adam(clip)), uniform([64, 28, 28, 1]), labels([64], 10));

const trainedResnet = (clip: object): Promise<string> =>
  trained(
    classifierStep(resnet(), optimizers.sgd({ learningRate: 0.01, momentum: 0.9, ...clip })),
    uniform([32, 32, 32, 3]),
    labels([32], 10),
  );

function predicted(batch: number): Promise<string> {
  const net = resnet();
  return inspect((x: Tensor) => net(x, { training: false }), uniform([batch, 32, 32, 3]));
}

const texts: { readonly [name: string]: () => Promise<string> } = {
  "W3 train": () => trainedConvnet({}),
  "W3 train, clipped by norm": () => trainedConvnet({ clipNorm: 1 }),
  "W3 train, clipped by global norm": () => trainedConvnet({ globalClipNorm: 1 }),
  "W4 train": () => trainedResnet({}),
  "W4 train, clipped by global norm": () => trainedResnet({ globalClipNorm: 1 }),
  "W4 predict 32": () => predicted(32),
  "W4 predict 1": () => predicted(1),
};

for (const [name, expected] of Object.entries(plans)) {
  test(`${name}: launches, arena and kept bytes are those that people have read`, async () => {
    await setDevice("wasm");
    assert.deepEqual(planOf(await texts[name]!()), expected);
  });
}

/** As the native device compiles it for a machine with AVX2. */
const nativePlans: { readonly [name: string]: Plan } = {
  "W3 train": { launches: 36, arena: 12_213_376, kept: 0 },
  "W4 train": { launches: 344, arena: 171_276_352, kept: 0 },
  "W4 predict 32": { launches: 75, arena: 16_777_216, kept: 157_978_880 },
  "W4 predict 1": { launches: 69, arena: 524_288, kept: 47_814_144 },
};

for (const [name, expected] of Object.entries(nativePlans)) {
  test(`${name}, native: launches, arena and kept bytes are those that people have read`, async () => {
    const plan = await nativePlanOf(name.startsWith("W3") ? W3 : W4, name);
    const found: Plan = { launches: countLaunches(plan.steps), arena: plan.arenaBytes, kept: plan.kept?.bytes ?? 0 };
    assert.deepEqual(found, expected);
  });
}
