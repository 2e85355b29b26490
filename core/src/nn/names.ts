const counters = new Map<string, number>();

/** `Conv2D` → `conv2d`, `MaxPooling2D` → `max_pooling2d`, exactly as Keras names layers (keras/src/utils/naming.py). */
export const snakeCase = (name: string): string =>
  name
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** Classes that have another name in Python than in public. */
const pythonNames: Readonly<Record<string, string>> = { GroupQueryAttention: "GroupedQueryAttention" };

/** The next free name for a class: `dense`, `dense_1`, … */
export function uniqueName(className: string): string {
  const stem = snakeCase(pythonNames[className] ?? className);
  const count = counters.get(stem) ?? 0;
  counters.set(stem, count + 1);
  return count === 0 ? stem : `${stem}_${count}`;
}

/** Keeps the next free names away from one that is given. */
export function takeName(name: string): void {
  const [, stem, number] = /^(.*?)(?:_(\d{1,9}))?$/s.exec(name)!; // any text fits
  counters.set(stem!, Math.max(counters.get(stem!) ?? 0, Number(number ?? 0) + 1));
}

/** Starts layer names from the beginning again, as a fresh process would. */
export function clearSession(): void {
  counters.clear();
}
