import { type DatasetSource, emptyGroup, encodeHdf5, type GroupSource, groupAt } from "../../formats/index.ts";
import type { Variable } from "../../tensor/index.ts";
import type { AnyModel } from "../model.ts";
import { writeCompiled } from "./compile.ts";
import { pythonJson } from "./json.ts";
import { kerasVersion, stateDatasets } from "./kerasFile.ts";
import { legacyVariables } from "./legacy.ts";
import { datasetOf } from "./values.ts";
import { kerasLayers } from "./weights.ts";
import { writeModel } from "./writeModel.ts";

/** Texts of one attribute: more do not fit the header of a group. */
const textsAtOnce = 2000;

/** The model as the bytes of a legacy `.h5` file. */
export async function modelToLegacy(model: AnyModel): Promise<Uint8Array> {
  const root = emptyGroup();
  root.attributes.set("keras_version", kerasVersion);
  root.attributes.set("backend", "tensorflow");
  const { class_name, config } = writeModel(model, undefined);
  // With the modules that Keras 3 leaves out here: so it reads operations and layers within layers, as it does not its own.
  root.attributes.set("model_config", pythonJson({ class_name, config }));
  await addWeights(groupAt(root, "model_weights"), model);
  const compiled = writeCompiled(model);
  if (compiled !== undefined) {
    const { optimizer, ...training } = compiled as {
      readonly optimizer: { readonly class_name: string; readonly config: object };
    };
    const { class_name: name, config: options } = optimizer;
    root.attributes.set(
      "training_config",
      pythonJson({ ...training, optimizer_config: { class_name: name, config: options } }),
    );
    const state = await stateDatasets(model);
    await addNamed(
      groupAt(root, "optimizer_weights"),
      state,
      (index) => `${model.objective.optimizer.name}/var_${index}`,
    );
  }
  return encodeHdf5(root);
}

/** The weights alone, in the legacy layout. */
export async function weightsToLegacy(model: AnyModel): Promise<Uint8Array> {
  const root = emptyGroup();
  await addWeights(root, model);
  return encodeHdf5(root);
}

async function addWeights(group: GroupSource, model: AnyModel): Promise<void> {
  const layers = kerasLayers(model);
  setNames(
    group,
    "layer_names",
    layers.map(({ name }) => name),
  );
  group.attributes.set("backend", "tensorflow");
  group.attributes.set("keras_version", kerasVersion);
  for (const layer of layers) {
    const variables = legacyVariables(layer);
    const datasets = await Promise.all(variables.map(datasetOf));
    await addNamed(groupAt(group, layer.name), datasets, (index) => pathIn(variables[index]!, layer.name, index));
  }
  setNames(groupAt(group, "top_level_model_weights"), "weight_names", []);
}

/** A name like Keras's, "dense/kernel_0": the number keeps names apart. */
const pathIn = ({ name }: Variable, layer: string, index: number): string =>
  `${layer}/${name.split("/").at(-1)}_${index}`;

async function addNamed(
  group: GroupSource,
  datasets: readonly DatasetSource[],
  nameOf: (index: number) => string,
): Promise<void> {
  const names = datasets.map((_, index) => nameOf(index));
  setNames(group, "weight_names", names);
  datasets.forEach((dataset, index) => {
    const path = names[index]!;
    const at = path.lastIndexOf("/");
    groupAt(group, path.slice(0, at)).datasets.set(path.slice(at + 1), dataset);
  });
}

function setNames(group: GroupSource, name: string, texts: readonly string[]): void {
  if (texts.length <= textsAtOnce) group.attributes.set(name, texts);
  else
    for (let part = 0; part * textsAtOnce < texts.length; part++)
      group.attributes.set(`${name}${part}`, texts.slice(part * textsAtOnce, (part + 1) * textsAtOnce));
}
