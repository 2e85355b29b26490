// What recording costs: `node studio/scripts/cost.mjs` prints a table for docs/studio.md (below four minutes).
//   --device native|wasm   --model digits|dense   --seconds 45 (a case)   --threads N (default 1)
//
// For each model and device three trainings of the same network go on side by side in one process, in turns of some steps: plain,
// recorded with the figures of every step, and recorded with statistics as well, as its controller settles them. All write what
// `fit({ studio: { serve: false } })` writes. A turn ends when the device has done all of its steps. The first third of the turns
// is left out: programs are compiled and the controller learns. Figures: median of the ratios of neighbouring turns. Statistics are
// taken in some turns only, so theirs is the ratio of the sums of all turns, and the median beside it says what the other steps cost.

import { fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { layers, ndarray, optimizers, sequential, setDevice, setRandomSeed } from "chainrule";
import { uniformSource } from "chainrule/data";
import { readLog } from "chainrule/record";
import { setThreads } from "chainrule/tensor";
import { studioRecording } from "../dist/index.js";

const models = {
  digits: {
    shape: [28, 28, 1],
    make: () => [
      layers.conv2d(32, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(64, 3, { activation: "relu" }),
      layers.maxPooling2d(2),
      layers.conv2d(128, 3, { activation: "relu" }),
      layers.flatten(),
      layers.dense(10, { activation: "softmax" }),
    ],
  },
  dense: {
    shape: [784],
    make: () => [layers.dense(128, { activation: "relu" }), layers.dense(10, { activation: "softmax" })],
  },
};
const ways = ["plain", "figures", "statistics"];
const [batchSize, examples] = [64, 6400];

function option(name, otherwise) {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Takes turns: each way does so many steps, and then hands on. */
class Turns {
  #waiting = new Map();
  #present = 0;
  #joined = 0;
  over = false;
  constructor(steps) {
    this.steps = steps;
    this.rounds = [];
  }
  /** Waits for the first turn of `way`. */
  begin(way) {
    const turn = new Promise((resolve) => this.#waiting.set(way, resolve));
    if (++this.#joined === ways.length) this.#go(0);
    return turn;
  }
  #go(place) {
    this.#present = place;
    if (place === 0) this.rounds.push({});
    this.#cpu = process.cpuUsage();
    this.#clock = performance.now();
    this.#waiting.get(ways[place])();
  }
  #cpu;
  #clock;
  /** The turn of `way` is over; resolves when it comes again. */
  next(way, steps) {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.rounds.at(-1)[way] = { cpu: (user + system) / 1000 / steps, wall: (performance.now() - this.#clock) / steps };
    const turn = new Promise((resolve) => this.#waiting.set(way, resolve));
    this.#go((this.#present + 1) % ways.length);
    return turn;
  }
  end() {
    this.over = true;
    for (const go of this.#waiting.values()) go();
  }
}

async function measure(modelName, device, seconds) {
  setThreads(Number(option("threads", "1")));
  await setDevice(device);
  const { shape, make } = models[modelName];
  const uniform = uniformSource(1);
  const size = shape.reduce((product, each) => product * each, 1);
  const x = ndarray(
    Float32Array.from({ length: examples * size }, () => uniform()),
    [examples, ...shape],
  );
  const y = ndarray(Int32Array.from({ length: examples }, () => Math.floor(10 * uniform())));
  const folder = mkdtempSync(join(tmpdir(), "cost-"));
  const until = performance.now() + 1000 * seconds;
  const turns = new Turns(Number(option("steps", modelName === "digits" ? "10" : "60")));
  const train = async (way) => {
    setRandomSeed(1);
    const model = sequential([layers.input(shape), ...make()], { name: `${modelName}-${way}` });
    // A network that has learnt its examples by heart has gradients too small to be normal numbers, and those take processors
    // a hundred times as long: it is kept from learning.
    model.compile({
      optimizer: optimizers.adam({ learningRate: 1e-8 }),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    });
    let steps = 0;
    let begun = false;
    const turn = {
      onBatchBegin: async (_, control) => {
        if (!begun) {
          begun = true;
          await turns.begin(way);
        }
        if (!turns.over && ++steps % turns.steps === 0) {
          await model.variables[0].data(); // the device has done what it was given
          if (performance.now() > until) turns.end();
          else await turns.next(way, turns.steps);
        }
        if (turns.over) control.stop();
      },
    };
    const recording =
      way === "plain"
        ? {}
        : {
            recording: await studioRecording({
              folder,
              name: way,
              serve: false,
              ...(way === "figures" ? { statistics: 0 } : {}),
            }),
          };
    await model.fit(
      { x, y },
      { epochs: 10_000, batchSize, verbose: "silent", seed: 1, callbacks: [turn], ...recording },
    );
  };
  await Promise.all(ways.map(train));
  const whole = turns.rounds.filter((round) => ways.every((way) => way in round));
  const counted = whole.slice(Math.floor(whole.length / 3));
  const told = readLog(readFileSync(join(folder, "statistics-1", "log"))).entries.flatMap(({ kind, content }) =>
    kind === "event" && content.type === "recording" ? [content] : [],
  );
  rmSync(folder, { recursive: true });
  const of = (way, clock) => counted.map((round) => round[way][clock]);
  const ratios = (way, clock) => counted.map((round) => round[way][clock] / round.plain[clock]);
  return {
    turns: counted.length,
    step: median(of("plain", "cpu")),
    wall: median(of("plain", "wall")),
    figures: { cpu: median(ratios("figures", "cpu")), wall: median(ratios("figures", "wall")) },
    statistics: {
      cpu: median(ratios("statistics", "cpu")),
      whole: sum(of("statistics", "cpu")) / sum(of("plain", "cpu")),
      wholeWall: sum(of("statistics", "wall")) / sum(of("plain", "wall")),
    },
    samples: told.length,
    stride: told.at(-1)?.stride,
    share: told.at(-1)?.share,
    sampleMs: median(told.slice(-9).flatMap(({ sampleMs }) => sampleMs ?? [])),
  };
}

const percent = (ratio) => `${ratio >= 1 ? "+" : "−"}${Math.abs(100 * (ratio - 1)).toFixed(1)} %`;

if (process.argv[2] === "--case") {
  const [, , , modelName, device] = process.argv;
  process.send(await measure(modelName, device, Number(option("seconds", "45"))));
  process.exit();
}

console.log(
  `${cpus()[0].model}, ${cpus().length} threads, load ${loadavg()[0].toFixed(1)} before; a step as ms of CPU time`,
);
console.log(
  "| model, device | a step | figures: CPU, clock | with statistics: CPU (median), clock | a sample | each, share shown |",
);
console.log("|---|---|---|---|---|---|");
const chosen = (name, all) => all.filter((each) => option(name, each) === each);
for (const modelName of chosen("model", Object.keys(models))) {
  for (const device of chosen("device", ["native", "wasm"])) {
    const child = fork(new URL(import.meta.url), ["--case", modelName, device, ...process.argv.slice(2)]);
    const told = await new Promise((resolve, reject) => {
      child.once("message", resolve);
      child.once("exit", () => reject(new Error(`${modelName} on ${device} has failed`)));
    });
    const { step, figures, statistics, sampleMs, stride, share, turns } = told;
    if (turns === 0) {
      console.log(`| ${modelName}, ${device} | not settled: give more --seconds | | | | |`);
      continue;
    }
    console.log(
      `| ${modelName}, ${device} | ${step.toFixed(2)} ms | ${percent(figures.cpu)}, ${percent(figures.wall)} | ${percent(statistics.whole)} (${percent(statistics.cpu)}), ${percent(statistics.wholeWall)} | ${sampleMs === null ? "none" : `${sampleMs.toFixed(2)} ms`} | ${stride} steps, ${(100 * share).toFixed(1)} % (${turns} turns) |`,
    );
  }
}
