import { test } from "node:test";
import { setDevice } from "../tensor/index.ts";
import { goldensAgree } from "./golden.test.body.ts";
import { kerasCases } from "./keras.test.body.ts";

// Layers forwards and backwards, against Keras on PyTorch (goldens/layers.py, recurrent.py, attention.py).

const names = [...new Set(kerasCases.map(({ name }) => name))];

for (const [device, tolerance] of [
  // Keras on PyTorch computes in f32, the reference in f64.
  ["reference", 1e-5],
  ["wasm", 2e-5],
] as const) {
  for (const name of names) {
    const own = kerasCases.filter((each) => each.name === name);
    test(`${name} on ${device}: outputs and gradients as in Keras (${own.length})`, async () => {
      await setDevice(device);
      const prepared = own.map(({ prepare }) => prepare());
      await goldensAgree(prepared, tolerance);
    });
  }
}
