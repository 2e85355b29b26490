import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { type Model, sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { type OnDemandRequest, readLog, type Slice, sliceValues } from "../record/index.ts";
import { setRandomSeed, tensor } from "../tensor/index.ts";
import { LocalMailbox, type Reply, record } from "./index.ts";
import { fence } from "./outliers.ts";

const [examples, side] = [96, 6];
/** Pictures: class 1 is bright on the left, class 0 on the right; each a little otherwise. */
const pictures = Float32Array.from({ length: examples * side * side }, (_, at) => {
  const [row, column] = [Math.floor(at / (side * side)), at % side];
  const bright = row % 2 === 1 ? column < 3 : column >= 3;
  return (bright ? 0.8 : 0.1) + 0.1 * Math.sin(at * 12.9898);
});
const classes = Int32Array.from({ length: examples }, (_, row) => row % 2);

interface Asked {
  readonly model: () => Model;
  readonly x?: Float32Array;
  readonly y?: Int32Array | Float32Array;
  readonly loss?: string;
  readonly requests: readonly OnDemandRequest[];
}

/** Asks a training when it has learned for some epochs; with its losses. */
async function asked({
  model: make,
  x = pictures,
  y = classes,
  loss = "sparseCategoricalCrossentropy",
  requests,
}: Asked) {
  clearSession();
  setRandomSeed(2);
  const model = make();
  model.compile({ optimizer: "adam", loss: loss as "meanSquaredError" });
  const mailbox = new LocalMailbox();
  const replies: Promise<Reply>[] = [];
  const ask = {
    onPosition: ({ epoch, step }: { readonly epoch: number; readonly step: number }): void => {
      if (epoch !== 25 || step !== 1) return;
      for (const [index, request] of requests.entries())
        replies.push(mailbox.send({ type: "request", id: `q${index}`, request }));
    },
  };
  const { history } = await model.fit(
    { x: ndarray(x, [examples, side, side, 1]), y: ndarray(y) },
    {
      epochs: 27,
      batchSize: 16,
      verbose: "silent",
      callbacks: [ask],
      recording: record({ place: { id: "r", sink: new MemorySink() }, mailbox, statistics: 0 }),
    },
  );
  return { replies: await Promise.all(replies), losses: history["loss"]! };
}

const network = (): Model =>
  sequential([
    layers.input([side, side, 1]),
    layers.flatten(),
    layers.dense(8, { activation: "relu", name: "hidden" }),
    layers.dense(2, { activation: "softmax" }),
  ]) as unknown as Model; // of any shapes
const outliers = { type: "outliers", split: "train" } as const;

function slicesOf(reply: Reply | undefined): readonly Slice[] {
  assert.ok(reply?.type === "answer", JSON.stringify(reply));
  return readLog(reply.log).entries.flatMap((entry) => (entry.kind === "slice" ? [entry.content] : []));
}
function foundIn(reply: Reply | undefined) {
  const [slice] = slicesOf(reply);
  const values = sliceValues(slice!);
  return Array.from({ length: slice!.head.shape[0]! }, (_, at) => {
    const [row, predicted, , loss, ofLoss, ofDistance, nearest] = values.subarray(7 * at, 7 * at + 7);
    return { row, truth: slice!.head.labels![at], predicted, loss, ofLoss, ofDistance, nearest };
  });
}

test("a wrong label and a strange picture are found among healthy examples, and told why", async () => {
  const wrong = classes.slice();
  wrong[10] = 1;
  const strange = pictures.slice();
  strange.fill(6, 31 * side * side, 32 * side * side); // 31 is of class 1
  const { replies } = await asked({ model: network, x: strange, y: wrong, requests: [outliers] });
  const found = foundIn(replies[0]);
  const byRow = new Map(found.map((each) => [each.row, each]));
  assert.deepEqual([...byRow.keys()].sort(), [10, 31]);
  const label = byRow.get(10)!;
  assert.ok(label.truth === 1 && label.predicted === 0 && label.ofLoss! > 1 && label.loss! > Math.log(2));
  assert.ok(label.ofDistance! > 1 && label.nearest === 0, "its features are those of the other class");
  assert.ok(byRow.get(31)!.ofDistance! > 1);
});

test("healthy examples have none; numbers are judged by their errors", async () => {
  const { replies: healthy } = await asked({ model: network, requests: [outliers] });
  assert.deepEqual(foundIn(healthy[0]), []);
  const y = Float32Array.from({ length: examples }, (_, row) => pictures[row * side * side]!);
  y[17]! += 20;
  const model = (): Model =>
    sequential([layers.input([side, side, 1]), layers.flatten(), layers.dense(1)]) as unknown as Model; // as above
  const { replies } = await asked({ model, y, loss: "meanSquaredError", requests: [outliers] });
  assert.deepEqual(
    foundIn(replies[0]).map(({ row, ofDistance }) => [row, ofDistance]),
    [[17, 0]],
  );
});

test("the far fence is Tukey's", () => {
  assert.equal(fence([1, 2, 3, 4, 5, Number.NaN]), 4 + 3 * 2);
  assert.equal(fence([]), Number.POSITIVE_INFINITY);
});

test("what augmenting layers make of an example is shown in several draws, and asking changes no bit of the training", async () => {
  const model = (): Model =>
    sequential([
      layers.input([side, side, 1]),
      layers.randomFlip("horizontal", { seed: 4 }),
      layers.randomFlip("vertical"),
      layers.flatten(),
      layers.dropout(0.3),
      layers.dense(2, { activation: "softmax" }),
    ]) as unknown as Model; // as above
  const request = { type: "augmented", input: "train/5", count: 12 } as const;
  const { replies, losses } = await asked({ model, requests: [request, request] });
  const { losses: unasked } = await asked({ model, requests: [] });
  assert.deepEqual(losses, unasked);

  const slices = slicesOf(replies[0]);
  assert.deepEqual(
    slices.map(({ head }) => head.key),
    Array.from({ length: 13 }, (_, draw) => `draw/${draw}`),
  );
  const plain = tensor(pictures.slice(5 * side * side, 6 * side * side), { shape: [1, side, side, 1] });
  const ways = [plain, plain.flip(2), plain.flip(1), plain.flip(1).flip(2)].map((each) => [...each.dataSync()]);
  const wayOf = (slice: Slice): number => {
    const values = sliceValues(slice);
    return ways.findIndex((way) => way.every((value, at) => Math.abs(value - values[at]!) < 0.01)); // they come in bytes
  };
  const drawn = slices.map(wayOf);
  assert.equal(drawn[0], 0);
  assert.deepEqual([...new Set(drawn)].sort(), [0, 1, 2, 3]);
});

test("where nothing augments, that is said", async () => {
  const request = { type: "augmented", input: "train/5" } as const;
  const { replies } = await asked({ model: network, requests: [request, { ...request, input: "train/5000" }] });
  const scaled = (): Model =>
    sequential([
      layers.input([side, side, 1]),
      layers.rescaling(0.5),
      layers.conv2d(2, 3),
      layers.flatten(),
      layers.dense(2, { activation: "softmax" }),
    ]) as unknown as Model; // as above
  const { replies: ofScaled } = await asked({ model: scaled, requests: [request] });
  assert.deepEqual(
    [...replies, ...ofScaled].map((reply) => reply.type === "refusal" && reply.reason),
    [
      "the first layer of this model learns: nothing changes the examples before it",
      'there is no example "train/5000"',
      "no layer before the first that learns changes this example in training",
    ],
  );
});
