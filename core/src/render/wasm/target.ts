import type { Target } from "../target.ts";
import { FunctionWriter, ModuleWriter } from "./assembler.ts";
import { engine } from "./engine.ts";

/** What the compiler must know of WebAssembly on the usual 64-bit machine. */
export const wasmTarget = ({ threads, relaxed }: { readonly threads: number; readonly relaxed: boolean }): Target => ({
  name: "wasm",
  vectorLanes: 4,
  vectorRegisters: 16,
  fusedMultiplyAdd: relaxed,
  threads,
  // Eight sums, a column of four and a vector: what V8 keeps in sixteen registers, one of which is its own.
  tile: { rows: 4, columns: 8 },
  depthBlock: 256,
  rowBlock: 96,
  columnBlock: 256,
  // Deep and wide: the left operand is copied, and the result added to, less often; panels stream well from far caches.
  largeBlocks: { depthBlock: 512, rowBlock: 128, columnBlock: 1024 },
  elementsPerTask: 16384,
});

/** True when this engine knows relaxed multiply-add. */
export function relaxedSupported(): boolean {
  const writer = new FunctionWriter(["v128"], ["v128"]);
  writer.get(0).get(0).get(0).op("f32x4.relaxed_madd");
  const module = new ModuleWriter();
  module.add("probe", writer);
  return engine?.validate(module.finish({ shared: false, minimum: 0, maximum: 1 })) ?? false;
}
