import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { setDevice } from "chainrule/tensor";
// Tests are in no package's public interface.
import { orderLaws } from "../../core/dist/order.test.body.js";
import { createNativeDevice } from "./index.ts";
import { nativeTest } from "./testing.ts";

for (const handOver of ["long", "all"] as const) {
  for (const { name, holds } of orderLaws) {
    nativeTest(`native, ${handOver} programs on threads: ${name}`, async () => {
      const device = await createNativeDevice({ threads: 2, handOver });
      await holds(device);
      await setDevice("reference");
      await device.close();
    });
  }
}

const chainrule = import.meta.resolve("chainrule");
const native = import.meta.resolve("@chainrule/native");

/** What a program prints that has a long run under way; \`end\` is how it ends. */
async function printed(end: string): Promise<string> {
  const source = `
    import { jit, scan, setDevice, tensor } from ${JSON.stringify(chainrule)};
    import { createNativeDevice } from ${JSON.stringify(native)};
    await setDevice(await createNativeDevice({ threads: 2, handOver: "all" }));
    const slow = jit((x) => scan((carry) => ({ carry: carry.sin().add(1), out: undefined }), x, undefined, { length: 2000 }).carry);
    const x = tensor(new Float32Array(20000));
    await slow(x).data();
    for (let round = 0; round < 20; round++) slow(x);
    ${end}`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source], {
    timeout: 60_000,
  });
  return stdout.trim();
}

nativeTest("a process may end while programs are under way, and waits for what is read", async () => {
  assert.equal(await printed("console.log('pushed');"), "pushed");
  assert.equal(await printed("console.log('pushed'); process.exit(0);"), "pushed");
  assert.equal(await printed("slow(x).data().then(() => console.log('read'));"), "read");
});

nativeTest("threads that have nothing to do use no processor", async () => {
  const source = `
    import { jit, setDevice, tensor } from ${JSON.stringify(chainrule)};
    import { createNativeDevice } from ${JSON.stringify(native)};
    await setDevice(await createNativeDevice({ threads: 3, handOver: "all" }));
    const step = jit((x) => x.matmul(x));
    const x = tensor(new Float32Array(300 * 300), { shape: [300, 300] });
    for (let round = 0; round < 10; round++) await step(x).data();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", source]);
  // Milliseconds of processor time in a second: one thread that spins has a thousand, or hundreds on a busy machine.
  assert.ok(Number(stdout) < 100, stdout);
});

test("the number of threads is changed while programs are under way", async () => {
  const { setThreads, jit, tensor } = await import("chainrule/tensor");
  await setDevice("automatic");
  const square = jit((x: import("chainrule/tensor").Tensor) => x.matmul(x).add(1));
  const x = tensor(new Float32Array(200 * 200).fill(0.01), { shape: [200, 200] });
  const expected = await square(x).data();
  const found: Promise<unknown>[] = [];
  for (const threads of [1, 2, 3, 1]) {
    for (let round = 0; round < 5; round++) found.push(square(x).data());
    setThreads(threads);
    found.push(square(x).data());
  }
  for (const values of await Promise.all(found)) assert.deepEqual(values, expected);
});
