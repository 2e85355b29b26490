import assert from "node:assert/strict";
import { test } from "node:test";
import { layers } from "../nn/index.ts";
import { Dataset, isNdArray, NdArray, ndarray, uniformSource } from "./index.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** The same numbers from sources of every kind. */
const sources: { readonly [name: string]: (items: readonly number[]) => Dataset<number> } = {
  list: (items) => Dataset.from(items),
  columns: (items) => Dataset.fromTensorSlices(items),
  iterable: (items) => Dataset.from(new Set(items)),
  generator: (items) =>
    Dataset.fromGenerator(function* () {
      yield* items;
    }),
  "asynchronous generator": (items) =>
    Dataset.fromGenerator(async function* () {
      for (const item of items) {
        if (item % 3 === 0) await null;
        yield item;
      }
    }),
};

interface Law {
  readonly data: (from: Dataset<number>) => Dataset<unknown>;
  /** The same over lists. */
  readonly list: (from: readonly number[]) => readonly unknown[];
}

const inBatches = (items: readonly number[], size: number): number[][] =>
  numbers(Math.ceil(items.length / size)).map((index) => items.slice(index * size, (index + 1) * size));
const windowsOf = (items: readonly number[], size: number, shift: number, stride: number, drop: boolean): number[][] =>
  numbers(Math.ceil(items.length / shift))
    .map((index) => items.slice(index * shift, index * shift + (size - 1) * stride + 1))
    .filter((part) => !drop || part.length === (size - 1) * stride + 1)
    .map((part) => part.filter((_, index) => index % stride === 0));

