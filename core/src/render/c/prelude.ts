import { mathSnippets } from "./math.ts";
import { scalarSnippets } from "./scalar.ts";
import type { Snippet } from "./snippet.ts";
import { typeSnippets } from "./types.ts";

/** All inline functions that kernels can call, in an order in which each comes after what it needs. */
const snippets = { ...typeSnippets, ...scalarSnippets, ...mathSnippets } as const satisfies Record<string, Snippet>;

export type SnippetName = keyof typeof snippets;

/** Collects what the kernels of one program use, so that the prelude holds nothing else. */
export class Prelude {
  readonly #used = new Set<string>();

  /** Notes that `name` is called, and returns it. */
  use<N extends SnippetName>(name: N): N {
    this.#add(name);
    return name;
  }

  /** The used functions as C, in the order of the table. */
  text(): string {
    const used = Object.entries(snippets).filter(([name]) => this.#used.has(name));
    return used.map(([, { text }]) => text).join("\n\n");
  }

  #add(name: string): void {
    if (this.#used.has(name)) return;
    this.#used.add(name);
    const table: Readonly<Record<string, Snippet>> = snippets;
    for (const need of table[name]?.needs ?? []) this.#add(need);
  }
}
