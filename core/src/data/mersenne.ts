import { ArgumentError } from "../base/errors.ts";

// MT19937: M. Matsumoto and T. Nishimura, "Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random number
// generator" (1998). NumPy's RandomState and Python's random.Random are this generator, seeded and read differently; known
// data sets are split by them, so we speak both dialects to the bit.

const size = 624;
const middle = 397;

/** The generator itself: 32 random bits a call, from a state of 624 words. */
function twister(state: Uint32Array): () => number {
  let next = size;
  const refill = (): void => {
    for (let at = 0; at < size; at++) {
      const mixed = (state[at]! & 0x80000000) | (state[(at + 1) % size]! & 0x7fffffff);
      state[at] = state[(at + middle) % size]! ^ (mixed >>> 1) ^ (mixed & 1 ? 0x9908b0df : 0);
    }
    next = 0;
  };
  return () => {
    if (next === size) refill();
    let bits = state[next++]!;
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}

/** `init_genrand` of the authors (2002): a state from one word. */
function stateOfWord(seed: number): Uint32Array {
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let at = 1; at < size; at++) {
    const before = state[at - 1]!;
    state[at] = Math.imul(1812433253, before ^ (before >>> 30)) + at;
  }
  return state;
}

/** `init_by_array` of the authors (2002): a state from any number of words. */
function stateOfWords(words: readonly number[]): Uint32Array {
  const state = stateOfWord(19650218);
  let at = 1;
  const advance = (): void => {
    if (++at < size) return;
    state[0] = state[size - 1]!;
    at = 1;
  };
  const mixed = (factor: number): number => {
    const before = state[at - 1]!;
    return state[at]! ^ Math.imul(before ^ (before >>> 30), factor);
  };
  for (let step = 0; step < Math.max(size, words.length); step++) {
    const word = step % words.length;
    state[at] = mixed(1664525) + words[word]! + word;
    advance();
  }
  for (let step = 1; step < size; step++) {
    state[at] = mixed(1566083941) - at;
    advance();
  }
  state[0] = 0x80000000;
  return state;
}

/** 53 random bits as a number in [0, 1): the same in both dialects. */
const uniformOf = (word: () => number): number => {
  const high = word() >>> 5;
  const low = word() >>> 6;
  return (high * 67108864 + low) / 9007199254740992;
};

type Mutable<T> = { length: number; [index: number]: T };

/** Fisher–Yates from the end, as both dialects do it; `below(n)` is a random number of 0 … n − 1. */
function shuffleBy<T>(values: Mutable<T>, below: (limit: number) => number): void {
  for (let last = values.length - 1; last > 0; last--) {
    const other = below(last + 1);
    const held = values[last]!;
    values[last] = values[other]!;
    values[other] = held;
  }
}

const checkSeed = (name: string, seed: number, limit: number): void => {
  if (Number.isSafeInteger(seed) && Math.abs(seed) <= limit && (name !== "numpyRandom" || seed >= 0)) return;
  throw new ArgumentError({
    what: `${name}: the seed must be a whole number${name === "numpyRandom" ? " from 0 to 4294967295" : ""}, received ${seed}`,
    hint: "the same seed gives the same numbers as in Python",
  });
};

/** A generator whose numbers are those of Python code with the same seed. */
export interface SeededRandom {
  /** A number in [0, 1). */
  random(): number;
  /** A whole number from `low` up to `high`, which is not included. */
  integer(low: number, high: number): number;
  /** Puts values in a random order, in place. */
  shuffle<T>(values: Mutable<T>): void;
}

/** The generator of NumPy's `RandomState(seed)`: `random_sample`, `randint` (of 64 bits, up to 2³² apart) and `shuffle`. */
export function numpyRandom(seed: number): SeededRandom & { permutation(count: number): Uint32Array } {
  checkSeed("numpyRandom", seed, 4294967295);
  const word = twister(stateOfWord(seed));
  // NumPy takes as many low bits as the largest number has, until the result is not above it.
  const upTo = (largest: number): number => {
    if (largest === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(largest);
    for (;;) {
      const value = (word() & mask) >>> 0;
      if (value <= largest) return value;
    }
  };
  const shuffle = <T>(values: Mutable<T>): void => shuffleBy(values, (limit) => upTo(limit - 1));
  return {
    random: () => uniformOf(word),
    integer: (low, high) => low + upTo(checkRange("numpyRandom", low, high) - 1),
    shuffle,
    permutation: (count) => {
      const order = Uint32Array.from({ length: count }, (_, index) => index);
      shuffle(order);
      return order;
    },
  };
}

/** The generator of Python's `random.Random(seed)`: `random`, `randrange` and `shuffle`. */
export function pythonRandom(seed: number): SeededRandom {
  checkSeed("pythonRandom", seed, Number.MAX_SAFE_INTEGER);
  const magnitude = Math.abs(seed);
  const [low, high] = [magnitude >>> 0, Math.floor(magnitude / 4294967296)];
  const word = twister(stateOfWords(high === 0 ? [low] : [low, high]));
  // Python takes as many high bits as the limit has, until the result is below it.
  const below = (limit: number): number => {
    const drop = Math.clz32(limit);
    for (;;) {
      const value = word() >>> drop;
      if (value < limit) return value;
    }
  };
  return {
    random: () => uniformOf(word),
    integer: (from, to) => from + below(checkRange("pythonRandom", from, to)),
    shuffle: (values) => shuffleBy(values, below),
  };
}

function checkRange(name: string, low: number, high: number): number {
  const range = high - low;
  if (Number.isSafeInteger(low) && Number.isSafeInteger(high) && range >= 1 && range <= 4294967295) return range;
  throw new ArgumentError(`${name}: no whole number can be drawn from ${low} up to ${high} (not included)`);
}
