import assert from "node:assert/strict";
import { type Tensor, type Variable, variable } from "../tensor/index.ts";
import {
  cotangents,
  goldenFile,
  made,
  type Packed,
  type Prepared,
  packed,
  sines,
  type Values,
} from "./golden.test.body.ts";
import { type Layer, layers, leavesOf, Masked, type MaskedStructure, type Recurrent } from "./index.ts";

// What Keras says of layers, forwards and backwards, for every package that has a device.

/** A row of goldens/layers.json, which layers.py writes and explains. */
interface PlainCase {
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

/** A row of goldens/recurrent.json, which recurrent.py writes and explains. */
interface RecurrentCase {
  readonly name: keyof typeof recurrentMakers;
  readonly options: object;
  readonly mergeMode: "concat" | "sum" | null;
  readonly mask: readonly (readonly number[])[] | null;
  readonly x: Values;
  readonly initialState: readonly Values[] | null;
  readonly weights: readonly Values[];
  readonly outputs: readonly Values[];
  readonly gradients: readonly Values[];
}

/** A row of goldens/attention.json, which attention.py writes and explains. */
interface AttentionCase {
  readonly name: keyof typeof attentionMakers;
  readonly arguments: readonly number[];
  readonly options: object;
  readonly inputs: Readonly<Partial<Record<"query" | "value" | "key" | "attentionMask", Values>>>;
  readonly queryMask: Values | null;
  readonly valueMask: Values | null;
  readonly weights: readonly Values[];
  readonly outputs: readonly Values[];
  readonly gradients: readonly Values[];
}

const recurrentMakers = { SimpleRNN: layers.simpleRnn, LSTM: layers.lstm, GRU: layers.gru } as const;
const recurrentUnits = 2;
const attentionMakers = {
  MultiHeadAttention: layers.multiHeadAttention,
  GroupQueryAttention: layers.groupQueryAttention,
  Attention: layers.attention,
  AdditiveAttention: layers.additiveAttention,
} as const;

const isTensor = (value: unknown): value is Tensor => typeof value === "object" && value !== null && "dtype" in value;

/** All tensors of a result, without their masks. */
const plain = (outputs: MaskedStructure<Tensor>): Tensor[] => {
  if (outputs instanceof Masked) return [outputs.values];
  return Array.isArray(outputs) ? outputs.flatMap((each) => plain(each)) : leavesOf(outputs, isTensor);
};

const masked = (x: Tensor, mask: Values | Packed | null | undefined): Tensor | Masked<Tensor> =>
  mask === null || mask === undefined ? x : new Masked(x, made(mask).cast("bool") as Tensor);

/** A layer with a call that has built it, and the values that it begins with. */
function assigned(layer: Layer, weights: readonly Values[]): readonly Variable[] {
  assert.equal(layer.variables.length, weights.length);
  for (const [at, variable] of layer.variables.entries()) variable.assign(made(weights[at]!));
  return layer.variables;
}

function preparePlain(given: PlainCase): Prepared {
  const make = layers[given.layer] as unknown as (...given: readonly never[]) => Layer; // the file's arguments
  const layer = make(...given.arguments);
  const inputs = given.inputs.map((input) => variable(made(input)));
  const x = inputs.length === 1 ? masked(inputs[0]!, given.mask) : inputs;
  layer.compute(x, { training: false }); // builds
  const named = layer.namedVariables();
  for (const [name, variable] of named) variable.assign(made(given.weights[name]!));
  const trained = layer.trainableVariables;
  const last = (name: string): string => name.split("/").at(-1)!;
  return {
    what: `${given.layer} ${JSON.stringify(given.arguments)}`,
    wanted: [...inputs, ...trained],
    weigh: sines,
    run: () => plain(layer.compute(x, { training: given.training })),
    outputs: [given.output],
    gradients: [...given.gradients.inputs, ...trained.map((variable) => given.gradients.weights[last(variable.name)]!)],
    state: Object.entries(given.state).map(([name, after]) => [named.find(([own]) => own === name)![1], after]),
  };
}

function prepareRecurrent(given: RecurrentCase): Prepared {
  const { name, options, mergeMode, mask, initialState } = given;
  const one = recurrentMakers[name](recurrentUnits, options) as unknown as Recurrent; // the golden's options
  const layer = (mergeMode === null ? one : layers.bidirectional(one, { mergeMode })) as unknown as Layer;
  const sequence = variable(made(given.x));
  const states = initialState?.map(made);
  const run = (): Tensor[] => {
    const x = masked(sequence, mask);
    return plain(layer.compute(states === undefined ? x : [x, ...states], { training: false }));
  };
  run(); // builds
  const words = [mergeMode, mask && "masked", initialState && "with states"].filter((word) => word !== null);
  return {
    what: [name, JSON.stringify(options), ...words].join(" "),
    wanted: [sequence, ...assigned(layer, given.weights)],
    weigh: cotangents,
    run,
    outputs: given.outputs.map(packed),
    gradients: given.gradients.map(packed),
    state: [],
  };
}

function prepareAttention(given: AttentionCase): Prepared {
  const { name, options, inputs, queryMask, valueMask } = given;
  const make = attentionMakers[name] as (...given: unknown[]) => unknown; // the golden's own arguments
  const layer = make(...given.arguments, options) as Layer;
  const parts = (["query", "value", "key"] as const).filter((part) => inputs[part] !== undefined);
  const sources = parts.map((part) => [part, variable(made(inputs[part]!))] as const);
  const { query, value = query!, key } = Object.fromEntries(sources);
  const x = {
    query: masked(query!, queryMask),
    value: masked(value, valueMask),
    ...(key === undefined ? {} : { key }),
    ...(inputs.attentionMask === undefined ? {} : { attentionMask: made(inputs.attentionMask) }),
  };
  layer.compute(x, { training: false }); // builds
  // What padding gives does not count, and may differ.
  const counts = queryMask === null ? undefined : made(queryMask).expandDims(-1);
  const counted = (outputs: readonly Tensor[]): Tensor[] =>
    outputs.map((output, at): Tensor => (at > 0 || counts === undefined ? output : output.mul(counts)));
  const rows = queryMask === null ? [] : packed(queryMask).data;
  const expected = given.outputs.map(packed).map(({ shape, data }, at) => {
    if (at > 0 || queryMask === null) return { shape, data };
    return { shape, data: data.map((value, index) => value * rows[Math.floor(index / shape.at(-1)!)]!) };
  });
  return {
    what: `${name} ${JSON.stringify(options)}${queryMask === null ? "" : " masked"}`,
    wanted: [...sources.map(([, source]) => source), ...assigned(layer, given.weights)],
    weigh: cotangents,
    run: () => counted(plain(layer.compute(x, { training: false }))),
    outputs: expected,
    gradients: given.gradients.map(packed),
    state: [],
  };
}

// Our own files.
const plainCases = goldenFile("layers") as readonly PlainCase[];
const recurrentCases = (goldenFile("recurrent") as { readonly cases: readonly RecurrentCase[] }).cases;
const attentionCases = (goldenFile("attention") as { readonly cases: readonly AttentionCase[] }).cases;

/** All cases by what they are of; preparing one makes its variables on the device. */
export const kerasCases: readonly { readonly name: string; readonly prepare: () => Prepared }[] = [
  ...plainCases.map((given) => ({ name: given.layer, prepare: () => preparePlain(given) })),
  ...recurrentCases.map((given) => ({ name: given.name, prepare: () => prepareRecurrent(given) })),
  ...attentionCases.map((given) => ({ name: given.name, prepare: () => prepareAttention(given) })),
];
