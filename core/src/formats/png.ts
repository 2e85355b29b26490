import { crc32 } from "../base/crc32c.ts";

// Portable Network Graphics (ISO/IEC 15948): a signature, and chunks of a length, a name, data and their checksum. Pixels are a
// zlib stream (RFC 1950), here of blocks that are stored as they are: whoever keeps many of them compresses the whole file.

const signature = [137, 80, 78, 71, 13, 10, 26, 10];
const longestBlock = 65_535;
/** Kinds of pixels by their channels: grey, and red, green, blue. */
const pixelKinds = { 1: 0, 3: 2 } as const;

/** A picture of `height` × `width` pixels of a byte a channel, row by row, as a PNG file. */
export function encodePng(pixels: Uint8Array, height: number, width: number, channels: 1 | 3): Uint8Array {
  const stride = width * channels;
  const rows = new Uint8Array(height * (stride + 1)); // before each row stands its filter: 0, none
  for (let row = 0; row < height; row++)
    rows.set(pixels.subarray(row * stride, (row + 1) * stride), row * (stride + 1) + 1);
  const head = [...bigEndian(width), ...bigEndian(height), 8, pixelKinds[channels], 0, 0, 0];
  const parts = [
    Uint8Array.from(signature),
    chunk("IHDR", Uint8Array.from(head)),
    chunk("IDAT", stored(rows)),
    chunk("IEND", new Uint8Array(0)),
  ];
  return joined(parts);
}

const bigEndian = (value: number): readonly number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

function chunk(name: string, data: Uint8Array): Uint8Array {
  const named = joined([new TextEncoder().encode(name), data]);
  return joined([Uint8Array.from(bigEndian(data.length)), named, Uint8Array.from(bigEndian(crc32(named)))]);
}

/** A zlib stream that holds the bytes as they are. */
function stored(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 1)];
  for (let at = 0; at < bytes.length; at += longestBlock) {
    const block = bytes.subarray(at, at + longestBlock);
    const isLast = at + block.length === bytes.length;
    const { length } = block;
    parts.push(Uint8Array.of(Number(isLast), length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), block);
  }
  parts.push(Uint8Array.from(bigEndian(adler32(bytes))));
  return joined(parts);
}

function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65_521;
    high = (high + low) % 65_521;
  }
  return ((high << 16) | low) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
