// The race: `npm run bench -- --help`.
import { writeFile } from "node:fs/promises";
import { measureStarts } from "./coldStart.ts";
import { measureFootprint } from "./footprint.ts";
import { measureLimits } from "./limits.ts";
import { measureWorkload } from "./measure.ts";
import { help, type Options, readOptions, UsageError } from "./options.ts";
import { Progress } from "./progress.ts";
import { findPeers, ourSystem, requireFreshBundle, type System } from "./systems.ts";
import { formatTable, type Result } from "./table.ts";
import { measureWasmPeak } from "./wasmPeak.ts";
import { workloads } from "./workloads/index.ts";

const progress = new Progress();

async function race(options: Options): Promise<readonly Result[]> {
  process.env["BENCH_THREADS"] = String(options.threads); // for workers that must know before they import
  const systems: System[] = options.devices.map(ourSystem);
  if (options.peers) systems.push(...(await findPeers(options.python, progress)));
  const results = [...(await measureLimits(options, progress)), ...(await measureWasmPeak(options, progress))];
  for (const name of options.only) {
    if (name === "W9") {
      results.push(
        ...(await measureStarts(systems, options, progress)),
        ...(await measureFootprint(systems, progress)),
      );
      continue;
    }
    progress.line(`${name}: ${workloads[name].title}`);
    results.push(...(await measureWorkload(workloads[name], systems, options, progress)));
  }
  return results;
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options.help) {
      process.stdout.write(help);
      return 0;
    }
    requireFreshBundle();
    // A path that cannot be written is told now, and not after an hour.
    if (options.json !== undefined) await writeResults(options.json, []);
    const results = await race(options);
    process.stdout.write(`\n${formatTable(results)}\n`);
    if (options.json !== undefined) await writeResults(options.json, results);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    return 2;
  }
}

async function writeResults(path: string, results: readonly Result[]): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(results, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--json ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

process.exitCode = await main(process.argv.slice(2));
