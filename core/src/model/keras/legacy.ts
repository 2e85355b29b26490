import { DataError } from "../../base/errors.ts";
import type { AttributeValue, Hdf5Dataset, Hdf5Group } from "../../formats/index.ts";
import type { AnyLayer } from "../../nn/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { WeightOptions } from "../assign.ts";
import type { AnyModel } from "../model.ts";
import { damaged } from "./json.ts";
import { fits, type Target, valuesFor } from "./values.ts";
import { holderOf, kerasLayers, variablesIn } from "./weights.ts";

// The layout of Keras 1 and 2, which Keras 3 still writes as ".h5": the config in an attribute, weights in groups of the layers'
// names, in an order that attributes tell (keras/src/legacy/saving/legacy_h5_format.py).

/** Values for variables, checked; nothing has been assigned yet. */
export type Assignments = Map<Target, Uint8Array>;

/** True for the layout of this file: the weights of one, or the whole of one. */
export const isLegacy = (root: Hdf5Group): boolean =>
  namesIn(root, "layer_names") !== undefined || root.get("model_weights") !== undefined;

/** The values of a legacy file for the model, by the order of layers, or by their names; `names` are what the file calls them. */
export function readLegacyWeights(
  given: Hdf5Group,
  model: AnyModel,
  source: string,
  { skipMismatch = false, byName = false }: WeightOptions,
): {
  readonly values: Assignments;
  readonly skipped: readonly string[];
  readonly names: ReadonlyMap<Variable, string>;
} {
  const inner = given.get("model_weights");
  const group = inner?.kind === "group" ? inner : given;
  const stored = (namesIn(group, "layer_names") ?? []).flatMap((name) => {
    const datasets = datasetsIn(group, name, source);
    return datasets.length === 0
      ? []
      : [{ name, datasets: datasets.map(({ dataset }) => dataset), paths: datasets.map(({ path }) => path) }];
  });
  const layers = kerasLayers(model).flatMap((layer) => {
    const variables = legacyVariables(layer);
    return variables.length === 0 ? [] : [{ layer, variables }];
  });
  if (!byName && stored.length !== layers.length)
    throw new DataError({
      what: `${source}: the file has weights for ${stored.length} layers, the model has ${layers.length} with weights`,
      details: [
        {
          role: "file",
          value: stored
            .map(({ name }) => name)
            .slice(0, 12)
            .join(", "),
        },
        {
          role: "model",
          value: layers
            .map(({ layer }) => layer.name)
            .slice(0, 12)
            .join(", "),
        },
      ],
      hint: "byName takes those layers whose names are equal",
    });
  const values: Assignments = new Map();
  const skipped: string[] = [];
  const names = new Map<Variable, string>();
  for (const [index, { layer, variables }] of layers.entries()) {
    const entry = byName ? stored.find(({ name }) => name === layer.name) : stored[index];
    const datasets = entry?.datasets ?? [];
    const equal = datasets.length === variables.length && datasets.every((each, at) => fits(each, variables[at]!));
    if (entry === undefined || (!equal && skipMismatch)) {
      skipped.push(layer.name);
      continue;
    }
    if (datasets.length !== variables.length)
      throw new DataError({
        what: `${source}: layer "${layer.name}" has ${variables.length} weights, "${entry.name}" in the file has ${datasets.length}`,
        hint: "the file is of another model; skipMismatch leaves out layers that differ",
      });
    for (const [at, variable] of variables.entries()) {
      values.set(variable, valuesFor(datasets[at]!, variable, `${source}: weight ${at} of "${entry.name}"`));
      names.set(variable, entry.paths[at]!);
    }
  }
  return { values, skipped, names };
}

/** Keras 2's order: what is trained, then what is not. */
export function legacyVariables(layer: AnyLayer): readonly Variable[] {
  const all = variablesIn(holderOf(layer));
  const trainable = new Set(layer.trainableVariables);
  return [...all.filter((variable) => trainable.has(variable)), ...all.filter((variable) => !trainable.has(variable))];
}

/** The texts of an attribute, which Keras cuts into "name0", "name1", … where they are many. */
function namesIn(group: Hdf5Group, name: string): readonly string[] | undefined {
  const whole = textsOf(group.attributes.get(name));
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let part = 0; ; part++) {
    const texts = textsOf(group.attributes.get(`${name}${part}`));
    if (texts === undefined) return part === 0 ? undefined : parts;
    for (const text of texts) parts.push(text);
  }
}

const textsOf = (value: AttributeValue | undefined): readonly string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;

interface Named {
  readonly path: string;
  readonly dataset: Hdf5Dataset;
}

function datasetsIn(group: Hdf5Group, name: string, source: string): Named[] {
  const layer = group.get(name);
  if (layer?.kind !== "group")
    throw damaged(`${source}: the file names the layer "${name.slice(0, 80)}", but has no group for it`);
  return namedIn(layer, (path) => `${source}: the weight "${path}" of "${name.slice(0, 80)}" is missing`);
}

/** The datasets that a group names, in the order of their names. */
export const namedIn = (group: Hdf5Group, missing: (path: string) => string): Named[] =>
  (namesIn(group, "weight_names") ?? []).map((path) => {
    const dataset = group.get(path);
    if (dataset?.kind === "dataset") return { path, dataset };
    throw damaged(missing(path.slice(0, 80)));
  });
