/** tables[k][b]: what the byte b does to the checksum when k more bytes follow it. */
function tablesOf(polynomial: number): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  const all = [first];
  for (let k = 1; k < 4; k++) all.push(all[k - 1]!.map((value) => (value >>> 8) ^ first[value & 255]!));
  return all;
}

/** The checksum of a polynomial of degree 32, bits reversed. Four bytes a round (Kounavis & Berry 2005). */
function checksum(polynomial: number): (bytes: Uint8Array, before?: number) => number {
  let tables: readonly Uint32Array[] | undefined;
  return (bytes, before = 0) => {
    tables ??= tablesOf(polynomial);
    const [t0, t1, t2, t3] = tables as readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array]; // tablesOf makes four
    let crc = ~before;
    let at = 0;
    for (const end = bytes.length - 3; at < end; at += 4) {
      crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!;
    }
    for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
    return ~crc >>> 0;
  };
}

/**
 * The CRC-32C of `bytes`, of Castagnoli (1993): the checksum of TensorBoard's event files and of our checkpoints. `before` is
 * that of the bytes before them.
 */
export const crc32c = checksum(0x82f63b78);
/** The CRC-32 of `bytes` (ISO 3309), as zip files use it; `before` is that of the bytes before them. */
export const crc32 = checksum(0xedb88320);
