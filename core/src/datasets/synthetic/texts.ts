import { uniformSource } from "../../data/index.ts";
import { mixed } from "../../data/order.ts";
import type { Texts } from "../sequences.ts";

interface Kind {
  readonly count: number;
  readonly classes: number;
  readonly seed: number;
  /** Which part of the data set: others have other texts about the same. */
  readonly part: number;
}

const vocabulary = 20_000;
const shortest = 20;
const typical = 120;
/** How often a word is one that its class likes. */
const liking = 0.25;
/** Words that each class likes. */
const favourites = 12;

/** Lists of word numbers, small ones most often (Zipf), in which each class has words that it likes. */
export function syntheticTexts({ count, classes, seed, part }: Kind): Texts {
  const liked = uniformSource(mixed(seed, -3));
  const words = Array.from({ length: classes * favourites }, () => 10 + Math.floor(liked() * 1000));
  const uniform = uniformSource(mixed(seed, part));
  const labels = new Uint8Array(count);
  const texts = Array.from({ length: count }, (_, index) => {
    const label = Math.floor(uniform() * classes);
    labels[index] = label;
    const length = Math.floor(shortest - typical * Math.log(1 - uniform()));
    return Int32Array.from({ length }, () => {
      if (uniform() < liking) return words[label * favourites + Math.floor(uniform() * favourites)]!;
      // The inverse of 1/rank's distribution.
      return Math.floor(vocabulary ** uniform());
    });
  });
  return { texts, labels };
}

const speakers = ["FIRST LORD", "QUEEN", "HERALD", "SERVANT", "GHOST", "CAPTAIN"];
const subjects = ["the king", "my good lord", "this night", "thy sword", "a gentle heart", "the crown", "fair love"];
const verbs = ["doth keep", "hath lost", "will not see", "must answer", "shall remember", "would forgive"];
const objects = ["the winter", "his own shadow", "a faithful friend", "the bitter truth", "all sorrow", "our honour"];

/** A play of made-up lines, of exactly `length` letters: there is a grammar to be learnt. */
export function syntheticPlay(length: number, seed: number): string {
  const uniform = uniformSource(seed);
  const pick = (words: readonly string[]): string => words[Math.floor(uniform() * words.length)]!;
  const parts: string[] = [];
  for (let letters = 0; letters < length; ) {
    const lines = Array.from({ length: 1 + Math.floor(uniform() * 4) }, () => {
      const line = `${pick(subjects)} ${pick(verbs)} ${pick(objects)}`;
      return `${line[0]!.toUpperCase()}${line.slice(1)}${uniform() < 0.7 ? "," : "."}\n`;
    });
    const speech = `${pick(speakers)}:\n${lines.join("")}\n`;
    parts.push(speech);
    letters += speech.length;
  }
  return parts.join("").slice(0, length);
}
