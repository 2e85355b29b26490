import { ArgumentError, DataError } from "../base/errors.ts";
import type { DType } from "../base/dtype.ts";
import { printShape, sameShape, type Shape } from "../base/shape.ts";
import { decodeSafeTensors, encodeSafeTensors, readFile, type SafeTensors, type StoredTensor, writeFileAtomically } from "../formats/index.ts";
import { type Loss, type LossName, losses, type MetricName, metrics } from "../nn/index.ts";
import { type OptimizerName, optimizers } from "../optim/index.ts";
import { randomState } from "../tensor/index.ts";
import { describeModel } from "./describe.ts";
import type { Model } from "./model.ts";
import { restoreModel } from "./restore.ts";

const format = 1;
const optimizerPrefix = "optimizer/";
const randomName = "random/state";

/** A piece of state that a file holds: a Variable, or the default generator. */
interface State {
  readonly shape: Shape;
  readonly dtype: DType;
  bytes(): Promise<Uint8Array>;
  assignBytes(bytes: Uint8Array): unknown;
}
type Named = readonly [name: string, state: State];

/** What a file says of a model besides its tensors. */
interface Header {
  readonly format: number;
  readonly name: string;
  readonly model: unknown;
  readonly training?: Training | undefined;
  readonly notes?: Readonly<Record<string, string>>;
}

interface Training {
  readonly optimizer: { readonly name: string; readonly config: Readonly<Record<string, unknown>> };
  readonly losses: readonly { readonly name: string; readonly options: Readonly<Record<string, unknown>> }[];
  readonly metrics: readonly (readonly string[])[];
  readonly epoch: readonly number[];
  readonly history: Readonly<Record<string, readonly number[]>>;
}

/** The model as the bytes of a .safetensors file: weights, architecture, and the state of its training. */
export async function modelToBytes(model: Model): Promise<Uint8Array> {
  const header: Header = { format, name: model.name, model: describeModel(model), training: trainingOf(model), notes: model.notes };
  const named = [...model.namedVariables(), ...(header.training === undefined ? [] : trainingVariables(model))];
  return encodeSafeTensors({ tensors: await stored(named), metadata: { format: "pt", chainrule: JSON.stringify(header) } });
}

/** The model in the bytes of a file that `save` wrote; compiled as it was, if it was. */
export async function modelFromBytes(bytes: Uint8Array, source = "the model file"): Promise<Model> {
  const file = decodeSafeTensors(bytes, source);
  const header = readHeader(file, source);
  const model = restoreModel(header.model, header.name);
  await assignAll(model.namedVariables(), file, source);
  for (const [name, note] of Object.entries(header.notes ?? {})) model.notes[name] = String(note);
  if (header.training !== undefined) await resume(model, header.training, file, source);
  return model;
}

/** Writes the model to a .safetensors file, whole or not at all. */
export async function saveModel(model: Model, path: string): Promise<void> {
  await writeFileAtomically(path, await modelToBytes(model));
}

/** Reads a model that `save` wrote. */
export async function loadModel(path: string): Promise<Model> {
  return modelFromBytes(await readFile(path), path);
}

/** Writes only the weights, by name, to a .safetensors file. */
export async function saveWeights(model: Model, path: string): Promise<void> {
  await writeFileAtomically(path, encodeSafeTensors({ tensors: await stored(model.namedVariables()), metadata: {} }));
}

/** Reads weights by name into a built model; missing names and other shapes are errors. */
export async function loadWeights(model: Model, path: string): Promise<void> {
  const named = model.namedVariables();
  if (named.length === 0) {
    throw new ArgumentError({ what: `${model.name}: the model has no variables yet`, hint: "build it first, by a call or an input()" });
  }
  await assignAll(named, decodeSafeTensors(await readFile(path), path), path);
}

async function stored(named: readonly Named[]): Promise<Map<string, StoredTensor>> {
  const bytes = await Promise.all(named.map(([, variable]) => variable.bytes()));
  return new Map(named.map(([name, { dtype, shape }], index) => [name, { dtype, shape, bytes: bytes[index]! }]));
}

