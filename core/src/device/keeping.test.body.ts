import assert from "node:assert/strict";
import { build, type Node } from "../graph/index.ts";
import type { Program } from "../kernel/plan.ts";
import type { Device, DeviceBuffer, Executable } from "./device.ts";

const size = 96;
const bytes = 4 * size * size;

/** x·w, with weights that are packed, and a scale that is computed from variables alone. */
export function predicting(steady: readonly number[]): Program {
  const names = ["x", "w", "scale"];
  const inputs = names.map((name) => build.input(name, [size, size], "f32"));
  const [x, w, scale] = inputs as [Node<"input">, Node<"input">, Node<"input">]; // as many as names
  const product = build.contract(x, w, { a: ["i", "k"], b: ["k", "j"], out: ["i", "j"] });
  const total = build.reduce("sum", build.binary("mul", scale, scale), [0]);
  const row = build.expand(build.reshape(total, [1, size]), [size, size]);
  return {
    name: "predict",
    graph: { inputs, outputs: [build.binary("mul", product, row)] },
    replaces: [undefined],
    steady,
  };
}

const doubling = (): Program => {
  const w = build.input("w", [size, size], "f32");
  return { name: "double", graph: { inputs: [w], outputs: [build.binary("add", w, w)] }, replaces: [0] };
};

const filled = (seed: number): Uint8Array =>
  new Uint8Array(Float32Array.from({ length: size * size }, (_, i) => Math.sin(seed + i * 0.7)).buffer);

/** Whatever changes the weights between runs, results are those of a program that keeps nothing. */
export async function checkKeeping(device: Device): Promise<void> {
  const keeping = await device.load(predicting([1, 2]));
  const plain = await device.load(predicting([]));
  const update = await device.load(doubling());
  const buffer = (seed: number): DeviceBuffer => {
    const made = device.allocate(bytes);
    device.write(made, filled(seed));
    return made;
  };
  const result = async (executable: Executable, given: readonly DeviceBuffer[]): Promise<Uint8Array> => {
    const out = device.allocate(bytes);
    executable.run(given, [out]);
    const found = await device.read(out, bytes);
    device.free(out);
    return found;
  };
  const [x, w, other, scale] = [buffer(1), buffer(2), buffer(3), buffer(4)];
  let last: Uint8Array | undefined;
  const check = async (what: string, given: readonly DeviceBuffer[], changes = true): Promise<void> => {
    const found = await result(keeping, given);
    assert.deepEqual(found, await result(plain, given), what);
    if (last !== undefined) assert.equal(Buffer.compare(found, last) !== 0, changes, `${what}: the result differs`);
    last = found;
  };
  await check("the first run", [x, w, scale]);
  await check("the same again", [x, w, scale], false);
  device.write(x, filled(5));
  await check("another batch", [x, w, scale]);
  await check("other weights", [x, other, scale]);
  await check("the first weights again", [x, w, scale]);
  device.write(w, filled(6));
  await check("weights written to", [x, w, scale]);
  device.copy(other, w, bytes);
  await check("weights copied to", [x, w, scale]);
  update.run([w], []);
  await check("weights that a program updated", [x, w, scale]);
  // Handed over together: each run meets the weights of its turn.
  const outs = [0, 1, 2].map(() => device.allocate(bytes));
  for (const out of outs) {
    keeping.run([x, w, scale], [out]);
    update.run([w], []);
  }
  const [one, two, four] = await Promise.all(
    outs.map(async (out) => new Float32Array((await device.read(out, bytes)).slice().buffer)),
  );
  for (const i of [0, 100, size * size - 1]) {
    assert.equal(two![i], 2 * one![i]!);
    assert.equal(four![i], 4 * one![i]!);
  }
  for (const executable of [keeping, plain, update]) executable.dispose();
}
