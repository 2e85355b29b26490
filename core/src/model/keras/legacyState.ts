import type { Hdf5Dataset, Hdf5Group } from "../../formats/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { type Assignments, namedIn } from "./legacy.ts";
import { isKept, setUnwritten, stateOf } from "./optimizer.ts";
import { fits, type Target, valuesFor } from "./values.ts";
import { trainableIn } from "./weights.ts";

// The state of optimizers in legacy files. Keras 3 tells it by its order alone; Keras 2 by names: "Adam/dense/kernel/m:0" up to
// TensorFlow 2.10 (keras/optimizers/optimizer_v2/), "Adam/m/dense/kernel:0" since (keras/optimizers/optimizer.py).

/** What our slots are called in both. */
const slotNames: { readonly [optimizer: string]: { readonly [slot: string]: readonly string[] } } = {
  sgd: { momentum: ["momentum", "m"] },
  adam: { momentum: ["m"], velocity: ["v"], velocityHat: ["vhat"] },
  adamw: { momentum: ["m"], velocity: ["v"], velocityHat: ["vhat"] },
  adamax: { momentum: ["m"], norm: ["v", "u"] },
  nadam: { momentum: ["m"], velocity: ["v"] },
  rmsprop: { velocity: ["rms", "velocity"], momentum: ["momentum"], average: ["mg", "average_gradient"] },
  adagrad: { accumulator: ["accumulator"] },
  adadelta: {
    accumulatedGradient: ["accum_grad", "accumulated_grad"],
    accumulatedChange: ["accum_var", "accumulated_delta_var"],
  },
  ftrl: { accumulator: ["accumulator"], linear: ["linear"] },
  lion: { momentum: ["m"] },
  adafactor: { rows: ["r"], columns: ["c"], velocity: ["v"] },
};

/**
 * The optimizer's state in the group "optimizer_weights"; `names` are the file's for the model's weights. Of a file that keeps
 * other state, or calls it otherwise, nothing is read: the optimizer then begins again, as in Keras 3.
 */
export function readLegacyState(
  group: Hdf5Group,
  model: AnyModel,
  names: ReadonlyMap<Variable, string>,
  source: string,
): Assignments {
  const stored = namedIn(group, (path) => `${source}: the optimizer's state "${path}" is missing`);
  const { optimizer } = model.objective;
  const moved = trainableIn(model);
  optimizer.build(moved);
  const byName = placesByName(optimizer, moved, names, new Map(stored.flatMap(endingsOf)));
  const places = stateOf(optimizer, moved) as readonly Target[]; // where it is kept
  const found =
    byName ?? new Map(stored.length === places.length ? places.map((place, at) => [place, stored[at]!.dataset]) : []);
  const values: Assignments = new Map();
  if (![...found].every(([place, dataset]) => fits(dataset, place))) return values;
  for (const [place, dataset] of found)
    if (isKept(place)) values.set(place, valuesFor(dataset, place, `${source}: the optimizer's state`));
  if (byName !== undefined) setUnwritten(optimizer, values);
  return values;
}

/** More names may stand before a variable's: "training/Adam/…". */
const deepest = 3;

/** The path without its first name, its first two, …: what is in front is the optimizer's. */
function endingsOf({
  path,
  dataset,
}: {
  readonly path: string;
  readonly dataset: Hdf5Dataset;
}): [string, Hdf5Dataset][] {
  const parts = path.split("/", 64);
  return Array.from({ length: Math.min(deepest, parts.length) }, (_, cut) => [parts.slice(cut).join("/"), dataset]);
}

/** Where each piece of state lies in a file of Keras 2; undefined where one is not there. */
function placesByName(
  optimizer: Optimizer,
  variables: readonly Variable[],
  names: ReadonlyMap<Variable, string>,
  stored: ReadonlyMap<string, Hdf5Dataset>,
): Map<Target, Hdf5Dataset> | undefined {
  const slots = slotNames[optimizer.name];
  const counter = stored.get("iter:0") ?? stored.get("iteration:0");
  if (slots === undefined || counter === undefined) return undefined;
  const found = new Map<Target, Hdf5Dataset>([[optimizer.iterations, counter]]);
  for (const variable of variables) {
    const name = names.get(variable)?.replace(/:0$/, "");
    for (const [slot, place] of Object.entries(optimizer.slotsOf(variable) ?? {})) {
      const called = slot === "ema" ? ["average"] : (slots[slot] ?? []);
      const paths = called.flatMap((each) => [`${name}/${each}:0`, `${each}/${name}:0`]);
      const dataset = paths.map((path) => stored.get(path)).find((each) => each !== undefined);
      if (dataset === undefined) return undefined;
      found.set(place, dataset);
    }
  }
  return found;
}
