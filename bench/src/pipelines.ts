// What a pipeline costs: `node bench/dist/pipelines.js [--train]`. Least of many passes in turn, for machines that are shared.
import { Dataset, losses, NdArray, setDevice, setRandomSeed } from "chainrule";
import { convnet } from "./workloads/convnet.ts";

const count = 60_000;
const side = 28;

/** Milliseconds of the quickest of `rounds` runs of each, in turn. */
async function quickest(
  ways: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const entries = Object.entries(ways);
    // Whoever is second may find the machine warmer.
    if (round % 2 === 1) entries.reverse();
    for (const [name, run] of entries) {
      const began = performance.now();
      await run();
      times.get(name)!.push(performance.now() - began); // there is one for each name
    }
  }
  return times;
}

const through = (data: Dataset<unknown>) => async (): Promise<void> => {
  for await (const _ of data);
};
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** MNIST-size data from memory. */
async function fromMemory(): Promise<void> {
  const labels = Int32Array.from({ length: count }, (_, index) => index % 10);
  for (const [dtype, values] of [
    ["u8", new Uint8Array(count * side * side).fill(128)],
    ["f32", new Float32Array(count * side * side).fill(0.5)],
  ] as const) {
    const data = Dataset.fromTensorSlices({ x: new NdArray(values, [count, side, side]), y: labels });
    const times = await quickest(
      {
        "batch 64": through(data.batch(64)),
        "shuffle, batch 64, prefetch": through(data.shuffle().batch(64).prefetch()),
        "shuffle, batch 64, map of batches, prefetch": through(
          data
            .shuffle()
            .batch(64)
            .map((batch) => batch)
            .prefetch(),
        ),
        "shuffle, map of examples, batch 64": through(
          data
            .shuffle()
            .map((example) => example)
            .batch(64),
        ),
      },
      15,
    );
    for (const [name, runs] of times) {
      const perSecond = count / (Math.min(...runs) / 1000);
      console.log(`${dtype} ${name}: ${(perSecond / 1e6).toFixed(2)} million examples/s`);
    }
  }
}

/** W3 trained from a pipeline against arrays, on the native device. */
async function training(): Promise<void> {
  await setDevice("native");
  setRandomSeed(1);
  const examples = 64 * 60;
  const x = new NdArray(
    new Float32Array(examples * side * side).map((_, at) => Math.sin(at)),
    [examples, side, side, 1],
  );
  const y = Int32Array.from({ length: examples }, (_, index) => index % 10);
  const loss = losses.sparseCategoricalCrossentropy({ fromLogits: true });
  const model = convnet().compile({ optimizer: "adam", loss });
  const ways = {
    arrays: () => model.fit(x, y, { batchSize: 64, verbose: "silent" }),
    dataset: () => model.fit(Dataset.fromTensorSlices({ x, y }).shuffle().batch(64), { verbose: "silent" }),
  };
  for (const run of Object.values(ways)) await run();
  const times = await quickest(ways, 12);
  const [arrays, dataset] = [times.get("arrays")!, times.get("dataset")!];
  const ratios = dataset.map((ms, round) => ms / arrays[round]!);
  console.log(`W3 from arrays: ${((examples * 1000) / Math.min(...arrays)).toFixed(0)} examples/s`);
  console.log(`W3 from a Dataset: ${((examples * 1000) / Math.min(...dataset)).toFixed(0)} examples/s`);
  console.log(
    `time: ${(Math.min(...dataset) / Math.min(...arrays)).toFixed(3)} (least), ${median(ratios).toFixed(3)} (median of pairs)`,
  );
}

await (process.argv.includes("--train") ? training() : fromMemory());
process.exit();
