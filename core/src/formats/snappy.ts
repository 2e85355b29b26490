// The format: Google's snappy, format_description.txt: the length, then pieces that are copied from the packed bytes or from
// what has been unpacked already.

/** Unpacks Snappy data to exactly `length` bytes; throws an Error where it is damaged, and never reads or writes elsewhere. */
export function snappyUnpack(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let [from, to] = [0, 0];
  const byte = (): number => {
    const value = packed[from++];
    if (value === undefined) throw new Error("the packed bytes end too early");
    return value;
  };
  /** A number of `bytes` bytes, the lowest first. */
  const number = (bytes: number): number => {
    let value = 0;
    for (let place = 0; place < bytes; place++) value += byte() * 2 ** (8 * place);
    return value;
  };
  const need = (count: number): void => {
    if (to + count > length) throw new Error("it unpacks to more bytes than it should");
  };
  // The length, which the page has said as well.
  while (byte() >= 128);
  while (from < packed.length) {
    const tag = byte();
    if ((tag & 3) === 0) {
      const short = tag >> 2;
      const count = (short < 60 ? short : number(short - 59)) + 1;
      need(count);
      if (from + count > packed.length) throw new Error("the packed bytes end too early");
      out.set(packed.subarray(from, from + count), to);
      from += count;
      to += count;
      continue;
    }
    const isShort = (tag & 3) === 1;
    const count = isShort ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = isShort ? (tag >> 5) * 256 + byte() : number((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > to) throw new Error("it repeats what is not there");
    need(count);
    // What is repeated may overlap what is written: byte by byte, runs repeat themselves.
    for (const end = to + count; to < end; to++) out[to] = out[to - back]!;
  }
  if (to !== length) throw new Error("it unpacks to fewer bytes than it should");
  return out;
}
