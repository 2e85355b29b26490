import assert from "node:assert/strict";
import type { DType } from "../base/dtype.ts";
import type { Shape } from "../base/shape.ts";
import * as functions from "../tensor/index.ts";
import { jit, Tensor, tensor, type Variable, valueAndGrad, variable } from "../tensor/index.ts";
import { activations } from "./activations.ts";
import { goldenFile } from "./golden.test.body.ts";
import { type Layer, layers, leavesOf, type MaskedStructure } from "./index.ts";

// What torch.nn says of layers and functions (goldens/torch.py writes it and explains it), for every package that has a device.

interface Packed {
  readonly shape: Shape;
  readonly data: readonly number[];
  /** f32 when it is not there. */
  readonly dtype?: DType;
}

/** One layer, or one function, forwards and backwards. */
export interface TorchCase {
  readonly theirs: string;
  readonly layer?: string;
  readonly call?: string;
  readonly arguments: readonly unknown[];
  readonly training?: boolean;
  readonly names?: readonly string[];
  readonly inputs: readonly Packed[];
  readonly weights: readonly Packed[];
  readonly outputs: readonly Packed[];
  readonly gradients: readonly Packed[];
  /** The weights that no optimizer changes, before the call and after it. */
  readonly before?: readonly Packed[];
  readonly state: readonly Packed[];
}

/** Our own file. */
export const torchGolden = goldenFile("torch") as { readonly cases: readonly TorchCase[] };

const made = ({ data, shape, dtype = "f32" }: Packed): Tensor => tensor(data, { shape, dtype });
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** A case with all that it needs on the device: its outputs are a function of the variables. */
interface Prepared {
  readonly given: TorchCase;
  readonly wanted: readonly Variable[];
  readonly state: readonly Variable[];
  run(): readonly Tensor[];
}

function prepare(given: TorchCase): Prepared {
  const inputs = given.inputs.map((input) => (input.dtype === undefined ? variable(made(input)) : made(input)));
  const wanted = inputs.filter((input): input is Variable => !given.inputs[inputs.indexOf(input)]!.dtype);
  if (given.layer === undefined) return { given, wanted, state: [], run: () => called(given, inputs) };

  const layer = layerOf(given.layer, given.arguments);
  const x = given.names ? Object.fromEntries(given.names.map((name, at) => [name, inputs[at]!])) : inputs[0]!;
  layer.compute(x, { training: false }); // builds
  const trained = layer.trainableVariables;
  const state = layer.variables.filter((each) => !trained.includes(each));
  for (const [at, weight] of trained.entries()) weight.assign(made(given.weights[at]!));
  assert.equal(trained.length, given.weights.length);
  for (const [at, before] of (given.before ?? []).entries()) state[at]!.assign(made(before));
  const run = (): Tensor[] => leavesOf(layer.compute(x, { training: given.training === true }), isTensor);
  return { given, wanted: [...wanted, ...trained], state, run };
}

/** A layer by its name; one in it is described as { layer, arguments }. */
function layerOf(name: string, given: readonly unknown[]): Layer {
  const make = layers[name as keyof typeof layers] as unknown as (...given: unknown[]) => Layer; // the file's names
  return make(
    ...given.map((value) => {
      const inner = value as { layer?: string; arguments?: unknown[] }; // plain JSON
      return inner.layer === undefined ? value : layerOf(inner.layer, inner.arguments ?? []);
    }),
  );
}

/** The function on its arguments, in which { input } stands for one of the inputs. */
function called({ call, arguments: given }: TorchCase, inputs: readonly Tensor[]): Tensor[] {
  const table = { ...activations, ...functions } as unknown as Record<
    string,
    (...given: unknown[]) => MaskedStructure<Tensor>
  >;
  const fill = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if ("input" in value) return inputs[value.input as number];
    if (Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fill(each)]));
  };
  return leavesOf(table[call!]!(...given.map(fill)), isTensor);
}

async function assertClose(what: string, actual: Tensor, { shape, data }: Packed, tolerance: number): Promise<void> {
  assert.deepEqual([...actual.shape], shape, what);
  const found = [...(await actual.data())].map(Number);
  const scale = Math.max(1, ...data.map(Math.abs));
  data.forEach((value, at) => {
    // Written so that NaN fails too.
    assert.ok(Math.abs(found[at]! - value) <= tolerance * scale, `${what}, element ${at}: ${found[at]}, not ${value}`);
  });
}

/** Outputs, gradients and running statistics are those of PyTorch; one program for all cases. */
export async function torchAgrees(cases: readonly TorchCase[], tolerance: number): Promise<void> {
  const prepared = cases.map(prepare);
  const step = jit(() =>
    prepared.map(({ run, wanted }) => {
      const score = (): readonly [Tensor, readonly Tensor[]] => {
        const outputs = run();
        const weights = scores(outputs);
        const parts = outputs.map((output, at): Tensor => output.mul(weights[at]!).sum());
        return [parts.reduce((sum, part): Tensor => sum.add(part)), outputs] as const;
      };
      const [[, outputs], gradients] = valueAndGrad(score, wanted, { hasAux: true });
      return { outputs, gradients };
    }),
  );
  for (const [index, { outputs, gradients }] of step().entries()) {
    const { given, state } = prepared[index]!;
    const what = `${given.theirs}, ${given.layer ?? given.call} ${JSON.stringify(given.arguments)}`;
    assert.deepEqual([outputs.length, gradients.length], [given.outputs.length, given.gradients.length], what);
    for (const [at, output] of outputs.entries())
      await assertClose(`${what}: output ${at}`, output, given.outputs[at]!, tolerance);
    for (const [at, gradient] of gradients.entries())
      await assertClose(`${what}: gradient ${at}`, gradient, given.gradients[at]!, 3 * tolerance);
    for (const [at, after] of given.state.entries())
      await assertClose(`${what}: state ${at}`, state[at]!, after, tolerance);
  }
}

/** sin(1 + index) for each element of an output. */
const scores = (outputs: readonly Tensor[]): Tensor[] =>
  outputs.map(({ size, shape }) =>
    tensor(Float64Array.from({ length: size }, (_, at) => Math.sin(1 + at))).reshape(shape),
  );
