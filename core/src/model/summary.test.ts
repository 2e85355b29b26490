import assert from "node:assert/strict";
import { before, test } from "node:test";
import { clearSession, input, layers } from "../nn/index.ts";
import { setDevice } from "../tensor/index.ts";
import { type Model, model, sequential } from "./index.ts";
import { printTable, widthOf } from "./table.ts";

before(() => setDevice("reference"));

const print = (whole: Model, options: Parameters<Model["summary"]>[0] = {}): string =>
  `\n${whole.summary({ ...options, writer: { terminal: false, write: () => {} } })}\n`;

test("a functional model that branches says what is connected to what; input rows come first", () => {
  clearSession();
  const x = input([4], { name: "x" });
  const shared = layers.dense(4, { name: "shared" });
  const once = shared(x);
  const whole = model(x, layers.add()([shared(once), once]), { name: "residual" });
  assert.equal(
    print(whole),
    `
Model: "residual"
┏━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━┓
┃ Layer (type)   ┃ Output Shape ┃ Param # ┃ Connected to  ┃
┡━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━┩
│ x (InputLayer) │ (None, 4)    │       0 │ -             │
├────────────────┼──────────────┼─────────┼───────────────┤
│ shared (Dense) │ (None, 4)    │      20 │ x[0][0],      │
│                │              │         │ shared[0][0]  │
├────────────────┼──────────────┼─────────┼───────────────┤
│ add (Add)      │ (None, 4)    │       0 │ shared[1][0], │
│                │              │         │ shared[0][0]  │
└────────────────┴──────────────┴─────────┴───────────────┘
 Total params: 20 (80.00 B)
 Trainable params: 20 (80.00 B)
 Non-trainable params: 0 (0.00 B)
`,
  );
});

test("nested models are expanded, trainable is shown, a range is cut out", () => {
  clearSession();
  const inner = sequential([layers.dense(3), layers.batchNormalization()], { name: "inner", trainable: false });
  const x = input([2], { name: "x" });
  const whole = model(x, layers.dense(1, { name: "head" })(inner(x)), { name: "whole" });
  inner.trainable = false;
  assert.equal(
    print(whole, { expandNested: true, showTrainable: true, layerRange: ["inner", "head"] }),
    `
Model: "whole"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━┓
┃ Layer (type)                                  ┃ Output Shape ┃ Param # ┃ Trainable ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━┩
│ inner (Sequential)                            │ (None, 3)    │      21 │     N     │
├───────────────────────────────────────────────┼──────────────┼─────────┼───────────┤
│    └ dense (Dense)                            │ (None, 3)    │       9 │     N     │
├───────────────────────────────────────────────┼──────────────┼─────────┼───────────┤
│    └ batch_normalization (BatchNormalization) │ (None, 3)    │      12 │     N     │
├───────────────────────────────────────────────┼──────────────┼─────────┼───────────┤
│ head (Dense)                                  │ (None, 1)    │       4 │     Y     │
└───────────────────────────────────────────────┴──────────────┴─────────┴───────────┘
 Total params: 25 (100.00 B)
 Trainable params: 4 (16.00 B)
 Non-trainable params: 21 (84.00 B)
`,
  );
  assert.throws(() => print(whole, { layerRange: ["head", "x"] }), /"head" comes after "x"/);
});

test("tables keep their width: wide characters take two places, long cells go on in the next line", () => {
  const columns = [
    { title: "name", align: "left" },
    { title: "count", align: "right" },
  ] as const;
  const rows = [
    ["日本語 (Dense)", "1"],
    ["a\u0308bc_of_several_words and more", "12,345"],
  ];
  for (const width of [0, 24, 30, 60]) {
    const lines = printTable(columns, rows, width);
    const widths = new Set(lines.map(widthOf));
    assert.deepEqual([...widths], [width === 0 ? 42 : width]);
    const words = lines.join(" ").replace(/[^a-z]/g, "");
    assert.ok(words.includes("abcofseveralwordsandmore"), lines.join("\n"));
  }
});
