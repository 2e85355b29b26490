import { random, type Tensor, type Variable, variable } from "../tensor/index.ts";
import { integer, optional } from "./fieldKinds.ts";

/** The option of layers that draw random numbers. */
export const seedFields = {
  /** The same numbers in every run. Default: the default generator's (see `setRandomSeed`). */
  seed: optional(integer()),
};

export type RandomVariables = { readonly seedState?: Variable };
export type Key = ReturnType<typeof random.key>;

/** The generator of a layer with a seed, as a Variable: checkpoints hold it. */
export const generatorOf = (seed: number | undefined): RandomVariables =>
  seed === undefined ? {} : { seedState: variable(random.key(seed), { trainable: false }) as Variable };

/** The next key of the layer's own generator; undefined for the default one. */
export function keyOf({ seedState }: RandomVariables): Key | undefined {
  if (seedState === undefined) return undefined;
  const [next, key] = random.split(seedState.read() as Tensor as Key) as [Key, Key]; // two unless told otherwise
  seedState.assign(next);
  return key;
}
