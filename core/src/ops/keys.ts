import { isInteger } from "../base/dtype.ts";
import { ArgumentError } from "../base/errors.ts";
import type { Shape } from "../base/shape.ts";
import { build, dtypeError, type Node, shapeError } from "../graph/index.ts";

/*
 * A key is u32 [2], the key of Threefry-2x32 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). A key
 * is used once: for numbers, or to derive other keys. Derivation works on key ⊕ [tag, 0], so that derived keys and the
 * numbers of the same key come from different streams:
 *   split(key, n)   row i of randomBits(key ⊕ [splitTag, 0], [n, 2])
 *   fold(key, data) randomBits(key ⊕ [foldTag, 0], [2]) ⊕ [0, data]
 */
const splitTag = 0x73706c69; // "spli"
const foldTag = 0x666f6c64; // "fold"

/** A key made from a seed: a whole number from 0 to 2⁵³ − 1 as [high word, low word], or a u32 or i32 scalar as [0, seed]. */
export function key(seed: number | Node): Node {
  if (typeof seed !== "number") return pair(build.constant(0, "u32"), scalarWord("key", seed));
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentError({ what: `random.key: the seed ${seed} is no whole number from 0 to 2^53 - 1` });
  }
  return pair(build.constant(Math.floor(seed / 2 ** 32), "u32"), build.constant(seed % 2 ** 32, "u32"));
}

/** `count` new keys. */
export function split(parent: Node, count = 2): Node[] {
  if (!Number.isInteger(count) || count < 0) throw new ArgumentError(`random.split: ${count} is not a number of keys`);
  const rows = bits(tagged("split", parent, splitTag), [count, 2]);
  return Array.from({ length: count }, (_, row) => build.reshape(build.slice(rows, [row, 0], [1, 2]), [2]));
}

/** A new key made from a key and a number (a step, a layer's index): equal data give equal keys. */
export function fold(parent: Node, data: number | Node): Node {
  if (typeof data === "number" && !Number.isInteger(data))
    throw new ArgumentError(`random.fold: ${data} is no whole number`);
  const word = typeof data === "number" ? build.constant(data >>> 0, "u32") : scalarWord("fold", data);
  return build.bits("xor", bits(tagged("fold", parent, foldTag), [2]), pair(build.constant(0, "u32"), word));
}

/** u32 random bits in any shape: Threefry-2x32-20 with the counter (0, i) at element i, both words combined by xor. */
export function bits(from: Node, shape: Shape): Node {
  return build.randomBits(checkKey("bits", from), shape);
}

const tagged = (op: string, parent: Node, tag: number): Node =>
  build.bits("xor", checkKey(op, parent), pair(build.constant(tag, "u32"), build.constant(0, "u32")));

const pair = (high: Node, low: Node): Node => build.concat([build.reshape(high, [1]), build.reshape(low, [1])], 0);

function scalarWord(op: string, x: Node): Node {
  if (x.shape.length !== 0) throw shapeError(`random.${op}: expected a scalar`, [x]);
  if (!isInteger(x.dtype))
    throw dtypeError(`random.${op}: expected an integer, received ${x.dtype}`, [x], 'cast it: cast(x, "u32")');
  return build.cast(x, "u32");
}

function checkKey(op: string, from: Node): Node {
  if (from.dtype === "u32" && from.shape.length === 1 && from.shape[0] === 2) return from;
  throw shapeError(`random.${op}: the first argument is no key (u32 [2])`, [from], "make one with random.key(seed)");
}
