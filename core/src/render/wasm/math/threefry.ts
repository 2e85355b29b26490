import type { Lane, Lanes } from "../lanes.ts";

/** Rotations of Threefry-2x32 (Salmon et al. 2011, table 2). */
const rotations = [13, 15, 26, 6, 17, 29, 16, 24] as const;
/** The parity constant of Threefish's key schedule for 32-bit words. */
const parity = 0x1bd11bda;

/** x0 ^ x1 of Threefry-2x32-20 with the key (key0, key1) and the counter (0, counter). */
export function threefry(lanes: Lanes, key0: Lane<"i32">, key1: Lane<"i32">, counter: Lane<"i32">): Lane<"i32"> {
  const keys = [key0, key1, lanes.xor(lanes.xor(key0, key1), parity)] as const;
  const key = (index: number): Lane<"i32"> => keys[index % 3]!;
  let x0 = key0;
  let x1 = lanes.add(counter, key1);
  for (let round = 0; round < 20; round++) {
    x0 = lanes.add(x0, x1);
    const rotation = rotations[round % 8]!;
    const rotated = lanes.or(lanes.shiftLeft(x1, rotation), lanes.shiftRightUnsigned(x1, 32 - rotation));
    x1 = lanes.xor(rotated, x0);
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    x0 = lanes.add(x0, key(injection));
    x1 = lanes.add(lanes.add(x1, key(injection + 1)), injection);
  }
  return lanes.xor(x0, x1);
}
