import { ChainruleError, DataError } from "../base/errors.ts";
import { type Damage, FrameDecoder } from "./decoder.ts";
import { type Entry, toEntry } from "./entry.ts";

/** An entry, and the offset of its frame. */
export type PlacedEntry = Entry & { readonly offset: number };

/** Reads the entries of a log that arrives in pieces of any size. One whose payload is not what it should be is left out, and told. */
export class LogReader {
  readonly #frames: FrameDecoder;
  readonly #unreadable: Damage[] = [];

  /** `offset`: where the first byte stands that will arrive; 0, or the beginning of a frame. */
  constructor(offset = 0) {
    this.#frames = new FrameDecoder(offset);
  }

  get offset(): number {
    return this.#frames.offset;
  }
  get created(): number | undefined {
    return this.#frames.created;
  }
  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#frames.waiting;
  }
  /** What ended the reading. */
  get damage(): Damage | undefined {
    return this.#frames.damage;
  }
  /** Frames that were whole, but held nothing that could be understood. */
  get unreadable(): readonly Damage[] {
    return this.#unreadable;
  }

  push(bytes: Uint8Array): PlacedEntry[] {
    return this.#frames.push(bytes).flatMap((frame) => {
      try {
        return [{ ...toEntry(frame), offset: frame.offset }];
      } catch (error) {
        if (!(error instanceof ChainruleError)) throw error;
        this.#unreadable.push({ offset: frame.offset, what: error.parts.what });
        return [];
      }
    });
  }
}

/** All entries of a whole log. A DataError when it is none; damage ends it early, and is told. */
export function readLog(bytes: Uint8Array): { readonly entries: readonly PlacedEntry[]; readonly reader: LogReader } {
  const reader = new LogReader();
  const entries = reader.push(bytes);
  if (reader.created === undefined)
    throw new DataError(`the run log cannot be read: ${reader.damage?.what ?? "it ends inside of its header"}`);
  return { entries, reader };
}
