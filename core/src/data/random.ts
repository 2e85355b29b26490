/** A seeded source of uniform numbers in [0, 1) for the host's own choices (orders, splits): sfc32 by C. Doty-Humphrey. */
export function uniformSource(seed: number): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 4294967296) | 0;
  let c = 0x9e3779b9 | 0;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  for (let round = 0; round < 12; round++) next();
  return next;
}

/** A random order of 0 … count − 1 (Fisher–Yates); the same for the same seed and round (epoch). */
export function permutation(count: number, seed: number, round = 0): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  const uniform = uniformSource((seed >>> 0) + round * 4294967296);
  for (let last = count - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}
