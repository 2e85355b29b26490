/** A small generator (mulberry32, public domain by T. Ettinger): damage must be the same in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `count` damaged copies of the files: cut off, bits flipped, bytes replaced, pieces repeated, numbers made absurd. */
export function* mutated(files: readonly Uint8Array[], count: number, seed = 1): Generator<Uint8Array> {
  const random = generator(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const kinds: readonly ((file: Uint8Array) => Uint8Array)[] = [
    (file) => file.slice(0, below(file.length + 1)),
    (file) => {
      const copy = file.slice();
      for (let flips = 1 + below(8); flips > 0; flips--) copy[below(copy.length)]! ^= 1 << below(8);
      return copy;
    },
    // Headers are where damage hurts most.
    (file) => {
      const copy = file.slice();
      for (let changes = 1 + below(4); changes > 0; changes--) copy[below(Math.min(128, copy.length))] = below(256);
      return copy;
    },
    (file) => {
      const at = below(file.length);
      const piece = file.subarray(at, at + below(64));
      return Uint8Array.from([...file.subarray(0, at), ...piece, ...piece, ...file.subarray(at)]);
    },
    (file) => {
      const copy = file.slice();
      const at = below(Math.max(1, copy.length - 8));
      copy.set(
        [
          [0xff, 0xff, 0xff, 0xff],
          [0, 0, 0, 0x80],
          [0xff, 0xff, 0xff, 0x7f],
        ][below(3)]!.slice(0, copy.length - at),
        at,
      );
      return copy;
    },
  ];
  for (let made = 0; made < count; made++) yield kinds[below(kinds.length)]!(files[below(files.length)]!);
}
