import { DataError } from "../../base/errors.ts";
import { type Hdf5Dataset, type Hdf5Group, isHdf5, isZip, openZip, readHdf5 } from "../../formats/index.ts";
import type { WeightOptions } from "../assign.ts";
import type { AnyModel } from "../model.ts";
import { type Assignments, isLegacy, readLegacyWeights } from "./legacy.ts";
import { isKept, oldStateOf, setUnwritten, stateOf } from "./optimizer.ts";
import { fits, type Target, valuesFor } from "./values.ts";
import { holderOf, trainableIn, walk } from "./weights.ts";

// The weights in a file of Keras 3, put into a model.

const weightsName = "model.weights.h5";

/** The HDF5 file of weights in these bytes: themselves, or a member of a `.keras` archive. */
export async function openWeights(bytes: Uint8Array, source: string): Promise<Hdf5Group> {
  if (isHdf5(bytes)) return readHdf5(bytes, source);
  if (!isZip(bytes))
    throw new DataError({
      what: `${source}: the file is neither HDF5 nor an archive of Keras`,
      hint: "it was cut off at its beginning, or is of another format",
    });
  const member = (await openZip(bytes, source)).get(weightsName);
  if (member === undefined)
    throw new DataError({ what: `${source}: the archive holds no ${weightsName}`, hint: "it is no .keras file" });
  return readHdf5(await member.read(), `${source}: ${weightsName}`);
}

/** Puts the weights of a file of Keras into a built model; returns the names of the layers that were left out. */
export async function loadStored(
  model: AnyModel,
  bytes: Uint8Array,
  source: string,
  options: WeightOptions,
): Promise<readonly string[]> {
  const root = await openWeights(bytes, source);
  const read = isLegacy(root) ? readLegacyWeights : readWeights;
  const { values, skipped } = read(root, model, source, options);
  assignValues(values);
  return skipped;
}

export const assignValues = (values: Assignments): void => {
  for (const [target, bytes] of values) target.assignBytes(bytes);
};

/** What the datasets "0", "1", … of a group hold for these variables; a word of why not, otherwise. */
export function match(group: Hdf5Group | undefined, targets: readonly Target[], where: string): Hdf5Dataset[] | string {
  const members = group === undefined ? [] : group.names.filter((name) => /^\d+$/.test(name));
  if (members.length !== targets.length)
    return `${where} has ${members.length} variables in the file, and ${targets.length} in the model`;
  const found = targets.map((_, index) => group?.get(String(index)));
  if (found.every((each) => each?.kind === "dataset")) return found as Hdf5Dataset[]; // just checked
  return `${where} has no dataset for each of its ${targets.length} variables`;
}

/** The file's values for all weights of the model, and the names of the layers that were left out. */
export function readWeights(
  root: Hdf5Group,
  model: AnyModel,
  source: string,
  { skipMismatch = false }: WeightOptions,
): { readonly values: Assignments; readonly skipped: readonly string[] } {
  const values: Assignments = new Map();
  const skipped: string[] = [];
  const old = root.get("_layer_checkpoint_dependencies") !== undefined;
  for (const { path, holder } of walk(holderOf(model as never))) {
    if (holder.variables.length === 0 || holder.variables.every((variable) => values.has(variable))) continue;
    const place = old ? path.replaceAll("layers", "_layer_checkpoint_dependencies") : path;
    const group = groupAt(root, place === "" ? "vars" : `${place}/vars`) ?? groupAt(root, `${inKeras2(place)}/vars`);
    const found = match(group, holder.variables, `layer "${holder.name}" (${path})`);
    const wrong = typeof found === "string" || found.some((dataset, index) => !fits(dataset, holder.variables[index]!));
    if (wrong && skipMismatch) {
      skipped.push(holder.name);
      continue;
    }
    if (typeof found === "string")
      throw new DataError({
        what: `${source}: ${found}`,
        hint: "the file is of another model; skipMismatch leaves out layers that differ",
      });
    holder.variables.forEach((variable, index) => {
      values.set(variable, valuesFor(found[index]!, variable, `${source}: ${path}/vars/${index}`));
    });
  }
  return { values, skipped };
}

/** Keras 2 had the parts of attention in private attributes. */
const inKeras2 = (place: string): string => place.replace(/(query|key|value|output)_dense$/, "_$&");

function groupAt(root: Hdf5Group, path: string): Hdf5Group | undefined {
  const found = root.get(path);
  return found?.kind === "group" ? found : undefined;
}

/** The state of the optimizer, where the file has it. */
export function readState(group: Hdf5Group | undefined, model: AnyModel, source: string): Assignments {
  const values: Assignments = new Map();
  if (group === undefined || group.names.length === 0) return values;
  const { optimizer } = model.objective;
  const moved = trainableIn(model);
  optimizer.build(moved);
  const members = group.names.filter((name) => /^\d+$/.test(name)).length;
  const [now, old] = [stateOf(optimizer, moved), oldStateOf(optimizer, moved)];
  // Where both have the same number of places, as where nothing is kept but the counter, the first is meant.
  const isOld = members !== now.length && members === old.length;
  const places = isOld ? old : now;
  const found = match(group, places as readonly Target[], "the optimizer");
  // A model that was saved before its first step has only a part of the state, which says nothing.
  if (typeof found === "string" && members < places.length) return values;
  if (typeof found === "string")
    throw new DataError({ what: `${source}: ${found}`, hint: "loadModel(path, { compile: false }) leaves it out" });
  places.forEach((place, index) => {
    if (isKept(place)) values.set(place, valuesFor(found[index]!, place, `${source}: optimizer/vars/${index}`));
  });
  if (isOld) setUnwritten(optimizer, values);
  return values;
}
