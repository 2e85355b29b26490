import { ArgumentError, DataError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
// From the files themselves: what is imported with every model must not lead to the readers of other formats.
import { readFile } from "../formats/file.ts";
import { decodeSafeTensors, type SafeTensors, type StoredTensor } from "../formats/safetensors.ts";
import { isHdf5, isZip } from "../formats/signatures.ts";
import type { Named, State } from "../train/index.ts";
import { kerasFiles, type WithKeras } from "./kerasFiles.ts";
import type { AnyModel } from "./model.ts";

export interface WeightOptions extends WithKeras {
  /** Leaves layers (of a .safetensors file: weights) as they are that are missing in the file, or have another shape. Default false. */
  readonly skipMismatch?: boolean | undefined;
  /** Of a legacy `.h5` file: takes layers by their names instead of their order. Default false. */
  readonly byName?: boolean | undefined;
}

/**
 * Reads weights into a built model, from a path or the bytes of a file: .safetensors by name, `.weights.h5`, `.weights.json`,
 * `.keras` and `.h5` as Keras does. Returns the names of what was left out; without options nothing is, and what is missing is an error.
 */
export async function loadWeights(
  model: AnyModel,
  file: string | Uint8Array,
  options: WeightOptions = {},
): Promise<readonly string[]> {
  const named = model.namedVariables();
  if (named.length === 0) {
    throw new ArgumentError({
      what: `${model.name}: the model has no variables yet`,
      hint: "build it first, by a call or an input()",
    });
  }
  const source = typeof file === "string" ? file : "the file of weights";
  if (typeof file === "string" && file.endsWith(".safetensors.index.json")) return assignShards(named, file, options);
  if (typeof file === "string" && file.endsWith(".weights.json"))
    return (await kerasFiles(options)).loadShards(model, file, options);
  const bytes = typeof file === "string" ? await readFile(file) : file;
  if (!isHdf5(bytes) && !isZip(bytes)) return assignNamed(named, decodeSafeTensors(bytes, source), source, options);
  const { loadStored } = await kerasFiles(options);
  return loadStored(model, bytes, source, options);
}

/** From several files that an index joins: all is checked first, then one tensor at a time is read. */
async function assignShards(
  named: readonly Named[],
  path: string,
  { skipMismatch = false }: WeightOptions,
): Promise<readonly string[]> {
  const { openSafeTensors } = await import("../formats/openSafeTensors.ts");
  const file = await openSafeTensors(path);
  try {
    const theirs = await inOwnNames(new Map([...file.entries.keys()].map((name) => [name, name])), named);
    const fits = ([name, { dtype, shape }]: Named): boolean => {
      const entry = file.entries.get(theirs.get(name) ?? name);
      return entry !== undefined && entry.dtype === dtype && sameShape(entry.shape, shape);
    };
    const wrong = named.find((each) => !fits(each));
    if (wrong !== undefined && !skipMismatch)
      throw new DataError({
        what: `${path}: there is no tensor "${wrong[0]}" of ${wrong[1].dtype} ${printShape(wrong[1].shape)}`,
        hint: "the files are of another model; skipMismatch leaves out what differs",
      });
    const taken = named.filter(fits);
    for (const [name, variable] of taken) variable.assignBytes((await file.read(theirs.get(name)!)).bytes); // it fits, so there is one
    return named.filter((each) => !taken.includes(each)).map(([name]) => name);
  } finally {
    await file.close();
  }
}

async function assignNamed(
  named: readonly Named[],
  given: SafeTensors,
  source: string,
  { skipMismatch = false }: WeightOptions,
): Promise<readonly string[]> {
  const file = { ...given, tensors: await inOwnNames(given.tensors, named) };
  const fits = ([name, { dtype, shape }]: Named): boolean => {
    const tensor = file.tensors.get(name);
    return tensor !== undefined && tensor.dtype === dtype && sameShape(tensor.shape, shape);
  };
  const taken = skipMismatch ? named.filter(fits) : named;
  await assignAll(taken, file, source);
  return named.filter((each) => !taken.includes(each)).map(([name]) => name);
}

/** The tensors by the names of a model whose layers have other numbers than the file's; else as they are. */
async function inOwnNames<T>(
  tensors: ReadonlyMap<string, T>,
  named: readonly Named[],
): Promise<ReadonlyMap<string, T>> {
  const ours = named.map(([name]) => name);
  if (ours.every((name) => tensors.has(name))) return tensors;
  const { renumbered } = await import("../nn/renumbered.ts");
  const names = renumbered([...tensors.keys()], ours);
  return names === undefined ? tensors : new Map([...tensors].map(([name, tensor]) => [names.get(name)!, tensor]));
}

/** Puts the file's values into variables, after all names and shapes have been checked. */
export async function assignAll(named: readonly Named[], { tensors }: SafeTensors, source: string): Promise<void> {
  const pairs = named.map(([name, variable]): [State, StoredTensor] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) {
      const some = [...tensors.keys()].slice(0, 8).join(", ");
      throw new DataError({
        what: `${source}: there is no tensor "${name}"`,
        hint: "the file is damaged, or of another model",
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
        hint: "the file is damaged, or of another model",
      });
    }
    return [variable, tensor];
  });
  for (const [variable, { bytes }] of pairs) variable.assignBytes(bytes);
}
