import { ArgumentError, DataError, suggest } from "../base/errors.ts";

/** How something is made again: its name in a catalogue, and its options as plain JSON. */
export interface Described {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

type Make<T> = (options: Readonly<Record<string, unknown>>) => T;

/** Things of one kind by name: a closed table of the library's, and what the program itself has registered. */
export class Catalogue<T> {
  readonly #kind: string;
  readonly #table: Readonly<Record<string, Make<T>>>;
  readonly #registered = new Map<string, Make<T>>();

  /** Each maker of `table` checks its options, also their types: they may come from a file. */
  constructor(kind: string, table: Readonly<Record<string, (options: never) => T>>) {
    this.#kind = kind;
    this.#table = table as Readonly<Record<string, Make<T>>>; // makers check what they are given
  }

  /** Lets names and files mean what `make` makes from the options that its `config` returned. */
  register(name: string, make: Make<T>): void {
    if (Object.hasOwn(this.#table, name)) {
      const article = /^[aeiou]/.test(this.#kind) ? "an" : "a";
      throw new ArgumentError(`"${name}" is the name of ${article} ${this.#kind} of the library`);
    }
    this.#registered.set(name, make);
  }

  /** True where a file that holds the name can be read again. */
  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** The thing of that name; an unknown name is an error with the nearest valid ones. */
  make(name: string, options: Readonly<Record<string, unknown>> = {}): T {
    const make = this.#find(name);
    if (make !== undefined) return make(options);
    const word = name.slice(0, 40);
    throw new ArgumentError({ what: `unknown ${this.#kind} "${word}"`, hint: suggest(word, this.names) });
  }

  /** The thing that untrusted JSON describes; `prepare` makes options of what is JSON only in files. */
  restore(described: unknown, prepare = (options: Described["options"]): Described["options"] => options): T {
    const { name, options } = isRecord(described) ? described : {};
    if (typeof name !== "string" || !isRecord(options)) {
      throw new DataError(`a ${this.#kind} is not described by its name and options`);
    }
    return this.make(name, prepare(options));
  }

  get names(): readonly string[] {
    return [...Object.keys(this.#table), ...this.#registered.keys()];
  }

  #find(name: string): Make<T> | undefined {
    return Object.hasOwn(this.#table, name) ? this.#table[name] : this.#registered.get(name);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
