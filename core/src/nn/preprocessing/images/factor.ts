import { ArgumentError } from "../../../base/errors.ts";
import { type Field, field } from "../../fields.ts";

export type Range = readonly [number, number];

const isRange = (value: unknown): value is Range =>
  Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === "number");

interface Bounds {
  readonly initial?: number | Range;
  /** What a single number f stands for. Default: −f to f, as far as the bounds go. */
  readonly single?: (factor: number) => Range;
  /** Whether the lowest value itself is refused. Default false. */
  readonly open?: boolean;
}

/** A number, or the lowest and the highest: random factors are drawn between them. */
export const factor = (
  [low, high]: Range,
  { initial, single = (f) => [Math.max(0 - Math.abs(f), low), Math.abs(f)], open = false }: Bounds = {},
): Field<number | Range, Range> =>
  field<number | Range, Range>({
    initial,
    parse: (name, given) => {
      const ends: readonly number[] = typeof given === "number" ? [given] : isRange(given) ? given : [];
      const fits = (end: number): boolean => end <= high && (open ? end > low : end >= low);
      if (ends.length === 0 || !ends.every(fits)) {
        throw new ArgumentError({
          what: `${name} must be a number from ${low} to ${high}, or two of them, received ${JSON.stringify(given)}`,
          hint: "a factor is a fraction: 0.2 is a fifth",
        });
      }
      return typeof given === "number" ? single(given) : [Math.min(...given), Math.max(...given)];
    },
    read: (json) => (typeof json === "number" || isRange(json) ? json : undefined),
    expected: "a number or two of them",
  });

/** The values of pixels: the lowest and the highest. */
export const valueRange: Field<Range, Range> = field<Range, Range>({
  initial: [0, 255],
  parse: (name, given) => {
    if (isRange(given) && given[0] < given[1]) return given;
    throw new ArgumentError(`${name} must be the lowest and the highest value, received ${JSON.stringify(given)}`);
  },
  read: (json) => (isRange(json) ? json : undefined),
  expected: "two numbers",
});
