import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../data/index.ts";
import { sequential } from "../model/index.ts";
import { clearSession, layers } from "../nn/index.ts";
import { MemorySink } from "../observe/index.ts";
import { optimizers } from "../optim/index.ts";
import { type OnDemandRequest, readLog, type Slice, type Spans, sliceValues } from "../record/index.ts";
import { setRandomSeed } from "../tensor/index.ts";
import { principal } from "./embeddings.ts";
import { LocalMailbox, type Reply, record } from "./index.ts";

/** Asks a training of pictures (a bright corner says the class) or of points, when it has learned a little. */
async function asked(what: "pictures" | "patches" | "points", requests: readonly OnDemandRequest[], batchSize = 16) {
  clearSession();
  setRandomSeed(2);
  const examples = 64;
  const size = what === "points" ? 2 : 64;
  const y = Int32Array.from({ length: examples }, (_, row) => row % 2);
  const x = Float32Array.from({ length: examples * size }, (_, at) => {
    const [row, place] = [Math.floor(at / size), at % size];
    const noise = 0.1 * Math.sin(at * 12.9898);
    if (what === "points") return (y[row] === 1 ? 1 : -1) * (place === 0 ? 1 : 0) + noise;
    if (what === "patches") return (y[row] === 1 && place % 8 < 3 && place < 24 ? 1 : 0) + noise;
    const corner = y[row] === 1 ? place % 8 < 3 && place < 24 : place % 8 > 4 && place >= 40;
    return corner ? 1 + noise : noise;
  });
  const model =
    what !== "points"
      ? sequential([
          layers.input([8, 8, 1]),
          layers.conv2d(4, 3, { activation: "relu", name: "conv", padding: "same" }),
          what === "pictures" ? layers.flatten() : layers.globalAveragePooling2d(),
          layers.dense(2, { activation: "softmax", name: "out" }),
        ])
      : sequential([
          layers.input([2]),
          layers.dense(4, { activation: "tanh", name: "hidden" }),
          layers.dense(2, { activation: "softmax", name: "out" }),
        ]);
  model.compile({ optimizer: optimizers.adam({ learningRate: 0.02 }), loss: "sparseCategoricalCrossentropy" });
  const mailbox = new LocalMailbox();
  const replies: Promise<Reply>[] = [];
  const ask = {
    onPosition: ({ epoch, step }: { readonly epoch: number; readonly step: number }): void => {
      if (epoch !== 18 || step !== 1) return;
      for (const [index, request] of requests.entries())
        replies.push(mailbox.send({ type: "request", id: `q${index}`, request }));
    },
  };
  const shape = what === "points" ? [examples, 2] : [examples, 8, 8, 1];
  const sink = new MemorySink();
  await model.fit(
    { x: ndarray(x, shape), y: ndarray(y) },
    {
      epochs: 20,
      batchSize,
      verbose: "silent",
      callbacks: [ask],
      recording: record({ place: { id: "r", sink }, mailbox }),
    },
  );
  return { replies: await Promise.all(replies), log: readLog(sink.bytes).entries };
}

function slicesOf(reply: Reply): readonly Slice[] {
  assert.ok(reply.type === "answer", JSON.stringify(reply));
  return readLog(reply.log).entries.flatMap((entry) => (entry.kind === "slice" ? [entry.content] : []));
}

test("saliency and Grad-CAM look at what tells the classes apart", async () => {
  const input = "train/1"; // bright at the top left
  const { replies: ofPictures } = await asked("pictures", [
    { type: "saliency", input, class: 1 },
    { type: "gradCam", input, layer: "out" },
    { type: "saliency", input, class: 7 },
    { type: "saliency", input: "train/999" },
  ]);
  const { replies: ofPatches } = await asked("patches", [{ type: "gradCam", input, class: 1 }]);
  for (const [reply, role] of [
    [ofPictures[0]!, "saliency"],
    [ofPatches[0]!, "gradCam"],
  ] as const) {
    const [slice] = slicesOf(reply);
    assert.deepEqual([slice!.head.role, slice!.head.shape], [role, [8, 8]]);
    const values = sliceValues(slice!);
    assert.ok(values.every((value) => value >= 0));
    const part = (wanted: (row: number, column: number) => boolean): number => {
      const own = [...values].filter((_, at) => wanted(Math.floor(at / 8), at % 8));
      return own.reduce((sum, value) => sum + value, 0) / own.length;
    };
    const telling = part((row, column) => row < 3 && column < 3);
    const rest = part((row, column) => row < 3 && column > 4);
    assert.ok(telling > 2 * rest, `${role}: ${telling} where the classes differ, ${rest} elsewhere`);
  }
  const reasons = ofPictures.slice(1).map((reply) => reply.type === "refusal" && reply.reason);
  assert.deepEqual(reasons, [
    '"out" gives no feature maps',
    "the model has classes 0 to 1, received 7",
    'there is no example "train/999"',
  ]);
});

