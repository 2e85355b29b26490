import type { NdArray } from "../../data/index.ts";
import { type DrawStyle, drawImage, type Image } from "./draw.ts";
import type { Predictions } from "./predictions.ts";

export interface MistakesOptions {
  /** How many to show. Default 5. */
  readonly count?: number;
  /** Width of the page in characters. */
  readonly columns: number;
  readonly style: DrawStyle;
}

const gap = "   ";
const indent = "  ";

/** The mistakes that the network was surest of, as a page of pictures with the three likeliest classes below each. */
export function printMistakes(
  images: NdArray,
  actual: ArrayLike<number>,
  predicted: Predictions,
  options: MistakesOptions,
): string {
  const { count = 5, columns, style } = options;
  const [, height = 0, width = 0] = images.shape;
  const perRow = Math.max(1, Math.floor((columns - indent.length + gap.length) / (width + gap.length)));
  const pictures = surestMistakes(actual, predicted, count).map((index) => {
    const image: Image = { pixels: images.slice(index, index + 1).data, width, height };
    const guesses = topClasses(rowOf(predicted.probabilities, images.length, index));
    return [`a ${actual[index]}, read as ${predicted.classes[index]}`, ...drawImage(image, style), ...guesses].map(
      (line) => padVisible(line, width),
    );
  });
  if (pictures.length === 0) return `${indent}none`;
  const rows = Array.from({ length: Math.ceil(pictures.length / perRow) }, (_, row) =>
    pictures.slice(row * perRow, (row + 1) * perRow),
  );
  return rows.map((row) => sideBySide(row).join("\n")).join("\n\n");
}

/** The examples that were predicted wrongly with the highest probability, surest first. */
export function surestMistakes(
  actual: ArrayLike<number>,
  { probabilities, classes }: Predictions,
  count: number,
): number[] {
  const sureness = (index: number): number => Math.max(...rowOf(probabilities, classes.length, index));
  return Array.from(classes.keys())
    .filter((index) => actual[index] !== classes[index])
    .sort((a, b) => sureness(b) - sureness(a))
    .slice(0, count);
}

/** The `count` largest of `probabilities`, largest first, a line each: `4   62.1%`. */
export const topClasses = (probabilities: ArrayLike<number>, count = 3): string[] =>
  Array.from(probabilities, (probability, digit) => ({ digit, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
    .map(({ digit, probability }) => `${digit}  ${(100 * probability).toFixed(1).padStart(5)}%`);

const rowOf = (values: Float32Array, rows: number, index: number): Float32Array => {
  const width = values.length / rows;
  return values.subarray(index * width, (index + 1) * width);
};

/** Pictures of equal height beside each other, without the lines in which all of them are empty. */
const sideBySide = (pictures: readonly (readonly string[])[]): string[] =>
  (pictures[0] ?? [])
    .map((_, line) => `${indent}${pictures.map((picture) => picture[line]).join(gap)}`.trimEnd())
    .filter((line) => line !== "");

// Colour codes take no room.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with the escape character
const visibleLength = (text: string): number => text.replace(/\u001b\[[\d;]*m/g, "").length;
const padVisible = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - visibleLength(text)));
