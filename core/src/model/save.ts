import { ArgumentError } from "../base/errors.ts";
import { encodeSafeTensors, type StoredTensor, writeFileAtomically } from "../formats/index.ts";
import { type Named, trainingState } from "../train/index.ts";
import type { ModelDescription } from "./describe.ts";
import { type Header, headerFormat } from "./header.ts";
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

/** Writes the model to a .safetensors file, whole or not at all. */
export async function saveModel(model: AnyModel, path: string): Promise<void> {
  await writeFileAtomically(path, await modelToBytes(model));
}

/** Writes only the weights, by name, to a .safetensors file. */
export async function saveWeights(model: AnyModel, path: string): Promise<void> {
  await writeFileAtomically(path, encodeSafeTensors({ tensors: await stored(model.namedVariables()), metadata: {} }));
}

function describeOrThrow(model: AnyModel): ModelDescription {
  const description = model.describe();
  if (description !== undefined) return description;
  throw new ArgumentError({
    what: `${model.name}: a ${model.typeName} is a class of your own, whose architecture a file cannot carry`,
    hint: "save its weights with saveWeights, and load them into a new instance",
  });
}

async function stored(named: readonly Named[]): Promise<Map<string, StoredTensor>> {
  const names = named.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ArgumentError({
      what: `save: two variables are named "${twice}"`,
      hint: "give the layers that they belong to different names",
    });
  }
  const bytes = await Promise.all(named.map(([, variable]) => variable.bytes()));
  return new Map(named.map(([name, { dtype, shape }], index) => [name, { dtype, shape, bytes: bytes[index]! }]));
}
