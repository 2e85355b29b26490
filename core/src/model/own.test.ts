import assert from "node:assert/strict";
import { before, test } from "node:test";
import { NdArray } from "../data/index.ts";
import {
  accumulate,
  input,
  Loss,
  type LossOptions,
  layers,
  losses,
  Metric,
  type MetricOptions,
  metrics,
  registerLoss,
  registerMetric,
  sumOf,
} from "../nn/index.ts";
import {
  type Next,
  Optimizer,
  type OptimizerOptions,
  type Present,
  registerOptimizer,
  type SlotRule,
  schedules,
} from "../optim/index.ts";
import { setDevice, setRandomSeed, type Tensor } from "../tensor/index.ts";
import { type Model, model, modelFromBytes, modelToBytes, sequential } from "./index.ts";

before(() => setDevice("reference"));

const x = new NdArray(
  new Float32Array(24).map((_, at) => Math.sin(at * 7.1)),
  [8, 3],
);
const y = new NdArray(
  new Float32Array(8).map((_, at) => at % 2),
  [8, 1],
);
const quiet = { verbose: "silent", batchSize: 4, epochs: 2 } as const;
const network = (): Model => sequential([layers.input([3]), layers.dense(1, { name: "only", activation: "sigmoid" })]);

/** |e|^power, a loss of the user's own with an option of its own. */
class PowerLoss extends Loss {
  override readonly name = "power";
  readonly power: number;

  constructor({ power = 3, ...options }: LossOptions & { readonly power?: number } = {}) {
    super(options);
    this.power = power;
  }

  override call(yTrue: Tensor, yPred: Tensor): Tensor {
    return yTrue.sub(yPred).abs().pow(this.power).mean(-1) as Tensor;
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), power: this.power };
  }
}

/** How many targets are above a limit. */
class Above extends Metric {
  readonly limit: number;
  readonly #count = this.addTotal("count");

  constructor({ limit = 0.5, name = "above" }: MetricOptions & { readonly limit?: number } = {}) {
    super(name);
    this.limit = limit;
  }

  override get type(): string {
    return "above";
  }

  override update(yTrue: Tensor): void {
    accumulate(this.#count, yTrue.greater(this.limit).cast("f32").sum() as Tensor);
  }

  override result(): Tensor {
    return sumOf(this.#count);
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), limit: this.limit };
  }
}

const crooked = (yTrue: Tensor, yPred: Tensor): Tensor => yTrue.sub(yPred).abs().mul(2).mean(-1) as Tensor;
const halfway = (_yTrue: Tensor, yPred: Tensor): Tensor => yPred.sub(0.5).abs() as Tensor;

test("a loss, a metric and functions of one's own train; unregistered, a file cannot carry the training", async () => {
  const whole = network().compile({ loss: new PowerLoss({ power: 4 }), metrics: [new Above({ limit: -1 }), halfway] });
  const { history } = await whole.fit(x, y, quiet);
  assert.equal(history["above"]!.at(-1), 8);
  assert.ok(history["halfway"]!.at(-1)! > 0);
  assert.equal((await modelFromBytes(await modelToBytes(whole))).compiled, false);
});

test("registered by name, they are saved with their options and train on, bit for bit", async () => {
  registerLoss("power", (options) => new PowerLoss(options));
  registerLoss("crooked", () => crooked);
  registerMetric("above", (options) => new Above(options));
  registerMetric("halfway", () => halfway);
  for (const loss of [new PowerLoss({ power: 4, reduction: "sum" }), crooked]) {
    setRandomSeed(3);
    const whole = network().compile({
      loss,
      metrics: [new Above({ limit: 0.2, name: "ones" }), halfway, metrics.auc()],
    });
    await whole.fit(x, y, quiet);
    const again = await modelFromBytes(await modelToBytes(whole));
    assert.deepEqual(
      again.objective.losses.map((entry) => entry?.config()),
      whole.objective.losses.map((entry) => entry?.config()),
    );
    assert.deepEqual(
      again.objective.metrics.flat().map((metric) => metric.config()),
      whole.objective.metrics.flat().map((metric) => metric.config()),
    );
    const more = { ...quiet, epochs: 4, initialEpoch: 2 };
    assert.deepEqual((await again.fit(x, y, more)).history, (await whole.fit(x, y, more)).history);
  }
  const named = network().compile({ loss: "crooked" as "mse", metrics: ["above" as "mse"] });
  assert.deepEqual(Object.keys(await named.evaluate(x, y)), ["loss", "above"]);
});

test("names of the library cannot be taken, and unknown names are told with their nearest", () => {
  assert.throws(() => registerLoss("mse", () => crooked), /"mse" is the name of a loss of the library/);
  assert.throws(() => registerMetric("auc", () => halfway), /"auc" is the name of a metric of the library/);
  assert.throws(
    () => network().compile({ loss: "hubar" as "huber" }),
    /unknown loss "hubar"[\s\S]*did you mean "huber"/,
  );
  assert.throws(() => losses.huber({ dleta: 2 } as object), /huber: unknown option "dleta"[\s\S]*did you mean "delta"/);
  assert.throws(() => losses.huber({ delta: "2" } as object), /delta must be a number, received "2"/);
  assert.throws(() => losses.mse({ reduction: "median" as "sum" }), /reduction must be one of/);
});

