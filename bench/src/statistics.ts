import { type Unit, units } from "./workloads/workload.ts";

/** The middle value; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return sorted.length === 0 ? Number.NaN : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The largest rate, or the shortest time. */
export const best = (unit: Unit, values: readonly number[]): number =>
  units[unit] === "rate" ? Math.max(...values) : Math.min(...values);

/**
 * How many times as good ours is: above 1, ours wins, whatever the unit. Values of the same round are compared, and the
 * median of those ratios is taken, because both drift together when the machine does.
 */
export function ratio(unit: Unit, ours: readonly number[], peer: readonly number[]): number {
  const rounds = Math.min(ours.length, peer.length);
  const ratios = Array.from({ length: rounds }, (_, round) => ours[round]! / peer[round]!);
  return median(units[unit] === "rate" ? ratios : ratios.map((value) => 1 / value));
}
