import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, type Tensor, tensor } from "../../../tensor/index.ts";
import { goldenFile } from "../../golden.test.body.ts";
import { layers } from "../../index.ts";
import { brightened, contrasted, recolored, saturated } from "./color.ts";

interface Packed {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** What Keras says: nn/goldens/images.py writes it and explains it. */
interface Golden {
  readonly images: readonly Packed[];
  readonly cases: readonly {
    readonly layer: "resizing" | "centerCrop" | "randomRotation" | "randomZoom" | "randomTranslation" | "randomShear";
    readonly arguments: readonly unknown[];
    readonly input: number;
    readonly outputs: readonly Packed[];
  }[];
  readonly colors: readonly {
    readonly change: keyof typeof changes;
    readonly amount: readonly number[];
    readonly range: readonly [number, number];
    readonly input: Packed;
    readonly output: Packed;
  }[];
}

const changes = { brightened, contrasted, recolored, saturated };
const golden = goldenFile("images") as Golden;
const made = ({ shape, data }: Packed): Tensor => tensor([...data], { shape }) as Tensor;
// Keras computes in f32, and so do all devices but the reference.
before(() => setDevice("wasm"));

/** The largest distance of values, as part of the size of pixels. */
const distance = (found: ArrayLike<number>, expected: readonly number[], size = 255): number =>
  expected.reduce((worst, value, at) => Math.max(worst, Math.abs(found[at]! - value)), 0) / size;

golden.cases.forEach((entry, index) => {
  test(`images ${index}: ${entry.layer}(${JSON.stringify(entry.arguments)}) as in Keras`, async () => {
    const make = layers[entry.layer] as unknown as (...given: readonly unknown[]) => (x: Tensor) => Tensor;
    const found = make(...entry.arguments)(made(golden.images[entry.input]!));
    assert.deepEqual(found.shape, entry.outputs[0]!.shape);
    const data = await found.data();
    const nearest = Math.min(...entry.outputs.map((output) => distance(data, output.data)));
    assert.ok(nearest < 2e-5, `distance ${nearest} of ${[...data]}`);
  });
});

golden.colors.forEach(({ change, amount, range, input, output }, index) => {
  test(`colors ${index}: ${change} by ${amount} as in Keras`, async () => {
    const found = await changes[change](made(input), tensor([...amount]) as Tensor, range).data();
    const far = distance(found, output.data, range[1] - range[0]);
    assert.ok(far < 2e-5, `distance ${far}`);
  });
});
