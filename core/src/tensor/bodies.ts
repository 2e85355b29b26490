import type { Tensor } from "./tensor.ts";

// What the bodies of loops and branches add to something outside of them: a loss, summed over the steps.

/** A scalar that a body has made, and who takes it, in the body of number `depth` (0 is outside of all). */
interface Contribution {
  readonly value: Tensor;
  readonly take: (total: Tensor) => void;
  readonly depth: number;
}

/** The contributions of each body that is being traced now, the innermost last. */
const open: Contribution[][] = [];

/** How many bodies are being traced now, one in the other. */
export const bodyDepth = (): number => open.length;

/** Gives a scalar to `take`, who works in the body number `depth`: summed over the steps of the loops between. */
export function contribute(value: Tensor, take: (total: Tensor) => void, depth: number): void {
  const innermost = open.at(-1);
  if (innermost === undefined || depth >= open.length) take(value);
  else innermost.push({ value, take, depth });
}

/** Runs `body` as one, and tells what it contributes. */
export function contributionsOf<T>(body: () => T): {
  readonly result: T;
  readonly contributions: readonly Contribution[];
} {
  const contributions: Contribution[] = [];
  open.push(contributions);
  try {
    return { result: body(), contributions };
  } finally {
    open.pop();
  }
}
