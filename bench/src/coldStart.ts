import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "./child.ts";
import type { MeasureOptions } from "./measure.ts";
import type { Progress } from "./progress.ts";
import { best, median } from "./statistics.ts";
import type { System } from "./systems.ts";
import { formatNumber, ours, type Result } from "./table.ts";

const millisecondsAtMost = 120_000;

/** Seconds from starting the process to the line that it writes after the first training step. */
function secondsToFirstStep({ program, args }: Command, env: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    let seconds: number | undefined;
    let words = "";
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
      timeout: millisecondsAtMost,
    });
    child.stdout.on("data", (data: Buffer) => {
      if (/^done$/m.test(data.toString())) seconds ??= (performance.now() - began) / 1000;
    });
    child.stderr.on("data", (data: Buffer) => {
      words = (words + data.toString()).slice(-1000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (seconds !== undefined) resolve(seconds);
      else reject(new Error(`ended with ${code} before the first step: ${words.trim().split("\n").at(-1)}`));
    });
  });
}

/** A system that starts, with nothing kept from before ("cold") or with its caches filled ("warm"). */
interface Starter {
  readonly workload: "W9 cold start" | "W9 warm start";
  readonly system: System;
  readonly env: (round: number) => Readonly<Record<string, string>>;
  readonly runs: number[];
}

/** Process start → import → W2's model → one training step. Peers have no kernel cache: they start once a round, as "cold". */
export async function measureStarts(
  systems: readonly System[],
  { threads, quick }: MeasureOptions,
  progress: Progress,
): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "chainrule-bench-"));
  const starter = (workload: Starter["workload"], system: System, cache: (round: number) => string): Starter => ({
    workload,
    system,
    env: (round) => ({
      CHAINRULE_CACHE: join(folder, `${system.label} ${cache(round)}`),
      BENCH_THREADS: String(threads),
    }),
    runs: [],
  });
  const starters = systems
    .filter(({ cold }) => cold !== undefined)
    .flatMap((system) => [
      starter("W9 cold start", system, String),
      ...(system.name === ours ? [starter("W9 warm start", system, () => "kept")] : []),
    ]);
  const failed = new Set<Starter>();
  try {
    // The first round fills the caches that are kept, and the system's file cache; it does not count.
    for (let round = 0; round <= (quick ? 2 : 5); round++) {
      for (const starter of starters) {
        const { workload, system, runs } = starter;
        if (failed.has(starter)) continue;
        progress.status(`${workload}: round ${round}, ${system.label}`);
        try {
          const seconds = await secondsToFirstStep(system.cold!, starter.env(round));
          if (round > 0) runs.push(seconds);
        } catch (error) {
          failed.add(starter);
          progress.line(
            `${workload}: ${system.label} failed: ${error instanceof Error ? error.message : String(error)}`,
          );
        }
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const results = starters
    .filter((starter) => !failed.has(starter))
    .map(
      ({ workload, system, runs }): Result => ({
        workload,
        system: system.name,
        version: system.version,
        device: system.device,
        threads,
        unit: "s",
        median: median(runs),
        best: best("s", runs),
        runs,
        peakBytes: null,
      }),
    );
  for (const { workload, system, device, median: value } of results)
    progress.line(`${workload}: ${system} ${device} ${formatNumber(value)} s`);
  return results.sort((a, b) => a.workload.localeCompare(b.workload));
}
