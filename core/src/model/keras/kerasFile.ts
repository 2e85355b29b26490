import {
  type DatasetSource,
  type ElementType,
  emptyGroup,
  encodeHdf5,
  encodeZip,
  type GroupSource,
  groupAt,
} from "../../formats/index.ts";
import type { AnyLayer } from "../../nn/index.ts";
import { snakeCase } from "../../nn/names.ts";
import { LossScaleOptimizer, MultiOptimizer, type Optimizer } from "../../optim/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { writeCompiled } from "./compile.ts";
import { pythonJson } from "./json.ts";
import { classOfName, uniquely } from "./names.ts";
import { isKept, stateOf, statesIn, type Unkept } from "./optimizer.ts";
import { datasetOf, type Target } from "./values.ts";
import { holderOf, trainableIn, walk } from "./weights.ts";
import { writeModel } from "./writeModel.ts";

/** The version of Keras whose layout is written. */
export const kerasVersion = "3.15.1";

/** The model as the bytes of a `.keras` archive. */
export async function modelToKeras(model: AnyModel): Promise<Uint8Array> {
  const config = writeModel(model, writeCompiled(model));
  const metadata = { keras_version: kerasVersion, date_saved: "1980-01-01@00:00:00", saved_by: "chainrule" };
  return encodeZip(
    new Map([
      ["metadata.json", json(metadata)],
      ["config.json", json(config)],
      ["model.weights.h5", await weightsToHdf5(model)],
    ]),
  );
}

const json = (value: unknown): Uint8Array => new TextEncoder().encode(pythonJson(value));

/** The weights, and the optimizer's state where there is one, as the bytes of a `.weights.h5` file. */
export async function weightsToHdf5(model: AnyModel): Promise<Uint8Array> {
  const root = emptyGroup();
  const written = new Set<unknown>();
  for (const { path, holder } of walk(holderOf(model as unknown as AnyLayer))) {
    const group = groupAt(root, path === "" ? "vars" : `${path}/vars`);
    group.attributes.set("name", holder.name);
    for (const [name, values] of Object.entries(holder.constants ?? {}))
      group.datasets.set(name, { shape: [values.length], type: float32, bytes: new Uint8Array(values.buffer) });
    // Weights that several layers share are in the file once, at the first.
    if (holder.variables.length > 0 && holder.variables.every((variable) => written.has(variable))) continue;
    for (const [index, variable] of holder.variables.entries()) {
      group.datasets.set(String(index), await datasetOf(variable));
      written.add(variable);
    }
  }
  await addState(root, model);
  return encodeHdf5(root);
}

async function addState(root: GroupSource, model: AnyModel): Promise<void> {
  if (!model.compiled || writeCompiled(model) === undefined) return;
  const { optimizer } = model.objective;
  const group = groupAt(root, "optimizer/vars");
  group.attributes.set("name", optimizer.name);
  const datasets = await stateDatasets(model);
  for (const [index, dataset] of datasets.entries()) group.datasets.set(String(index), dataset);
  // The state of optimizers inside stands in their own places once more.
  let start = outerPlaces(optimizer);
  for (const { path, name, places } of inside(optimizer, trainableIn(model))) {
    const inner = groupAt(root, `optimizer/${path}/vars`);
    inner.attributes.set("name", name);
    const own = datasets.slice(start, start + places);
    for (const [index, dataset] of own.entries()) inner.datasets.set(String(index), dataset);
    start += places;
  }
}

/** What optimizers that hold others keep before the state of those. */
const outerPlaces = (optimizer: Optimizer): number => (optimizer instanceof LossScaleOptimizer ? 4 : 2);

/** The optimizers inside of one: where Keras has them, and the number of places of their state. */
function inside(optimizer: Optimizer, variables: readonly Variable[]) {
  if (optimizer instanceof LossScaleOptimizer) {
    const { inner } = optimizer;
    return [{ path: "inner_optimizer", name: inner.name, places: stateOf(inner, variables).length }];
  }
  if (!(optimizer instanceof MultiOptimizer)) return [];
  const unique = uniquely();
  return statesIn(optimizer, variables).map(({ optimizer: { name }, places }) => ({
    path: `optimizers/${unique(snakeCase(classOfName(name)))}`,
    name,
    places: places.length,
  }));
}

/** The optimizer's state in Keras's order. */
export async function stateDatasets(model: AnyModel): Promise<readonly DatasetSource[]> {
  const { optimizer } = model.objective;
  const moved = trainableIn(model);
  optimizer.build(moved);
  return Promise.all(
    stateOf(optimizer, moved).map((place) => (isKept(place) ? datasetOf(place as Target) : zerosOf(place))),
  );
}

const float32: ElementType = { kind: "float", bytes: 4, bigEndian: false };

const zerosOf = ({ shape }: Unkept): DatasetSource => ({
  shape,
  type: float32,
  bytes: new Uint8Array(4 * shape.reduce((product, size) => product * size, 1)),
});
