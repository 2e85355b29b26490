import { DataError } from "../base/errors.ts";
import {
  type Frame,
  formatVersion,
  frameBytes,
  frameChecksum,
  frameHeaderBytes,
  headerBytes,
  kindOf,
  longestPayload,
  magic,
} from "./frame.ts";

/** A frame, and where it stands in the log. */
export interface PlacedFrame extends Frame {
  /** The offset of its first byte. */
  readonly offset: number;
}

/** Where and why a log could not be read on. What stands before is whole. */
export interface Damage {
  readonly offset: number;
  readonly what: string;
}

/**
 * Reads a log that arrives in pieces of any size. Frames come out whole or not at all: one that is torn off at the end waits
 * for its rest; a damaged one ends the reading, and what came before stays good.
 */
export class FrameDecoder {
  #rest: Uint8Array = new Uint8Array(0);
  /** The offset of the first byte of `#rest`. */
  #offset: number;
  #created: number | undefined;
  #damage: Damage | undefined;

  /** `offset` is where the first byte stands that will arrive: 0, or the beginning of a frame. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** Up to here everything was read: where the next tail begins. */
  get offset(): number {
    return this.#offset;
  }
  /** When the log was begun, in milliseconds since 1970; undefined before its header was read. */
  get created(): number | undefined {
    return this.#created;
  }
  get damage(): Damage | undefined {
    return this.#damage;
  }
  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#rest.length;
  }

  /** Takes the next bytes, and returns the frames that are whole now. Their payloads are copies at multiples of 8 B. */
  push(bytes: Uint8Array): PlacedFrame[] {
    if (this.#damage !== undefined) return [];
    // As a Uint8Array proper: `slice` of a Buffer, which files come in, is no copy.
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const all = this.#rest.length === 0 ? plain : joined(this.#rest, plain);
    let at = this.#readHeader(all);
    const frames: PlacedFrame[] = [];
    for (; at !== undefined; ) {
      const read = this.#readFrame(all, at);
      if (read === undefined) break;
      if (read.frame !== undefined) frames.push(read.frame);
      at += read.bytes;
    }
    const done = at ?? 0;
    this.#rest = all.slice(done);
    this.#offset += done;
    return frames;
  }

  /** Where frames begin in `all`; undefined when the header is not there, or is none. */
  #readHeader(all: Uint8Array): number | undefined {
    if (this.#offset > 0) return 0;
    const known = Math.min(magic.length, all.length);
    for (let byte = 0; byte < known; byte++)
      if (all[byte] !== magic[byte]) return this.#damaged(0, "it does not begin with NLOG: it is no run log");
    if (all.length < headerBytes) return undefined;
    const view = new DataView(all.buffer, all.byteOffset, headerBytes);
    const version = view.getUint16(4, true);
    if (version !== formatVersion)
      return this.#damaged(0, `it has version ${version} of the format, and only ${formatVersion} is known`);
    this.#created = view.getFloat64(8, true);
    return headerBytes;
  }

  /** The frame at `at`; without one where its kind is of a later version. Undefined when it is not whole, or damaged. */
  #readFrame(all: Uint8Array, at: number): { readonly frame?: PlacedFrame; readonly bytes: number } | undefined {
    if (all.length - at < frameHeaderBytes) return undefined;
    const view = new DataView(all.buffer, all.byteOffset + at);
    const length = view.getUint32(0, true);
    const offset = this.#offset + at;
    // Checked before the bytes are waited for: a wrong length must not keep us waiting for gigabytes.
    if (length > longestPayload) return this.#damaged(offset, `a frame says that it is ${length} bytes long`);
    const bytes = frameBytes(length);
    if (all.length - at < bytes) return undefined;
    if (view.getUint32(12, true) !== frameChecksum(all.subarray(at, at + bytes), length))
      return this.#damaged(offset, "a frame does not have its checksum");
    const kind = kindOf(view.getUint8(4));
    if (kind === undefined) return { bytes };
    const payload = all.slice(at + frameHeaderBytes, at + frameHeaderBytes + length);
    const [flags, stream, step] = [view.getUint8(5), view.getUint16(6, true), view.getUint32(8, true)];
    return { frame: { kind, flags, stream, step, payload, offset }, bytes };
  }

  #damaged(offset: number, what: string): undefined {
    this.#damage = { offset, what };
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

/** The frames of a whole log, and the damage that ended them. A DataError when it is no log at all. */
export function decodeFrames(bytes: Uint8Array): {
  readonly created: number;
  readonly frames: readonly PlacedFrame[];
  /** Up to here the log is whole; what comes after is torn, or damaged. */
  readonly end: number;
  readonly damage: Damage | undefined;
} {
  const decoder = new FrameDecoder();
  const frames = decoder.push(bytes);
  const { created, damage, offset } = decoder;
  if (created === undefined)
    throw new DataError(`the run log cannot be read: ${damage?.what ?? "it ends inside of its header"}`);
  return { created, frames, end: offset, damage };
}

/**
 * How many of `bytes` are whole frames (with the log's header, where `offset` is 0), by their lengths alone: what a server may
 * send on. Stops at a length that no frame has.
 */
export function wholeBytes(bytes: Uint8Array, offset: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = offset === 0 ? headerBytes : 0;
  if (at > bytes.length) return 0;
  while (bytes.length - at >= frameHeaderBytes) {
    const length = view.getUint32(at, true);
    if (length > longestPayload || bytes.length - at < frameBytes(length)) break;
    at += frameBytes(length);
  }
  return at;
}
