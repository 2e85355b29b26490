import assert from "node:assert/strict";
import { test } from "node:test";
import { type Events, on } from "../base/events.ts";
import { build, withScope } from "../graph/index.ts";
import { createWasmDevice } from "./wasm/index.ts";

test("loading a program announces each kernel with the layer that it serves, and whether it was built before", async () => {
  const device = await createWasmDevice({ threads: 1 });
  const x = build.input("x", [19, 23], "f32");
  const sum = withScope("encoder/softmax", () => build.reduce("sum", build.unary("exp", x), [1]));
  const program = { name: "announced", graph: { inputs: [x], outputs: [sum] }, replaces: [undefined] };
  const heard: Events["kernel"][] = [];
  const stop = on("kernel", (event) => heard.push(event));
  const [first, second] = [await device.load(program), await device.load(program)];
  stop();
  const kernels = first.plan!.kernels;
  assert.ok(kernels.length > 0);
  assert.deepEqual(
    heard.map(({ name, scope, cached }) => ({ name, scope, cached })),
    [false, true].flatMap((cached) => kernels.map(({ name }) => ({ name, scope: "encoder/softmax", cached }))),
  );
  assert.ok(heard.every(({ ms }) => ms >= 0));
  first.dispose();
  second.dispose();
  await device.close();
});
