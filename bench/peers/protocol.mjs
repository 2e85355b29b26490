// What the workers of JavaScript peers share: they read requests from stdin, one JSON object a line (see src/child.ts).
import { createInterface } from "node:readline";

/** Always the same values between −1 and 1. */
export function uniform(size) {
  let state = 1;
  return Float32Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Whole numbers from 0 to `classes` − 1. */
export const labels = (size, classes) => Int32Array.from({ length: size }, (_, index) => (index * 7919) % classes);

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

async function timed(repetition, calls) {
  const began = performance.now();
  for (let call = 0; call < calls; call++) await repetition();
  return (performance.now() - began) / 1000 / calls;
}

/** Repeats for some seconds; the shortest repetition but the first. */
async function warmUp(repetition, seconds) {
  await repetition();
  const times = [];
  const end = performance.now() + seconds * 1000;
  do times.push(await timed(repetition, 1));
  while (performance.now() < end);
  return Math.min(...times);
}

/**
 * Serves until stdin ends. `cases` has functions by case name that build one repetition; `use(threads)` chooses the
 * threads before the first, and returns how many there are and on what device.
 */
export async function serve({ cases, use }) {
  const prepared = new Map();
  say({ imported: true });
  for await (const line of createInterface({ input: process.stdin })) {
    const { prepare, run, drop, threads, quick, calls } = JSON.parse(line);
    try {
      if (prepare !== undefined) {
        if (cases[prepare] === undefined) {
          say({ unsupported: "it has no such case" });
          continue;
        }
        const used = await use(threads);
        const repetition = await cases[prepare](threads);
        prepared.set(prepare, repetition);
        say({ ...used, seconds: await warmUp(repetition, quick ? 0.1 : 1) });
      } else if (run !== undefined) say({ seconds: await timed(prepared.get(run), calls) });
      else say({ dropped: prepared.delete(drop) });
    } catch (error) {
      say({ error: String(error?.message ?? error).slice(0, 500) });
    }
  }
  process.exit(0);
}

/** For W9: one step, a line, the end. */
export async function coldStep(repetition) {
  await repetition();
  process.stdout.write("done\n", () => process.exit(0));
}
