// The format: LZ4's block format (lz4_Block_format.md): pieces that are copied from the packed bytes, and then from what has been
// unpacked already.

/** Unpacks an LZ4 block to exactly `length` bytes; throws an Error where it is damaged, and never reads or writes elsewhere. */
export function lz4Unpack(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let [from, to] = [0, 0];
  const byte = (): number => {
    const value = packed[from++];
    if (value === undefined) throw new Error("the packed bytes end too early");
    return value;
  };
  /** Fifteen says that more follows: bytes of 255, and one that is less. */
  const whole = (short: number): number => {
    let count = short;
    if (short === 15)
      for (let more = 255; more === 255; ) {
        more = byte();
        count += more;
      }
    if (to + count > length) throw new Error("it unpacks to more bytes than it should");
    return count;
  };
  while (from < packed.length) {
    const token = byte();
    const copied = whole(token >> 4);
    if (from + copied > packed.length) throw new Error("the packed bytes end too early");
    out.set(packed.subarray(from, from + copied), to);
    from += copied;
    to += copied;
    if (from === packed.length) break; // the last piece repeats nothing
    const back = byte() + 256 * byte();
    if (back === 0 || back > to) throw new Error("it repeats what is not there");
    const count = whole(token & 15) + 4;
    if (to + count > length) throw new Error("it unpacks to more bytes than it should");
    // What is repeated may overlap what is written: byte by byte, runs repeat themselves.
    for (const end = to + count; to < end; to++) out[to] = out[to - back]!;
  }
  if (to !== length) throw new Error("it unpacks to fewer bytes than it should");
  return out;
}