/** Every transformation that has a counterpart over lists. */
const laws: { readonly [name: string]: Law } = {
  nothing: { data: (from) => from, list: (from) => from },
  map: { data: (from) => from.map((x) => x * 2), list: (from) => from.map((x) => x * 2) },
  "map with the index": {
    data: (from) => from.map((x, { index }) => [x, index]),
    list: (from) => from.map((x, index) => [x, index]),
  },
  "asynchronous map": { data: (from) => from.map(async (x) => x + 1), list: (from) => from.map((x) => x + 1) },
  "map, three at a time": {
    data: (from) => from.map((x) => new Promise((resolve) => setTimeout(resolve, (x * 7) % 5, x)), { parallel: 3 }),
    list: (from) => from,
  },
  filter: { data: (from) => from.filter((x) => x % 3 === 1), list: (from) => from.filter((x) => x % 3 === 1) },
  "asynchronous filter": {
    data: (from) => from.filter(async (x) => x % 2 === 1),
    list: (from) => from.filter((x) => x % 2 === 1),
  },
  "mixed filter": {
    data: (from) => from.filter((x) => (x % 2 === 1 ? true : Promise.resolve(x % 4 === 0)) as boolean),
    list: (from) => from.filter((x) => x % 2 === 1 || x % 4 === 0),
  },
  batch: { data: (from) => from.batch(4), list: (from) => inBatches(from, 4) },
  "batch that drops the rest": {
    data: (from) => from.batch(4, { dropRemainder: true }),
    list: (from) => inBatches(from, 4).filter((each) => each.length === 4),
  },
  "batch of batches": {
    data: (from) => from.batch(3, { dropRemainder: true }).batch(2),
    list: (from) => {
      const full = inBatches(from, 3).filter((each) => each.length === 3);
      return numbers(Math.ceil(full.length / 2)).map((index) => full.slice(index * 2, index * 2 + 2));
    },
  },
  unbatch: { data: (from) => from.batch(4).unbatch().map(plain), list: (from) => from },
  rebatch: { data: (from) => from.batch(4).rebatch(3), list: (from) => inBatches(from, 3) },
  "rebatch that drops the rest": {
    data: (from) => from.batch(2).rebatch(5, { dropRemainder: true }),
    list: (from) => inBatches(from, 5).filter((each) => each.length === 5),
  },
  repeat: { data: (from) => from.repeat(3), list: (from) => [...from, ...from, ...from] },
  "repeat, batched": { data: (from) => from.repeat(2).batch(3), list: (from) => inBatches([...from, ...from], 3) },
  "repeat no times": { data: (from) => from.repeat(0), list: () => [] },
  take: { data: (from) => from.take(5), list: (from) => from.slice(0, 5) },
  skip: { data: (from) => from.skip(5), list: (from) => from.slice(5) },
  "a part, batched": { data: (from) => from.skip(2).take(7).batch(3), list: (from) => inBatches(from.slice(2, 9), 3) },
  "a part of batches": {
    data: (from) => from.batch(3).skip(1).take(2),
    list: (from) => inBatches(from, 3).slice(1, 3),
  },
  shard: { data: (from) => from.shard(3, 1), list: (from) => from.filter((_, index) => index % 3 === 1) },
  "take after shuffle has elements": { data: (from) => from.shuffle().take(0), list: () => [] },
  "zip with itself": {
    data: (from) => from.zip(from.skip(1)),
    list: (from) => from.slice(1).map((x, i) => [from[i], x]),
  },
  "zip of batches": {
    data: (from) => Dataset.zip({ a: from.batch(3), b: from.map((x) => -x).batch(3) }),
    list: (from) => inBatches(from, 3).map((a) => ({ a, b: a.map((x) => -x) })),
  },
  concatenate: { data: (from) => from.concatenate(from.take(2)), list: (from) => [...from, ...from.slice(0, 2)] },
  "concatenate, batched": {
    data: (from) => from.concatenate(from).batch(3),
    list: (from) => inBatches([...from, ...from], 3),
  },
  window: { data: (from) => from.window(3), list: (from) => windowsOf(from, 3, 3, 1, true) },
  "windows that overlap": {
    data: (from) => from.window(4, { shift: 1 }),
    list: (from) => windowsOf(from, 4, 1, 1, true),
  },
  "windows with gaps": { data: (from) => from.window(2, { shift: 5 }), list: (from) => windowsOf(from, 2, 5, 1, true) },
  "windows with strides and a rest": {
    data: (from) => from.window(2, { shift: 2, stride: 3, dropRemainder: false }),
    list: (from) => windowsOf(from, 2, 2, 3, false),
  },
  flatMap: {
    data: (from) => from.flatMap((x) => numbers(x % 3).map((y) => x * 10 + y)),
    list: (from) => from.flatMap((x) => numbers(x % 3).map((y) => x * 10 + y)),
  },
  "flatMap of data sets": {
    data: (from) => from.flatMap((x) => Dataset.range(x % 4).map((y) => x - y)),
    list: (from) => from.flatMap((x) => numbers(x % 4).map((y) => x - y)),
  },
  interleave: {
    data: (from) => from.interleave((x) => numbers(x % 4).map((y) => x * 10 + y), { cycleLength: 3, blockLength: 2 }),
    list: (from) => interleaved(from, (x) => numbers(x % 4).map((y) => x * 10 + y), 3, 2),
  },
  cache: { data: (from) => from.map((x) => x * 3).cache(), list: (from) => from.map((x) => x * 3) },
  "cache, batched": { data: (from) => from.cache().batch(4), list: (from) => inBatches(from, 4) },
  prefetch: { data: (from) => from.map((x) => x + 1).prefetch(3), list: (from) => from.map((x) => x + 1) },
};

/** The order in which `interleave` takes turns, as its documentation says. */
function interleaved(items: readonly number[], make: (x: number) => number[], cycle: number, block: number): number[] {
  const waiting = [...items];
  const open: (number[] | undefined)[] = new Array(cycle).fill(undefined);
  const result: number[] = [];
  let [turn, given] = [0, 0];
  while (waiting.length > 0 || open.some((each) => each !== undefined)) {
    open[turn] ??= waiting.length > 0 ? make(waiting.shift()!) : undefined;
    const value = open[turn]?.shift();
    if (value !== undefined) {
      result.push(value);
      if (++given === block) [turn, given] = [(turn + 1) % cycle, 0];
      continue;
    }
    const had = open[turn] !== undefined;
    open[turn] = undefined;
    if (!had || waiting.length === 0) [turn, given] = [(turn + 1) % cycle, 0];
  }
  return result;
}

