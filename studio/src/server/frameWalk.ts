import { closeSync, openSync, readSync } from "node:fs";
import {
  type FrameKind,
  frameBytes,
  frameHeaderBytes,
  headerBytes,
  kindOf,
  LogReader,
  longestPayload,
  type PlacedEntry,
} from "chainrule/record";

/** Bytes that are read at once. */
const pieceBytes = 256 * 1024;
/** Bytes that are gone through before others have their turn. */
const turnBytes = 4 * 2 ** 20;

/**
 * Goes through the frames of a log on disk as it grows, and reads those of some kinds; the others (pictures, histograms, traces, which
 * are most of a large log) are passed over by their length.
 */
export class FrameWalk {
  readonly #path: string;
  readonly #wanted: (kind: FrameKind) => boolean;
  #offset: number;
  #over = false;

  /** `from`: 0, or where a frame begins. */
  constructor(path: string, wanted: (kind: FrameKind) => boolean, from = 0) {
    this.#path = path;
    this.#wanted = wanted;
    this.#offset = from;
  }

  /** Up to here everything was gone through. */
  get offset(): number {
    return this.#offset;
  }

  /** Takes what is new up to `available`, entries and where their frames end; gives others their turn in between. */
  async update(available: number, take: (entry: PlacedEntry, end: number) => void): Promise<void> {
    if (this.#over || available <= Math.max(this.#offset, headerBytes)) return;
    const file = openSync(this.#path, "r");
    try {
      const reader = { file, available };
      if (this.#offset === 0) this.#readHeader(reader);
      for (let turn = this.#offset; !this.#over; turn = this.#offset) {
        if (!this.#go(reader, turn + turnBytes, take)) break;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      closeSync(file);
    }
  }

  #readHeader({ file }: Reading): void {
    const { damage } = readerOf(part(file, 0, headerBytes));
    if (damage === undefined) this.#offset = headerBytes;
    else this.#over = true;
  }

  /** Goes on to `until`; false when nothing whole is left. */
  #go({ file, available }: Reading, until: number, take: (entry: PlacedEntry, end: number) => void): boolean {
    let piece = { at: this.#offset, bytes: part(file, this.#offset, Math.min(pieceBytes, available - this.#offset)) };
    while (this.#offset < until) {
      if (available - this.#offset < frameHeaderBytes) return false;
      if (piece.at + piece.bytes.length - this.#offset < frameHeaderBytes)
        piece = { at: this.#offset, bytes: part(file, this.#offset, Math.min(pieceBytes, available - this.#offset)) };
      const from = this.#offset - piece.at;
      const view = new DataView(piece.bytes.buffer, piece.bytes.byteOffset + from);
      const length = view.getUint32(0, true);
      const kind = kindOf(view.getUint8(4));
      if (length > longestPayload) {
        this.#over = true;
        return false;
      }
      const bytes = frameBytes(length);
      if (available - this.#offset < bytes) return false;
      if (kind !== undefined && this.#wanted(kind)) {
        const whole = piece.bytes.length - from >= bytes ? piece.bytes.subarray(from, from + bytes) : undefined;
        const reader = new LogReader(this.#offset);
        const frame = whole ?? part(file, this.#offset, bytes);
        for (const entry of reader.push(frame)) take(entry, this.#offset + bytes);
        // What is damaged ends the reading, as everywhere.
        if (reader.damage !== undefined) {
          this.#over = true;
          return false;
        }
      }
      this.#offset += bytes;
    }
    return true;
  }
}

interface Reading {
  readonly file: number;
  readonly available: number;
}

const readerOf = (bytes: Uint8Array): LogReader => {
  const reader = new LogReader();
  reader.push(bytes);
  return reader;
};

function part(file: number, from: number, length: number): Uint8Array {
  const buffer = new Uint8Array(length);
  return buffer.subarray(0, readSync(file, buffer, 0, length, from));
}
