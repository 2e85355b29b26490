/** A point on a line: how far along it, the value there, and the slope along the line. */
export interface Along {
  readonly t: number;
  readonly value: number;
  readonly slope: number;
}

/** How much of the promised decrease is enough, and how much of the slope must be gone (Nocedal & Wright 2006, page 33). */
const enough = 1e-4;
const flat = 0.9;

const mostSteps = 25;

/** Where the cubic through two points and their slopes is least, within the middle of the interval. */
function between(a: Along, b: Along): number {
  const d = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t);
  const square = d * d - a.slope * b.slope;
  const [low, high] = [Math.min(a.t, b.t), Math.max(a.t, b.t)];
  const middle = (low + high) / 2;
  if (!(square >= 0)) return middle;
  const root = Math.sign(b.t - a.t) * Math.sqrt(square);
  const t = b.t - (b.t - a.t) * ((b.slope + root - d) / (b.slope - a.slope + 2 * root));
  // Too near an end, the next interval would hardly be smaller.
  const margin = (high - low) * 0.1;
  return Number.isFinite(t) ? Math.min(high - margin, Math.max(low + margin, t)) : middle;
}

/**
 * A step along a line that satisfies the strong conditions of Wolfe (Nocedal & Wright 2006, algorithms 3.5 and 3.6); the best point
 * found where none does. `at` measures a point; `start` is at t = 0 and falls.
 */
export async function lineSearch<P extends Along>(start: P, first: number, at: (t: number) => Promise<P>): Promise<P> {
  const falls = (p: Along): boolean => p.value <= start.value + enough * p.t * start.slope;
  const isFlat = (p: Along): boolean => Math.abs(p.slope) <= flat * Math.abs(start.slope);
  let [before, best]: [P, P] = [start, start];
  let bracket: readonly [P, P] | undefined;
  let t = first;
  let steps = 0;
  // Further and further, until the least value lies between two points.
  for (; steps < mostSteps && bracket === undefined; steps++) {
    const now = await at(t);
    if (now.value < best.value) best = now;
    if (!Number.isFinite(now.value)) t = (before.t + t) / 2;
    else if (!falls(now) || (steps > 0 && now.value >= before.value)) bracket = [before, now];
    else if (isFlat(now)) return now;
    else if (now.slope >= 0) bracket = [now, before];
    else {
      t = now.t * 2.5;
      before = now;
    }
  }
  // Smaller and smaller: the first of the bracket is the best point in it.
  while (bracket !== undefined && steps < mostSteps) {
    const [low, high]: readonly [P, P] = bracket;
    const now = await at(between(low, high));
    steps++;
    if (now.value < best.value) best = now;
    if (!falls(now) || now.value >= low.value) bracket = [low, now];
    else if (isFlat(now)) return now;
    else bracket = [now, now.slope * (high.t - low.t) >= 0 ? low : high];
    if (Math.abs(high.t - low.t) < 1e-12) break;
  }
  return best;
}
