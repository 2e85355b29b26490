import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { layers } from "../../nn/index.ts";
import { zeros } from "../../tensor/index.ts";
import { Dataset, type NdArray, ndarray } from "../index.ts";

const root = await mkdtemp(join(tmpdir(), "chainrule-workers-"));
after(() => rm(root, { recursive: true, force: true }));

const values = (arrays: readonly NdArray[]): number[] => arrays.map((array) => array.item());

test("threads give what this thread gives, in order: arrays, random numbers, and what comes after a place", async () => {
  const data = Dataset.range(20).map((x) => ({ x: ndarray([x, -x]), name: `n${x}`, list: [x, 1] }));
  const change = (
    element: { x: NdArray; name: string; list: number[] },
    { index, pass, random }: { index: number; pass: number; random: () => number },
  ) => ({
    ...element,
    first: element.x.row(0),
    sum: element.x.data[0]! + index + pass + random(),
  });
  const ours = data.map(change);
  const theirs = data.map(change, { workers: 2 });
  for (const [expected, found] of [
    [ours, theirs],
    [ours.shuffle(), theirs.shuffle()],
    [ours.batch(3), theirs.batch(3)],
  ] as const)
    for (const skip of [0, 1, 5]) {
      const all = async (from: Dataset<unknown>): Promise<unknown[]> => {
        const elements: unknown[] = [];
        for await (const element of from.iterate({ seed: 3, number: 2, skip })) elements.push(element);
        return elements;
      };
      assert.deepEqual(await all(found), await all(expected));
    }
});

test("results keep their order though threads take their time, and no more are made than are wanted soon", async () => {
  let asked = 0;
  const data = Dataset.fromGenerator(function* () {
    for (;;) yield asked++;
  }).map(
    async (x) => {
      await new Promise((resolve) => setTimeout(resolve, (x * 7) % 5));
      return x;
    },
    { workers: 2 },
  );
  const found: number[] = [];
  for await (const x of data) {
    found.push(x);
    if (found.length === 9) break;
  }
  assert.deepEqual(found, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.ok(asked <= 9 + 4, `${asked} elements were asked for`);
});

test("a module's function is called in threads, and may use its module", async () => {
  const module = join(root, "twice.mjs");
  await writeFile(
    module,
    "import { threadId } from 'node:worker_threads';\nconst two = 2;\nexport const twice = (x) => ({ x: x * two, thread: threadId });\nexport default twice;\n",
  );
  const named = await Dataset.range(8)
    .map<{ x: number; thread: number }>({ module: pathToFileURL(module), name: "twice" }, { workers: 2 })
    .toArray();
  assert.deepEqual(
    named.map(({ x }) => x),
    [0, 2, 4, 6, 8, 10, 12, 14],
  );
  assert.ok(named.every(({ thread }) => thread > 0));
  assert.equal(new Set(named.map(({ thread }) => thread)).size, 2);
  const whole = await Dataset.range(2)
    .map<{ x: number }>({ module: pathToFileURL(module) }, { workers: 1 })
    .batch(2)
    .toArray();
  assert.deepEqual(values([whole[0]!.x as unknown as NdArray].map((x) => x.row(1))), [2]);
});

const outside = 3;
const wrong: { readonly [name: string]: readonly [() => unknown, RegExp] } = {
  "a function that throws": [
    () =>
      Dataset.range(9)
        .map(
          (x) => {
            if (x === 5) throw new RangeError("too far");
            return x;
          },
          { workers: 2 },
        )
        .toArray(),
    /^map: the function threw at element 5: too far$/,
  ],
  "a function that needs its surroundings": [
    () =>
      Dataset.range(3)
        .map((x) => x + outside, { workers: 1 })
        .toArray(),
    /at element 0: outside is not defined\n {2}hint {2}a function for workers must use nothing from outside of itself/,
  ],
  "a function without a text": [
    () => Dataset.range(3).map(Math.abs, { workers: 1 }),
    /cannot be sent to another thread\n {2}hint/,
  ],
  "a module that is not there": [
    () => Dataset.range(3).map({ module: "file:///no/such.mjs" }, { workers: 1 }).toArray(),
    /^map\(default\): the function threw at element 0: Cannot find module/,
  ],
  "a name that the module does not export": [
    async () => {
      const module = join(root, "empty.mjs");
      await writeFile(module, "export const a = 1;\n");
      return Dataset.range(3)
        .map({ module: pathToFileURL(module), name: "b" }, { workers: 1 })
        .toArray();
    },
    /at element 0: file:.*empty.mjs has no function b/,
  ],
  tensors: [
    () =>
      Dataset.from([zeros([2])])
        .map((x) => x, { workers: 1 })
        .toArray(),
    /at element 0: tensors cannot go to another thread/,
  ],
  "no threads": [
    () => Dataset.range(3).map((x) => x, { workers: 0 }),
    /^map: workers must be a positive whole number, received 0/,
  ],
};
for (const [name, [attempt, message]] of Object.entries(wrong)) {
  test(`${name} is an error that says why`, async () => {
    await assert.rejects(
      async () => attempt(),
      (error: Error) => {
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test("layers are not sent anywhere", async () => {
  const half = layers.rescaling(0.5);
  const [found] = await Dataset.from([ndarray([2, 4])])
    .map(half, { workers: 2 })
    .toArray();
  assert.deepEqual([...found!.data], [1, 2]);
});
