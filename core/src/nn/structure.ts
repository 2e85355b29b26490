import { Masked } from "./masked.ts";

/** One value, or lists and records of them to any depth: how layers and models take and give several tensors. */
export type Structure<T> = T | readonly Structure<T>[] | { readonly [name: string]: Structure<T> };

/** A structure in which some values carry a mask. */
export type MaskedStructure<T> = Structure<T | Masked<T>>;

/** Tells a leaf from a list or record. */
type IsLeaf<T> = (value: unknown) => value is T;

/** What is neither list nor record can only be a leaf, if perhaps a wrong one: whoever takes it says so. */
const isEnd = (value: unknown): boolean => typeof value !== "object" || value === null;

/** The structure with `change` applied to every leaf, the masks among them; entries that are undefined are left out. */
export function mapStructure<T, U>(structure: Structure<T>, isLeaf: IsLeaf<T>, change: (leaf: T) => U): Structure<U>;
export function mapStructure<T, U>(
  structure: MaskedStructure<T>,
  isLeaf: IsLeaf<T>,
  change: (leaf: T) => U,
): MaskedStructure<U>;
export function mapStructure<T, U>(
  structure: MaskedStructure<T>,
  isLeaf: IsLeaf<T>,
  change: (leaf: T) => U,
): MaskedStructure<U> {
  if (isLeaf(structure) || isEnd(structure)) return change(structure as T); // a leaf, as far as types go
  if (structure instanceof Masked) return new Masked(change(structure.values), change(structure.mask));
  if (Array.isArray(structure)) {
    return (structure as readonly MaskedStructure<T>[]).map((part) => mapStructure(part, isLeaf, change));
  }
  return Object.fromEntries(
    entriesOf(structure).map(([name, part]) => [name, mapStructure(part as MaskedStructure<T>, isLeaf, change)]),
  );
}

const entriesOf = (structure: object): [string, unknown][] =>
  Object.entries(structure).filter(([, part]) => part !== undefined);

/** The leaves in order: the value itself, the list, or the record's values in key order of insertion; to any depth. */
export function leavesOf<T>(structure: MaskedStructure<T>, isLeaf: IsLeaf<T>): T[] {
  if (isLeaf(structure) || isEnd(structure)) return [structure as T]; // as above
  if (structure instanceof Masked) return [structure.values, structure.mask];
  const parts = Array.isArray(structure) ? structure : entriesOf(structure).map(([, part]) => part);
  return parts.flatMap((part: MaskedStructure<T>) => leavesOf(part, isLeaf));
}

/** `leaves` put back into the form of `structure`. */
export function likeStructure<T, U>(structure: Structure<T>, isLeaf: IsLeaf<T>, leaves: readonly U[]): Structure<U>;
export function likeStructure<T, U>(
  structure: MaskedStructure<T>,
  isLeaf: IsLeaf<T>,
  leaves: readonly U[],
): MaskedStructure<U>;
export function likeStructure<T, U>(
  structure: MaskedStructure<T>,
  isLeaf: IsLeaf<T>,
  leaves: readonly U[],
): MaskedStructure<U> {
  let next = 0;
  // One leaf an old leaf: the caller made `leaves` from the same structure.
  return mapStructure(structure, isLeaf, () => leaves[next++] as U);
}

/** The values of a structure without their masks. */
export function withoutMasks<T>(structure: MaskedStructure<T>, isLeaf: IsLeaf<T>): Structure<T> {
  if (isLeaf(structure) || isEnd(structure)) return structure as T; // as above
  if (structure instanceof Masked) return structure.values;
  if (Array.isArray(structure)) {
    return (structure as readonly MaskedStructure<T>[]).map((part) => withoutMasks(part, isLeaf));
  }
  return Object.fromEntries(
    entriesOf(structure).map(([name, part]) => [name, withoutMasks(part as MaskedStructure<T>, isLeaf)]),
  );
}

/** The places in a structure by name: `[""]` for one value, `["0", "1"]`, `["title", "tags.0"]`. Masked values are one place. */
export function placesOf<T>(structure: MaskedStructure<T>, isLeaf: IsLeaf<T>, path = ""): [string, T | Masked<T>][] {
  if (isLeaf(structure) || isEnd(structure) || structure instanceof Masked) return [[path, structure as T | Masked<T>]];
  const entries: [string, unknown][] = Array.isArray(structure)
    ? structure.map((part, index): [string, unknown] => [String(index), part])
    : entriesOf(structure);
  return entries.flatMap(([name, part]) =>
    placesOf(part as MaskedStructure<T>, isLeaf, path === "" ? name : `${path}.${name}`),
  );
}

/** Tells records from instances of classes. */
export function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
