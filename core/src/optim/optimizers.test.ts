import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createDevice } from "../device/index.ts";
import {
  engineStatistics,
  inspect,
  jit,
  setDevice,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
  variable,
} from "../tensor/index.ts";
import {
  describeOptimizer,
  type Optimizer,
  type OptimizerName,
  optimizers,
  registerSchedule,
  restoreOptimizer,
  schedules,
} from "./index.ts";
import {
  clippingAgrees,
  close,
  type Golden,
  meansFade,
  optimizersAgree,
  schedulesAgree,
} from "./optimizers.test.body.ts";

const path = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "optim", "goldens", "optimizers.json");
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden; // our own file

for (const device of ["reference", "wasm"] as const) {
  for (const [index, run] of golden.runs.entries()) {
    test(`run ${index} on ${device}: 20 steps of ${run.name} ${JSON.stringify(run.options)} as in Keras`, async () => {
      await setDevice(device);
      await optimizersAgree(golden, [run]);
    });
  }
  test(`schedules on ${device}: rates at many steps as in Keras (${golden.schedules.length})`, async () => {
    await setDevice(device);
    await schedulesAgree(golden);
  });
}

for (const device of ["reference", "wasm"] as const) {
  test(`on ${device} a mean of past gradients that nothing feeds ends at 0`, async () => {
    await setDevice(device);
    await meansFade();
  });
}

test("every optimizer under every kind of clipping moves variables on wasm as on the reference device", async () => {
  await clippingAgrees(await createDevice("wasm"));
});

test("every optimizer and schedule of the library has a row in the goldens", () => {
  const missing = (table: object, rows: readonly { readonly name: string }[]): string[] =>
    Object.keys(table).filter((name) => !rows.some((row) => row.name === name));
  // These two move nothing themselves; multi.test.ts is about them.
  assert.deepEqual(missing(optimizers, golden.runs), ["lossScale", "multi"]);
  assert.deepEqual(missing(schedules, golden.schedules), []);
});

const sizes = [32, 16, 8, 4, 4];

