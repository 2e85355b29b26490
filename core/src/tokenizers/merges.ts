import { Heap } from "./heap.ts";

/** Two tokens that became one, in the order in which that happened. */
export interface Merge {
  readonly first: number;
  readonly second: number;
}

export interface Merged {
  readonly merges: readonly Merge[];
  /** The bytes of all tokens, as characters: those given, and those that merges made. */
  readonly tokens: readonly string[];
}

export interface MergeOptions {
  /** The tokens of one character each, by their numbers. */
  readonly tokens: readonly string[];
  readonly vocabularySize: number;
  readonly minFrequency: number;
  readonly onMerge?: ((done: number) => void) | undefined;
}

/** A pair that may be merged: how often it stood in the words `places` when it was found. */
interface Candidate {
  readonly key: number;
  readonly count: number;
  readonly places: readonly number[];
}

// A pair of tokens as one number: exact up to this many tokens.
const most = 2 ** 26;
const keyOf = (first: number, second: number): number => first * most + second;

/**
 * The most frequent pair of neighbours becomes a token, again and again (Gage 1994; Sennrich et al. 2016). Counts of pairs
 * are kept up to date where words change, and candidates wait in a heap with the count of when they were found: one whose
 * count has changed goes back. Of equally frequent pairs the one with the lower numbers comes first; all of this is as in
 * Hugging Face's trainer, so the same words give the same merges.
 */
export function mergesOf(words: readonly Int32Array[], counts: readonly number[], options: MergeOptions): Merged {
  const tokens = [...options.tokens];
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const pairCounts = new Map<number, number>();
  const found = new Map<number, number[]>();
  const texts = words.map((word) => word.slice());
  const lengths = Int32Array.from(words, ({ length }) => length);

  const note = (key: number, place: number, change: number): void => {
    pairCounts.set(key, (pairCounts.get(key) ?? 0) + change);
    if (change < 0) return;
    const places = found.get(key);
    if (places === undefined) found.set(key, [place]);
    else if (places.at(-1) !== place) places.push(place);
  };
  texts.forEach((word, place) => {
    for (let at = 1; at < word.length; at++) note(keyOf(word[at - 1]!, word[at]!), place, counts[place]!);
  });

  const heap = new Heap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.key < b.key));
  const offer = (): void => {
    for (const [key, places] of found) {
      const count = pairCounts.get(key)!;
      if (count > 0) heap.push({ key, count, places });
    }
    found.clear();
  };
  offer();

  const merges: Merge[] = [];
  while (tokens.length < options.vocabularySize) {
    const top = heap.pop();
    if (top === undefined) break;
    const count = pairCounts.get(top.key)!;
    if (count !== top.count) {
      heap.push({ ...top, count });
      continue;
    }
    if (count < 1 || count < options.minFrequency) break;
    const [first, second] = [Math.floor(top.key / most), top.key % most];
    const token = tokens[first]! + tokens[second]!;
    const number = numbers.get(token) ?? tokens.length;
    if (number === tokens.length) {
      tokens.push(token);
      numbers.set(token, number);
    }
    merges.push({ first, second });
    for (const place of top.places) {
      const weight = counts[place]!;
      const word = texts[place]!;
      lengths[place] = mergedIn(word, lengths[place]!, first, second, number, (key, sign) =>
        note(key, place, sign * weight),
      );
    }
    offer();
    options.onMerge?.(merges.length);
  }
  return { merges, tokens };
}

/** Merges a pair in a word, in place; tells what becomes of the pairs around it. The word's new length. */
function mergedIn(
  word: Int32Array,
  length: number,
  first: number,
  second: number,
  number: number,
  change: (key: number, sign: 1 | -1) => void,
): number {
  let kept = 0;
  for (let at = 0; at < length; at++) {
    if (word[at] !== first || at + 1 >= length || word[at + 1] !== second) {
      word[kept++] = word[at]!;
      continue;
    }
    if (kept > 0) {
      change(keyOf(word[kept - 1]!, first), -1);
      change(keyOf(word[kept - 1]!, number), 1);
    }
    word[kept++] = number;
    if (at + 2 < length) {
      change(keyOf(second, word[at + 2]!), -1);
      change(keyOf(number, word[at + 2]!), 1);
    }
    at++;
  }
  return kept;
}
