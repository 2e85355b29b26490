import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type Entry, type RunListing, readLog } from "chainrule/record";
import { LogState, listingsOf } from "../server/logState.ts";
import { RunFolder, runsIn } from "../server/runFolder.ts";

type Say = (text: string) => void;

export interface RunsOptions {
  readonly folder: string;
  readonly json: boolean;
  /** For `tail`: goes on until the run is over. */
  readonly follow: boolean;
}

/** `chainrule runs ls|get|tail|doctor [ID]`: runs for people, and as JSON for programs. */
export async function runsCommand(words: readonly string[], options: RunsOptions, say: Say): Promise<void> {
  const [what = "ls", id] = words;
  const runs = resolve(options.folder);
  if (what === "ls") return list(runs, options.json, say);
  const folder = id === undefined ? newest(runs) : RunFolder.of(runs, id);
  if (folder === undefined || !folder.exists()) throw new Error(`there is no run "${id ?? ""}" in ${options.folder}`);
  if (what === "get") return get(folder, options.json, say);
  if (what === "doctor") return doctor(folder, options.json, say);
  if (what === "tail") return tail(folder, options, say);
  throw new Error(`runs: "${what}" is none of ls, get, tail, doctor`);
}

const newest = (runs: string): RunFolder | undefined =>
  runsIn(runs).sort((a, b) => b.bytes().modified - a.bytes().modified)[0];

async function list(runs: string, json: boolean, say: Say): Promise<void> {
  const listings = await listingsOf(runsIn(runs).map((folder) => new LogState(folder)));
  if (json) return say(JSON.stringify(listings));
  if (listings.length === 0) return say(`no runs in ${runs}`);
  for (const { id, state, step, figures } of listings) {
    const shown = ["loss", "validation/loss", "validation/accuracy"].flatMap((name) =>
      figures[name] === undefined ? [] : [`${name} ${figures[name].toPrecision(4)}`],
    );
    say(`${id.padEnd(24)} ${state.padEnd(10)} step ${String(step).padStart(7)}  ${shown.join("  ")}`);
  }
}

async function get(folder: RunFolder, json: boolean, say: Say): Promise<void> {
  const [listing] = (await listingsOf([new LogState(folder)])) as [RunListing]; // one for each
  if (json) return say(JSON.stringify(listing));
  const { run, figures } = listing;
  say(`${listing.id}  ${listing.state}  step ${listing.step}`);
  for (const [name, value] of Object.entries(run?.config ?? {})) say(`  ${name.padEnd(20)} ${String(value)}`);
  for (const [name, value] of Object.entries(figures)) say(`  ${name.padEnd(20)} ${value.toPrecision(6)}`);
}

async function doctor(folder: RunFolder, json: boolean, say: Say): Promise<void> {
  const state = new LogState(folder);
  const findings = await state.findings();
  if (json) return say(JSON.stringify(findings));
  if (findings.length === 0) return say(`${folder.id}: nothing out of the ordinary`);
  for (const { severity, title, evidence, remedy } of findings) {
    say(`${severity.padEnd(8)} ${title}`);
    say(`         ${evidence}`);
    say(`         → ${remedy}`);
  }
}

const pollMs = 200;

/** Prints what stands in the log, entry by entry. */
async function tail(folder: RunFolder, { json, follow }: RunsOptions, say: Say): Promise<void> {
  let seen = 0;
  for (;;) {
    const { entries } = readLog(readFileSync(folder.log));
    for (const entry of entries.slice(seen)) say(json ? JSON.stringify(plain(entry)) : line(entry));
    seen = entries.length;
    if (!follow || !folder.isAlive()) return;
    await new Promise((resolveWait) => setTimeout(resolveWait, pollMs));
  }
}

/** Without the bytes of pictures. */
function plain({ kind, step, stream, content }: Entry): unknown {
  if (kind === "slice") return { kind, step, stream, content: (content as { readonly head: unknown }).head };
  if (kind !== "scalars") return { kind, step, stream, content };
  const { series, steps, values } = content as { series: Uint32Array; steps: Uint32Array; values: Float32Array };
  return { kind, step, content: { series: [...series], steps: [...steps], values: [...values] } };
}

function line(entry: Entry): string {
  const { kind, step, content } = entry;
  if (kind === "event") {
    const { type, ...rest } = content;
    return `${step}  ${type}  ${JSON.stringify(type === "run" ? content.run.name : rest)}`;
  }
  if (kind === "scalars") return `${step}  ${content.steps.length} steps of ${content.series.length} series`;
  if (kind === "slice") return `${step}  ${content.head.role} ${content.head.key} [${content.head.shape.join(", ")}]`;
  return `${step}  ${kind}`;
}