/** Elements with arrays as nested lists, so that they can be compared. */
function plain(value: unknown): unknown {
  if (isNdArray(value))
    return value.shape.length === 0 ? value.item() : numbers(value.length).map((row) => plain(value.row(row)));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
  return value;
}

async function all(
  data: Dataset<unknown>,
  place: { skip?: number; seed?: number; number?: number } = {},
): Promise<unknown[]> {
  const elements: unknown[] = [];
  for await (const element of data.iterate(place)) elements.push(plain(element));
  return elements;
}

for (const [kind, make] of Object.entries(sources)) {
  for (const [name, { data, list }] of Object.entries(laws)) {
    test(`${name}, of a ${kind}, is what it is for lists, from every place on`, async () => {
      for (const count of [0, 1, 6, 13]) {
        const items = numbers(count).map((index) => index + 1);
        const made = data(make(items));
        const expected = list(items);
        assert.deepEqual(await all(made), expected, `${count} elements`);
        for (let skip = 0; skip <= expected.length + 1; skip++)
          assert.deepEqual(await all(made, { skip }), expected.slice(skip), `${count} elements, from ${skip} on`);
        const { cardinality } = made;
        if (cardinality !== undefined) assert.equal(cardinality, expected.length);
      }
    });
  }

  test(`shuffles of a ${kind} are orders; seed and pass decide them, and places are gone on with`, async () => {
    const items = numbers(23);
    for (const size of [undefined, 1, 2, 7, 23, 100]) {
      const data = make(items).shuffle(size);
      const first = await all(data, { seed: 1 });
      assert.deepEqual(
        [...(first as number[])].sort((a, b) => a - b),
        items,
      );
      assert.deepEqual(await all(data, { seed: 1 }), first);
      for (let skip = 0; skip <= 24; skip++)
        assert.deepEqual(await all(data, { seed: 1, skip }), first.slice(skip), `size ${size}, from ${skip} on`);
      if (size === 1) {
        assert.deepEqual(first, items);
        continue;
      }
      assert.notDeepEqual(await all(data, { seed: 1, number: 1 }), first);
      assert.notDeepEqual(await all(data, { seed: 2 }), first);
      const fixed = make(items).shuffle(size, { seed: 5, reshuffleEachIteration: false });
      assert.deepEqual(await all(fixed, { seed: 1, number: 3 }), await all(fixed, { seed: 2 }));
      const unsized = make(items).shuffle({ seed: 5 });
      assert.deepEqual(await all(unsized), await all(make(items).shuffle(undefined, { seed: 5 })));
      // An element can come early by the size of the buffer at most.
      first.forEach((item, place) => {
        assert.ok((item as number) < place + (size ?? 100));
      });
    }
  });
}

test("the same seed gives the same order whatever the source is, also through other stages", async () => {
  const chains: readonly ((from: Dataset<number>) => Dataset<unknown>)[] = [
    (from) => from.shuffle(),
    (from) => from.shuffle(4),
    (from) => from.shuffle(4).batch(3),
    (from) => from.map((x, { index }) => x * 100 + index).shuffle(5),
    (from) => from.map((x, { random }) => x + random()).shuffle(5),
    (from) => from.shuffle(3).shuffle(3),
    (from) => from.batch(3).shuffle(4),
    (from) => from.concatenate(from).shuffle(9),
    (from) => from.skip(2).shuffle().take(5),
    (from) => from.zip(from.map((x) => -x)).shuffle(4),
    (from) => from.shuffle().repeat(3).batch(4),
    (from) => from.take(9).shard(2, 1).shuffle(),
    (from) => from.cache().shuffle(6).batch(2),
    (from) => from.repeat(3).shuffle(5),
    (from) => from.repeat(2).shuffle(40).batch(4),
    (from) => from.skip(1).repeat(2).take(30).skip(3).shuffle(6).batch(5),
    (from) => from.shuffle().repeat(2).shuffle(3).take(20).batch(3),
    (from) => from.repeat(2).shuffle(4).repeat(2).shuffle(7).batch(6),
    (from) =>
      from
        .repeat(2)
        .shuffle(4)
        .map((x) => -x)
        .batch(4),
  ];
  for (const [index, chain] of chains.entries()) {
    const results = await Promise.all(
      Object.values(sources).map((make) => all(chain(make(numbers(17))), { seed: 3, number: 2 })),
    );
    for (const result of results) assert.deepEqual(result, results[0], `chain ${index}`);
    for (const make of Object.values(sources)) {
      const data = chain(make(numbers(17)));
      for (let skip = 0; skip <= results[0]!.length; skip++)
        assert.deepEqual(
          await all(data, { seed: 3, number: 2, skip }),
          results[0]!.slice(skip),
          `chain ${index} from ${skip}`,
        );
    }
  }
});

