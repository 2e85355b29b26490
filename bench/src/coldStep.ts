// A whole program, for W9: `node coldStep.js native|wasm` imports the library, makes W2's model, takes one training step.
import { setDevice, setThreads } from "chainrule";

setThreads(Number(process.env["BENCH_THREADS"] ?? 2));
await setDevice(process.argv[2] ?? "automatic");
const { W2 } = await import("./workloads/mlp.ts");
const step = await W2.cases[0]!.prepare();
await step();
process.stdout.write("done\n", () => process.exit(0));