/** How many launches a step of training by `optimizer` has, and how many of them change the eight variables of a network. */
async function launchesOf(optimizer: Optimizer): Promise<{ readonly all: number; readonly updates: number }> {
  const pairs = sizes.slice(1).map((size, at) => {
    const named = (name: string): { readonly name: string } => ({ name: `w${at}/${name}` });
    return [
      variable([sizes[at]!, size], undefined, named("kernel")),
      variable([size], undefined, named("bias")),
    ] as const;
  });
  const variables = pairs.flat();
  const step = (x: Tensor): void => {
    const loss = (): Tensor =>
      pairs
        .reduce((h: Tensor, [w, b]) => h.matmul(w).add(b).tanh() as Tensor, x)
        .square()
        .mean();
    optimizer.apply(valueAndGrad(loss, variables)[1], variables);
  };
  const text = await inspect(step, tensor(new Float32Array(8 * 32), { shape: [8, 32] }) as Tensor);
  const lines = text.slice(text.indexOf("## plan")).split("\n");
  const slots = lines.flatMap((line) => /^output (s\d+) w\d\//.exec(line)?.[1] ?? []);
  assert.equal(slots.length, variables.length, text);
  // Lines that begin with spaces belong to the launch above them.
  let launch = 0;
  const writing = new Set<number>();
  for (const line of lines.filter((line) => line.includes("←"))) {
    if (!line.startsWith(" ")) launch++;
    if (slots.some((slot) => new RegExp(`\\b${slot}\\b`).test(line.split("←")[0]!))) writing.add(launch);
  }
  return { all: launch, updates: writing.size };
}

const cosine = schedules.cosineDecay({ initialLearningRate: 0.1, decaySteps: 100 });
/** Launches that change all eight variables together. */
const launchBudget: readonly (readonly [OptimizerName, object, number])[] = [
  ["sgd", {}, 1],
  ["sgd", { momentum: 0.9, nesterov: true, weightDecay: 0.01, clipValue: 1 }, 1],
  ["rmsprop", { centered: true, momentum: 0.5 }, 1],
  ["adam", { learningRate: cosine }, 1],
  ["adam", { amsgrad: true, useEma: true, emaOverwriteFrequency: 10, gradientAccumulationSteps: 4 }, 1],
  ["adamw", { clipValue: 0.5 }, 1],
  ["adamw", { globalClipNorm: 1, learningRate: cosine, gradientAccumulationSteps: 2 }, 1],
  ["adamw", { clipNorm: 1 }, 1],
  // Those that decay and those that do not.
  ["adamw", { clipNorm: 1, excludeFromWeightDecay: ["bias"] }, 2],
  ["adagrad", {}, 1],
  ["adadelta", {}, 1],
  ["adamax", {}, 1],
  ["nadam", {}, 1],
  ["lion", { weightDecay: 0.1 }, 1],
  ["ftrl", { l1RegularizationStrength: 0.1 }, 1],
];
for (const [name, options, budget] of launchBudget) {
  test(`${name} with ${Object.keys(options).join(", ") || "defaults"}: launches that move eight variables: ${budget}`, async () => {
    await setDevice("wasm");
    assert.equal((await launchesOf(optimizers[name](options as never))).updates, budget); // the row's options are its optimizer's
  });
}

/** Launches that clipping adds to a step: sums of squares in parts, the parts together; the norm of all gradients. */
const clippingBudget: readonly (readonly [OptimizerName, object, number])[] = [
  ["sgd", { clipValue: 1 }, 0],
  ["adam", { clipNorm: 1 }, 2],
  ["sgd", { momentum: 0.9, globalClipNorm: 1 }, 3],
  ["adamw", { globalClipNorm: 1 }, 3],
];
for (const [name, options, budget] of clippingBudget) {
  test(`${name} with ${JSON.stringify(options)}: ${budget} launches more for eight variables, in any sizes`, async () => {
    await setDevice("wasm");
    const { clipValue: _, clipNorm: __, globalClipNorm: ___, ...others } = options as Readonly<Record<string, number>>;
    const [clipped, plain] = [
      await launchesOf(optimizers[name](options as never)), // the row's options are its optimizer's
      await launchesOf(optimizers[name](others as never)),
    ];
    assert.equal(clipped.all - plain.all, budget);
  });
}

test("the learning rate changes without compiling, and counts from the next step", async () => {
  await setDevice("wasm");
  const optimizer = optimizers.sgd({ learningRate: 1 });
  const target = variable(tensor([0]));
  const step = jit((g: Tensor) => optimizer.apply([g], [target]));
  const moved: number[] = [];
  let compiled = 0;
  for (const [round, rate] of [1, 0.5, 0.25, 0.125, 3].entries()) {
    if (round > 0) optimizer.setLearningRate(rate);
    step(tensor([-1]));
    moved.push(await target.item());
    if (round === 0) ({ compiled } = engineStatistics());
  }
  assert.deepEqual(moved, [1, 1.5, 1.75, 1.875, 4.875]);
  assert.equal(engineStatistics().compiled, compiled);
});

test("a schedule of one's own: a function of the step; the rate of the last step can be read; files name it", async () => {
  await setDevice("reference");
  const halving = (step: Tensor): Tensor => step.add(1).reciprocal() as Tensor;
  const optimizer = optimizers.sgd({ learningRate: halving });
  const target = variable(tensor([0]));
  const rates: number[] = [];
  for (let step = 0; step < 4; step++) {
    optimizer.apply([tensor([-1])], [target]);
    rates.push(await optimizer.learningRate.item());
  }
  assert.deepEqual(
    rates.map((rate) => Math.round(rate * 1e6) / 1e6),
    [1, 0.5, 0.333333, 0.25],
  );
  assert.throws(() => optimizer.setLearningRate(1), /follows a schedule/);
  assert.equal(describeOptimizer(optimizer), undefined);
  registerSchedule("halving", () => halving);
  const again = restoreOptimizer(JSON.parse(JSON.stringify(describeOptimizer(optimizer))));
  assert.equal(again.schedule?.name, "halving");
});

/** g at each of the steps of a closed form. */
const slopes = Array.from({ length: 20 }, (_, step) => Math.sin(step * 1.7) + 0.3);

/** Each optimizer's formula for one number, in f64, as its paper prints it: the weight after each step. */
const closedForms: { readonly [Name in OptimizerName]?: (gradients: readonly number[]) => number[] } = {
  sgd: (gs) => trace(gs, (w, g) => w - 0.01 * g),
  rmsprop: (gs) => {
    let v = 0;
    return trace(gs, (w, g) => {
      v = 0.9 * v + 0.1 * g * g;
      return w - (0.001 * g) / Math.sqrt(v + 1e-7);
    });
  },
  adam: (gs) => trace(gs, adamStep(0)),
  adamw: (gs) => trace(gs, adamStep(0.004)),
  adagrad: (gs) => {
    let a = 0.1;
    return trace(gs, (w, g) => {
      a += g * g;
      return w - (0.001 * g) / Math.sqrt(a + 1e-7);
    });
  },
  adadelta: (gs) => {
    let [a, d] = [0, 0];
    return trace(gs, (w, g) => {
      a = 0.95 * a + 0.05 * g * g;
      const change = (-Math.sqrt(d + 1e-7) / Math.sqrt(a + 1e-7)) * g;
      d = 0.95 * d + 0.05 * change * change;
      return w + 0.001 * change;
    });
  },
  adamax: (gs) => {
    let [m, u] = [0, 0];
    return trace(gs, (w, g, t) => {
      m = 0.9 * m + 0.1 * g;
      u = Math.max(0.999 * u, Math.abs(g));
      return w - ((0.001 / (1 - 0.9 ** t)) * m) / (u + 1e-7);
    });
  },
  nadam: (gs) => {
    let [m, v, product] = [0, 0, 1];
    const mu = (t: number): number => 0.9 * (1 - 0.5 * 0.96 ** t);
    return trace(gs, (w, g, t) => {
      product *= mu(t);
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const ahead = (mu(t + 1) * m) / (1 - product * mu(t + 1)) + ((1 - mu(t)) * g) / (1 - product);
      return w - (0.001 * ahead) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7);
    });
  },
  lion: (gs) => {
    let m = 0;
    return trace(gs, (w, g) => {
      const next = w - 0.001 * Math.sign(0.9 * m + 0.1 * g);
      m = 0.99 * m + 0.01 * g;
      return next;
    });
  },
  ftrl: (gs) => {
    let [n, z] = [0.1, 0];
    return trace(gs, (w, g) => {
      const grown = n + g * g;
      z += g - ((Math.sqrt(grown) - Math.sqrt(n)) / 0.001) * w;
      n = grown;
      return -z / (Math.sqrt(n) / 0.001);
    });
  },
  adafactor: (gs) => {
    let v = 0;
    return trace(gs, (w, g, t) => {
      const kept = 1 - t ** -0.8;
      v = kept * v + (1 - kept) * (g * g + 1e-30);
      const change = g / Math.sqrt(v);
      const alpha = Math.max(1e-3, Math.abs(w)) * Math.min(0.001, 1 / Math.sqrt(t));
      return w - (alpha * change) / Math.max(1, Math.abs(change));
    });
  },
  lamb: (gs) => {
    let [m, v] = [0, 0];
    return trace(gs, (w, g, t) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const direction = m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-7);
      const trust = w !== 0 && direction !== 0 ? Math.abs(w) / Math.abs(direction) : 1;
      return w - 0.001 * trust * direction;
    });
  },
};

const first = 1.5;
function trace(gradients: readonly number[], step: (w: number, g: number, t: number) => number): number[] {
  let w = first;
  return gradients.map((g, index) => {
    w = step(w, g, index + 1);
    return w;
  });
}

function adamStep(decay: number): (w: number, g: number, t: number) => number {
  let [m, v] = [0, 0];
  return (w, g, t) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const alpha = (0.001 * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    return w - 0.001 * decay * w - (alpha * m) / (Math.sqrt(v) + 1e-7);
  };
}

for (const device of ["reference", "wasm"] as const) {
  for (const [name, form] of Object.entries(closedForms)) {
    test(`${name} on ${device}: 20 steps with its defaults follow the formula`, async () => {
      await setDevice(device);
      const optimizer = optimizers[name as OptimizerName](); // the table's keys
      const target: Variable = variable(tensor([first]));
      const step = jit((g: Tensor) => optimizer.apply([g], [target]));
      for (const [at, expected] of form(slopes).entries()) {
        step(tensor([slopes[at]!]));
        await close(`step ${at + 1}`, target, [expected], 4e-7);
      }
    });
  }
}
