import { isPlain } from "./structure.ts";

/** Lists and records in each other are searched this deep. */
const searchDepth = 4;

/** What `pick` finds in the own properties of `owner`, directly or in lists, records and maps; each once, without the owner. */
export function heldBy<T>(owner: object, pick: (value: unknown) => T | undefined): readonly T[] {
  const found = new Set<T>();
  const visit = (value: unknown, depth: number): void => {
    const picked = pick(value);
    if (picked !== undefined) {
      if (value !== owner) found.add(picked);
    } else if (depth < searchDepth && Array.isArray(value)) for (const item of value) visit(item, depth + 1);
    else if (depth < searchDepth && value instanceof Map) for (const item of value.values()) visit(item, depth + 1);
    else if (depth < searchDepth && isPlain(value)) for (const item of Object.values(value)) visit(item, depth + 1);
  };
  for (const value of Object.values(owner)) visit(value, 0);
  return [...found];
}
