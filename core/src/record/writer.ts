import type { Contents, Entry } from "./entry.ts";
import { toFrame } from "./entry.ts";
import { encodeFrame, encodeHeader, type FrameKind, headerBytes } from "./frame.ts";

const indexEvery = 2 ** 20;

/** What belongs to an entry besides its content. */
export interface Place {
  readonly step: number;
  readonly stream?: number;
  readonly onDemand?: boolean;
}

/** Where bytes of a log go. `write` returns at once: whoever cannot keep up keeps what it was given. */
export interface Sink {
  write(bytes: Uint8Array): void;
}

/** Turns entries into the bytes of a log, with an index each MiB. */
export class LogWriter {
  readonly #sink: Sink;
  #offset: number;
  #lastIndex: number;
  #frames: Record<string, number> = {};
  #firstStep: number | undefined;

  /** Begins a log; with `offset` it goes on where a log ends. `created` is in milliseconds since 1970. */
  constructor(sink: Sink, { created, offset = 0 }: { readonly created: number; readonly offset?: number }) {
    this.#sink = sink;
    this.#offset = offset;
    this.#lastIndex = offset;
    if (offset > 0) return;
    sink.write(encodeHeader(created));
    this.#offset = headerBytes;
  }

  /** The offset at which the next frame will begin. */
  get offset(): number {
    return this.#offset;
  }

  write<K extends FrameKind>(kind: K, content: Contents[K], { step, stream = 0, onDemand = false }: Place): void {
    this.writeEntry({ kind, content, step, stream, onDemand } as Entry); // kind and content belong together
  }

  writeEntry(entry: Entry): void {
    const bytes = encodeFrame(toFrame(entry));
    this.#sink.write(bytes);
    this.#offset += bytes.length;
    this.#firstStep ??= entry.step;
    this.#frames[entry.kind] = (this.#frames[entry.kind] ?? 0) + 1;
    if (entry.kind !== "index" && this.#offset - this.#lastIndex >= indexEvery) this.#writeIndex(entry.step);
  }

  #writeIndex(lastStep: number): void {
    const at = this.#offset;
    const content = {
      previous: this.#lastIndex,
      firstStep: this.#firstStep ?? lastStep,
      lastStep,
      frames: this.#frames,
    };
    this.write("index", content, { step: lastStep });
    this.#lastIndex = at;
    this.#frames = {};
    this.#firstStep = undefined;
  }
}
