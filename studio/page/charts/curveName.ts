import type { Point } from "../data/curve.ts";
import type { Line } from "../data/lines.ts";
import { count } from "../format.ts";
import type { CurveSpec } from "./plot.ts";

/** "Loss: train 0.12 at step 900, falling; validation 0.2 at step 900, level, 3 values not finite". */
export function nameOf(
  title: string,
  specs: readonly CurveSpec[],
  lines: readonly Line[],
  now: readonly (Point | undefined)[],
  wordsOf: (value: number | undefined) => string,
): string {
  if (specs.length === 0) return `${title}: no data yet`;
  const told = specs.map(({ run, id, label }, at) => {
    const line = lines.find((each) => each.run === run && each.id === id);
    const wrong = line === undefined || line.nonFiniteCount === 0 ? "" : `, ${line.nonFiniteCount} values not finite`;
    const point = now[at];
    if (point === undefined) return `${label} has no value yet`;
    return `${label} ${wordsOf(point.value)} at step ${count(point.step)}${trend(line)}${wrong}`;
  });
  return `${title}: ${told.join("; ")}`;
}

/** Whether the last fifth of the curve falls or rises, by more than a twentieth of its height. */
function trend(line: Line | undefined): string {
  const known = line?.smooth.filter((value) => !Number.isNaN(value)) ?? [];
  if (known.length < 5) return "";
  const [before, last] = [known[Math.floor(known.length * 0.8) - 1]!, known[known.length - 1]!];
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of known) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (Math.abs(last - before) < 0.05 * (high - low)) return ", level";
  return last < before ? ", falling" : ", rising";
}
