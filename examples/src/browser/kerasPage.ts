// A page that is given a file of Keras: without and with what reads and writes such files.
import { loadModel, modelToFormat, sequential, setDevice, tensor } from "chainrule";
import * as keras from "chainrule/keras";
import * as layers from "chainrule/layers";

await setDevice("reference");
const model = sequential([layers.input([2]), layers.dense(1)]);
const x = tensor([[1, 2]]);
const told = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const bytes = await modelToFormat(model, "keras", { keras });
export const refusals: readonly string[] = await Promise.all([
  modelToFormat(model, "keras").then(String, told),
  loadModel(bytes).then(String, told),
  model.loadWeights(bytes).then(String, told),
]);
const loaded = await loadModel(bytes, { keras });
await model.loadWeights(bytes, { keras });
export const results: readonly number[] = [
  await (await model.predict<typeof x>(x)).item(),
  await (await loaded.predict<typeof x>(x)).item(),
];
