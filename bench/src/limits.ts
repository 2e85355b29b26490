import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MeasureOptions } from "./measure.ts";
import type { Progress } from "./progress.ts";
import { median } from "./statistics.ts";
import { home } from "./systems.ts";
import { formatNumber, machine, type Result } from "./table.ts";

const run = promisify(execFile);

/** The physical limits, as machine/limits.c prints them. */
const limits = {
  fma: { workload: "limit FMA peak", unit: "GFLOP/s" },
  triad: { workload: "limit stream triad", unit: "GB/s" },
  read: { workload: "limit stream read", unit: "GB/s" },
} as const;
type Measured = { readonly [Name in keyof typeof limits]: number };

/** What the machine can do at most, by a small C program; nothing, and a line about it, without a C compiler. */
export async function measureLimits({ threads, quick }: MeasureOptions, progress: Progress): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), "chainrule-limits-"));
  try {
    const program = join(folder, "limits");
    const compiler = await compile(program);
    if (compiler === undefined) {
      progress.line("the machine's limits are skipped: no C compiler found (cc, gcc, clang)");
      return [];
    }
    const rounds: Measured[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      progress.status(`the machine's limits: round ${round + 1}`);
      const { stdout } = await run(program, [String(threads)], { timeout: 60_000 });
      rounds.push(JSON.parse(stdout) as Measured); // our own program's output
    }
    return Object.entries(limits).map(([name, { workload, unit }]): Result => {
      const runs = rounds.map((round) => round[name as keyof Measured]); // a key of the same table
      progress.line(`${workload}: ${formatNumber(median(runs))} ${unit}`);
      return {
        workload,
        system: machine,
        version: compiler,
        device: "cpu",
        threads,
        unit,
        median: median(runs),
        best: Math.max(...runs),
        runs,
        peakBytes: null,
      };
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Compiles the program with the first compiler there is; returns that one's name. */
async function compile(program: string): Promise<string | undefined> {
  for (const compiler of ["cc", "gcc", "clang"]) {
    try {
      await run(compiler, [
        "-O3",
        "-march=native",
        "-ffp-contract=fast",
        "-pthread",
        join(home, "machine/limits.c"),
        "-o",
        program,
      ]);
      return compiler;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}
