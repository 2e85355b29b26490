import { builtin } from "../base/host.ts";
import { decodeFrames, headerBytes, type Sink } from "../record/index.ts";

/** A sink that can be asked to put through what it holds. */
export interface RunSink extends Sink {
  /** Puts everything through; with `sync`, to the disk itself. */
  flush(options?: { readonly sync?: boolean }): void;
  close(): void;
}

/** Keeps a log in memory: for tests, and for pages that train by themselves. */
export class MemorySink implements RunSink {
  readonly #parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.#parts.push(bytes);
  }
  flush(): void {}
  close(): void {}
  /** The log so far. */
  get bytes(): Uint8Array {
    const whole = new Uint8Array(this.#parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

/** Sends a log on as it comes: to a page, from a worker. */
export const portSink = (post: (bytes: Uint8Array) => void): RunSink => ({
  write: post,
  flush: () => {},
  close: () => {},
});

/** Writes to several sinks. */
export const sinks = (all: readonly RunSink[]): RunSink => ({
  write: (bytes) => {
    for (const sink of all) sink.write(bytes);
  },
  flush: (options) => {
    for (const sink of all) sink.flush(options);
  },
  close: () => {
    for (const sink of all) sink.close();
  },
});

/** What is needed of Node's file system. */
export interface LogFileSystem {
  existsSync(path: string): boolean;
  readFileSync(path: string): Uint8Array;
  openSync(path: string, flags: string): number;
  writeSync(file: number, bytes: Uint8Array): number;
  ftruncateSync(file: number, length: number): void;
  fsyncSync(file: number): void;
  closeSync(file: number): void;
}

const longestWaitMs = 250;
const mostWaiting = 64 * 1024;

export interface FileSinkOptions {
  readonly fileSystem?: LogFileSystem;
  /** Told once, when the log cannot be written any more. Default: a line on the console. */
  readonly warn?: (message: string) => void;
}

/**
 * Appends a log to a file, at the latest every 250 ms or 64 KiB. A frame that an earlier process left torn is cut off first. When
 * the disk is full, or fails otherwise, that is said once and nothing is written any more: training goes on.
 */
export class FileSink implements RunSink {
  readonly path: string;
  /** The bytes that stood there already: where the log goes on. */
  readonly offset: number;
  readonly #fs: LogFileSystem;
  readonly #warn: (message: string) => void;
  #file: number | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #since = performance.now();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(path: string, options: FileSinkOptions = {}) {
    this.path = path;
    this.#fs = options.fileSystem ?? builtin<LogFileSystem>("node:fs")!; // there are no paths where there is no file system
    this.#warn = options.warn ?? ((message) => console.warn(message));
    let offset = 0;
    try {
      if (this.#fs.existsSync(path)) offset = wholePart(this.#fs.readFileSync(path));
      this.#file = this.#fs.openSync(path, "a");
      this.#fs.ftruncateSync(this.#file, offset);
    } catch (error) {
      this.#fail(error);
    }
    this.offset = offset;
  }

  /** Whether the log is still written. */
  get working(): boolean {
    return this.#file !== undefined;
  }

  write(bytes: Uint8Array): void {
    if (this.#file === undefined) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    // Loops that never give up the thread have no timers: the clock is looked at here too.
    if (this.#waitingBytes >= mostWaiting || performance.now() - this.#since >= longestWaitMs) this.flush();
    else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.flush(), longestWaitMs);
      this.#timer.unref?.();
    }
  }

  flush({ sync = false }: { readonly sync?: boolean } = {}): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#since = performance.now();
    const file = this.#file;
    if (file === undefined) return;
    const bytes = joined(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    try {
      for (let at = 0; at < bytes.length; ) at += this.#fs.writeSync(file, bytes.subarray(at));
      if (sync) this.#fs.fsyncSync(file);
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.flush({ sync: true });
    if (this.#file !== undefined) this.#fs.closeSync(this.#file);
    this.#file = undefined;
  }

  #fail(error: unknown): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      if (file !== undefined) this.#fs.closeSync(file);
    } catch {
      // The first error is the one to tell.
    }
    const { code, message } = error as { code?: string; message?: string };
    const why = code === "ENOSPC" ? "the disk is full" : (message ?? String(error));
    this.#warn(`recording to ${this.path} has stopped: ${why}; training goes on`);
  }
}

/** How much of a file is a whole log: nothing of one that does not even have a header. */
function wholePart(bytes: Uint8Array): number {
  return bytes.length < headerBytes ? 0 : decodeFrames(bytes).end;
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
