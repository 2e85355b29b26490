import { type AllocationLog, type MemoryOwner, type MemoryReport, memoryOwners, type Spans } from "chainrule/record";
import type { RunLog } from "./runLog.ts";
import { type At, lastAt, spread } from "./search.ts";

/** All launches of one kernel in the spans that were recorded. */
export interface KernelTotal {
  readonly name: string;
  readonly layer: string;
  readonly ms: number;
  readonly count: number;
  readonly share: number;
  /** 0 where nothing is multiplied. */
  readonly multiplyAdds: number;
}

export interface SpansNow extends At<Spans> {
  /** Slowest first. */
  readonly kernels: readonly KernelTotal[];
}

/** The spans that were the last ones at `step`, or the first ones after it. */
export function spansAt(log: RunLog, step: number): SpansNow | undefined {
  const found = lastAt(log.spans, step) ?? log.spans[0];
  if (found === undefined) return undefined;
  const totals = new Map<string, { -readonly [K in keyof KernelTotal]: KernelTotal[K] }>();
  let sum = 0;
  for (const { level, name, layer = "", ms, count = 1, multiplyAdds = 0 } of found.value.spans) {
    if (level !== "kernel") continue;
    const key = `${name} ${layer}`;
    const total = totals.get(key) ?? { name, layer, ms: 0, count: 0, share: 0, multiplyAdds: 0 };
    total.ms += ms;
    total.count += count;
    total.multiplyAdds += multiplyAdds;
    sum += ms;
    totals.set(key, total);
  }
  const kernels = [...totals.values()]
    .sort((a, b) => b.ms - a.ms)
    .map((total) => ({ ...total, share: total.ms / sum }));
  return { ...found, kernels };
}

export interface MemoryNow {
  readonly step: number;
  readonly report: MemoryReport;
  readonly owners: readonly MemoryOwner[];
  /** Bytes of each owner over the run, [owner][point]. */
  readonly steps: readonly number[];
  readonly history: readonly (readonly number[])[];
  /** What the allocator did, and the results of a step: as they were told last. */
  readonly log: At<AllocationLog> | undefined;
  readonly results: At<NonNullable<MemoryReport["results"]>> | undefined;
}

/** What lay in memory at `step`, and how it came to that. */
export function memoryAt(log: RunLog, step: number): MemoryNow | undefined {
  const found = lastAt(log.memory, step) ?? log.memory[0];
  if (found === undefined) return undefined;
  const owners = memoryOwners.filter((owner) => log.memory.some(({ value }) => (value.owners[owner] ?? 0) > 0));
  const points = spread(log.memory, 400);
  const history = owners.map((owner) => points.map(({ value }) => value.owners[owner] ?? 0));
  const toldLast = <T>(of: (report: MemoryReport) => T | undefined): At<T> | undefined => {
    const told = log.memory.flatMap(({ step: at, value }) => {
      const part = of(value);
      return part === undefined ? [] : [{ step: at, value: part }];
    });
    return lastAt(told, step) ?? told[0];
  };
  return {
    step: found.step,
    report: found.value,
    owners,
    steps: points.map((point) => point.step),
    history,
    log: toldLast(({ allocations }) => ((allocations?.events.length ?? 0) > 0 ? allocations : undefined)),
    results: toldLast(({ results }) => results),
  };
}
