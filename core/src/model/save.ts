import { bytesPerElement } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";
import { writeFileAtomically } from "../formats/file.ts";
import { encodeSafeTensors, type StoredTensor } from "../formats/safetensors.ts";
import { type Named, trainingState } from "../train/index.ts";
import type { ModelDescription } from "./describe.ts";
import { type Header, headerFormat } from "./header.ts";
import { kerasFiles, type WithKeras } from "./kerasFiles.ts";
import type { AnyModel } from "./model.ts";
import { trainingOf } from "./training.ts";

/** The model as the bytes of a .safetensors file: weights, architecture, and the state of its training. */
export async function modelToBytes(model: AnyModel): Promise<Uint8Array> {
  const header: Header = {
    format: headerFormat,
    name: model.name,
    model: describeOrThrow(model),
    training: trainingOf(model),
    notes: model.notes,
  };
  const named = [...model.namedVariables(), ...(header.training === undefined ? [] : trainingState(model))];
  return encodeSafeTensors({
    tensors: await stored(named),
    metadata: { format: "pt", chainrule: JSON.stringify(header) },
  });
}

/** The formats of files, by the endings of their names. */
export type ModelFormat = "safetensors" | "keras" | "h5";

/** What a path's ending says; weights alone are written as `.weights.h5` in the layout of Keras 3, as `.h5` in that of Keras 2. */
export function formatOf(path: string): ModelFormat {
  const [, ending] = /\.(safetensors|keras|h5|hdf5)$/.exec(path) ?? [];
  if (ending === undefined)
    throw new ArgumentError({
      what: `"${path}" does not say which kind of file it is to be`,
      hint: "end it in .safetensors, .keras or .h5",
    });
  return ending === "hdf5" ? "h5" : (ending as ModelFormat); // one of those above
}

/** The model in the bytes of a file of this format. */
export async function modelToFormat(
  model: AnyModel,
  format: ModelFormat,
  options: WithKeras = {},
): Promise<Uint8Array> {
  if (format === "safetensors") return modelToBytes(model);
  const { modelToKeras, modelToLegacy } = await kerasFiles(options);
  return format === "keras" ? modelToKeras(model) : modelToLegacy(model);
}

/** Writes the model to a file, whole or not at all, in the format that its ending says. */
export async function saveModel(model: AnyModel, path: string): Promise<void> {
  const format = formatOf(path);
  if (path.endsWith(".weights.h5"))
    throw new ArgumentError({
      what: `save: "${path}" is the name of a file of weights alone`,
      hint: "call saveWeights",
    });
  await writeFileAtomically(path, await modelToFormat(model, format));
}

/** Writes only the weights to a file: by name (`.safetensors`), or as Keras 3 (`.weights.h5`) or 2 (`.h5`) does. */
export async function saveWeights(model: AnyModel, path: string, options: ShardOptions = {}): Promise<void> {
  if (path.endsWith(".safetensors.index.json")) return saveShards(model, path, options.maxShardBytes ?? usualShard);
  if (path.endsWith(".weights.json"))
    return (await kerasFiles({})).saveKerasShards(model, path, options.maxShardBytes ?? usualShard);
  if (options.maxShardBytes !== undefined)
    throw new ArgumentError({
      what: `saveWeights: "${path}" is one file, and maxShardBytes makes several`,
      hint: "name their index: model.safetensors.index.json, or for Keras model.weights.json",
    });
  await writeFileAtomically(path, await weightsToBytes(model, path));
}

export interface ShardOptions {
  /** Of a path that ends in `.safetensors.index.json` or `.weights.json`: bytes of tensors that a file beside it holds at most. Default 5 GB. */
  readonly maxShardBytes?: number | undefined;
}
const usualShard = 5e9;

async function saveShards(model: AnyModel, path: string, maxShardBytes: number): Promise<void> {
  const { writeShards } = await import("../formats/writeSafeTensors.ts");
  const tensors = demandDistinct(model.namedVariables()).map(([name, variable]) => ({
    name,
    bytes: sizeOf(variable.shape) * bytesPerElement[variable.dtype],
    read: async () => ({ dtype: variable.dtype, shape: variable.shape, bytes: await variable.bytes() }),
  }));
  await writeShards(path, tensors, maxShardBytes);
}

async function weightsToBytes(model: AnyModel, path: string): Promise<Uint8Array> {
  const format = formatOf(path);
  if (format === "safetensors")
    return encodeSafeTensors({ tensors: await stored(model.namedVariables()), metadata: {} });
  if (format === "keras")
    throw new ArgumentError({ what: `saveWeights: "${path}" is the name of a whole model`, hint: "call save" });
  const { weightsToHdf5, weightsToLegacy } = await kerasFiles({});
  return path.endsWith(".weights.h5") ? weightsToHdf5(model) : weightsToLegacy(model);
}

function describeOrThrow(model: AnyModel): ModelDescription {
  const description = model.describe();
  if (description !== undefined) return description;
  throw new ArgumentError({
    what: `${model.name}: a ${model.typeName} is a class of your own, whose architecture a file cannot carry`,
    hint: "save its weights with saveWeights, and load them into a new instance",
  });
}

/** The same, if no two have one name. */
function demandDistinct(named: readonly Named[]): readonly Named[] {
  const names = named.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ArgumentError({
      what: `save: two variables are named "${twice}"`,
      hint: "give the layers that they belong to different names",
    });
  }
  return named;
}

async function stored(given: readonly Named[]): Promise<Map<string, StoredTensor>> {
  const named = demandDistinct(given);
  const bytes = await Promise.all(named.map(([, variable]) => variable.bytes()));
  return new Map(named.map(([name, { dtype, shape }], index) => [name, { dtype, shape, bytes: bytes[index]! }]));
}
