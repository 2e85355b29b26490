import { ArgumentError, DataError } from "../base/errors.ts";
import { printShape, sameShape } from "../base/shape.ts";
import { decodeSafeTensors, readFile, type SafeTensors, type StoredTensor } from "../formats/index.ts";
import type { Named, State } from "../train/index.ts";
import type { AnyModel } from "./model.ts";

/** Reads weights by name into a built model; missing names and other shapes are errors. */
export async function loadWeights(model: AnyModel, path: string): Promise<void> {
  const named = model.namedVariables();
  if (named.length === 0) {
    throw new ArgumentError({
      what: `${model.name}: the model has no variables yet`,
      hint: "build it first, by a call or an input()",
    });
  }
  await assignAll(named, decodeSafeTensors(await readFile(path), path), path);
}

/** Puts the file's values into variables, after all names and shapes have been checked. */
export async function assignAll(named: readonly Named[], { tensors }: SafeTensors, source: string): Promise<void> {
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
