/** x³² + x²⁸ + … of Castagnoli (1993), bits reversed: the checksum of TensorBoard's event files and of our checkpoints. */
const polynomial = 0x82f63b78;

/** tables[k][b]: what the byte b does to the checksum when k more bytes follow it. */
const tables: readonly Uint32Array[] = (() => {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    return value;
  });
  const all = [first];
  for (let k = 1; k < 4; k++) all.push(all[k - 1]!.map((value) => (value >>> 8) ^ first[value & 255]!));
  return all;
})();

/** The CRC-32C of `bytes`; `before` is that of the bytes before them. Four bytes a round (Kounavis & Berry 2005). */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const [t0, t1, t2, t3] = tables as readonly [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc = t3[crc & 255]! ^ t2[(crc >>> 8) & 255]! ^ t1[(crc >>> 16) & 255]! ^ t0[crc >>> 24]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[at]!) & 255]!;
  return ~crc >>> 0;
}
