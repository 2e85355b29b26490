import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Contents,
  diagnose,
  doctorRules,
  type Entry,
  Facts,
  type FrameKind,
  type RunDescription,
  type TensorRole,
  type TensorStats,
} from "./index.ts";

/** A healthy training of 1,000 steps, with one thing changed. */
class Case {
  readonly facts = new Facts();
  readonly #ids = new Map<string, number>();

  constructor(run: object = {}) {
    const whole = { ...healthyRun, ...run, data: { ...healthyRun.data, ...(run as { data?: object }).data } };
    this.entry("event", { type: "run", run: whole as unknown as RunDescription }, 0); // what the rules look at
  }
  entry<K extends FrameKind>(kind: K, content: Contents[K], step: number, stream = 0): this {
    this.facts.take({ kind, content, step, stream, onDemand: false } as Entry); // they belong together
    return this;
  }
  curve(name: string, split: "train" | "validation" | "none", values: readonly number[], every = 1): this {
    const id = this.#id(`${split} ${name}`);
    const group = "loss";
    this.entry("define", { define: "series", id, name, split, group, every: "step" }, 0);
    const steps = Uint32Array.from(values, (_, at) => (at + 1) * every);
    const times = Float64Array.from(steps);
    return this.entry(
      "scalars",
      { series: Uint32Array.of(id), steps, times, values: Float32Array.from(values) },
      steps.at(-1)!,
    );
  }
  tensor(name: string, role: TensorRole, samples: readonly Partial<TensorStats>[], shape = [4, 4]): this {
    const id = this.#id(`${role} ${name}`);
    this.entry("define", { define: "tensor", id, name, layer: name.split("/")[0]!, role, shape }, 0);
    samples.forEach((stats, at) => {
      this.entry("stats", { ...ordinary, ...stats }, at + 1, id);
    });
    return this;
  }
  #id(key: string): number {
    const id = this.#ids.get(key) ?? this.#ids.size + 1;
    this.#ids.set(key, id);
    return id;
  }
  get found(): readonly string[] {
    return diagnose(this.facts).map(({ rule }) => rule);
  }
}

const healthyRun = {
  steps: 1000,
  loss: ["sparseCategoricalCrossentropy"],
  data: { classes: ["a", "b", "c"], classCounts: [300, 300, 400], mean: 0.1, deviation: 0.9, kind: "vector" },
  model: {
    layers: [
      { id: "hidden", type: "Dense", activation: "relu" },
      { id: "gate", type: "Dense", activation: "tanh" },
    ],
  },
};
const ordinary: TensorStats = {
  count: 100,
  sum: 0,
  sumOfSquares: 100,
  sumOfMagnitudes: 80,
  min: -2,
  max: 2,
  zeros: 0,
  positiveInfinities: 0,
  negativeInfinities: 0,
  notNumbers: 0,
  units: 10,
  deadUnits: 0,
  saturated: 0,
};
const times = <T>(count: number, value: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => value(at));
const falling = times(1000, (at) => 1.1 * 0.997 ** at);
const stats = (size: number): Partial<TensorStats> => ({ sumOfSquares: 100 * size * size });

const healthy = (run: object = {}): Case =>
  new Case(run)
    .curve("loss", "train", falling)
    .curve(
      "loss",
      "validation",
      times(10, (at) => 1.1 * 0.8 ** at),
      100,
    )
    .curve(
      "gradientNorm",
      "none",
      times(1000, (at) => 1 + 0.5 * Math.sin(at)),
    )
    .curve(
      "stepMs",
      "none",
      times(1000, (at) => 10 + Math.sin(at)),
    )
    .curve(
      "dataMs",
      "none",
      times(1000, () => 1),
    )
    .tensor(
      "hidden/kernel",
      "weight",
      times(60, () => stats(1)),
    )
    .tensor(
      "hidden/kernel",
      "update",
      times(60, () => stats(1e-3)),
    )
    .tensor(
      "hidden/kernel",
      "gradient",
      times(60, () => stats(1e-2)),
    )
    .tensor(
      "out/kernel",
      "gradient",
      times(60, () => stats(1e-1)),
    )
    .tensor(
      "hidden",
      "activation",
      times(5, () => ({})),
    )
    .tensor(
      "gate",
      "activation",
      times(5, () => ({})),
    );

test("a healthy training has no findings", () => {
  assert.deepEqual(diagnose(healthy().facts), []);
});

const cases: readonly (readonly [string, string, Case])[] = [
  ["initialLoss", "a first loss far from ln(classes)", new Case().curve("loss", "train", [5, 4, 3])],
  ["inputs", "pixels from 0 to 255", healthy({ data: { mean: 120, deviation: 70 } })],
  ["labels", "a class that is hardly there", healthy({ data: { classCounts: [900, 800, 3] } })],
  [
    "updateRatio",
    "weights that do not move",
    healthy().tensor(
      "hidden/kernel",
      "update",
      times(60, () => stats(1e-7)),
    ),
  ],
  [
    "updateRatio",
    "weights that jump",
    healthy().tensor(
      "hidden/kernel",
      "update",
      times(60, () => stats(0.5)),
    ),
  ],
  [
    "deadUnits",
    "units that are silent",
    healthy().tensor(
      "hidden",
      "activation",
      times(5, () => ({ deadUnits: 3 })),
    ),
  ],
  [
    "saturation",
    "tanh at its ends",
    healthy().tensor(
      "gate",
      "activation",
      times(5, () => ({ saturated: 80 })),
    ),
  ],
  [
    "gradientFlow",
    "gradients that vanish",
    healthy().tensor(
      "hidden/kernel",
      "gradient",
      times(60, () => stats(1e-9)),
    ),
  ],
  [
    "gradientJump",
    "a norm twenty times its median",
    healthy().curve(
      "gradientNorm",
      "none",
      times(1001, (at) => (at === 1000 ? 20 : 1)),
    ),
  ],
  [
    "notFinite",
    "a step that was not finite",
    healthy().entry("event", { type: "notFinite", time: 0, figure: "loss", policy: "pause" }, 812),
  ],
  ["overfitting", "validation that rises", healthy().curve("loss", "validation", [1, 0.8, 0.9, 1, 1.1], 200)],
  [
    "plateau",
    "a loss that stands still",
    healthy().curve(
      "loss",
      "train",
      times(1000, (at) => (at < 300 ? 1.1 : 0.5)),
    ),
  ],
  [
    "throughput",
    "steps that became slower",
    healthy().curve(
      "stepMs",
      "none",
      times(1000, (at) => (at < 940 ? 10 : 14)),
    ),
  ],
  [
    "dataWait",
    "steps that wait",
    healthy().curve(
      "dataMs",
      "none",
      times(1000, () => 5),
    ),
  ],
];
for (const [rule, what, { found, facts }] of cases) {
  test(`the doctor finds ${what}`, () => {
    assert.ok(found.includes(rule), found.join());
    for (const { evidence, remedy, title } of diagnose(facts))
      assert.ok(evidence !== "" && remedy !== "" && title !== "");
  });
}

test("every rule has a case", () => {
  assert.deepEqual([...new Set(cases.map(([rule]) => rule))].sort(), [...doctorRules].sort());
});

test("a log that lacks what every log has gives no findings, and no error", () => {
  for (const run of [null, 5, {}, { data: null, loss: 7, model: { layers: "none" } }]) {
    const facts = new Facts();
    const content = { type: "run", run } as unknown as Contents["event"]; // what somebody else may have written
    facts.take({ kind: "event", content, step: 0, stream: 0, onDemand: false });
    assert.deepEqual(diagnose(facts), []);
  }
});
