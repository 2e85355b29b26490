import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Dataset, ndarray, uniformSource } from "../index.ts";
import { decodeElements, encodeElements } from "./stored.ts";

const root = await mkdtemp(join(tmpdir(), "chainrule-cache-"));
after(() => rm(root, { recursive: true, force: true }));

async function all(data: Dataset<unknown>, skip = 0): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const element of data.iterate({ skip, seed: 1 })) elements.push(element);
  return elements;
}

const elements = [
  {
    x: ndarray([[1, 2]]),
    y: Int32Array.of(1, -2),
    text: "ü",
    list: [1, Number.NaN, -0, Number.POSITIVE_INFINITY],
    none: null,
  },
  {
    x: ndarray([[3, 4]]),
    y: Int32Array.of(),
    text: "__proto__",
    list: [true, ["a"], { n: 1, a: "0", l: [] }],
    none: null,
  },
];

test("elements are read as they were written", () => {
  assert.deepEqual(decodeElements(encodeElements(elements, 0), "memory"), elements);
  assert.deepEqual(decodeElements(encodeElements([5, "a", null, false], 0), "memory"), [5, "a", null, false]);
});

test("a whole pass is kept in files, which later runs of the program read, from any place", async () => {
  const folder = join(root, "whole");
  let calls = 0;
  const made = (): Dataset<unknown> =>
    Dataset.range(2600)
      .map((x, { random }) => {
        calls++;
        return { x: ndarray([x, random()]), ...elements[x % 2] };
      })
      .cache(folder);
  const first = await all(made());
  assert.equal(calls, 2600);
  assert.equal((await readdir(folder)).length, 4);
  for (const skip of [0, 1, 1023, 1024, 2048, 2599, 2600, 9999])
    assert.deepEqual(await all(made(), skip), first.slice(skip));
  assert.equal(calls, 2600);
});

test("random elements of another seed are made anew, others are not", async () => {
  for (const isRandom of [true, false]) {
    const folder = join(root, `seed-${isRandom}`);
    let calls = 0;
    const data = Dataset.range(5)
      .map((x, { random }) => {
        calls++;
        return isRandom ? x + random() : x;
      })
      .cache(folder);
    const passOf = async (seed: number, skip = 0): Promise<unknown[]> => {
      const found: unknown[] = [];
      for await (const element of data.iterate({ seed, skip })) found.push(element);
      return found;
    };
    const [one, two] = [await passOf(1), await passOf(2)];
    assert.equal(calls, isRandom ? 10 : 5);
    // A training of the first seed that goes on, in the middle of a pass: its own elements, and nothing is written.
    assert.deepEqual(await passOf(1, 3), one.slice(3));
    assert.deepEqual(await passOf(2), two);
    assert.equal(calls, isRandom ? 12 : 5);
  }
});

test("a pass that is cut short, or begins later, writes nothing that counts", async () => {
  const folder = join(root, "cut");
  const made = (): Dataset<number> => Dataset.range(3000).cache(folder);
  for await (const x of made()) if (x === 2500) break;
  await all(made(), 10);
  assert.ok(!(await readdir(folder)).includes("cache.json"));
  assert.equal((await all(made())).length, 3000);
  const names = await readdir(folder);
  assert.equal(names.filter((name) => name.startsWith("part-")).length, 3);
});

test("a cache of another pipeline is refused", async () => {
  const folder = join(root, "other");
  await all(Dataset.range(3).cache(folder));
  await assert.rejects(
    all(Dataset.range(3).batch(2).cache(folder)),
    /holds the cache of another pipeline\n.*from\n.*from → batch\n {2}hint/,
  );
  await assert.rejects(
    all(Dataset.from([new Date()]).cache(join(root, "date"))),
    /element 0 cannot be written to a file: it holds Date/,
  );
});

test("damaged files are errors that say what to do", async () => {
  const folder = join(root, "damaged");
  const made = (): Dataset<number> => Dataset.range(50).cache(folder);
  await all(made());
  const uniform = uniformSource(5);
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    for (let round = 0; round < 200; round++) {
      const harmed = Buffer.from(round % 2 === 0 ? bytes : bytes.subarray(0, Math.floor(uniform() * bytes.length)));
      if (round % 2 === 0) {
        const at = Math.floor(uniform() * harmed.length);
        harmed[at] = harmed[at]! ^ (1 << Math.floor(uniform() * 8));
      }
      await writeFile(path, harmed);
      // What still is a cache may have other values; all else is refused in our words.
      await all(made()).catch((error: Error) => assert.equal(error.name, "DataError", error.stack));
    }
    await writeFile(path, bytes);
  }
  await writeFile(
    join(folder, "cache.json"),
    JSON.stringify({ format: 1, pipeline: "from", parts: [{ file: "../secret", count: 1 }] }),
  );
  await assert.rejects(all(made()), /this is no cache, or it is damaged/);
});
