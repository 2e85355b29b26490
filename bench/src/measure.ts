import { setTimeout as delay } from "node:timers/promises";
import { Child, Unsupported } from "./child.ts";
import type { Progress } from "./progress.ts";
import { best, median } from "./statistics.ts";
import type { System } from "./systems.ts";
import { formatNumber, type Result } from "./table.ts";
import { type Case, inUnit, type Workload } from "./workloads/workload.ts";

export interface MeasureOptions {
  readonly threads: number;
  readonly quick: boolean;
}

/** Seconds that a system computes before it is the next one's turn. */
const secondsPerTurn = { quick: 0.1, thorough: 0.6 } as const;
const rounds = { quick: 2, thorough: 7 } as const;
/** The machine cools down between turns, and whoever was stopped has really stopped. */
const pauseMs = { quick: 20, thorough: 150 } as const;

/** One system, ready for one case. */
interface Runner {
  readonly system: System;
  readonly child: Child;
  readonly device: string;
  readonly threads: number;
  readonly calls: number;
  readonly values: number[];
}

/** All systems at all cases of a workload. */
export async function measureWorkload(
  workload: Workload,
  systems: readonly System[],
  options: MeasureOptions,
  progress: Progress,
): Promise<Result[]> {
  const results: Result[] = [];
  const kept = new Map<System, Child>();
  try {
    for (const each of workload.cases) {
      const measured = await measureCase(each, systems, kept, options, progress);
      // A process that has had several cases cannot tell which one its peak is of.
      results.push(...(workload.together ? measured.map((result) => ({ ...result, peakBytes: null })) : measured));
      if (!workload.together) closeAll(kept);
    }
  } finally {
    closeAll(kept);
  }
  return results;
}

function closeAll(children: Map<System, Child>): void {
  for (const child of children.values()) child.close();
  children.clear();
}

/**
 * Round after round, each system has a turn: A B C, C B A, … A slow moment of the machine meets all of them. Whose turn it is
 * not is stopped by a signal: thread pools that spin, timers and garbage collectors would take the other's time.
 */
async function measureCase(
  each: Case,
  systems: readonly System[],
  kept: Map<System, Child>,
  options: MeasureOptions,
  progress: Progress,
): Promise<Result[]> {
  const pace = options.quick ? "quick" : "thorough";
  let runners: Runner[] = [];
  for (const system of systems) {
    progress.status(`${each.name}: ${system.label} prepares`);
    const runner = await attempt(each, system, kept, progress, async (child) => {
      const { seconds, ...used } = await child.prepare(each.name, options);
      const calls = Math.max(1, Math.round(secondsPerTurn[pace] / seconds));
      return { system, child, ...used, calls, values: [] };
    });
    if (runner !== undefined) runners.push(runner);
  }
  for (let round = 1; round <= rounds[pace]; round++) {
    const failed = new Set<Runner>();
    for (const { child } of runners) child.stop();
    for (const runner of round % 2 === 1 ? runners : runners.toReversed()) {
      const { system, calls, values } = runner;
      const seconds = await attempt(each, system, kept, progress, async (child) => {
        await delay(pauseMs[pace]);
        child.goOn();
        return child.run(each.name, calls).finally(() => child.stop());
      });
      if (seconds === undefined) {
        failed.add(runner);
        continue;
      }
      values.push(inUnit(each, seconds));
      progress.status(
        `${each.name}: round ${round} of ${rounds[pace]}, ${system.label} ${formatNumber(values.at(-1)!)} ${each.unit}`,
      );
    }
    for (const { child } of runners) child.goOn();
    runners = runners.filter((runner) => !failed.has(runner));
  }
  const results = runners.map((runner) => resultOf(each, runner));
  for (const { system } of runners) await attempt(each, system, kept, progress, (child) => child.drop(each.name));
  progress.line(
    `${each.name}: ${results.map(({ system, device, median: value }) => `${system} ${device} ${formatNumber(value)}`).join(", ")} ${each.unit}`,
  );
  return results;
}

const resultOf = ({ name, unit }: Case, { system, child, device, threads, values }: Runner): Result => ({
  workload: name,
  system: system.name,
  version: system.version,
  device,
  threads,
  unit,
  median: median(values),
  best: best(unit, values),
  runs: values,
  peakBytes: child.peakBytes(),
});

/** A worker of the system; where there are several ways to start one, the fastest at this case. */
async function start(each: Case, { command, alternatives = [] }: System, threads: number): Promise<Child> {
  if (alternatives.length === 0) return Child.start(command);
  let fastest: { readonly child: Child; readonly seconds: number } | undefined;
  for (const one of [command, ...alternatives]) {
    const child = await Child.start(one);
    try {
      const { seconds } = await child.prepare(each.name, { threads, quick: true });
      await child.drop(each.name);
      const slower = fastest === undefined || seconds < fastest.seconds ? fastest?.child : child;
      if (slower !== child) fastest = { child, seconds };
      slower?.close();
    } catch (error) {
      child.close();
      fastest?.child.close();
      throw error;
    }
  }
  return fastest!.child; // there is at least one way
}

/** Does `work` with the system's worker, which is started when there is none. A failure is told, and costs only this case. */
async function attempt<T>(
  each: Case,
  system: System,
  kept: Map<System, Child>,
  progress: Progress,
  work: (child: Child) => Promise<T>,
): Promise<T | undefined> {
  try {
    const child = kept.get(system) ?? (await start(each, system, Number(process.env["BENCH_THREADS"] ?? 2)));
    kept.set(system, child);
    return await work(child);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof Unsupported) progress.line(`${each.name}: ${system.label} is left out: ${error.message}`);
    else {
      progress.line(`${each.name}: ${system.label} failed: ${error.message}`);
      kept.get(system)?.close();
      kept.delete(system);
    }
    return undefined;
  }
}
