import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, type Tensor, tensor } from "../../../tensor/index.ts";
import { goldenFile } from "../../golden.test.body.ts";
import { layers } from "../../index.ts";

interface Packed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
/** What Keras says: nn/goldens/audio.py writes it and explains it. */
const cases = goldenFile("audio") as readonly {
  readonly layer: "stftSpectrogram" | "melSpectrogram";
  readonly options: object;
  readonly input: Packed;
  readonly output: Packed;
}[];

before(() => setDevice("wasm"));

for (const { layer, options, input, output } of cases) {
  test(`${layer}(${JSON.stringify(options)}) as in Keras`, async () => {
    const made = layers[layer](options) as unknown as (x: Tensor) => Tensor;
    const found = made(tensor([...input.data], { shape: input.shape }) as Tensor);
    assert.deepEqual(found.shape, output.shape);
    const data = [...(await found.data())];
    output.data.forEach((value, at) => {
      assert.ok(
        Math.abs(data[at]! - value) <= 2e-5 * (1 + Math.abs(value)),
        `element ${at}: ${data[at]} is not ${value}`,
      );
    });
  });
}
