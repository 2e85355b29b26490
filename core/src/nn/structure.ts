/** One value, a list of values, or values by name: how layers and models take and give several tensors. */
export type Structure<T> = T | readonly T[] | { readonly [name: string]: T };

/** Tells a leaf from a list or record. */
type IsLeaf<T> = (value: unknown) => value is T;

/** What is neither list nor record can only be a leaf, if perhaps a wrong one: whoever takes it says so. */
const isEnd = (value: unknown): boolean => typeof value !== "object" || value === null;

/** The structure with `change` applied to every leaf. */
export function mapStructure<T, U>(structure: Structure<T>, isLeaf: IsLeaf<T>, change: (leaf: T) => U): Structure<U> {
  if (isLeaf(structure) || isEnd(structure)) return change(structure as T); // a leaf, as far as types go
  if (Array.isArray(structure)) return (structure as readonly T[]).map(change);
  const entries = Object.entries(structure as { readonly [name: string]: T });
  return Object.fromEntries(entries.map(([name, leaf]) => [name, change(leaf)]));
}

/** The leaves in order: the value itself, the list, or the record's values in key order of insertion. */
export function leavesOf<T>(structure: Structure<T>, isLeaf: IsLeaf<T>): T[] {
  if (isLeaf(structure) || isEnd(structure)) return [structure as T]; // as above
  return Array.isArray(structure)
    ? [...(structure as readonly T[])]
    : Object.values(structure as { [name: string]: T });
}

/** `leaves` put back into the form of `structure`. */
export function likeStructure<T, U>(structure: Structure<T>, isLeaf: IsLeaf<T>, leaves: readonly U[]): Structure<U> {
  let next = 0;
  // One leaf an old leaf: the caller made `leaves` from the same structure.
  return mapStructure(structure, isLeaf, () => leaves[next++] as U);
}
