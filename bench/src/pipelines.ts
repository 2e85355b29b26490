// What a pipeline costs: `node bench/dist/pipelines.js [--train]`. Least of many runs in turn, for machines that are shared.
import { Dataset, losses, NdArray, setDevice, setRandomSeed } from "chainrule";
import { convnet } from "./workloads/convnet.ts";

const count = 60_000;
const side = 28;

/** What a run took by the clock, and what its threads computed: others on the machine change the one and hardly the other. */
interface Spent {
  readonly ms: number;
  readonly cpuMs: number;
}

async function spentBy(run: () => Promise<unknown>): Promise<Spent> {
  const before = process.cpuUsage();
  const began = performance.now();
  await run();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(before);
  return { ms, cpuMs: (user + system) / 1000 };
}

/** What `rounds` runs of each took, in turn. */
async function inTurn(
  ways: Readonly<Record<string, () => Promise<unknown>>>,
  rounds: number,
): Promise<Map<string, Spent[]>> {
  const times = new Map<string, Spent[]>(Object.keys(ways).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    const entries = Object.entries(ways);
    // Whoever is second may find the machine warmer.
    if (round % 2 === 1) entries.reverse();
    for (const [name, run] of entries) times.get(name)!.push(await spentBy(run)); // there is one for each name
  }
  return times;
}

const least = (runs: readonly Spent[], what: keyof Spent): number => Math.min(...runs.map((run) => run[what]));

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
    const times = await inTurn(
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
        "zip with labels, shuffle, batch 64, prefetch": through(
          Dataset.zip([
            Dataset.fromTensorSlices(new NdArray(values, [count, side, side])),
            Dataset.fromTensorSlices(labels),
          ])
            .shuffle()
            .batch(64)
            .prefetch(),
        ),
        "shuffle, repeat, batch 64, as many steps": through(
          data
            .shuffle()
            .repeat()
            .batch(64)
            .take(Math.ceil(count / 64)),
        ),
        "shuffle of 10,000 after repeat, batch 64, as many steps": through(
          data
            .repeat()
            .shuffle(10_000)
            .batch(64)
            .take(Math.ceil(count / 64)),
        ),
        "batch 64, map of batches to f32": through(
          data.batch(64).map(({ x, y }) => ({ x: new NdArray(Float32Array.from(x.data), x.shape), y })),
        ),
      },
      15,
    );
    for (const [name, runs] of times) {
      const [byClock, byWork] = (["ms", "cpuMs"] as const).map((what) => (count / least(runs, what) / 1000).toFixed(2));
      console.log(`${dtype} ${name}: ${byClock} million examples/s by the clock, ${byWork} by CPU time`);
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
  const times = await inTurn(ways, 12);
  const [arrays, dataset] = [times.get("arrays")!, times.get("dataset")!];
  const perSecond = (runs: readonly Spent[]): string => ((examples * 1000) / least(runs, "ms")).toFixed(0);
  console.log(`W3, examples/s: ${perSecond(arrays)} from arrays, ${perSecond(dataset)} from a Dataset`);
  const pairs = dataset.map(({ cpuMs }, round) => cpuMs / arrays[round]!.cpuMs); // a run of each in each round
  const ratio = least(dataset, "cpuMs") / least(arrays, "cpuMs");
  console.log(`CPU time, Dataset / arrays: ${ratio.toFixed(3)} (least), ${median(pairs).toFixed(3)} (median of pairs)`);
}

await (process.argv.includes("--train") ? training() : fromMemory());
process.exit();
