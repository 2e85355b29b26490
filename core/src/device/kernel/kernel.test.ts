import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "../../base/errors.ts";
import { on } from "../../base/events.ts";
import { constant, expand, input, reshape, tap, unary } from "../../graph/build.ts";
import { createKernelDevice } from "./index.ts";

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

test("buffers are written, copied and read; freed ones are refused", async () => {
  const device = createKernelDevice();
  const [from, to] = [device.allocate(8), device.allocate(8)];
  device.write(from, floats(1, 2));
  device.copy(from, to, 8);
  assert.deepEqual(await device.read(to, 8), floats(1, 2));
  assert.deepEqual(device.memory(), { bytes: 16, peakBytes: 16 });
  device.free(from);
  assert.throws(() => device.free(from), InternalError);
  assert.throws(() => device.write(from, floats(1)), /freed buffer/);
  await device.close();
  assert.throws(() => device.allocate(1), /closed/);
});

test("a program runs as often as one likes, on other buffers each time", async () => {
  const device = createKernelDevice();
  const x = input("x", [2], "f32");
  const executable = await device.load({
    name: "negate",
    graph: { inputs: [x], outputs: [unary("neg", x)] },
    replaces: [undefined],
  });
  for (const value of [1, 2, 3]) {
    const [given, result] = [device.allocate(8), device.allocate(8)];
    device.write(given, floats(value, -value));
    executable.run([given], [result]);
    assert.deepEqual(await device.read(result, 8), floats(-value, value));
  }
});

test("taps that are heard are outputs beyond the program's own", async () => {
  const device = createKernelDevice();
  const x = input("x", [2], "f32");
  const seen = tap(unary("neg", x), "middle");
  const stop = on("tap", () => {});
  const program = {
    name: "tapped",
    graph: { inputs: [x], outputs: [unary("neg", seen), expand(reshape(constant(7), [1]), [2])] },
    replaces: [undefined, undefined],
  };
  const executable = await device.load(program);
  stop();
  assert.deepEqual(executable.plan!.taps, [{ name: "middle", output: 2 }]);
  const buffers = [device.allocate(8), device.allocate(8), device.allocate(8), device.allocate(8)];
  device.write(buffers[0]!, floats(1, 2));
  executable.run([buffers[0]!], buffers.slice(1));
  assert.deepEqual(await device.read(buffers[3]!, 8), floats(-1, -2));
  assert.deepEqual(await device.read(buffers[1]!, 8), floats(1, 2));
});
