// A training on WebAssembly in a worker of the browser: points in the plane, whose class is the side of a circle. worker.test.ts bundles it.
import { type Port, portRecording } from "@chainrule/studio/browser";
import { layers, sequential } from "chainrule";
import { NdArray, uniformSource } from "chainrule/data";

interface Scope {
  onmessage: ((event: { readonly data: unknown; readonly ports: readonly Port[] }) => void) | null;
}
/** What a worker has of `self`. */
const scope = globalThis as unknown as Scope;

const examples = 512;
/** So many that no machine comes to their end while the test looks: it is stopped. */
const epochs = 1_000_000;

scope.onmessage = async ({ ports: [port] }) => {
  if (port === undefined) return;
  const uniform = uniformSource(3);
  const x = Float32Array.from({ length: 2 * examples }, () => 2 * uniform() - 1);
  const y = Float32Array.from({ length: examples }, (_, at) => Number(Math.hypot(x[2 * at]!, x[2 * at + 1]!) < 0.7));
  const model = sequential(
    [
      layers.input([2]),
      layers.dense(6, { activation: "tanh", name: "hidden" }),
      layers.dense(1, { activation: "sigmoid", name: "output" }),
    ],
    { name: "plane" },
  );
  model.compile({ optimizer: "adam", loss: "binaryCrossentropy", metrics: ["accuracy"] });
  await model.fit(
    { x: new NdArray(x, [examples, 2]), y: new NdArray(y, [examples, 1]) },
    { epochs, batchSize: 32, verbose: "silent", recording: portRecording(port, { name: "in-the-browser" }) },
  );
};
