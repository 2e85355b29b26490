import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openZip } from "../formats/index.ts";
import { setDevice, type Tensor, tensor } from "../tensor/index.ts";
import { loadModel } from "./index.ts";

/** What Keras 2 itself has saved and computed: goldens/kerasTwo.py makes it and explains it. */
interface Case {
  readonly formats: readonly string[];
  readonly inputs?: readonly Values[];
  readonly outputs?: readonly Values[];
  readonly train?: {
    readonly x: Values;
    readonly y: Values;
    readonly iterations: number;
    readonly losses: readonly number[];
    readonly after: Values;
  };
}
type Values = readonly Values[] | readonly number[];

const here = dirname(fileURLToPath(import.meta.url));
const made = (values: Values): Tensor => tensor(values as number[]);
const flat = (values: Values): number[] =>
  (values as readonly (number | Values)[]).flatMap((value) => (typeof value === "number" ? [value] : flat(value)));

function assertClose(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  assert.equal(found.length, expected.length);
  expected.forEach((value, at) => {
    const near = Math.abs(found[at]! - value) <= tolerance * (1 + Math.abs(value));
    assert.ok(near, `element ${at}: ${found[at]} is not ${value}`);
  });
}

before(() => setDevice("wasm"));

for (const version of ["2.6", "2.15"]) {
  const archive = await openZip(
    new Uint8Array(readFileSync(join(here, "..", "..", "src", "model", "goldens", `keras${version}.zip`))),
  );
  const bytesOf = (name: string): Promise<Uint8Array> => archive.get(name)!.read();
  const cases = JSON.parse(new TextDecoder().decode(await bytesOf("cases.json"))) as { readonly [name: string]: Case }; // our own file
  for (const [name, { formats, inputs, outputs = [], train }] of Object.entries(cases)) {
    for (const format of formats) {
      const file = `${name}.${format}`;
      if (train !== undefined)
        test(`a training with ${file} of Keras ${version} goes on as it does there`, async () => {
          const model = await loadModel(await bytesOf(file));
          const [x, y] = [made(train.x), made(train.y)];
          assert.equal(await model.objective.optimizer.iterations.item(), train.iterations);
          for (const expected of train.losses) assertClose([(await model.trainOnBatch(x, y)).loss!], [expected], 5e-5);
          assertClose(await (await model.predict(x)).data(), flat(train.after), 2e-4);
        });
      if (inputs !== undefined)
        test(`${file} of Keras ${version} computes here what it computes there`, async () => {
          const model = await loadModel(await bytesOf(file));
          const given = inputs.map(made);
          const result = await model.predict<Tensor | readonly Tensor[]>(given.length === 1 ? given[0]! : given);
          const found = (Array.isArray(result) ? result : [result]) as readonly Tensor[]; // one, or a list
          assert.equal(found.length, outputs.length);
          for (const [at, output] of found.entries()) assertClose(await output.data(), flat(outputs[at]!), 1e-5);
        });
    }
  }
}