test("weighted metrics count by sample weights, the others do not; names are distinct", async () => {
  const sampleWeight = Float32Array.from({ length: 8 }, (_, at) => at % 3);
  const whole = network().compile({
    loss: "mse",
    metrics: [metrics.mae()],
    weightedMetrics: [metrics.mae({ name: "weightedMae" })],
  });
  const found = await whole.evaluate({ x, y, sampleWeight }, { batchSize: 3 });
  const outputs = [...(await (await whole.predict(x)).data())] as number[];
  const errors = outputs.map((output, at) => Math.abs(output - y.data[at]!));
  const mean = (weights: ArrayLike<number>): number =>
    errors.reduce((sum, error, at) => sum + error * weights[at]!, 0) / Array.from(weights).reduce((a, b) => a + b);
  assert.ok(Math.abs(found["mae"]! - mean(new Float32Array(8).fill(1))) < 1e-6);
  assert.ok(Math.abs(found["weightedMae"]! - mean(sampleWeight)) < 1e-6);
  assert.throws(
    () => network().compile({ loss: "mse", metrics: ["mae"], weightedMetrics: ["mae"] }),
    /two figures are named "mae"/,
  );
});

test("a metric with a figure a class has one entry each in the logs, also by output", async () => {
  const a = input([3], { name: "a" });
  const out = (name: string) => layers.dense(2, { name, activation: "softmax" })(a);
  const whole = model(a, { left: out("left"), right: out("right") });
  const onehot = new NdArray(
    Float32Array.from({ length: 16 }, (_, at) => Number(at % 4 === 0 || at % 4 === 3)),
    [8, 2],
  );
  whole.compile({ loss: { left: "mse", right: "mse" }, metrics: { left: [metrics.f1Score()], right: [] } });
  const found = await whole.evaluate(x, { left: onehot, right: onehot });
  assert.deepEqual(Object.keys(found), ["loss", "leftLoss", "rightLoss", "leftF1Score_0", "leftF1Score_1"]);
});

test("counts stay exact where an f32 alone would stand still", async () => {
  const sum = metrics.sum();
  const [huge, one] = [sum.variables[0]!.read().add(2 ** 24), sum.variables[0]!.read().add(1)] as [Tensor, Tensor];
  sum.update(huge, huge);
  for (let times = 0; times < 3; times++) sum.update(one, one);
  const [total, rest] = await Promise.all(sum.variables.map((state) => state.item()));
  assert.equal(total! + rest!, 2 ** 24 + 3);
});

/** Moves by the sign of the gradient: an optimizer of the user's own, with state. */
class Signs extends Optimizer<{ readonly keep: number }> {
  override readonly name = "signs";

  constructor(options: OptimizerOptions & { readonly keep?: number } = {}) {
    super(options, 0.05, { keep: 0.5 }, "signs");
  }

  override slotRules(): { readonly [name: string]: SlotRule } {
    return { mean: { value: 1 } };
  }

  override update({ weight, gradient, slots, learningRate }: Present): Next {
    const mean = slots["mean"]!.mul(this.own.keep).add(gradient.mul(1 - this.own.keep)) as Tensor;
    return { weight: weight.sub(mean.sign().mul(learningRate)) as Tensor, slots: { mean } };
  }
}

test("an optimizer of one's own has the knobs of all, and is saved with its state once it is registered", async () => {
  const learningRate = schedules.exponentialDecay({ initialLearningRate: 0.1, decaySteps: 3, decayRate: 0.5 });
  const compiled = (): Model => {
    setRandomSeed(9);
    const optimizer = new Signs({ keep: 0.8, learningRate, clipNorm: 1, gradientAccumulationSteps: 2 });
    return network().compile({ optimizer, loss: "mse" });
  };
  const whole = compiled();
  await whole.fit(x, y, quiet);
  assert.equal((await modelFromBytes(await modelToBytes(whole))).compiled, false);
  registerOptimizer("signs", (options) => new Signs(options));
  const again = await modelFromBytes(await modelToBytes(whole));
  assert.deepEqual(again.objective.optimizer.config(), whole.objective.optimizer.config());
  const more = { ...quiet, epochs: 4, initialEpoch: 2 };
  assert.deepEqual((await again.fit(x, y, more)).history, (await whole.fit(x, y, more)).history);
  assert.throws(
    () => registerOptimizer("adam", () => new Signs()),
    /"adam" is the name of an? optimizer of the library/,
  );
  assert.throws(() => new Signs({ kep: 1 } as object), /signs: unknown option "kep"[\s\S]*did you mean "keep"/);
});
