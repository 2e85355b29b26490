import assert from "node:assert/strict";
import { grad, jit, type Tensor, tensor } from "../tensor/index.ts";
import { type ActivationName, activations } from "./activations.ts";
import { type Constraint, type ConstraintName, constraints } from "./constraints.ts";
import { goldenFile, sines } from "./golden.test.body.ts";
import { type Regularizer, type RegularizerName, regularizers } from "./regularizers.ts";

// What activations, regularizers and constraints compute, against Keras on PyTorch (goldens/functions.py writes it and explains
// it), for every package that has a device.

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
  readonly special: {
    readonly x: readonly string[];
    readonly values: { readonly [N in ActivationName]?: readonly string[] };
  };
}
export const functionGolden = goldenFile("functions") as Golden; // our own file

type Function = (x: Tensor) => Tensor;
const weighed = (f: Function) => (x: Tensor) => {
  const values = f(x);
  return values.mul(sines([values])[0]!).sum() as Tensor;
};

async function assertClose(what: string, actual: Tensor, expected: Rows | number, tolerance: number): Promise<void> {
  const data = [...(await actual.data())].map(Number);
  const values = typeof expected === "number" ? [expected] : expected.flat();
  assert.equal(data.length, values.length, what);
  values.forEach((value, at) => {
    const close = Math.abs(data[at]! - value) <= tolerance * (1 + Math.abs(value));
    assert.ok(close, `${what}, element ${at}: ${data[at]}, not ${value}`);
  });
}

/** Values and derivatives are those of Keras; one program for all. */
export async function functionsAgree(tolerance: number): Promise<void> {
  const rows = [
    ...functionGolden.activations.map(({ name, x, y, gradient }) => {
      const activation = activations[name] as Function;
      return { what: name, f: activation, g: grad(weighed(activation)) as Function, x, y, gradient };
    }),
    ...functionGolden.regularizers.map(({ name, arguments: given, x, value, gradient }) => {
      const made = (regularizers[name] as (...given: readonly never[]) => Regularizer)(...given);
      return { what: `regularizer ${name}`, f: made, g: grad(made) as Function, x, y: value, gradient };
    }),
    ...functionGolden.constraints.map(({ name, arguments: given, x, y }) => {
      const made = (constraints[name] as (...given: readonly never[]) => Constraint)(...given);
      return { what: `constraint ${name}`, f: made, x, y };
    }),
  ];
  const run = jit((points: readonly Tensor[]) =>
    rows.map((row, at) => [row.f(points[at]!), ...("g" in row ? [row.g(points[at]!)] : [])]),
  );
  for (const [at, found] of run(rows.map(({ x }) => tensor(x) as Tensor)).entries()) {
    const row = rows[at]!;
    await assertClose(row.what, found[0]!, row.y, tolerance);
    if ("gradient" in row) await assertClose(`derivative of ${row.what}`, found[1]!, row.gradient, tolerance);
  }
}

const numberOf = (text: string): number => (text === "nan" ? Number.NaN : Number(text.replace("inf", "Infinity")));

/** PyTorch's f32 loses digits far from 0 in these; what it says of infinities there is not the limit. */
const limits: Readonly<Record<string, number>> = { "gelu inf": Number.POSITIVE_INFINITY, "gelu -inf": -0 };
const roughness = 6e-4;

/** At infinities, NaN, zeros, kinks and huge numbers activations are what Keras says, or the limit. */
export async function endsAgree(): Promise<void> {
  const { x, values } = functionGolden.special;
  const names = Object.keys(values) as ActivationName[]; // the file's keys
  const run = jit((points: Tensor) => names.map((name) => (activations[name] as Function)(points)));
  for (const [at, found] of run(tensor(x.map(numberOf)) as Tensor).entries()) {
    const name = names[at]!;
    for (const [index, value] of [...(await found.data())].map(Number).entries()) {
      const expected = limits[`${name} ${x[index]}`] ?? numberOf(values[name]![index]!);
      const close = Math.abs(value - expected) <= roughness * Math.abs(expected) + 1e-8;
      assert.ok(close || Object.is(value + 0, expected + 0), `${name}(${x[index]}) is ${value}, not ${expected}`);
    }
  }
}
