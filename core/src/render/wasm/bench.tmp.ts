import { FunctionWriter, ModuleWriter } from "./assembler.ts";
import { requireEngine } from "./engine.ts";
import { tileFunction } from "./tile.ts";
const relaxed = process.argv[2] === "relaxed";
const engine = requireEngine();
for (const [rows, columns] of [[6, 8], [5, 8], [4, 8], [4, 12], [3, 12], [3, 16], [2, 16], [8,4], [12,4], [8,8]] as const) {
  const module = new ModuleWriter();
  const tile = module.add("tile", tileFunction({ rows, columns, pitch: 64, accumulate: true }, relaxed));
  const f = new FunctionWriter(["i32", "i32"]);
  f.loop((again) => {
    f.i32(1024).i32(20480).i32(65536).get(1).call(tile);
    f.get(0).i32(1).op("i32.sub").tee(0).branchIf(again);
  });
  module.export("go", module.add("go", f));
  const bytes = module.finish({ shared: false, minimum: 1, maximum: 16 });
  const memory = new engine.Memory({ initial: 16, maximum: 16, shared: false });
  const go = new engine.Instance(new engine.Module(bytes), { host: { memory } }).exports["go"]!;
  for (let i = 0; i < 30; i++) go(2000, 256);
  await new Promise((r) => setTimeout(r, 100));
  let best = 0;
  for (let i = 0; i < 12; i++) {
    const t = performance.now(); go(4000, 256); const s = (performance.now() - t) / 1e3;
    best = Math.max(best, (4000 * 256 * rows * columns * 2) / s / 1e9);
  }
  console.log(`${rows}x${columns}`, best.toFixed(1), "GFLOP/s");
}
