/** A name without the number that tells it from others of its kind, and that number: "dense_2" is the third "dense". */
function numberOf(part: string): [base: string, number: number] {
  const [, base, number = "0"] = /^(.*?)(?:_(\d+))?$/.exec(part)!; // every text fits
  return [base!, Number(number)];
}

/** Paths in which siblings of one kind are counted from 0: ["a/dense_4", "a/dense_9"] become ["a/dense", "a/dense_1"]. */
function countedFromZero(paths: readonly string[]): string[] {
  const numbers = new Map<string, Set<number>>();
  const walk = (path: string, visit: (kind: string, number: number) => string): string => {
    const parts = path.split("/");
    const last = parts.length - 1; // the variable's own name
    return parts
      .map((part, at) => {
        if (at === last) return part;
        const [base, number] = numberOf(part);
        return base + visit(`${parts.slice(0, at).join("/")}/${base}`, number);
      })
      .join("/");
  };
  for (const path of paths)
    walk(path, (kind, number) => {
      numbers.set(kind, (numbers.get(kind) ?? new Set()).add(number));
      return "";
    });
  return paths.map((path) =>
    walk(path, (kind, number) => {
      const before = [...numbers.get(kind)!].filter((other) => other < number).length;
      return before === 0 ? "" : `_${before}`;
    }),
  );
}

/**
 * Which of `theirs` (paths of weights in a file) is which of `ours`, where the two differ in the numbers of layers only: a model that is
 * made twice in a program gets new ones, and is the same model all the same. Undefined where they differ in more.
 */
export function renumbered(
  theirs: readonly string[],
  ours: readonly string[],
): ReadonlyMap<string, string> | undefined {
  const counted = countedFromZero(ours);
  const own = new Map(counted.map((path, at) => [path, ours[at]!]));
  const found = new Map(countedFromZero(theirs).map((path, at) => [theirs[at]!, own.get(path)]));
  const reached = new Set(found.values());
  if (own.size !== ours.length || reached.size !== ours.length || found.size !== ours.length || reached.has(undefined))
    return undefined;
  return found as ReadonlyMap<string, string>; // none is undefined
}
