import { Cell, currentTrace, holderOf, hostLeaf, isLeaf } from "../engine/index.ts";
import type { Node } from "../graph/node.ts";
import * as ops from "../ops/index.ts";
import { evaluate, fromBytes, toBytes } from "../reference/index.ts";
import { Tensor } from "./tensor.ts";

/** The seed of the default generator until `setRandomSeed` is called. */
const defaultSeed = 0;

const keyType = { shape: [2], dtype: "u32" } as const;

/** A leaf with the key of `seed`, whose value the host knows. */
const seedLeaf = (seed: number): Node =>
  hostLeaf(toBytes(evaluate([ops.random.key(seed)])[0]!), keyType.shape, keyType.dtype, "key");

let generator: Cell | undefined;

/** The state of the default generator: a variable's memory, so that it works in jitted functions and can be saved. */
export function generatorCell(): Cell {
  generator ??= new Cell("random/state", seedLeaf(defaultSeed));
  return generator;
}

let present = defaultSeed;
/** The seed that the default generator started from last. */
export const randomSeed = (): number => present;

/** Starts the default generator again: the same seed gives the same numbers from here on. `fit` orders its data by it. */
export function setRandomSeed(seed: number): void {
  present = seed;
  generatorCell().assign(seedLeaf(seed));
}

/** The default generator's state as bytes, for files. */
export const randomState = {
  ...keyType,
  bytes: (): Promise<Uint8Array> => generatorCell().bytes(),
  assignBytes: (bytes: Uint8Array): void =>
    generatorCell().assign(hostLeaf(bytes, keyType.shape, keyType.dtype, "key")),
  /** Makes `seed` the one that `randomSeed` tells, without starting again. */
  restoreSeed: (seed: number): void => {
    present = seed;
  },
} as const;

/** The generator that stands in for the default one, if any. */
let substitute: { state: Node } | undefined;

/** Runs `body` with a generator that begins at `key` in place of the default one: the same key gives the same numbers. */
export function withKey<T>(key: Tensor, body: () => T): T {
  const outer = substitute;
  substitute = { state: key.node };
  try {
    return body();
  } finally {
    substitute = outer;
  }
}

/** A key that nobody else gets; the default generator moves on. Inside a jitted function it moves on at every run. */
export function nextKey(): Tensor<[2], "u32"> {
  if (substitute !== undefined) {
    const [state, key] = ops.random.split(substitute.state, 2);
    substitute.state = state!; // as below
    return new Tensor(key!);
  }
  const cell = generatorCell();
  const state = cell.read();
  const [next, key] = onHost(state) ?? ops.random.split(state, 2);
  cell.assign(next!); // split gives as many keys as asked for
  return new Tensor(key!);
}

/** Splits a key that the host knows there: outside of traces no program has to be compiled for that. */
function onHost(present: Node): Node[] | undefined {
  if (currentTrace() !== undefined || !isLeaf(present)) return undefined;
  const { host, overwritten } = holderOf(present).storage;
  if (!(host instanceof Uint8Array) || overwritten) return undefined;
  const bindings = new Map([[present, fromBytes(host, keyType.shape, keyType.dtype)]]);
  const keys = evaluate(ops.random.split(present, 2), bindings);
  return keys.map((key) => hostLeaf(toBytes(key), keyType.shape, keyType.dtype, "key"));
}
