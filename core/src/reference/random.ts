import { sizeOf } from "../base/shape.ts";
import type { ReferenceRules } from "./rule.ts";

/** Rotations of Threefry-2x32, eight rounds; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), table 4. */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
/** The parity constant of the key schedule (Skein's C240, its low 32 bits). */
const parity = 0x1bd11bda;

/** The block of two u32 that Threefry-2x32 with 20 rounds makes of a key and a counter. */
export function threefry(
  [key0, key1]: readonly [number, number],
  [counter0, counter1]: readonly [number, number],
): readonly [number, number] {
  const keys = [key0, key1, key0 ^ key1 ^ parity];
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = rotations[round % 8]!;
    x0 = (x0 + x1) | 0;
    x1 = ((x1 << rotation) | (x1 >>> (32 - rotation))) ^ x0;
    if (round % 4 !== 3) continue;
    // Every fourth round the next key is added, and the number of the injection.
    const injection = (round + 1) / 4;
    x0 = (x0 + keys[injection % 3]!) | 0;
    x1 = (x1 + keys[(injection + 1) % 3]! + injection) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

export const random: ReferenceRules<"randomBits"> = {
  randomBits: ([key], { shape }, type) => {
    const [key0, key1] = [key!.data[0]!, key!.data[1]!];
    const bits = (_: unknown, index: number): number => {
      const [x0, x1] = threefry([key0, key1], [0, index]);
      return (x0 ^ x1) >>> 0;
    };
    return { ...type, data: Float64Array.from({ length: sizeOf(shape) }, bits) };
  },
};
