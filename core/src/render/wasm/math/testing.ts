import { FunctionWriter, ModuleWriter } from "../assembler.ts";
import { requireEngine } from "../engine.ts";
import type { Width } from "../lanes.ts";
import { Library } from "../library.ts";
import { type MathName, mathFunctions } from "./functions.ts";

const capacity = 16384;

/** For tests: a function over arrays: the WebAssembly function applied to every element (width 1) or every four (width 4). */
export function instantiate(
  name: MathName,
  width: Width,
  relaxed = false,
): (...inputs: ArrayLike<number>[]) => Float32Array {
  const { params, result } = mathFunctions[name];
  const module = new ModuleWriter();
  const library = new Library(module, relaxed);
  const index = library.math(name, width);
  const writer = new FunctionWriter(["i32"]);
  const position = writer.local("i32");
  const load = (kind: "f32" | "i32") => (width === 4 ? "v128.load" : kind === "f32" ? "f32.load" : "i32.load");
  writer
    .i32(0)
    .set(position)
    .loop((again) => {
      writer.get(position);
      for (const [slot, kind] of params.entries()) writer.get(position).memory(load(kind), (slot + 1) * capacity * 4);
      writer.call(index).memory(width === 4 ? "v128.store" : result === "f32" ? "f32.store" : "i32.store", 0);
      writer
        .get(position)
        .i32(4 * width)
        .op("i32.add")
        .tee(position)
        .get(0)
        .op("i32.lt_u")
        .branchIf(again);
    });
  module.export("apply", module.add("apply", writer));
  const bytes = module.finish({ shared: false, minimum: 1, maximum: 65536 });
  const engine = requireEngine();
  const memory = new engine.Memory({ initial: 8, maximum: 8, shared: false });
  const instance = new engine.Instance(new engine.Module(bytes), { host: { memory } });
  return (...inputs) => {
    const count = inputs[0]!.length;
    const out = new Float32Array(count);
    const outBits = new Uint32Array(out.buffer);
    for (let from = 0; from < count; from += capacity) {
      const size = Math.min(capacity, count - from);
      inputs.forEach((input, slot) => {
        const view =
          params[slot] === "f32"
            ? new Float32Array(memory.buffer, (slot + 1) * capacity * 4, size)
            : new Int32Array(memory.buffer, (slot + 1) * capacity * 4, size);
        for (let i = 0; i < size; i++) view[i] = input[from + i]!;
      });
      instance.exports["apply"]!(size * 4);
      outBits.set(new Uint32Array(memory.buffer, 0, size), from);
    }
    return out;
  };
}
