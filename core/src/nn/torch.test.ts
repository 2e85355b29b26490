import assert from "node:assert/strict";
import { test } from "node:test";
import { type Golden as Optimizers, optimizersAgree } from "../optim/optimizers.test.body.ts";
import { setDevice } from "../tensor/index.ts";
import { goldenFile } from "./golden.test.body.ts";
import type { layers } from "./index.ts";
import { lossesAgree, type Golden as Objectives } from "./objectives.test.body.ts";
import { torchAgrees, torchGolden } from "./torch.test.body.ts";

// Against torch.nn itself, which no code of Keras has seen.

const { losses, ...optimizers } = goldenFile("torch") as Pick<Objectives, "losses"> & Optimizers; // our own file
const { cases } = torchGolden;
const names = [...new Set(cases.map(({ layer, call }) => layer ?? call!))];

for (const [device, tolerance] of [
  ["reference", 1e-6],
  ["wasm", 2e-5],
] as const) {
  for (const name of names) {
    const own = cases.filter(({ layer, call }) => (layer ?? call) === name);
    test(`${name} on ${device}: outputs and gradients as in torch.nn (${own.length})`, async () => {
      await setDevice(device);
      await torchAgrees(own, tolerance);
    });
  }
  test(`losses on ${device}: values and gradients as in torch.nn`, async () => {
    await setDevice(device);
    await lossesAgree(losses);
  });
  test(`optimizers on ${device}: 20 steps as in torch.optim`, async () => {
    await setDevice(device);
    await optimizersAgree(optimizers, optimizers.runs);
  });
}

test("every layer with weights that torch.nn has is held against it", () => {
  const wanted = ["dense", "embedding", "conv1d", "conv2d", "conv3d", "conv1dTranspose", "conv2dTranspose"] as const;
  const more = ["conv3dTranspose", "batchNormalization", "layerNormalization", "groupNormalization"] as const;
  const rest = [
    "rmsNormalization",
    "lstm",
    "gru",
    "simpleRnn",
    "bidirectional",
    "multiHeadAttention",
    "prelu",
  ] as const;
  for (const name of [...wanted, ...more, ...rest] satisfies (keyof typeof layers)[])
    assert.ok(names.includes(name), name);
});
