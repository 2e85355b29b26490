import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { arange, grad, setDevice, type Tensor, tensor } from "../tensor/index.ts";
import { type ActivationName, activations } from "./activations.ts";
import { type Constraint, type ConstraintName, constraints } from "./constraints.ts";
import { type Regularizer, type RegularizerName, regularizers } from "./regularizers.ts";

// What activations, regularizers and constraints compute, against Keras on PyTorch (goldens/functions.py).

type Rows = readonly (readonly number[])[];
interface Golden {
  readonly activations: readonly {
    readonly name: ActivationName;
    readonly x: Rows;
    readonly y: Rows;
    readonly gradient: Rows;
  }[];
  readonly regularizers: readonly {
    readonly name: RegularizerName;
    readonly arguments: readonly never[];
    readonly x: Rows;
    readonly value: number;
    readonly gradient: Rows;
  }[];
  readonly constraints: readonly {
    readonly name: ConstraintName;
    readonly arguments: readonly never[];
    readonly x: Rows;
    readonly y: Rows;
  }[];
}

// The compiled test stands in dist/, the goldens in src/.
const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "nn", "goldens");
const golden = JSON.parse(readFileSync(join(folder, "functions.json"), "utf8")) as Golden; // our own file

before(() => setDevice("reference"));

async function assertClose(actual: Tensor, expected: Rows | number): Promise<void> {
  const data = [...(await actual.data())].map(Number);
  const values = typeof expected === "number" ? [expected] : expected.flat();
  assert.equal(data.length, values.length);
  values.forEach((value, at) => {
    assert.ok(Math.abs(data[at]! - value) <= 2e-6 * (1 + Math.abs(value)), `element ${at}: ${data[at]}, not ${value}`);
  });
}

test("every activation, regularizer and constraint is compared", () => {
  const aliases = ["swish", "hardSwish"];
  const own = ["threshold"]; // Keras has no defaults for it
  const names = (list: readonly { readonly name: string }[]): string[] => [...new Set(list.map(({ name }) => name))];
  assert.deepEqual([...names(golden.activations), ...aliases, ...own].sort(), Object.keys(activations).sort());
  assert.deepEqual(names(golden.regularizers).sort(), Object.keys(regularizers).sort());
  assert.deepEqual(names(golden.constraints).sort(), Object.keys(constraints).sort());
});

for (const { name, x, y, gradient } of golden.activations) {
  test(`${name}: values and derivative as in Keras`, async () => {
    const point = tensor(x) as Tensor;
    const activation = activations[name] as (x: Tensor) => Tensor;
    await assertClose(activation(point), y);
    const slope = grad((x: Tensor) => {
      const values = activation(x);
      return values.mul(arange(values.size).cast("f32").add(1).sin().reshape(values.shape)).sum() as Tensor;
    });
    await assertClose(slope(point) as Tensor, gradient);
  });
}

golden.regularizers.forEach(({ name, arguments: given, x, value, gradient }, index) => {
  test(`regularizer ${index}, ${name}: value and derivative as in Keras`, async () => {
    const regularizer: Regularizer = (regularizers[name] as (...given: readonly never[]) => Regularizer)(...given);
    await assertClose(regularizer(tensor(x) as Tensor), value);
    await assertClose(grad(regularizer)(tensor(x) as Tensor) as Tensor, gradient);
  });
});

golden.constraints.forEach(({ name, arguments: given, x, y }, index) => {
  test(`constraint ${index}, ${name}: as in Keras`, async () => {
    const make = constraints[name] as (...given: readonly never[]) => Constraint;
    await assertClose(make(...given)(tensor(x) as Tensor), y);
  });
});

test("threshold; options of activations", async () => {
  assert.deepEqual(await activations.threshold(tensor([-1, 0, 1, 2]), 1, -3).array(), [-3, -3, -3, 2]);
  assert.deepEqual(await activations.leakyRelu(tensor([-1, 1]), 0.5).array(), [-0.5, 1]);
});

test("what is no number is refused where the function is made", () => {
  const untyped = (value: unknown): never => value as never;
  assert.throws(() => regularizers.l2(untyped("a")), /l2 must be a number of at least 0, received a/);
  assert.throws(() => regularizers.orthogonal({ mode: untyped("row") }), /unknown mode "row"[\s\S]*"rows"/);
  assert.throws(() => constraints.maxNorm({ maxValue: -1 }), /maxValue must be a number of at least 0/);
  assert.throws(() => constraints.minMaxNorm({ minValue: 2, maxValue: 1 }), /minValue/);
});
