import assert from "node:assert/strict";
import { after, test } from "node:test";
import { add, forLoop, index, int, load, mul, product, store, sub } from "../../kernel/build.ts";
import type { Expr, KernelBuffer } from "../../kernel/ir.ts";
import { ModuleWriter } from "../../render/wasm/assembler.ts";
import { requireEngine } from "../../render/wasm/engine.ts";
import { kernelFunction } from "../../render/wasm/kernel.ts";
import { Library } from "../../render/wasm/library.ts";
import { conform } from "../conformance.ts";
import { createWasmDevice, type WasmOptions } from "./index.ts";

const device = await createWasmDevice({ threads: 2, relaxed: true });
after(() => device.close());
console.log(conform(device, (name, body) => test(`${name}, fused multiply-add`, body)));

test("products fuse by default, unless the option or CHAINRULE_RELAXED says no", async () => {
  const fuses = async (options: WasmOptions): Promise<boolean> => {
    const made = await createWasmDevice({ threads: 1, sharing: "none", ...options });
    await made.close();
    return made.target.fusedMultiplyAdd;
  };
  assert.deepEqual([await fuses({}), await fuses({ relaxed: false })], [true, false]);
  process.env["CHAINRULE_RELAXED"] = "0";
  assert.deepEqual([await fuses({}), await fuses({ relaxed: true })], [false, true]);
  delete process.env["CHAINRULE_RELAXED"];
});

/** z[i] = value for i < 7: four lanes, and three iterations that are left over; or all one by one. */
function compute(value: (x: Expr, y: Expr) => Expr, vector: boolean, x: number, y: number): number[] {
  const buffers: readonly KernelBuffer[] = (["x", "y", "z"] as const).map((name) => ({
    name,
    dtype: "f32",
    role: name === "z" ? "write" : "read",
    elements: 0,
  }));
  const i = index("i");
  const body = [forLoop("i", int(0), int(7), [store("z", i, value(load("x", i, "f32"), load("y", i, "f32")))], vector)];
  const module = new ModuleWriter();
  const kernel = { name: "kernel", scope: "", buffers, params: [], body, flops: 0, bytes: 0 };
  module.export("kernel", module.add("kernel", kernelFunction(kernel, new Library(module, true))));
  const engine = requireEngine();
  const memory = new engine.Memory({ initial: 1, maximum: 1, shared: false });
  const bytes = module.finish({ shared: false, minimum: 1, maximum: 1 });
  const code = new engine.Module(bytes);
  const view = new Float32Array(memory.buffer);
  view.fill(x, 0, 16).fill(y, 16, 32);
  new engine.Instance(code, { host: { memory } }).exports["kernel"]!(0, 64, 128, 0, 0);
  return [...view.subarray(32, 39)];
}

test("a product rounds with its sum, in lanes, in what they leave over and alone; other operations round for themselves", () => {
  // x² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last bit f32 does not have; y is the rest of it.
  const [x, y, last] = [1 + 2 ** -12, 1 + 2 ** -11, 2 ** -24];
  const seven = (value: number): number[] => Array<number>(7).fill(value);
  for (const vector of [true, false]) {
    assert.deepEqual(
      compute((a, b) => sub(product(a, a), b), vector, x, y),
      seven(last),
    );
    assert.deepEqual(
      compute((a, b) => sub(b, product(a, a)), vector, x, y),
      seven(-last),
    );
    assert.deepEqual(
      compute((a, b) => add(product(a, a), b), vector, x, -y),
      seven(last),
    );
    assert.deepEqual(
      compute((a, b) => sub(mul(a, a), b), vector, x, y),
      seven(0),
    );
  }
});
