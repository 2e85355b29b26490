import { ArgumentError, DataError } from "../base/errors.ts";
import type { TokenizerJson } from "./json.ts";

/** The part of the library's tokenizer that is used. */
export interface LibraryTokenizer {
  encode(
    text: string,
    options?: { readonly text_pair?: string | null; readonly add_special_tokens?: boolean },
  ): { readonly ids: readonly number[]; readonly tokens: readonly string[] };
  decode(
    ids: readonly number[],
    options?: { readonly skip_special_tokens?: boolean; readonly clean_up_tokenization_spaces?: boolean | null },
  ): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(withAddedTokens?: boolean): ReadonlyMap<string, number>;
}

interface Library {
  readonly Tokenizer: new (json: object, config: object) => LibraryTokenizer;
}

async function library(): Promise<Library> {
  // Not a literal, so that bundlers leave the optional package alone.
  const specifier = "@huggingface/tokenizers";
  try {
    return (await import(/* @vite-ignore */ specifier)) as Library; // the package's documented interface
  } catch {
    throw new ArgumentError({
      what: "tokenizers: the package @huggingface/tokenizers is missing",
      hint: "npm install @huggingface/tokenizers",
    });
  }
}

/** The library's tokenizer for a checked file; what it cannot use is a DataError. */
export async function makeTokenizer(json: TokenizerJson, config: object, source: string): Promise<LibraryTokenizer> {
  const { Tokenizer } = await library();
  return attempt(`${source}: the tokenizer cannot be made`, () => new Tokenizer(json, config));
}

/** What the library throws comes from the file: it is told as such. */
export function attempt<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const told = new DataError({ what: `${what}: ${reason.slice(0, 200)}`, hint: "is the tokenizer.json whole?" });
    told.cause = error;
    throw told;
  }
}
