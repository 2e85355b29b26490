import { DataError } from "../base/errors.ts";
// From the files themselves: what is imported with every model must not lead to the readers of other formats.
import { readFile } from "../formats/file.ts";
import { decodeSafeTensors, type SafeTensors } from "../formats/safetensors.ts";
import { isHdf5, isZip } from "../formats/signatures.ts";
import { shorten } from "../nn/index.ts";
import { assignAll } from "./assign.ts";
import { type Header, headerFormat } from "./header.ts";
import { kerasFiles, type WithKeras } from "./kerasFiles.ts";
import type { Model } from "./model.ts";
import { modelOf } from "./restore.ts";
import { isRecord, resume } from "./training.ts";

export interface LoadOptions extends WithKeras {
  /** Whether the model is compiled as it was when it was saved. Default true. */
  readonly compile?: boolean | undefined;
}

/** The model in the bytes of a file that `save` wrote, or Keras; compiled as it was, if it was. */
export async function modelFromBytes(
  bytes: Uint8Array,
  source = "the model file",
  options: LoadOptions = {},
): Promise<Model> {
  if (isHdf5(bytes) || isZip(bytes)) {
    const { loadKeras } = await kerasFiles(options);
    return (await loadKeras(bytes, source, options)) as Model; // AnyModel only does not say on what it can be called
  }
  const file = decodeSafeTensors(bytes, source);
  const header = readHeader(file, source);
  const model = modelOf(header.model, header.name, source);
  await assignAll(model.namedVariables(), file, source);
  if (isRecord(header.notes))
    for (const [name, note] of Object.entries(header.notes)) if (typeof note === "string") model.notes[name] = note;
  if (header.training === undefined || options.compile === false) return model;
  const state = resume(model, header.training, source).filter(([name]) => file.tensors.has(name));
  await assignAll(state, file, source);
  return model;
}

/** Reads a model that `save` wrote, or Keras (`.keras`, `.h5`), from a path or from the bytes of the file. */
export async function loadModel(file: string | Uint8Array, options: LoadOptions = {}): Promise<Model> {
  if (typeof file !== "string") return modelFromBytes(file, "the model file", options);
  return modelFromBytes(await readFile(file), file, options);
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
    throw new DataError({ what: `${source}: the description of the model is not JSON`, hint: "the file is damaged" });
  }
  if (header?.format !== headerFormat) {
    throw new DataError({
      what: `${source}: the file has format ${shorten(header?.format)}, known is ${headerFormat}`,
      hint: "it was written by another version",
    });
  }
  if (typeof header.name !== "string" || header.name === "" || header.name.includes("/"))
    throw new DataError({ what: `${source}: the model has no name`, hint: "the file is damaged" });
  return header;
}
