import { catalog } from "../named.ts";

/** Makes a text uniform before it is split. */
export type Standardize = (text: string) => string;
/** Cuts a text into tokens. */
export type Split = (text: string) => readonly string[];

// Like TensorFlow's, these know ASCII only: letters, punctuation and spaces beyond it stay what they are.

const lowered: Standardize = (text) =>
  /[^ -~\s]/.test(text) ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
const stripped: Standardize = (text) => text.replace(/[!-/:-@[-`{-~]+/g, "");

/** How TextVectorization standardizes, by name; files name functions of your own by `registerFunction("standardize", …)`. */
export const standardizeCatalog = catalog("standardize", {
  lowerAndStripPunctuation: (): Standardize => (text) => stripped(lowered(text)),
  lower: (): Standardize => (text) => lowered(text),
  stripPunctuation: (): Standardize => (text) => stripped(text),
  none: (): Standardize => (text) => text,
});

/** How TextVectorization splits, by name; files name functions of your own by `registerFunction("split", …)`. */
export const splitCatalog = catalog("split", {
  whitespace: (): Split => (text) => text.match(/[^ \t\n\v\f\r]+/g) ?? [],
  character: (): Split => (text) => [...text],
  none: (): Split => (text) => [text],
});

export type StandardizeName = keyof typeof standardizeCatalog.makers;
export type SplitName = keyof typeof splitCatalog.makers;

/** The n-grams of tokens, in order of the widths: single ones, pairs, … joined by spaces. */
export function ngramsOf(tokens: readonly string[], widths: readonly number[]): readonly string[] {
  const found: string[] = [];
  for (const width of widths)
    for (let at = 0; at + width <= tokens.length; at++)
      found.push(width === 1 ? tokens[at]! : tokens.slice(at, at + width).join(" "));
  return found;
}
