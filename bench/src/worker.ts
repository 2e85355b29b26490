// Our own worker: `node worker.js native|wasm`. Reads requests from stdin, one JSON object a line, and answers on stdout.
import { createInterface } from "node:readline";
import { defaultDevice, deviceReport, setDevice, setThreads } from "chainrule";
import { caseNamed } from "./workloads/index.ts";
import type { Repetition } from "./workloads/workload.ts";

interface Request {
  readonly prepare?: string;
  readonly run?: string;
  readonly drop?: string;
  readonly threads?: number;
  readonly quick?: boolean;
  readonly calls?: number;
}

const device = process.argv[2] ?? "automatic";
const prepared = new Map<string, Repetition>();

const answer = (value: Readonly<Record<string, unknown>>): boolean =>
  process.stdout.write(`${JSON.stringify(value)}\n`);

answer({ imported: true });

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await serve(JSON.parse(line) as Request); // the race's own requests
  } catch (error) {
    answer({ error: error instanceof Error ? error.message.replaceAll("\n", " · ") : String(error) });
  }
}
process.exit(0);

async function serve(request: Request): Promise<void> {
  if (request.prepare !== undefined) answer(await prepare(request.prepare, request));
  else if (request.run !== undefined) answer({ seconds: await timed(prepared.get(request.run)!, request.calls ?? 1) });
  else if (request.drop !== undefined) answer({ dropped: prepared.delete(request.drop) });
  else throw new Error("unknown request");
}

async function prepare(
  name: string,
  { threads = 2, quick = false }: Request,
): Promise<Readonly<Record<string, unknown>>> {
  setThreads(threads);
  await setDevice(device);
  const repetition = await caseNamed(name).prepare();
  prepared.set(name, repetition);
  const seconds = await warmUp(repetition, quick ? 0.1 : 1);
  const { threads: used } = await defaultDevice();
  return { device: (await deviceReport()).name, threads: used, seconds };
}

/** Repeats for some seconds, at least twice; the shortest repetition but the first, which compiles. */
async function warmUp(repetition: Repetition, seconds: number): Promise<number> {
  await repetition();
  let shortest = Number.POSITIVE_INFINITY;
  const end = performance.now() + seconds * 1000;
  do shortest = Math.min(shortest, await timed(repetition, 1));
  while (performance.now() < end);
  return shortest;
}

/** Seconds a repetition, over `calls` of them. */
async function timed(repetition: Repetition, calls: number): Promise<number> {
  const began = performance.now();
  for (let call = 0; call < calls; call++) {
    const result = repetition();
    if (result instanceof Promise) await result; // waiting for what is there already costs time, too
  }
  return (performance.now() - began) / 1000 / calls;
}
