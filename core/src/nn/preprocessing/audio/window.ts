import { ArgumentError } from "../../../base/errors.ts";
import { type Field, field } from "../../fields.ts";

// Windows by their Fourier coefficients: a₀ − a₁·cos t + a₂·cos 2t (A. Nuttall 1981, "Some windows with very good sidelobe behavior").

const coefficients = {
  hann: [0.5, 0.5],
  hamming: [0.54, 0.46],
  blackman: [0.42, 0.5, 0.08],
  boxcar: [1],
} as const satisfies Record<string, readonly number[]>;

export type WindowName = keyof typeof coefficients | "none";
const names: readonly WindowName[] = ["hann", "hamming", "blackman", "boxcar", "none"];

/** A window by its name, or its values. */
export const windowField: Field<WindowName | readonly number[], WindowName | readonly number[]> = field<
  WindowName | readonly number[],
  WindowName | readonly number[]
>({
  initial: "hann",
  parse: (name, given) => {
    const isKnown = typeof given === "string" ? names.includes(given) : isNumbers(given);
    if (isKnown) return given;
    throw new ArgumentError({
      what: `${name} ${JSON.stringify(given)} is not known`,
      hint: `known are ${names.join(", ")}, and lists of numbers`,
    });
  },
  read: (json) => (isNumbers(json) || names.includes(json as WindowName) ? (json as WindowName) : undefined), // just checked
  expected: "the name of a window, or its values",
});

const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => Number.isFinite(item));

/** The values of a window; a periodic one ends a step before it would begin again. */
export function windowOf(window: WindowName | readonly number[], length: number, periodic: boolean): readonly number[] {
  if (typeof window !== "string") return window;
  const [a0 = 1, a1 = 0, a2 = 0]: readonly number[] = window === "none" ? [1] : coefficients[window];
  const turns = periodic ? length : length - 1;
  return Array.from({ length }, (_, at) => {
    const angle = turns === 0 ? Math.PI : (2 * Math.PI * at) / turns;
    return a0 - a1 * Math.cos(angle) + a2 * Math.cos(2 * angle);
  });
}
