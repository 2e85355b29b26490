import { crc32c } from "../base/crc32c.ts";
import { ArgumentError } from "../base/errors.ts";

// The run log: one format for the file on disk, the HTTP stream, a worker's messages and a dropped file. Little-endian.
//
//   header 16 B:  "NLOG" · u16 version · u16 flags · f64 created (milliseconds since 1970)
//   frame:        u32 length of the payload · u8 kind · u8 flags · u16 stream · u32 step · u32 checksum · payload, padded to 8 B
//
// The checksum is the CRC-32C of the first twelve bytes of the frame and its payload. Everything begins at multiples of 8 B, so
// numbers of a payload can be read where they lie.

export const headerBytes = 16;
export const frameHeaderBytes = 16;
export const formatVersion = 1;
/** "NLOG". */
export const magic = Uint8Array.of(0x4e, 0x4c, 0x4f, 0x47);
/** No honest frame is longer: checked before anything is allocated for it. */
export const longestPayload = 64 * 2 ** 20;

/** What a payload is; see `entry.ts`. */
export const frameKinds = {
  event: 1,
  define: 2,
  scalars: 3,
  stats: 4,
  histogram: 5,
  slice: 6,
  spans: 7,
  memory: 8,
  checkpoint: 9,
  index: 10,
} as const;
export type FrameKind = keyof typeof frameKinds;

/** Bits of a frame's flags. */
export const frameFlags = {
  /** Made because a page asked: it does not count in throughput, and may be left out. */
  onDemand: 1,
} as const;

export interface Frame {
  readonly kind: FrameKind;
  readonly flags: number;
  /** The tensor that it tells of (see `TensorDefinition`), or 0. */
  readonly stream: number;
  /** Steps of training that were done when this was true. */
  readonly step: number;
  readonly payload: Uint8Array;
}

export const padded = (length: number): number => (length + 7) & ~7;
/** Bytes of a whole frame with a payload of so many bytes. */
export const frameBytes = (payloadBytes: number): number => frameHeaderBytes + padded(payloadBytes);

const names = new Map(Object.entries(frameKinds).map(([name, code]) => [code as number, name as FrameKind]));
/** The name of a kind; undefined for one that this version does not know. */
export const kindOf = (code: number): FrameKind | undefined => names.get(code);

/** The first bytes of a log. `created` is in milliseconds since 1970. */
export function encodeHeader(created: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  view.setUint16(4, formatVersion, true);
  view.setFloat64(8, created, true);
  return bytes;
}

/** One frame as bytes. */
export function encodeFrame({ kind, flags, stream, step, payload }: Frame): Uint8Array {
  if (payload.length > longestPayload) {
    throw new ArgumentError({
      what: `a frame of ${payload.length} bytes is too long for the run log`,
      hint: `at most ${longestPayload} bytes; write it as several, or as a blob`,
    });
  }
  const bytes = new Uint8Array(frameBytes(payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint8(4, frameKinds[kind]);
  view.setUint8(5, flags);
  view.setUint16(6, stream, true);
  view.setUint32(8, step, true);
  bytes.set(payload, frameHeaderBytes);
  view.setUint32(12, frameChecksum(bytes, payload.length), true);
  return bytes;
}

/** The checksum that belongs at byte 12 of the frame that `bytes` begin with. */
export const frameChecksum = (bytes: Uint8Array, payloadBytes: number): number =>
  crc32c(bytes.subarray(frameHeaderBytes, frameHeaderBytes + payloadBytes), crc32c(bytes.subarray(0, 12)));
