// A page that trains with three kinds of layers: what such a page has to load is bounded by a test.
import { sequential, setDevice } from "chainrule";
import * as layers from "chainrule/layers";

await setDevice("wasm");
const network = sequential([
  layers.input([2]),
  layers.dense(16, { activation: "relu" }),
  layers.dropout(0.1),
  layers.batchNormalization(),
  layers.dense(1),
]);
network.compile({ optimizer: "adam", loss: "mse" });
// biome-ignore format: four points
await network.fit({ x: [[0, 0], [0, 1], [1, 0], [1, 1]], y: [[0], [1], [1], [0]] }, { epochs: 20, verbose: "silent" });
console.log(await (await network.predict([[0, 1]])).array());
