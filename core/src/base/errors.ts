/** A line of context in an error: a role ("left"), the value received, and where it came from. */
export interface Detail {
  readonly role: string;
  readonly value: string;
  readonly origin?: string;
}

export interface ErrorParts {
  /** What failed and why, in the user's words: "matmul: inner sizes differ, 784 and 512". */
  readonly what: string;
  /** What was received, one line each. */
  readonly details?: readonly Detail[];
  /** What to do about it. */
  readonly hint?: string;
}

const format = ({ what, details = [], hint }: ErrorParts): string => {
  const roleWidth = Math.max(4, ...details.map(({ role }) => role.length));
  const valueWidth = Math.max(0, ...details.map(({ value }) => value.length));
  const lines = details.map(({ role, value, origin }) =>
    `  ${role.padEnd(roleWidth)}  ${origin === undefined ? value : `${value.padEnd(valueWidth)}  ${origin}`}`.trimEnd(),
  );
  if (hint !== undefined) lines.push(`  ${"hint".padEnd(roleWidth)}  ${hint}`);
  return [what, ...lines].join("\n");
};

/** The root of all errors that users can cause; `instanceof ChainruleError` tells them from bugs. */
export class ChainruleError extends Error {
  declare readonly parts: ErrorParts;
  constructor(parts: ErrorParts | string) {
    const whole = typeof parts === "string" ? { what: parts } : parts;
    super(format(whole));
    // Consoles print what is enumerable below the message, which says it all already.
    Object.defineProperty(this, "parts", { value: whole, enumerable: false });
  }
  override get name(): string {
    return this.constructor.name;
  }
}

/** Shapes or ranks do not fit. */
export class ShapeError extends ChainruleError {}
/** Element types do not fit. */
export class DTypeError extends ChainruleError {}
/** An argument has a value that is not allowed. */
export class ArgumentError extends ChainruleError {}
/** Data (an array, a file, a label) is not what the operation can accept. */
export class DataError extends ChainruleError {}
/** A device is missing, failed, or cannot do what was asked. */
export class DeviceError extends ChainruleError {}
/** A traced value was read, or tracing was used where it cannot work. */
export class TraceError extends ChainruleError {}
/** A bug of ours. */
export class InternalError extends Error {
  override readonly name = "InternalError";
}

/** Levenshtein distance between two words. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitute = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitute, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}

/** A hint that names the nearest valid word first: `did you mean "adam"? Valid: "adam", "sgd"`. */
export function suggest(word: string, valid: readonly string[]): string {
  const lower = word.toLowerCase();
  const ranked = [...valid].sort((a, b) => distance(lower, a.toLowerCase()) - distance(lower, b.toLowerCase()));
  const nearest = ranked[0];
  const close = nearest !== undefined && distance(lower, nearest.toLowerCase()) <= Math.max(2, word.length / 2);
  const list = `valid names are ${valid.map((name) => `"${name}"`).join(", ")}`;
  return close ? `did you mean "${nearest}"? ${list}` : list;
}

/** `value` if it is one of `choices`; an ArgumentError that names the nearest of them otherwise. `who` asks: "conv". */
export function oneOf<const Choice extends string>(
  what: string,
  value: Choice,
  choices: readonly Choice[],
  who?: string,
): Choice {
  if (choices.includes(value)) return value;
  const asked = who === undefined ? "" : `${who}: `;
  const said = typeof value === "object" ? JSON.stringify(value) : `"${value}"`; // an object of options, where a name stands
  throw new ArgumentError({ what: `${asked}unknown ${what} ${said}`, hint: suggest(String(value), choices) });
}