function readHeader({ metadata }: SafeTensors, source: string): Header {
  const text = metadata["chainrule"];
  if (text === undefined) {
    throw new DataError({ what: `${source}: the file holds tensors, but no chainrule model`, hint: "to read only weights, build the model and call loadWeights" });
  }
  let header: Header;
  try {
    header = JSON.parse(text) as Header; // its fields are checked where they are used
  } catch {
    throw new DataError(`${source}: the description of the model is not JSON`);
  }
  if (header?.format !== format) {
    throw new DataError({ what: `${source}: the file has format ${header?.format}, known is ${format}`, hint: "it was written by another version" });
  }
  if (typeof header.name !== "string") throw new DataError(`${source}: the model has no name`);
  return header;
}

/** Puts the file's values into variables, after all names and shapes have been checked. */
async function assignAll(named: readonly Named[], { tensors }: SafeTensors, source: string): Promise<void> {
  const pairs = named.map(([name, variable]): [State, StoredTensor] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      const some = [...tensors.keys()].slice(0, 8).join(", ");
      throw new DataError({ what: `${source}: there is no tensor "${name}"`, details: [{ role: "present", value: some }] });
    }
    if (tensor.dtype !== variable.dtype || !sameShape(tensor.shape, variable.shape)) {
      throw new DataError({
        what: `${source}: tensor "${name}" does not fit the model`,
        details: [
          { role: "file", value: `${tensor.dtype} ${printShape(tensor.shape)}` },
          { role: "model", value: `${variable.dtype} ${printShape(variable.shape)}` },
        ],
      });
    }
    return [variable, tensor];
  });
  for (const [variable, { bytes }] of pairs) variable.assignBytes(bytes);
}

function trainingOf(model: Model): Training | undefined {
  if (!model.compiled) return undefined;
  const { optimizer, losses: given, metrics: lists } = model.objective;
  const configs = given.map((loss: Loss) => loss.config);
  // A loss or metric of the user's own cannot be carried; the weights can.
  if (configs.some((config) => config === undefined)) return undefined;
  const names = lists.map((list) => list.map(({ name }) => name));
  if (names.flat().some((name) => !Object.hasOwn(metrics, name))) return undefined;
  return {
    optimizer: { name: optimizer.name, config: optimizer.config() },
    losses: configs.map((config) => config!),
    metrics: names,
    epoch: model.history.epoch,
    history: model.history.history,
  };
}

/** The optimizer's state by the names of the weights, and the state of the default random generator. */
function trainingVariables(model: Model): Named[] {
  const { optimizer } = model.objective;
  const slots = model.namedVariables().flatMap(([name, variable]) =>
    Object.entries(optimizer.slotsOf(variable) ?? {}).map(([slot, state]): Named => [`${optimizerPrefix}${name}/${slot}`, state]),
  );
  return [
    [`${optimizerPrefix}learningRate`, optimizer.learningRate],
    [`${optimizerPrefix}iterations`, optimizer.iterations],
    ...slots,
    [randomName, randomState],
  ];
}

/** Compiles the model as it was and puts the optimizer's and the generator's state back. */
async function resume(model: Model, training: Training, file: SafeTensors, source: string): Promise<void> {
  const bad = (what: string): DataError => new DataError(`${source}: the state of the training is damaged: ${what}`);
  const { optimizer, losses: lossConfigs, metrics: lists, epoch, history } = training;
  if (!Object.hasOwn(optimizers, String(optimizer?.name))) throw bad(`unknown optimizer ${JSON.stringify(optimizer?.name)}`);
  if (!Array.isArray(lossConfigs) || !lossConfigs.every((loss) => Object.hasOwn(losses, String(loss?.name)))) throw bad("unknown loss");
  if (!Array.isArray(lists) || !lists.flat().every((name) => Object.hasOwn(metrics, String(name)))) throw bad("unknown metric");

  // The names were just found in the tables; the makers check their options.
  const made = lossConfigs.map(({ name, options }) => losses[name as LossName](options));
  model.compile({
    optimizer: optimizers[optimizer.name as OptimizerName](optimizer.config),
    loss: made.length === 1 ? made[0]! : made,
    metrics: lists.length === 1 ? (lists[0] as MetricName[]) : (lists as MetricName[][]),
  });
  model.objective.optimizer.build(model.trainableVariables);
  const names = new Set(file.tensors.keys());
  const state = trainingVariables(model).filter(([name]) => names.has(name));
  await assignAll(state, file, source);
  if (Array.isArray(epoch)) model.history.epoch.push(...epoch.map(Number));
  for (const [name, values] of Object.entries(history ?? {})) if (Array.isArray(values)) model.history.history[name] = values.map(Number);
}
