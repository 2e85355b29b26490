import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "./filter.ts";

const runs = {
  cnn: {
    name: "mnist-cnn-7",
    state: "training",
    "validation/accuracy": 0.981,
    accuracy: 0.99,
    learningRate: 1e-3,
    optimizer: "Adam",
  },
  mlp: { name: "mlp-base", state: "failed", "validation/accuracy": 0.87, learningRate: 0.1, optimizer: "SGD" },
  diverged: { name: "mlp-hot", state: "done", "validation/accuracy": Number.NaN, learningRate: 1, note: "too hot" },
};

/** Text, and the runs that it lets pass. */
const cases: readonly (readonly [string, readonly (keyof typeof runs)[]])[] = [
  ["", ["cnn", "mlp", "diverged"]],
  ["acc>0.9 & lr<0.01", ["cnn"]],
  ["acc>0.9 lr<0.01", ["cnn"]],
  ["acc > 0.9 | lr >= 1", ["cnn", "diverged"]],
  ["acc<0.985", ["cnn", "mlp"]],
  ["mlp", ["mlp", "diverged"]],
  ["!mlp", ["cnn"]],
  ["optimizer=adam", ["cnn"]],
  ["optimizer!=adam", ["mlp"]],
  ['note | "too hot"', ["diverged"]],
  ["mlp & !(failed | cnn)", ["diverged"]],
  ["unheard>1", []],
];

for (const [text, passing] of cases) {
  test(`the filter ${JSON.stringify(text)} lets ${passing.join(", ") || "nothing"} pass`, () => {
    const filter = parseFilter(text);
    assert.ok(typeof filter === "function", String(filter));
    const passed = Object.entries(runs).filter(([, facts]) => filter(facts as never));
    assert.deepEqual(
      passed.map(([name]) => name),
      passing,
    );
  });
}

for (const [text, sentence] of [
  ["acc>", /missing at the end/],
  ["(acc>1", /\) is missing/],
  ["acc>1)", /one too many/],
] as const) {
  test(`the filter ${JSON.stringify(text)} is refused with words`, () => {
    const told = parseFilter(text);
    assert.match(String(told), sentence);
  });
}
