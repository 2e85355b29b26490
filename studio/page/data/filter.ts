// The filter of the table of runs: `acc>0.9 & lr<0.01`, `cnn | optimizer=adam`, `!failed`.
//
//   any  = all { "|" all }      all = term { ["&"] term }      term = ["!"] ( "(" any ")" | name op value | word )
//
// A word is looked for in name, state and note. Names may be the ends of words: "acc" means "validation/accuracy" before "accuracy".

import { type Facts, factOf } from "./facts.ts";

export type Filter = (facts: Facts) => boolean;

const operators = {
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
  "!=": (a, b) => a !== b,
  "=": (a, b) => a === b,
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
} satisfies Record<string, (a: number | string, b: number | string) => boolean>;

const tokenPattern = /\s*(<=|>=|!=|[<>=&|()!]|"[^"]*"|[^\s<>=&|()!"]+)/y;

/** The filter that a text means; a sentence when it means none. */
export function parseFilter(text: string): Filter | string {
  const tokens: string[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = tokenPattern.lastIndex) {
    const found = tokenPattern.exec(text);
    if (found === null) return `"${text.slice(at)}" cannot be read`;
    tokens.push(found[1]!);
  }
  if (tokens.length === 0) return () => true;
  try {
    const parser = new Parser(tokens);
    const filter = parser.any();
    return parser.done ? filter : `"${parser.next()}" is one too many`;
  } catch (error) {
    if (error instanceof FilterError) return error.message;
    throw error;
  }
}

class FilterError extends Error {}

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get done(): boolean {
    return this.#at === this.#tokens.length;
  }

  next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new FilterError("something is missing at the end");
    return token;
  }

  any(): Filter {
    let left = this.#all();
    while (this.#takes("|")) left = either(left, this.#all());
    return left;
  }

  #all(): Filter {
    let left = this.#term();
    for (;;) {
      const and = this.#takes("&");
      if (!and && (this.done || [")", "|"].includes(this.#tokens[this.#at]!))) return left;
      left = both(left, this.#term());
    }
  }

  #term(): Filter {
    if (this.#takes("!")) {
      const inner = this.#term();
      return (facts) => !inner(facts);
    }
    if (this.#takes("(")) {
      const inner = this.any();
      if (!this.#takes(")")) throw new FilterError("a ) is missing");
      return inner;
    }
    const name = this.next();
    const operator = this.#tokens[this.#at];
    if (operator === undefined || !Object.hasOwn(operators, operator)) return hasWord(unquoted(name));
    this.#at++;
    return compare(name, operator as keyof typeof operators, unquoted(this.next())); // it is one of the table's
  }

  #takes(token: string): boolean {
    const found = this.#tokens[this.#at] === token;
    if (found) this.#at++;
    return found;
  }
}

const unquoted = (token: string): string => token.replace(/^"(.*)"$/, "$1");
const both =
  (a: Filter, b: Filter): Filter =>
  (facts) =>
    a(facts) && b(facts);
const either =
  (a: Filter, b: Filter): Filter =>
  (facts) =>
    a(facts) || b(facts);

const hasWord =
  (word: string): Filter =>
  (facts) =>
    [facts["name"], facts["state"], facts["note"]].some((each) =>
      String(each ?? "")
        .toLowerCase()
        .includes(word.toLowerCase()),
    );

function compare(name: string, operator: keyof typeof operators, value: string): Filter {
  const asNumber = Number(value);
  return (facts) => {
    const own = factOf(facts, name);
    if (own === undefined) return false;
    if (typeof own === "number") return operators[operator](own, asNumber);
    return operators[operator](own.toLowerCase(), value.toLowerCase());
  };
}
