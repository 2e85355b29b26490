import type { NdArray } from "../../data/index.ts";
import { printDuration } from "../../train/index.ts";

const classes = 10;

/** Counts of predictions: `matrix[actual][predicted]`. */
export function confusionMatrix(actual: ArrayLike<number>, predicted: ArrayLike<number>): number[][] {
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let index = 0; index < actual.length; index++) matrix[actual[index]!]![predicted[index]!]!++;
  return matrix;
}

/** The matrix as a table; zeros are dots, so that mistakes stand out. */
export function printConfusion(matrix: readonly (readonly number[])[]): string {
  const width = 5;
  const cell = (value: number): string => (value === 0 ? "·" : String(value)).padStart(width);
  const header = `   actual ╲ predicted\n       ${matrix.map((_, digit) => String(digit).padStart(width)).join("")}   recall`;
  const rows = matrix.map((row, digit) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return `     ${digit} ${row.map(cell).join("")}   ${((100 * row[digit]!) / Math.max(1, total)).toFixed(1).padStart(5)}%`;
  });
  return [header, ...rows].join("\n");
}

/** An image of [height, width] values from 0 to 1 as text: two rows of pixels a line, in half blocks and shades. */
export function drawImage(pixels: Float32Array, width: number): string[] {
  const shades = [" ", "░", "▒", "▓", "█"] as const;
  const shade = (value: number): string => shades[Math.min(4, Math.floor(value * 4.999))]!;
  const lines: string[] = [];
  for (let row = 0; row < pixels.length / width; row += 2) {
    let line = "";
    for (let column = 0; column < width; column++) {
      const top = pixels[row * width + column]!;
      const bottom = pixels[(row + 1) * width + column] ?? 0;
      if (top > 0.5 && bottom > 0.5) line += "█";
      else if (top > 0.5) line += "▀";
      else if (bottom > 0.5) line += "▄";
      else line += shade((top + bottom) / 2);
    }
    lines.push(line);
  }
  return lines;
}

/** The `count` largest of `probabilities`, largest first: `4 (62.1%)`. */
export const topClasses = (probabilities: ArrayLike<number>, count = 3): string =>
  Array.from(probabilities, (probability, digit) => ({ digit, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count)
    .map(({ digit, probability }) => `${digit} (${(100 * probability).toFixed(1)}%)`)
    .join(", ");

/** The surest mistakes, drawn side by side with their three best guesses. */
export function printMistakes(images: NdArray, actual: ArrayLike<number>, probabilities: Float32Array, predicted: ArrayLike<number>, count = 5): string {
  const sureness = (index: number): number => probabilities[index * classes + predicted[index]!]!;
  const wrong = Array.from({ length: actual.length }, (_, index) => index)
    .filter((index) => actual[index] !== predicted[index])
    .sort((a, b) => sureness(b) - sureness(a))
    .slice(0, count);
  if (wrong.length === 0) return "No mistakes.";
  return wrong
    .map((index) => {
      const [, height, width] = images.shape as readonly [number, number, number];
      const pixels = images.data.subarray(index * height * width, (index + 1) * height * width) as Float32Array; // images are f32
      const guesses = topClasses(probabilities.subarray(index * classes, (index + 1) * classes));
      const lines = drawImage(pixels, width).filter((line) => line.trim() !== "");
      return [`  a ${actual[index]}, taken for: ${guesses}`, ...lines.map((line) => `    ${line.trimEnd()}`)].join("\n");
    })
    .join("\n\n");
}

/** Where the time went, with shares. */
export function printTimes(times: Readonly<Record<string, number>>): string {
  const total = Object.values(times).reduce((sum, ms) => sum + ms, 0);
  const width = Math.max(...Object.keys(times).map((name) => name.length));
  return Object.entries(times)
    .map(([name, ms]) => `  ${name.padEnd(width)}  ${printDuration(ms).padStart(7)}  ${((100 * ms) / Math.max(1e-9, total)).toFixed(1).padStart(5)}%`)
    .join("\n");
}
