import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { bf16FromBits, bf16ToBits, bytesPerElement, type DType, f16FromBits, f16ToBits } from "chainrule/base";
import type { Plan } from "chainrule/compiler";
import {
  build,
  type Expr,
  type Kernel,
  type KernelBuffer,
  type KernelMemory,
  runKernel,
  type Stmt,
} from "chainrule/kernel";
import { nativeAvailable } from "./device.ts";
import type { NativeDevice } from "./index.ts";

// What the tests of this package share.

const { available, reason } = await nativeAvailable();

/** A test that needs a C compiler: without one it fails where `CI` is set, and is reported as skipped elsewhere. */
export function nativeTest(name: string, body: () => Promise<void>): void {
  const skip = !available && !process.env.CI ? `no native device: ${reason}` : false;
  test(name, { skip }, body);
}

/** A new folder that is gone when the process of the test file ends. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "chainrule-test-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Typed memory of `length` elements; 16-bit floats are their bits. */
export const memoryOf: { readonly [D in DType]: (length: number) => KernelMemory } = {
  f32: (length) => new Float32Array(length),
  f16: (length) => new Uint16Array(length),
  bf16: (length) => new Uint16Array(length),
  i32: (length) => new Int32Array(length),
  u32: (length) => new Uint32Array(length),
  i8: (length) => new Int8Array(length),
  u8: (length) => new Uint8Array(length),
  bool: (length) => new Uint8Array(length),
};

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength); // tests make their memory from ordinary arrays

export const buffer = (name: string, dtype: DType, role: KernelBuffer["role"], elements = 0): KernelBuffer => ({
  name,
  dtype,
  role,
  elements,
});

export const kernelOf = (
  name: string,
  buffers: readonly KernelBuffer[],
  body: readonly Stmt[],
  params: readonly string[] = [],
): Kernel => ({
  name,
  scope: "",
  buffers,
  params,
  body,
  flops: 0,
  bytes: 0,
});

/** `out[i] = value` for `length` elements, where the value may load from the inputs at `i`. */
export function elementwise(
  name: string,
  inputs: readonly DType[],
  output: DType,
  length: number,
  value: (...loads: Expr[]) => Expr,
): Kernel {
  const buffers = inputs.map((dtype, position) => buffer(`x${position}`, dtype, "read"));
  const loads = buffers.map(({ name, dtype }) => build.load(name, build.index("i"), dtype));
  const body = [
    build.forLoop("i", build.int(0), build.int(length), [build.store("out", build.index("i"), value(...loads))], true),
  ];
  return kernelOf(name, [...buffers, buffer("out", output, "write")], body);
}

const scratchOf = (kernel: Kernel): number =>
  kernel.buffers.reduce(
    (sum, { role, elements, dtype }) =>
      sum + (role === "scratch" ? Math.ceil((elements * bytesPerElement[dtype]) / 64) * 64 : 0),
    0,
  );

/** A plan that launches each kernel once; buffer `j` of kernel `k` is the input `slots[k][j]`. */
export function planOf(
  kernels: readonly Kernel[],
  slots: readonly (readonly number[])[],
  { tasks = 1, params = [] }: { readonly tasks?: number; readonly params?: readonly number[] } = {},
): Plan {
  return {
    name: "test",
    kernels,
    steps: kernels.map((_, kernel) => ({
      kind: "launch",
      kernel,
      instances: [
        { bindings: slots[kernel]!.map((slot) => ({ slot: slot + 1, offset: 0, advance: [] })), params, tasks },
      ],
    })),
    inputs: [],
    outputs: [],
    slots: 2 + Math.max(...slots.flat()),
    arenaBytes: 0,
    scratchBytes: Math.max(...kernels.map(scratchOf)),
    taps: [],
  };
}

/** Runs `plan` on the device with the inputs' bytes; gives what the memories hold afterwards. */
export async function runPlan(
  device: NativeDevice,
  plan: Plan,
  memories: readonly KernelMemory[],
): Promise<KernelMemory[]> {
  const buffers = memories.map((memory) => {
    const made = device.allocate(memory.byteLength);
    device.write(made, bytesOf(memory));
    return made;
  });
  const executable = await device.loadPlan(plan);
  executable.run(buffers, []);
  executable.dispose();
  return Promise.all(
    memories.map(async (memory, position) => {
      const copy = memory.slice();
      bytesOf(copy).set(await device.read(buffers[position]!, memory.byteLength));
      return copy;
    }),
  );
}

/** Runs one kernel on the device and in the interpreter of the kernel form: [native, expected] memories. */
export async function both(
  device: NativeDevice,
  kernel: Kernel,
  memories: readonly KernelMemory[],
  { tasks = 1, params = [] }: { readonly tasks?: number; readonly params?: readonly number[] } = {},
): Promise<readonly [KernelMemory[], KernelMemory[]]> {
  const expected = memories.map((memory) => memory.slice());
  runKernel(kernel, expected, params, tasks);
  const plan = planOf([kernel], [memories.map((_, position) => position)], { tasks, params });
  return [await runPlan(device, plan, memories), expected];
}

/** 16-bit floats as their bits, and back. */
export const bitsOf: { readonly [D in DType]?: (value: number) => number } = { f16: f16ToBits, bf16: bf16ToBits };
export const valueOfBits: { readonly [D in DType]?: (bits: number) => number } = {
  f16: f16FromBits,
  bf16: bf16FromBits,
};

/** Numbers agree to `tolerance` (relative), integers exactly. */
export function assertAgree(
  actual: KernelMemory,
  expected: KernelMemory,
  dtype: DType,
  tolerance = 0,
  absolute = 0,
): void {
  const decode = valueOfBits[dtype] ?? Number;
  for (let position = 0; position < expected.length; position++) {
    const [got, want] = [decode(actual[position]!), decode(expected[position]!)];
    const close =
      Object.is(got + 0, want + 0) || Math.abs(got - want) <= Math.max(tolerance * Math.abs(want), absolute);
    assert.ok(close, `element ${position}: ${got} is not ${want}`);
  }
}

/** Distance of 1 and the next f32. */
export const ulp = 2 ** -23;