test("embeddings put the classes apart; the boundary tells them apart in the plane, also for a unit", async () => {
  const extent = [-2, 2, -2, 2] as const;
  const { replies } = await asked("points", [
    { type: "embeddings", split: "train", count: 40, projection: "pca" },
    { type: "embeddings", split: "train", count: 10, projection: "none", layer: "hidden" },
    { type: "boundary", extent, size: 9 },
    { type: "boundary", extent, size: 9, layer: "hidden", unit: 1 },
    { type: "boundary", extent, size: 9, layer: "hidden", unit: 4 },
    { type: "examples", keys: ["train/0", "train/3", "nothing"] },
  ]);
  const [points] = slicesOf(replies[0]!);
  assert.deepEqual([points!.head.shape, points!.head.layer], [[40, 2], "hidden"]);
  const values = sliceValues(points!);
  const sides = points!.head.labels!.map((label, row) => Math.sign(values[2 * row]!) * (label === 1 ? 1 : -1));
  assert.ok(
    sides.every((side) => side === sides[0]),
    "the first direction separates the classes",
  );
  assert.deepEqual(slicesOf(replies[1]!)[0]!.head.shape, [10, 4]);

  const [plane] = slicesOf(replies[2]!);
  assert.deepEqual([plane!.head.shape, plane!.head.extent], [[9, 9, 2], extent]);
  const likely = sliceValues(plane!);
  for (let row = 0; row < 9; row++) {
    assert.ok(likely[2 * (9 * row) + 1]! < 0.5, "on the left it is the first class");
    assert.ok(likely[2 * (9 * row + 8) + 1]! > 0.5, "on the right the second");
  }
  assert.deepEqual(slicesOf(replies[3]!)[0]!.head.shape, [9, 9]);
  assert.equal(replies[4]!.type, "refusal");
  assert.deepEqual(
    slicesOf(replies[5]!).map(({ head }) => [head.key, head.labels]),
    [
      ["train/0", [0]],
      ["train/3", [1]],
    ],
  );
});

test("a trace tells the kernels of the next steps; the log says who needs the memory", async () => {
  const { replies, log } = await asked(
    "pictures",
    [
      { type: "trace", steps: 2 },
      { type: "trace", steps: 2 },
    ],
    12,
  ); // programs that are compiled here, not taken from a test before
  const [first, second] = replies;
  assert.ok(first?.type === "answer");
  const spans = readLog(first.log).entries.map(({ content }) => content as Spans)[0]!.spans;
  const steps = spans.filter(({ level }) => level === "step");
  assert.ok(steps.length >= 2, `${steps.length} programs`);
  assert.ok(spans.some(({ level, layer }) => level === "kernel" && layer?.includes("conv")));
  assert.deepEqual(second, { type: "refusal", id: "q1", reason: "somebody else is tracing now" });
  const memory = log.flatMap((entry) => (entry.kind === "memory" ? [entry.content] : []));
  assert.equal(memory.length, 20);
  const parameters = 9 * 4 + 4 + 256 * 2 + 2;
  assert.equal(memory[0]!.owners.weights, 4 * parameters);
  assert.ok(memory[0]!.owners.optimizer! >= 8 * parameters);
  assert.ok(memory[0]!.owners.activations! > 0);
  const sizes = memory[0]!.peak!.map(({ bytes }) => bytes);
  assert.deepEqual(
    sizes,
    sizes.toSorted((a, b) => b - a),
  ); // the largest first
});

test("principal directions are those of the largest variance", () => {
  const rows = Array.from({ length: 200 }, (_, at) => {
    const [a, b] = [Math.sin(at) * 5, Math.cos(at * 1.7) * 2];
    return Float32Array.of(7 + a * 0.6, a * 0.8, 1 + b, 0.01 * Math.sin(at * 3));
  });
  const found = principal(rows, 2);
  for (let at = 0; at < 200; at += 17) {
    const [a, b] = [Math.sin(at) * 5, Math.cos(at * 1.7) * 2];
    assert.ok(Math.abs(Math.abs(found[2 * at]!) - Math.abs(a)) < 0.3, `${found[2 * at]} ${a}`);
    assert.ok(Math.abs(Math.abs(found[2 * at + 1]!) - Math.abs(b)) < 0.3, `${found[2 * at + 1]} ${b}`);
  }
});