test("chains of random stages are what they are for lists", async () => {
  const uniform = uniformSource(11);
  const pick = <V>(values: readonly V[]): V => values[Math.floor(uniform() * values.length)]!;
  const names = ["map", "filter", "repeat", "take", "skip", "shard", "concatenate", "prefetch", "nothing", "flatMap"];
  for (let round = 0; round < 60; round++) {
    const chain = Array.from({ length: 4 }, () => pick(names));
    const items = numbers(Math.floor(uniform() * 20));
    const kind = pick(Object.keys(sources));
    let data = sources[kind]!(items);
    let list: readonly number[] = items;
    for (const name of chain) {
      data = laws[name]!.data(data) as Dataset<number>; // these give numbers
      list = laws[name]!.list(list) as readonly number[];
    }
    const skip = Math.floor(uniform() * (list.length + 1));
    assert.deepEqual(await all(data, { skip }), list.slice(skip), `${kind}, ${chain.join(", ")}, from ${skip} on`);
  }
});

test("nothing is done before it is wanted, and sources are closed when it is enough", async () => {
  const events: string[] = [];
  const data = Dataset.fromGenerator(function* () {
    events.push("open");
    try {
      for (let item = 0; ; item++) {
        events.push(`make ${item}`);
        yield item;
      }
    } finally {
      events.push("close");
    }
  })
    .map((x) => {
      events.push(`map ${x}`);
      return x;
    })
    .batch(2)
    .repeat();
  assert.deepEqual(events, []);
  for await (const batch of data) {
    assert.deepEqual(plain(batch), [0, 1]);
    break;
  }
  assert.deepEqual(events, ["open", "make 0", "map 0", "make 1", "map 1", "close"]);
});

test("elements that are gone past are not mapped", async () => {
  let calls = 0;
  const data = Dataset.range(100)
    .map((x) => {
      calls++;
      return x;
    })
    .shuffle(10)
    .batch(4);
  const rest = await all(data, { skip: 20, seed: 4 });
  assert.equal(calls, 20);
  assert.deepEqual(rest, (await all(data, { seed: 4 })).slice(20));
});

test("arrays keep their dtype in elements and batches, whether stacked or cut", async () => {
  const arrays = {
    image: new NdArray(Uint8Array.from(numbers(24)), [4, 2, 3]),
    label: Int32Array.from([3, 1, 2, 0]),
    name: ["a", "b", "c", "d"],
    weight: [0.5, 1, 2, 4],
    nested: [
      [1, 2],
      [3, 4],
      [5, 6],
      [7, 8],
    ],
  };
  const cut = Dataset.fromTensorSlices(arrays).batch(3);
  const stacked = Dataset.fromTensorSlices(arrays)
    .map((each) => ({ ...each }))
    .batch(3);
  const [first, second] = await cut.toArray();
  assert.deepEqual(await stacked.toArray(), [first, second]);
  assert.deepEqual([first!.image.dtype, first!.image.shape, first!.label.dtype], ["u8", [3, 2, 3], "i32"]);
  assert.deepEqual([first!.name, plain(second!.nested), plain(second!.weight)], [["a", "b", "c"], [[7, 8]], [4]]);
  const [row] = await cut.unbatch().toArray();
  assert.deepEqual([row!.label.item(), row!.name, row!.image.shape], [3, "a", [2, 3]]);
});

