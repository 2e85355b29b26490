import assert from "node:assert/strict";
import * as functions from "../tensor/index.ts";
import { Tensor, type Variable, variable } from "../tensor/index.ts";
import { activations } from "./activations.ts";
import { goldenFile, goldensAgree, made, type Packed, type Prepared, sines } from "./golden.test.body.ts";
import { type Layer, layers, leavesOf, type MaskedStructure } from "./index.ts";

// What torch.nn says of layers and functions (goldens/torch.py writes it and explains it), for every package that has a device.

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

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

function prepare(given: TorchCase): Prepared {
  const what = `${given.theirs}, ${given.layer ?? given.call} ${JSON.stringify(given.arguments)}`;
  const { outputs, gradients } = given;
  const inputs = given.inputs.map((input) => (input.dtype === undefined ? variable(made(input)) : made(input)));
  const wanted = inputs.filter((input): input is Variable => !given.inputs[inputs.indexOf(input)]!.dtype);
  const shared = { what, outputs, gradients, weigh: sines };
  if (given.layer === undefined) return { ...shared, wanted, state: [], run: () => called(given, inputs) };

  const layer = layerOf(given.layer, given.arguments);
  const x = given.names ? Object.fromEntries(given.names.map((name, at) => [name, inputs[at]!])) : inputs[0]!;
  layer.compute(x, { training: false }); // builds
  const trained = layer.trainableVariables;
  const state = layer.variables.filter((each) => !trained.includes(each));
  for (const [at, weight] of trained.entries()) weight.assign(made(given.weights[at]!));
  assert.equal(trained.length, given.weights.length);
  for (const [at, before] of (given.before ?? []).entries()) state[at]!.assign(made(before));
  const run = (): Tensor[] => leavesOf(layer.compute(x, { training: given.training === true }), isTensor);
  const after = given.state.map((expected, at) => [state[at]!, expected] as const);
  return { ...shared, wanted: [...wanted, ...trained], state: after, run };
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

/** Outputs, gradients and running statistics are those of PyTorch. */
export const torchAgrees = (cases: readonly TorchCase[], tolerance: number): Promise<void> =>
  goldensAgree(cases.map(prepare), tolerance);
