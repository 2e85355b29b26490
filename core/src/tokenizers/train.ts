import { ArgumentError } from "../base/errors.ts";
import { bytesInOrder, characterOf, wordPattern } from "./bytes.ts";
import type { TokenizerJson } from "./json.ts";
import { mergesOf } from "./merges.ts";

export interface TrainOptions {
  /** Tokens in all: special ones, the 256 bytes, and those that training makes. Default 30,000. */
  readonly vocabularySize?: number;
  /** How often a pair must be there to become a token. Default 2. */
  readonly minFrequency?: number;
  /** Tokens that stand for themselves, numbered first: ["<|endoftext|>"]. */
  readonly specialTokens?: readonly string[];
  /** Whether a space is put before texts, so that a first word is the token that it is elsewhere. Default false. */
  readonly addPrefixSpace?: boolean;
}

const encoder = new TextEncoder();

/**
 * A byte-level BPE vocabulary of texts (GPT-2's kind), as the contents of a `tokenizer.json`: what `tokenizer()` takes, and
 * what Hugging Face's libraries read. Texts are a list or an iterable, also an asynchronous one, of texts or lists of them.
 */
export async function trainBpe(texts: Texts, options: TrainOptions = {}): Promise<TokenizerJson> {
  const { vocabularySize = 30_000, minFrequency = 2, specialTokens = [], addPrefixSpace = false } = options;
  const least = specialTokens.length + bytesInOrder.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < least) {
    throw new ArgumentError({
      what: `trainBpe: vocabularySize must be at least ${least}, received ${vocabularySize}`,
      hint: `the ${bytesInOrder.length} bytes and the special tokens are part of it`,
    });
  }
  const counts = await wordCounts(texts, addPrefixSpace);
  const characters = bytesInOrder.map((byte) => characterOf[byte]!);
  const start = specialTokens.length;
  const numberOf = new Map(bytesInOrder.map((byte, at) => [byte, start + at]));
  const words = Array.from(counts.keys(), (word) =>
    Int32Array.from(encoder.encode(word), (byte) => numberOf.get(byte)!),
  );
  const { merges, tokens } = mergesOf(words, [...counts.values()], {
    tokens: [...specialTokens, ...characters],
    vocabularySize,
    minFrequency,
  });
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: addPrefixSpace, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, number) => [token, number])),
      merges: merges.map(({ first, second }) => [tokens[first]!, tokens[second]!]),
    },
  };
}

type Texts = Iterable<string | readonly string[]> | AsyncIterable<string | readonly string[]>;

async function wordCounts(texts: Texts, addPrefixSpace: boolean): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const take = (text: unknown): void => {
    if (typeof text !== "string")
      throw new ArgumentError(`trainBpe: expected texts, received ${text === null ? "null" : typeof text}`);
    const whole = addPrefixSpace && !text.startsWith(" ") ? ` ${text}` : text;
    for (const [word] of whole.matchAll(wordPattern)) counts.set(word, (counts.get(word) ?? 0) + 1);
  };
  if (typeof texts === "string") throw new ArgumentError("trainBpe: expected texts in a list, received one text");
  for await (const item of texts) {
    if (Array.isArray(item)) for (const text of item) take(text);
    else take(item);
  }
  return counts;
}