test("the structure of elements is in their type", async () => {
  const data = Dataset.fromTensorSlices({ x: ndarray([[1, 2]]), y: Int32Array.of(1), name: ["a"], weight: [1] });
  const [row] = await data.toArray();
  const element: { readonly x: NdArray; readonly y: NdArray; readonly name: string; readonly weight: number } = row!;
  const [first] = await data.batch(1).toArray();
  const batch: { readonly x: NdArray; readonly name: readonly string[]; readonly weight: NdArray } = first!;
  const [pair] = await Dataset.zip([data, Dataset.range(1)] as const).toArray();
  const number: number = pair![1];
  const text: Dataset<string> = data.map(({ name }) => name);
  const texts: Dataset<readonly string[]> = text.batch(2);
  const lists: Dataset<readonly number[]> = Dataset.range(3).window(2);
  // @ts-expect-error: a text is no number
  text.map((each) => each * 2);
  // @ts-expect-error: there is no such field
  data.filter(({ label }) => label === 1);
  assert.deepEqual([element.name, batch.name, number], ["a", ["a"], 0]);
  assert.deepEqual([await texts.toArray(), await lists.toArray()], [[["a"]], [[0, 1]]]);
});

test("whoever changes an element does not change the data", async () => {
  const x = ndarray([1, 2, 3, 4]);
  for await (const batch of Dataset.fromTensorSlices(x).batch(2)) batch.data.fill(9);
  for await (const row of Dataset.fromTensorSlices(x)) row.data.fill(9);
  assert.deepEqual([...x.data], [1, 2, 3, 4]);

  // Rows of some length are copied when somebody looks.
  const wide = ndarray(Float32Array.from(numbers(60)), [2, 30]);
  const rows = Dataset.fromTensorSlices({ x: wide });
  const before = [...wide.data];
  const changed = await rows
    .map(({ x: row }) => {
      assert.deepStrictEqual(row, ndarray(row.data.slice(), [30]));
      row.data.fill(9);
      return { x: row };
    })
    .batch(2)
    .toArray();
  assert.deepEqual([...wide.data, ...changed[0]!.x.data], [...before, ...new Array(60).fill(9)]);
  // And those that have been handed out stay what they were.
  const kept = await rows.toArray();
  const shuffled = await rows.repeat(2).shuffle(3).toArray();
  wide.data.fill(7);
  assert.deepEqual(
    kept.map((each) => plain(each.x)),
    [before.slice(0, 30), before.slice(30)],
  );
  assert.ok(shuffled.every((each) => !each.x.data.includes(7, 8)));
});

test("padded batches are filled up to the largest of the batch, or to what is asked for", async () => {
  const texts = [[1], [2, 3], [4, 5, 6], [7]].map((tokens) => ({
    tokens: Int32Array.from(tokens),
    length: tokens.length,
  }));
  const data = Dataset.from(texts);
  assert.deepEqual(await all(data.paddedBatch(2)), [
    {
      tokens: [
        [1, 0],
        [2, 3],
      ],
      length: [1, 2],
    },
    {
      tokens: [
        [4, 5, 6],
        [7, 0, 0],
      ],
      length: [3, 1],
    },
  ]);
  const four = data.paddedBatch(3, {
    paddedShapes: { tokens: [4] },
    paddingValues: { tokens: -1 },
    dropRemainder: true,
  });
  assert.deepEqual(await all(four), [
    {
      tokens: [
        [1, -1, -1, -1],
        [2, 3, -1, -1],
        [4, 5, 6, -1],
      ],
      length: [1, 2, 3],
    },
  ]);
  const images = Dataset.from([ndarray([[1, 2]]), ndarray([[3], [4], [5]])]);
  assert.deepEqual(await all(images.paddedBatch(2, { paddingValues: 9 })), [
    [
      [
        [1, 2],
        [9, 9],
        [9, 9],
      ],
      [
        [3, 9],
        [4, 9],
        [5, 9],
      ],
    ],
  ]);
});

