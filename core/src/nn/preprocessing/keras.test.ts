import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, type Tensor, tensor } from "../../tensor/index.ts";
import { goldenFile } from "../golden.test.body.ts";
import { layers } from "../index.ts";

type Data = string | number | readonly Data[];

/** What Keras says: nn/goldens/preprocessing.py writes it and explains it. */
interface Case {
  readonly layer: keyof typeof layers;
  readonly arguments: readonly unknown[];
  readonly adapt?: readonly Data[];
  readonly batches?: boolean;
  readonly vocabulary?: readonly (string | number)[];
  readonly input: Data;
  readonly output: { readonly shape: readonly number[]; readonly data: readonly number[] };
}

interface Preprocessor {
  (x: unknown): Tensor;
  adapt(data: unknown): Promise<unknown>;
  getVocabulary(): unknown;
}

const cases = goldenFile("preprocessing") as readonly Case[];
// Keras computes in f32, and so do all devices but the reference.
before(() => setDevice("wasm"));

const hasTexts = (data: Data): boolean => typeof data === "string" || (Array.isArray(data) && data.some(hasTexts));
const hosted = ["hashing", "stringLookup", "integerLookup", "textVectorization"];

cases.forEach((golden, index) => {
  test(`preprocessing ${index}: ${golden.layer}(${JSON.stringify(golden.arguments)}) as in Keras`, async () => {
    const make = layers[golden.layer] as unknown as (...given: readonly unknown[]) => Preprocessor;
    const layer = make(...golden.arguments);
    if (golden.adapt !== undefined) {
      const lists = golden.adapt as readonly number[][];
      await layer.adapt(
        golden.batches === true && !hasTexts(lists) ? lists.map((batch) => tensor(batch)) : whole(golden),
      );
    }
    if (golden.vocabulary !== undefined) assert.deepEqual(layer.getVocabulary(), golden.vocabulary);
    const x = hosted.includes(golden.layer) ? golden.input : tensor(golden.input as number[]);
    const found = layer(x);
    assert.deepEqual(found.shape, golden.output.shape);
    const data = [...(await found.data())];
    golden.output.data.forEach((value, at) => {
      assert.ok(
        Math.abs(data[at]! - value) <= 2e-6 * (1 + Math.abs(value)),
        `element ${at}: ${data[at]} is not ${value}`,
      );
    });
  });
});

/** Data in one piece, or batches in an iterable that is no list. */
function whole({ adapt = [], batches }: Case): unknown {
  return batches === true
    ? (function* () {
        yield* adapt;
      })()
    : adapt;
}
