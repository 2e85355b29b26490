import { type BackwardBits, BackwardBits as Bits, ForwardBits } from "./bits.ts";

// The two codes of Zstandard: finite state entropy (RFC 8878, section 4.1) and Huffman's (4.2).

/** For each state: its symbol, how many bits are read, and what they are added to for the next state. */
export interface States {
  /** Bits of the first state. */
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

const highestBit = (value: number): number => 31 - Math.clz32(value);

/** The states of a table of shares: of 2^log, and −1 for less than one. */
export function statesOf(shares: readonly number[], log: number): States {
  const size = 1 << log;
  const [symbols, bits, bases] = [new Uint8Array(size), new Uint8Array(size), new Uint16Array(size)];
  const next = shares.map((share) => Math.abs(share));
  let high = size;
  for (const [symbol, share] of shares.entries()) if (share === -1) symbols[--high] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (const [symbol, share] of shares.entries())
    for (let left = share; left > 0; left--) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  for (let state = 0; state < size; state++) {
    const count = next[symbols[state]!]!++;
    bits[state] = log - highestBit(count);
    bases[state] = (count << bits[state]!) - size;
  }
  return { log, symbols, bits, bases };
}

/** The table that always gives one symbol. */
export const oneState = (symbol: number): States => ({
  log: 0,
  symbols: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/** A table in the bytes, of at most `mostLog` bits and `most` symbols, and how many bytes it takes. */
export function readStates(
  bytes: Uint8Array,
  mostLog: number,
  most: number,
): { readonly states: States; readonly length: number } {
  const stream = new ForwardBits(bytes);
  const log = stream.read(4) + 5;
  if (log > mostLog) throw new Error(`a table of ${log} bits is too large`);
  const shares: number[] = [];
  let left = 1 << log;
  while (left > 0) {
    // One bit less where the value is small enough: there are left + 2 values.
    const width = highestBit(left + 1) + 1;
    const small = (1 << (width - 1)) - 1;
    const spare = (1 << width) - 2 - left;
    let value = stream.read(width - 1);
    if (value >= spare) {
      value += stream.read(1) << (width - 1);
      if (value > small) value -= spare;
    }
    const share = value - 1;
    left -= Math.abs(share);
    shares.push(share);
    for (let more = share === 0 ? 3 : 0; more === 3; ) {
      more = stream.read(2);
      for (let zeros = more; zeros > 0; zeros--) shares.push(0);
    }
    if (left < 0 || shares.length > most) throw new Error("the shares of a table do not add up");
  }
  return { states: statesOf(shares, log), length: stream.bytes };
}

/** For each beginning of `log` bits: the symbol, and how many of the bits are its own. */
export interface Codes {
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const longestCode = 11;

/** The code in the bytes, and how many of them it takes. */
export function readCodes(bytes: Uint8Array): { readonly codes: Codes; readonly length: number } {
  const head = bytes[0];
  if (head === undefined) throw new Error("the packed bytes end too early");
  if (head >= 128) {
    const count = head - 127;
    const length = 1 + Math.ceil(count / 2);
    if (length > bytes.length) throw new Error("the packed bytes end too early");
    const weights = Array.from({ length: count }, (_, at) => {
      const pair = bytes[1 + (at >> 1)]!;
      return at % 2 === 0 ? pair >> 4 : pair & 15;
    });
    return { codes: codesOf(weights), length };
  }
  const length = 1 + head;
  if (length > bytes.length) throw new Error("the packed bytes end too early");
  return { codes: codesOf(readWeights(bytes.subarray(1, length))), length };
}

/** Weights as symbols of two states in turn, until there are no more bits. */
function readWeights(bytes: Uint8Array): number[] {
  const { states, length } = readStates(bytes, 6, 256);
  const stream: BackwardBits = new Bits(bytes.subarray(length));
  const now = [stream.read(states.log), stream.read(states.log)] as [number, number];
  const weights: number[] = [];
  for (let turn = 0; ; turn = 1 - turn) {
    const state = now[turn]!;
    weights.push(states.symbols[state]!);
    if (weights.length > 254) throw new Error("a code has too many symbols");
    now[turn] = states.bases[state]! + stream.read(states.bits[state]!);
    if (stream.left >= 0) continue;
    weights.push(states.symbols[now[1 - turn]!]!);
    return weights;
  }
}

/** The code of these weights, to which one is added that fills it up. */
function codesOf(weights: number[]): Codes {
  const taken = weights.reduce((sum, weight) => sum + (weight === 0 ? 0 : 1 << (weight - 1)), 0);
  const log = taken === 0 ? 0 : highestBit(taken) + 1;
  const rest = (1 << log) - taken;
  if (taken === 0 || log > longestCode || (rest & (rest - 1)) !== 0)
    throw new Error("the weights of a code do not add up");
  weights.push(highestBit(rest) + 1);
  const [symbols, bits] = [new Uint8Array(1 << log), new Uint8Array(1 << log)];
  let at = 0;
  for (let weight = 1; weight <= log; weight++)
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      symbols.fill(symbol, at, at + (1 << (weight - 1)));
      bits.fill(log + 1 - weight, at, at + (1 << (weight - 1)));
      at += 1 << (weight - 1);
    }
  return { log, symbols, bits };
}

/** Fills `out` with symbols of a stream, which must end where they do. */
export function readSymbols(bytes: Uint8Array, { log, symbols, bits }: Codes, out: Uint8Array): void {
  const stream = new Bits(bytes);
  for (let at = 0; at < out.length; at++) {
    const code = stream.peek(log);
    out[at] = symbols[code]!;
    stream.left -= bits[code]!;
    if (stream.left < 0) throw new Error("a stream of bits ends too early");
  }
  if (stream.left !== 0) throw new Error("a stream of bits ends too late");
}