test("a cache makes its elements once, whatever is asked for first, and hands out copies", async () => {
  for (const make of Object.values(sources)) {
    let calls = 0;
    const data = make(numbers(9))
      .map((x, { random }) => {
        calls++;
        return ndarray([x, random()]);
      })
      .cache();
    const first = await all(data, { seed: 1 });
    for await (const element of data.iterate({ seed: 1 })) element.data.fill(-1);
    assert.deepEqual(await all(data, { seed: 1 }), first);
    assert.deepEqual(await all(data, { seed: 1, number: 5 }), first);
    assert.deepEqual(await all(data, { seed: 1, skip: 4 }), first.slice(4));
    assert.equal(calls, 9);
    assert.equal(data.cardinality, 9);
    const shuffled = await all(data.shuffle(), { seed: 1 });
    assert.deepEqual(new Set(shuffled.map(String)), new Set(first.map(String)));
    assert.equal(calls, 9);
  }
  let calls = 0;
  const some = Dataset.range(6)
    .map((x) => {
      calls++;
      return x;
    })
    .cache();
  await all(some.skip(4));
  await all(some.shuffle().take(2));
  assert.deepEqual(await all(some), numbers(6));
  assert.equal(calls, 6);
});

test("a layer is mapped over elements, or over the inputs in them", async () => {
  const vectors = await layers.textVectorization({ outputSequenceLength: 2 }).adapt(["a b", "b"]);
  const texts = Dataset.fromTensorSlices({ x: ["b", "a b"], y: [1, 0] }).batch(2);
  assert.deepEqual(await all(texts.map(vectors)), [
    {
      x: [
        [2, 0],
        [3, 2],
      ],
      y: [1, 0],
    },
  ]);
  assert.deepEqual(await all(texts.map(({ x }) => x).map(vectors)), [
    [
      [2, 0],
      [3, 2],
    ],
  ]);
  const half = layers.rescaling(0.5);
  const pixels = Dataset.fromTensorSlices([
    ndarray([
      [2, 4],
      [6, 8],
    ]),
    Int32Array.of(1, 2),
  ] as const);
  const expected = [
    [
      [
        [1, 2],
        [3, 4],
      ],
      [1, 2],
    ],
  ];
  assert.deepEqual(await all(pixels.batch(2).map(half)), expected);
  assert.deepEqual(await all(pixels.batch(2).map(half).unbatch().batch(2)), expected);
});

test("statistics tell what the elements are and what each stage did", async () => {
  const data = Dataset.fromTensorSlices({
    x: ndarray([
      [1, 2],
      [3, 4],
      [5, 7],
    ]),
    y: [0, 1, 1],
    name: ["a", "b", "b"],
  });
  for (const made of [data, data.map((each) => each), data.batch(2)]) {
    const stats = await made.stats();
    const [x, y, name] = ["x", "y", "name"].map((place) => stats.values.find((value) => value.name === place)!);
    assert.deepEqual(
      [x!.count, x!.min, x!.max, x!.mean.toFixed(4), x!.standardDeviation.toFixed(4)],
      [6, 1, 7, "3.6667", "1.9720"],
    );
    assert.deepEqual(y!.shares, { 0: 1 / 3, 1: 2 / 3 });
    assert.deepEqual(name!.shares, { a: 1 / 3, b: 2 / 3 });
    assert.match(String(stats), /^value .*\n/);
  }
  const stats = await data
    .filter(({ y }) => y === 1)
    .batch(1)
    .stats({ take: 1 });
  assert.deepEqual(
    stats.stages.map(({ name, elements }) => [name, elements]),
    [
      ["fromTensorSlices", 3],
      ["filter", 2],
      ["batch", 2],
    ],
  );
  assert.equal(stats.elements, 1);
});

