import { ArgumentError, DataError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import {
  decodeSafeTensors,
  encodeSafeTensors,
  readFile,
  type SafeTensors,
  type StoredTensor,
  writeFileAtomically,
} from "../formats/index.ts";
import { print } from "./config.ts";
import { describeModel } from "./describe.ts";
import type { Model } from "./model.ts";
import { modelOf } from "./restore.ts";
import { isRecord, type Named, resume, type State, trainingOf, trainingState } from "./training.ts";

const format = 1;

/** What a file says of a model besides its tensors. */
interface Header {
  readonly format: number;
  readonly name: string;
  readonly model: unknown;
  /** Written by `trainingOf`; read as what it is: untrusted JSON. */
  readonly training?: unknown;
  readonly notes?: unknown;
}

/** The model as the bytes of a .safetensors file: weights, architecture, and the state of its training. */
export async function modelToBytes(model: Model): Promise<Uint8Array> {
  const header: Header = {
    format,
    name: model.name,
    model: describeModel(model),
    training: trainingOf(model),
    notes: model.notes,
  };
  const named = [...model.namedVariables(), ...(header.training === undefined ? [] : trainingState(model))];
  return encodeSafeTensors({
    tensors: await stored(named),
    metadata: { format: "pt", chainrule: JSON.stringify(header) },
  });
}

/** The model in the bytes of a file that `save` wrote; compiled as it was, if it was. */
export async function modelFromBytes(bytes: Uint8Array, source = "the model file"): Promise<Model> {
  const file = decodeSafeTensors(bytes, source);
  const header = readHeader(file, source);
  const model = modelOf(header.model, header.name, source);
  await assignAll(model.namedVariables(), file, source);
  if (isRecord(header.notes))
    for (const [name, note] of Object.entries(header.notes)) if (typeof note === "string") model.notes[name] = note;
  if (header.training === undefined) return model;
  const state = resume(model, header.training, source).filter(([name]) => file.tensors.has(name));
  await assignAll(state, file, source);
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
    throw new ArgumentError({
      what: `${model.name}: the model has no variables yet`,
      hint: "build it first, by a call or an input()",
    });
  }
  await assignAll(named, decodeSafeTensors(await readFile(path), path), path);
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

function readHeader({ metadata }: SafeTensors, source: string): Header {
  const text = metadata["chainrule"];
  if (text === undefined) {
    throw new DataError({
      what: `${source}: the file holds tensors, but no chainrule model`,
      hint: "to read only weights, build the model and call loadWeights",
    });
  }
  let header: Header;
  try {
    header = JSON.parse(text) as Header; // its fields are checked where they are used
  } catch {
    throw new DataError(`${source}: the description of the model is not JSON`);
  }
  if (header?.format !== format) {
    throw new DataError({
      what: `${source}: the file has format ${print(header?.format)}, known is ${format}`,
      hint: "it was written by another version",
    });
  }
  if (typeof header.name !== "string" || header.name === "" || header.name.includes("/"))
    throw new DataError(`${source}: the model has no name`);
  return header;
}

/** Puts the file's values into variables, after all names and shapes have been checked. */
async function assignAll(named: readonly Named[], { tensors }: SafeTensors, source: string): Promise<void> {
  const pairs = named.map(([name, variable]): [State, StoredTensor] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      const some = [...tensors.keys()].slice(0, 8).join(", ");
      throw new DataError({
        what: `${source}: there is no tensor "${name}"`,
        details: [{ role: "present", value: some }],
      });
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
