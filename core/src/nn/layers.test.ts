import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Shape } from "../base/shape.ts";
import { arange, setDevice, type Tensor, tensor, valueAndGrad, variable } from "../tensor/index.ts";
import { layers } from "./index.ts";
import type { Layer } from "./layer.ts";
import { Masked, valuesOf } from "./masked.ts";

// Layers forwards and backwards, against Keras on PyTorch (goldens/layers.py).

interface Packed {
  readonly shape: Shape;
  readonly data: readonly number[];
}
interface Golden {
  readonly layer: Exclude<keyof typeof layers, "input">;
  readonly arguments: readonly never[];
  readonly training: boolean;
  readonly inputs: readonly Packed[];
  readonly mask?: Packed;
  readonly weights: Readonly<Record<string, Packed>>;
  readonly output: Packed;
  readonly gradients: { readonly inputs: readonly Packed[]; readonly weights: Readonly<Record<string, Packed>> };
  readonly state: Readonly<Record<string, Packed>>;
}

// The compiled test stands in dist/, the goldens in src/.
const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "nn", "goldens");
const goldens = JSON.parse(readFileSync(join(folder, "layers.json"), "utf8")) as readonly Golden[]; // our own file

before(() => setDevice("reference"));

const made = ({ data, shape }: Packed): Tensor => tensor(Float32Array.from(data), { shape }) as Tensor;

async function assertClose(what: string, actual: Tensor, { shape, data }: Packed): Promise<void> {
  assert.deepEqual([...actual.shape], shape, what);
  const found = [...(await actual.data())].map(Number);
  const scale = Math.max(1, ...data.map(Math.abs));
  data.forEach((value, at) => {
    // PyTorch computes in f32. Written so that NaN fails too.
    assert.ok(Math.abs(found[at]! - value) <= 2e-5 * scale, `${what}, element ${at}: ${found[at]}, not ${value}`);
  });
}

goldens.forEach((golden, index) => {
  const { layer: entry, arguments: given, training } = golden;
  test(`${index}: ${entry} ${JSON.stringify(given)} as in Keras on PyTorch`, async () => {
    const make = layers[entry] as unknown as (...given: readonly never[]) => Layer;
    const layer = make(...given);
    const inputs = golden.inputs.map((input) => variable(made(input)));
    const whole = inputs.length === 1 ? inputs[0]! : inputs;
    const x = golden.mask === undefined ? whole : new Masked(inputs[0]! as Tensor, made(golden.mask).cast("bool"));
    layer.compute(x, { training: false });
    for (const [name, variable] of layer.namedVariables()) variable.assign(made(golden.weights[name]!));

    const trained = layer.trainableVariables;
    let output: Tensor | undefined;
    const [, found] = valueAndGrad(() => {
      output = valuesOf(layer.compute(x, { training }) as Tensor | Masked<Tensor>);
      const score = arange(output.size).cast("f32").add(1).sin().reshape(output.shape);
      return output.mul(score as Tensor).sum() as Tensor;
    }, [...inputs, ...trained]);
    await assertClose("output", output!, golden.output);
    for (const [at, expected] of golden.gradients.inputs.entries())
      await assertClose(`derivative by input ${at}`, found[at]!, expected);
    for (const [at, variable] of trained.entries()) {
      const name = variable.name.split("/").at(-1)!;
      await assertClose(`derivative by ${name}`, found[inputs.length + at]!, golden.gradients.weights[name]!);
    }
    for (const [name, expected] of Object.entries(golden.state)) {
      const variable = layer.namedVariables().find(([own]) => own === name)![1];
      await assertClose(name, variable, expected);
    }
  });
});