const wrong: { readonly [name: string]: readonly [() => Promise<unknown> | unknown, RegExp] } = {
  "a map function that throws": [
    () =>
      Dataset.range(9)
        .map(function decode(x) {
          if (x === 5) throw new Error("no such image");
          return x;
        })
        .batch(2)
        .toArray(),
    /^map\(decode\): the function threw at element 5: no such image$/,
  ],
  "a map function that rejects": [
    () =>
      Dataset.range(9)
        .map(async (x) => (x < 7 ? x : Promise.reject(new RangeError("too far"))), { parallel: 4 })
        .toArray(),
    /^map: the function threw at element 7: too far$/,
  ],
  "a shuffled map that throws, named by its own number": [
    () =>
      Dataset.range(9)
        .map((x) => {
          if (x === 5) throw new Error("bad");
          return x;
        })
        .shuffle()
        .toArray(),
    /at element 5: bad$/,
  ],
  "arrays of different shapes in a batch": [
    () =>
      Dataset.from([[1, 2], [3, 4], [5]])
        .batch(3)
        .toArray(),
    /^batch: element 2 is not what the elements before it are\n {2}expected {2}f32 \[2\]\n {2}received {2}numbers \[1\]\n {2}hint .*paddedBatch/,
  ],
  "another kind of element": [
    () => Dataset.from<unknown>([1, 2, 3, "four"]).batch(2).toArray(),
    /^batch: element 3 is not what .*\n {2}expected {2}a number\n {2}received {2}string/,
  ],
  "a missing field": [
    () =>
      Dataset.from<object>([{ x: 1, y: 2 }, { x: 1 }])
        .batch(2)
        .toArray(),
    /^batch: element 1 is not .*\n {2}expected {2}a record of x, y\n {2}received {2}\{ x: number \}/,
  ],
  "another dtype": [
    () =>
      Dataset.from([{ x: Float32Array.of(1) }, { x: Int32Array.of(1) }])
        .batch(2)
        .toArray(),
    /^batch: element 1 at \.x is not .*\n {2}expected {2}f32 \[1\]\n {2}received {2}Int32Array/,
  ],
  "an array that is too long to be filled up": [
    () =>
      Dataset.from([[1], [1, 2, 3]])
        .paddedBatch(2, { paddedShapes: [2] })
        .toArray(),
    /^paddedBatch: element 1 is larger than .*\n {2}paddedShapes {2}\[2\]\n {2}received {6}\[3\]\n/,
  ],
  "arrays of different ranks to be filled up": [
    () =>
      Dataset.from<unknown>([{ a: [1] }, { a: [[1]] }])
        .paddedBatch(2)
        .toArray(),
    /^paddedBatch: element 1 at \.a has another number of axes/,
  ],
  "what cannot be in a batch": [
    () =>
      Dataset.from([{ when: new Date() }])
        .batch(2)
        .toArray(),
    /^batch: element 0 at \.when cannot be part of a batch: it is Date\n {2}hint/,
  ],
  "arrays of different lengths": [
    () => Dataset.fromTensorSlices({ x: [1, 2, 3], y: Float32Array.of(1) }),
    /^fromTensorSlices: the arrays have different numbers of elements\n {2}x {5}3 elements\n {2}y {5}1 elements/,
  ],
  "no arrays": [
    () => Dataset.fromTensorSlices("text" as never),
    /^fromTensorSlices: expected arrays .*received string/,
  ],
  "an iterator that is used up": [
    async () => {
      const data = Dataset.from([1, 2].values());
      await data.toArray();
      await data.toArray();
    },
    /gone through: it gives its elements once\n {2}hint {2}give a function/,
  ],
  "a generator function that gives nothing": [
    () => Dataset.fromGenerator((() => 5) as never).toArray(),
    /^fromGenerator: the function must return something to iterate over, received number/,
  ],
  "a batch of no elements": [
    () => Dataset.range(3).batch(0),
    /^batch: the size must be a positive whole number, received 0$/,
  ],
  "a buffer of no elements": [() => Dataset.range(3).shuffle(0), /^shuffle: the size of the buffer must be/],
  "a negative count": [
    () => Dataset.range(3).take(-1),
    /^take: the count must be a whole number of at least 0, received -1/,
  ],
};
for (const [name, [attempt, message]] of Object.entries(wrong)) {
  test(`${name} is an error that says where`, async () => {
    await assert.rejects(
      async () => attempt(),
      (error: Error) => {
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
