/** The first place whose number is at least `value`, the length if none is; the numbers rise. */
export function firstFrom(numbers: ArrayLike<number>, value: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Something, and the steps of training that were done when it was true. */
export interface At<T> {
  readonly step: number;
  readonly value: T;
}

/** How many of the list, by rising steps, were true at `step`. */
export function countAt(list: readonly At<unknown>[], step: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list[middle]!.step <= step) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The last of the list that was true at `step`. */
export const lastAt = <T>(list: readonly At<T>[], step: number): At<T> | undefined => list[countAt(list, step) - 1];

/** Removes what came after `step` from the end of the list. */
export function cut(list: At<unknown>[], step: number): void {
  while (list.length > 0 && list.at(-1)!.step > step) list.pop();
}

/** The place of the largest number. */
export function largest(values: ArrayLike<number>): number {
  let best = 0;
  for (let place = 1; place < values.length; place++) if (values[place]! > values[best]!) best = place;
  return best;
}

/** At most `count` of the list, evenly spread; the first and the last among them. */
export function spread<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, at) => all[Math.round((at * (all.length - 1)) / (count - 1))]!);
}
