import { ArgumentError, DataError, suggest } from "../base/errors.ts";
import { demandKinds, type KindsOf } from "../base/kinds.ts";
import { isPlain } from "./structure.ts";

/** How a function is written to a file: its name, and the arguments that it was made with. */
export type Named = string | { readonly name: string; readonly arguments: readonly unknown[] };

type Makers = { readonly [name: string]: (...given: never[]) => object };
/** The kinds of the options of each maker that takes some; the maker need not look at them. */
type OptionKinds<M extends Makers> = {
  readonly [K in keyof M as number extends NonNullable<Parameters<M[K]>[0]> ? never : K]?: KindsOf<
    NonNullable<Parameters<M[K]>[0]>
  >;
};
type MadeBy<M extends Makers> = ReturnType<M[keyof M]>;

/** Functions that layers take by name or as they are, and that files can name. */
export interface Catalog<M extends Makers, T extends object = MadeBy<M>> {
  /** The functions that make them: `initializers.randomNormal({ stddev: 0.1 })`. What they make can be saved. */
  readonly makers: M;
  /** `given` itself, or what the maker of that name makes without arguments. */
  resolve(given: string | T): T;
  /** The name and arguments of what a maker made, or the registered name; undefined for functions of the user's own. */
  describe(made: T): Named | undefined;
  /** What a file describes; undefined when it is no description at all. Unknown names are a DataError. */
  read(json: unknown): T | undefined;
  /** Lets files name a function of the user's own. */
  register(name: string, own: T): void;
}

/** A catalog of `what` ("initializer") from its table of makers, and what their options can be. */
export function catalog<M extends Makers>(what: string, table: M, options: OptionKinds<M> = {}): Catalog<M> {
  type T = MadeBy<M>;
  const described = new WeakMap<T, Named>();
  const registered = new Map<string, T>();
  const names = (): string[] => [...Object.keys(table), ...registered.keys()];

  const make = (name: string, given: readonly unknown[]): T => {
    // The maker's own parameter types guard typed callers, these and its checks all others.
    const kinds = (options as Readonly<Record<string, Parameters<typeof demandKinds>[2]>>)[name];
    if (kinds !== undefined) demandKinds(name, given[0] ?? {}, kinds);
    const value = (table[name] as (...given: readonly unknown[]) => T)(...given);
    // A tensor among the arguments is no text for a file.
    if (isNamed({ name, arguments: given }))
      described.set(value, given.length === 0 ? name : { name, arguments: given });
    return value;
  };
  const known = (name: string): T | undefined => (Object.hasOwn(table, name) ? make(name, []) : registered.get(name));

  return {
    // The same functions, which note what they made.
    makers: Object.fromEntries(
      Object.keys(table).map((name) => [name, (...given: unknown[]) => make(name, given)]),
    ) as unknown as M,
    resolve(given) {
      if (typeof given !== "string") return given;
      const found = known(given);
      if (found !== undefined) return found;
      throw new ArgumentError({ what: `unknown ${what} "${given}"`, hint: suggest(given, names()) });
    },
    describe: (value) => described.get(value),
    read(json) {
      const named = typeof json === "string" ? { name: json, arguments: [] } : isNamed(json) ? json : undefined;
      if (named === undefined) return undefined;
      const { name, arguments: given } = named;
      const found = given.length === 0 ? known(name) : Object.hasOwn(table, name) ? make(name, given) : undefined;
      if (found !== undefined) return found;
      const word = name.slice(0, 40);
      throw new DataError({ what: `there is no ${what} "${word}"`, hint: suggest(word, names()) });
    },
    register(name, own) {
      if (Object.hasOwn(table, name)) throw new ArgumentError(`${what} "${name}" is one of the library's`);
      registered.set(name, own);
      described.set(own, name);
    },
  };
}

/** Plain arguments only: numbers, texts, flags, and lists and records of them. */
function isNamed(json: unknown): json is { readonly name: string; readonly arguments: readonly unknown[] } {
  if (typeof json !== "object" || json === null) return false;
  const { name, arguments: given } = json as { readonly name?: unknown; readonly arguments?: unknown };
  const plain = (value: unknown): boolean =>
    value === null || (typeof value !== "object" && typeof value !== "function");
  const fits = (value: unknown, depth: number): boolean =>
    plain(value) ||
    (depth < 3 &&
      (Array.isArray(value) || isPlain(value)) &&
      Object.values(value as object).every((item) => fits(item, depth + 1)));
  return typeof name === "string" && Array.isArray(given) && given.length <= 8 && given.every((item) => fits(item, 0));
}
