import { damaged } from "./json.ts";

// Patterns of paths in files of Keras are regular expressions of Python. A file of others must not choose what a backtracking
// engine does with our time, so the part of that language that paths need is read here, and followed in all ways at once:
// characters, ., [abc], groups, |, and *, + and ? after them.

type Pattern =
  | { readonly kind: "character"; readonly matches: (character: string) => boolean }
  | { readonly kind: "sequence"; readonly parts: readonly Pattern[] }
  | { readonly kind: "choice"; readonly parts: readonly Pattern[] }
  | { readonly kind: "repeat"; readonly part: Pattern; readonly least: 0 | 1; readonly most: 1 | typeof many };
const many = Number.POSITIVE_INFINITY;
const longest = 10_000;
const deepest = 50;

/** Whether the whole text is what the pattern (untrusted) means. */
export function fullMatch(pattern: string): (text: string) => boolean {
  const read = readPattern(pattern);
  return (text) => ends(read, text, new Set([0])).has(text.length);
}

/** Where the pattern can end in the text, when it begins at any of `starts`. */
function ends(pattern: Pattern, text: string, starts: ReadonlySet<number>): Set<number> {
  switch (pattern.kind) {
    case "character":
      return new Set([...starts].filter((at) => at < text.length && pattern.matches(text[at]!)).map((at) => at + 1));
    case "sequence":
      return pattern.parts.reduce((from, part) => ends(part, text, from), new Set(starts));
    case "choice":
      return new Set(pattern.parts.flatMap((part) => [...ends(part, text, starts)]));
    case "repeat": {
      const found = new Set(pattern.least === 0 ? starts : []);
      let from: ReadonlySet<number> = starts;
      for (let times = 0; times < pattern.most && from.size > 0; times++) {
        from = new Set([...ends(pattern.part, text, from)].filter((at) => !found.has(at)));
        for (const at of from) found.add(at);
      }
      return found;
    }
  }
}

/** The pattern's parts, from the left. */
function readPattern(text: string): Pattern {
  const unknown = (): Error =>
    damaged(
      `the pattern "${text.slice(0, 60)}" is not understood`,
      "known are characters, ., [abc], ( ), |, *, + and ?",
    );
  if (text.length > longest) throw unknown();
  let at = 0;
  const choice = (depth: number): Pattern => {
    if (depth > deepest) throw unknown();
    const parts = [sequence(depth)];
    while (text[at] === "|") {
      at++;
      parts.push(sequence(depth));
    }
    return parts.length === 1 ? parts[0]! : { kind: "choice", parts };
  };
  const sequence = (depth: number): Pattern => {
    const parts: Pattern[] = [];
    while (at < text.length && text[at] !== "|" && text[at] !== ")") parts.push(repeated(one(depth)));
    return { kind: "sequence", parts };
  };
  const repeated = (part: Pattern): Pattern => {
    const mark = text[at];
    if (mark !== "*" && mark !== "+" && mark !== "?") return part;
    at++;
    if (text[at] === "?") at++; // a short match is as whole as a long one
    if ("*+?{".includes(text[at] ?? " ")) throw unknown();
    return { kind: "repeat", part, least: mark === "+" ? 1 : 0, most: mark === "?" ? 1 : many };
  };
  const one = (depth: number): Pattern => {
    const character = text[at++]!;
    if (character === "(") {
      if (text[at] === "?" && text[at + 1] === ":") at += 2;
      const inner = choice(depth + 1);
      if (text[at++] !== ")") throw unknown();
      return inner;
    }
    if (character === ".") return { kind: "character", matches: () => true };
    if (character === "[") return oneOf();
    if (character === "\\") return literal(escaped(text[at++]));
    if ("*+?{}]".includes(character)) throw unknown();
    // Whole texts are compared: their borders are known.
    if (character === "^" || character === "$") return { kind: "sequence", parts: [] };
    return literal(character);
  };
  const oneOf = (): Pattern => {
    const not = text[at] === "^";
    if (not) at++;
    const end = text.indexOf("]", at);
    const inside = end < 0 ? "" : text.slice(at, end);
    if (inside === "" || inside.includes("\\")) throw unknown();
    at = end + 1;
    return { kind: "character", matches: (character) => isAmong(character, inside) !== not };
  };
  const escaped = (character: string | undefined): string => {
    if (character === undefined || /[a-z0-9]/i.test(character)) throw unknown();
    return character;
  };
  const whole = choice(0);
  if (at < text.length) throw unknown();
  return whole;
}

const literal = (wanted: string): Pattern => ({ kind: "character", matches: (character) => character === wanted });

/** Whether the character is in a list like "a-z_". */
function isAmong(character: string, list: string): boolean {
  for (let at = 0; at < list.length; at++) {
    const to = list[at + 1] === "-" ? list[at + 2] : undefined;
    if (to !== undefined ? character >= list[at]! && character <= to : character === list[at]) return true;
    if (to !== undefined) at += 2;
  }
  return false;
}

/** A text as a pattern of itself. */
export const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
