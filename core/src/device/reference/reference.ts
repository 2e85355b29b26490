import type { Program } from "../../kernel/plan.ts";
import { fromBytes, interpret, toBytes } from "../../reference/index.ts";
import type { Device, Executable } from "../device.ts";
import { type HostMemory, hostMemory } from "../hostMemory.ts";

/** A device that runs the meaning of each primitive, in f64, one after the other: slow, and the oracle of all others. */
export function createReferenceDevice(): Device {
  const { dataOf, ...memory } = hostMemory("reference");
  return {
    ...memory,
    name: "reference",
    description: "interpreter, f64",
    threads: 1,
    load: async (program) => executable(program, dataOf),
    loadSync: (program) => executable(program, dataOf),
  };
}

function executable({ graph, replaces }: Program, dataOf: HostMemory["dataOf"]): Executable {
  return {
    plan: undefined,
    compileMs: 0,
    arenaBytes: 0,
    dispose() {},
    run(inputs, outputs) {
      const given = graph.inputs.map(({ shape, dtype }, index) => fromBytes(dataOf(inputs[index]!), shape, dtype));
      const results = interpret(graph, given);
      // All results exist before the first buffer is overwritten.
      let fresh = 0;
      replaces.forEach((replaced, index) => {
        const buffer = replaced === undefined ? outputs[fresh++]! : inputs[replaced]!;
        dataOf(buffer).set(toBytes(results[index]!));
      });
    },
  };
}
