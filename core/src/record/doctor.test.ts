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

const norms = (last: number): number[] => times(1001, (at) => (at === 1000 ? last : 1));
const losses = (...held: readonly number[]): Case => healthy().curve("loss", "validation", held, 200);
const updates = (count: number, exponent: (at: number) => number): Case =>
  healthy().tensor(
    "hidden/kernel",
    "update",
    times(count, (at) => stats(10 ** exponent(at))),
  );
const activations = (name: string, samples: readonly Partial<TensorStats>[]): Case =>
  healthy().tensor(name, "activation", samples);
const gradients = (size: number): Case =>
  healthy().tensor(
    "hidden/kernel",
    "gradient",
    times(60, () => stats(size)),
  );
const paced = (name: string, value: (at: number) => number): Case => healthy().curve(name, "none", times(1000, value));
const stands = (change: number): Case =>
  healthy().curve(
    "loss",
    "train",
    times(1000, (at) => (at === 0 ? 1.1 : at < 800 ? 0.5 : 0.5 * (1 - change))),
  );

/** A training at each side of a limit: one that is healthy still, and one that is not. */
const edges: readonly (readonly [rule: string, what: string, healthyStill: Case, sick: Case])[] = [
  [
    "initialLoss",
    "19 and 21 % above ln(3)",
    healthy().curve("loss", "train", [1.307, 1]),
    healthy().curve("loss", "train", [1.33, 1]),
  ],
  [
    "initialLoss",
    "19 and 21 % below",
    healthy().curve("loss", "train", [0.89, 0.8]),
    healthy().curve("loss", "train", [0.867, 0.8]),
  ],
  ["inputs", "a mean of 0.99 and 1.01", healthy({ data: { mean: -0.99 } }), healthy({ data: { mean: -1.01 } })],
  [
    "inputs",
    "a deviation of 0.11 and 0.09",
    healthy({ data: { deviation: 0.11 } }),
    healthy({ data: { deviation: 0.09 } }),
  ],
  [
    "inputs",
    "a deviation of 2.9 and 3.1",
    healthy({ data: { deviation: 2.9 } }),
    healthy({ data: { deviation: 3.1 } }),
  ],
  [
    "labels",
    "1.01 and 0.99 % of the examples",
    healthy({ data: { classCounts: [5000, 4899, 101] } }),
    healthy({ data: { classCounts: [5000, 4901, 99] } }),
  ],
  ["updateRatio", "updates of 10^-4.9 and 10^-5.1", updates(60, () => -4.9), updates(60, () => -5.1)],
  ["updateRatio", "updates of 10^-1.1 and 10^-0.9", updates(60, () => -1.1), updates(60, () => -0.9)],
  ["updateRatio", "one usual update among fifty", updates(60, (at) => (at === 30 ? -3 : -6)), updates(60, () => -6)],
  ["updateRatio", "49 and 50 samples", updates(49, () => -6), updates(50, () => -6)],
  [
    "deadUnits",
    "a tenth and a fifth of the units",
    activations(
      "hidden",
      times(5, () => ({ deadUnits: 1 })),
    ),
    activations(
      "hidden",
      times(5, () => ({ deadUnits: 2 })),
    ),
  ],
  [
    "deadUnits",
    "units that have come back once",
    activations(
      "hidden",
      times(5, (at) => ({ deadUnits: at === 3 ? 0 : 9 })),
    ),
    activations(
      "hidden",
      times(5, () => ({ deadUnits: 9 })),
    ),
  ],
  [
    "deadUnits",
    "two and three samples",
    activations(
      "hidden",
      times(2, () => ({ deadUnits: 9 })),
    ),
    activations(
      "hidden",
      times(3, () => ({ deadUnits: 9 })),
    ),
  ],
  [
    "saturation",
    "a half and a little more",
    activations(
      "gate",
      times(5, () => ({ saturated: 50 })),
    ),
    activations(
      "gate",
      times(5, () => ({ saturated: 51 })),
    ),
  ],
  ["gradientFlow", "1.1 and 0.9 times 10^-4", gradients(1.1e-5), gradients(0.9e-5)],
  ["gradientFlow", "0.9 and 1.1 times 10^4", gradients(0.9e3), gradients(1.1e3)],
  [
    "gradientJump",
    "9.9 and 10.1 times the median",
    healthy().curve("gradientNorm", "none", norms(9.9)),
    healthy().curve("gradientNorm", "none", norms(10.1)),
  ],
  [
    "notFinite",
    "numbers that f32 holds just so",
    healthy().tensor("hidden/kernel", "weight", [{ max: 3.4e38 }]),
    healthy().tensor("hidden/kernel", "weight", [{ positiveInfinities: 1 }]),
  ],
  ["overfitting", "two and three evaluations that rise", losses(1, 0.9, 0.8, 0.9, 1), losses(1, 0.8, 0.9, 1, 1.1)],
  ["overfitting", "a rise of 1.9 and of 2.1 %", losses(1, 1.005, 1.01, 1.019), losses(1, 1.005, 1.01, 1.021)],
  ["plateau", "changes of 0.11 and 0.09 %", stands(0.0011), stands(0.0009)],
  [
    "throughput",
    "steps that are 1.24 and 1.26 times as long",
    paced("stepMs", (at) => (at < 940 ? 10 : 12.4)),
    paced("stepMs", (at) => (at < 940 ? 10 : 12.6)),
  ],
  ["dataWait", "29 and 31 % of the time", paced("dataMs", () => 2.9), paced("dataMs", () => 3.15)],
];
for (const [rule, what, healthyStill, sick] of edges) {
  test(`the doctor's limit, ${rule}: ${what}`, () => {
    assert.deepEqual(healthyStill.found, []);
    assert.deepEqual([...new Set(sick.found)], [rule]);
  });
}

test("a training whose validation falls no more, as its training loss does, is not said to learn by heart", () => {
  const both = healthy()
    .curve(
      "loss",
      "train",
      times(1000, (at) => 0.5 + at / 2000),
    )
    .curve("loss", "validation", [1, 1.1, 1.2, 1.3, 1.4], 200);
  assert.ok(!both.found.includes("overfitting"));
});

test("dead units are a warning, and an alarm beyond 40 %", () => {
  const severity = (deadUnits: number): string | undefined =>
    diagnose(
      activations(
        "hidden",
        times(3, () => ({ deadUnits })),
      ).facts,
    )[0]?.severity;
  assert.deepEqual([severity(4), severity(5)], ["warning", "alarm"]);
});

test("every rule has a limit that is tried from both sides", () => {
  assert.deepEqual([...new Set(edges.map(([rule]) => rule))].sort(), [...doctorRules].sort());
});

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
