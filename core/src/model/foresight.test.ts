import assert from "node:assert/strict";
import { test } from "node:test";
import { createReferenceDevice } from "../device/index.ts";
import { layers } from "../nn/index.ts";
import { setDevice, tensor } from "../tensor/index.ts";
import { sequential } from "./sequential.ts";

test("what the first epoch will need is compiled while its first steps run", async () => {
  const events: string[] = [];
  const reference = createReferenceDevice();
  await setDevice({
    ...reference,
    async load(program) {
      const executable = await reference.load(program);
      // The rows of the batch tell one program of a step from another.
      const rows = program.graph.inputs.map(({ shape }) => shape[0]).find((size) => [7, 4, 3].includes(size ?? 0));
      if (!program.name.includes("/")) return executable;
      const name = `${program.name.split("/").at(-1)} ${rows}`;
      events.push(`load ${name}`);
      return {
        ...executable,
        run: (...given) => {
          events.push(name);
          executable.run(...given);
        },
      };
    },
  });
  const model = sequential([layers.dense(1)]);
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  const [x, y] = [tensor(new Float32Array(48), { shape: [24, 2] }), tensor(new Float32Array(24), { shape: [24, 1] })];
  await model.fit(x, y, {
    batchSize: 7,
    epochs: 2,
    validationData: { x: x.slice([{ stop: 11 }]), y: y.slice([{ stop: 11 }]) },
    verbose: "silent",
  });
  const steps = events.filter((event) => !event.startsWith("load"));
  const epoch = ["train 7", "train 7", "train 7", "train 3", "test 7", "test 4"];
  assert.deepEqual(steps, [...epoch, ...epoch]);
  const loads = ["load train 7", "load train 3", "load test 7", "load test 4"];
  assert.deepEqual(
    events.filter((event) => event.startsWith("load")),
    loads,
  );
  // Before the second step runs, all compilations have begun.
  assert.ok(events.indexOf("load test 4") < events.indexOf("train 3"), events.join(", "));
});
