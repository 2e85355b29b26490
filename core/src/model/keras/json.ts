import { DataError } from "../../base/errors.ts";
import { shorten } from "../../nn/index.ts";

// Configs come from files: every field is checked before it is used.

export type Json = { readonly [key: string]: unknown };

/** Nothing in a config nests deeper; a file that does was made to exhaust the stack. */
const depthLimit = 200;

export const damaged = (what: string, hint = "was the file written by Keras, or by a model's save?"): DataError =>
  new DataError({ what, hint });

/** Python writes numbers that are none, of which JSON knows nothing. */
const pythonNumbers = ["NaN", "Infinity", "-Infinity"] as const;

/** The object in the JSON of a file. */
export function parseJson(text: string, what: string): Json {
  let depth = 0;
  let inText = false;
  const numbers: { readonly at: number; readonly length: number }[] = [];
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (inText) {
      if (letter === 0x5c) at++;
      else if (letter === 0x22) inText = false;
    } else if (letter === 0x22) inText = true;
    else if (letter === 0x7b || letter === 0x5b) {
      if (++depth > depthLimit) throw damaged(`${what} nests more than ${depthLimit} deep`);
    } else if (letter === 0x7d || letter === 0x5d) depth--;
    else if (letter === 0x4e || letter === 0x49 || letter === 0x2d) {
      const number = pythonNumbers.find((each) => text.startsWith(each, at));
      if (number === undefined) continue;
      numbers.push({ at, length: number.length });
      at += number.length - 1;
    }
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(withNull(text, numbers));
  } catch {
    throw damaged(`${what} is not JSON`);
  }
  return record(parsed, what);
}

/** The text with "null" at these places. */
function withNull(text: string, places: readonly { readonly at: number; readonly length: number }[]): string {
  if (places.length === 0) return text;
  let end = 0;
  const parts = places.map(({ at, length }) => {
    const before = text.slice(end, at);
    end = at + length;
    return `${before}null`;
  });
  return parts.join("") + text.slice(end);
}

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const record = (value: unknown, what: string): Json => {
  if (isRecord(value)) return value;
  throw damaged(`${what} is ${shorten(value)}, not an object`);
};
export const list = (value: unknown, what: string): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  throw damaged(`${what} is ${shorten(value)}, not a list`);
};
export const word = (value: unknown, what: string): string => {
  if (typeof value === "string" && value !== "") return value;
  throw damaged(`${what} is ${shorten(value)}, not a name`);
};
/** What a record has under its own key; undefined for what it only inherits. */
export const own = (value: Json, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

/** Numbers that Python must see as floats, also where they are whole: `1.0`, of which JSON.stringify makes `1`. */
const floats: readonly string[] = [
  "learning_rate",
  "initial_learning_rate",
  "end_learning_rate",
  "warmup_target",
  "alpha",
  "momentum",
  "beta",
];
const mark = "\uE000float:";

/** The JSON of a value as Python's Keras wants it. */
export const pythonJson = (value: unknown): string =>
  JSON.stringify(value, (key, part: unknown) =>
    floats.includes(key) && Number.isSafeInteger(part) ? `${mark}${part as number}` : part,
  ).replace(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1.0");
