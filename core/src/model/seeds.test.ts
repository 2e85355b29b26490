import assert from "node:assert/strict";
import { before, test } from "node:test";
import { leavesOf, type MaskedStructure, mapStructure, withoutMasks } from "../nn/index.ts";
import type { LayerClass } from "../nn/layer.ts";
import { random, setDevice, setRandomSeed, Tensor } from "../tensor/index.ts";
import { isShape } from "./layers.test.body.ts";
import { deviceRows } from "./rows/index.test.body.ts";
import type { Row } from "./rows/row.test.body.ts";

// What is random in a training step of a layer with a seed depends on the seed, and on how many steps there were.

before(() => setDevice("reference"));

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
/** The default generator, which must not matter, is elsewhere at each call. */
let unrelated = 100;
const options = { dropout: 0.5, recurrentDropout: 0.5 };

/** What the layer of a row with this seed gives in two training steps; its weights are the same for all seeds. */
async function twoSteps(row: Row, seed: number): Promise<readonly number[][]> {
  const { fields = {} } = row.make({}).constructor as unknown as LayerClass;
  const given = Object.fromEntries(
    Object.entries({ seed, ...options }).filter(([name]) => Object.hasOwn(fields, name)),
  );
  setRandomSeed(1);
  const layer = row.make(given);
  let key = 0;
  const x = mapStructure(row.inputs, isShape, (shape) => random.uniform(shape, { key: random.key(++key) }) as Tensor);
  layer.compute(x as MaskedStructure<Tensor>, { training: false }); // builds
  const results: number[][] = [];
  for (let step = 0; step < 2; step++) {
    setRandomSeed(++unrelated);
    const outputs = leavesOf(
      withoutMasks(layer.compute(x as MaskedStructure<Tensor>, { training: true }), isTensor),
      isTensor,
    );
    results.push([...(await outputs[0]!.data())].map(Number));
  }
  return results;
}

for (const [name, [row]] of deviceRows) {
  const { fields = {} } = row!.make({}).constructor as unknown as LayerClass;
  if (!Object.hasOwn(fields, "seed")) continue;
  test(`${name}: a seed decides what is drawn, anew in each step`, async () => {
    const [first, second] = await twoSteps(row!, 3);
    assert.deepEqual(await twoSteps(row!, 3), [first, second]);
    const [other] = await twoSteps(row!, 4);
    assert.notDeepEqual(other, first);
    assert.notDeepEqual(second, first);
  });
}
