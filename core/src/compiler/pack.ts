/** Memory that is needed from the time `first` to the time `last`, both included. */
export interface Need {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export const alignment = 64;
export const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

const overlaps = (a: Need, b: Need): boolean => a.first <= b.last && b.first <= a.last;

/**
 * Offsets (multiples of 64) such that needs which overlap in time do not overlap in memory. Largest first, each into the
 * smallest gap between its contemporaries that holds it: best fit by decreasing size, as for the planner of Pisarchyk and
 * Lee, "Efficient Memory Management for Deep Neural Net Inference" (2020).
 */
export function packIntervals(needs: readonly Need[]): { offsets: number[]; bytes: number } {
  const offsets = new Array<number>(needs.length).fill(0);
  const order = [...needs.keys()].sort(
    (a, b) => needs[b]!.bytes - needs[a]!.bytes || needs[a]!.first - needs[b]!.first,
  );
  // Placed needs, by offset.
  const placed: number[] = [];
  let total = 0;
  for (const index of order) {
    const need = needs[index]!;
    if (need.bytes === 0) continue;
    const offset = bestGap(
      placed
        .filter((other) => overlaps(needs[other]!, need))
        .map((other) => ({ from: offsets[other]!, to: offsets[other]! + aligned(needs[other]!.bytes) })),
      aligned(need.bytes),
    );
    offsets[index] = offset;
    const after = placed.findIndex((other) => offsets[other]! > offset);
    placed.splice(after < 0 ? placed.length : after, 0, index);
    total = Math.max(total, offset + aligned(need.bytes));
  }
  return { offsets, bytes: total };
}

/** The start of the smallest gap between the occupied ranges (ordered by start) that holds `bytes`, else the end. */
function bestGap(occupied: readonly { from: number; to: number }[], bytes: number): number {
  let end = 0;
  let best: { offset: number; size: number } | undefined;
  for (const { from, to } of occupied) {
    const size = from - end;
    if (size >= bytes && (best === undefined || size < best.size)) best = { offset: end, size };
    end = Math.max(end, to);
  }
  return best?.offset ?? end;
}
