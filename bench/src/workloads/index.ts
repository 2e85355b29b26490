import { W3 } from "./convnet.ts";
import { W8 } from "./elementwise.ts";
import { W5 } from "./gpt.ts";
import { W6 } from "./lstm.ts";
import { W1 } from "./matmul.ts";
import { W2 } from "./mlp.ts";
import { W4 } from "./resnet.ts";
import { W7 } from "./single.ts";
import type { Case, Workload } from "./workload.ts";

/** The workloads that a kept process repeats; W9 is about starting one, and has its own way. */
export const workloads = { W1, W2, W3, W4, W5, W6, W7, W8 } as const satisfies Record<string, Workload>;
export type WorkloadName = keyof typeof workloads | "W9";
export const workloadNames: readonly WorkloadName[] = ["W1", "W2", "W3", "W4", "W5", "W6", "W7", "W8", "W9"];

/** The case of that name. */
export function caseNamed(name: string): Case {
  for (const workload of Object.values<Workload>(workloads)) {
    const found = workload.cases.find((each) => each.name === name);
    if (found !== undefined) return found;
  }
  throw new Error(`no case is named ${name}`);
}
