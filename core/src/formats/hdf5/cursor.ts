import { DataError } from "../../base/errors.ts";

/** The bytes of a file, and its name in errors. Every read is checked against the end. */
export class Bytes {
  readonly bytes: Uint8Array;
  readonly source: string;
  /** The heaps of texts that have been read, by their places. */
  readonly heaps = new Map<number, ReadonlyMap<number, Uint8Array>>();
  readonly #view: DataView;
  #spent = 0;

  constructor(bytes: Uint8Array, source: string) {
    this.bytes = bytes;
    this.source = source;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.bytes.byteLength;
  }

  /** Counts bytes that are gone through: a file that refers to the same parts again and again was made to waste time. */
  spend(bytes: number): void {
    this.#spent += bytes;
    if (this.#spent > 16 * this.size + 2 ** 20) throw damaged(this.source, "its parts refer to each other too often");
  }

  /** `length` bytes from `at` on, without a copy. */
  part(at: number, length: number, what: string): Uint8Array {
    if (at >= 0 && length >= 0 && at + length <= this.size) return this.bytes.subarray(at, at + length);
    throw damaged(this.source, `${what} of ${length} bytes at ${at} would end after the file, which has ${this.size}`);
  }

  /** A reader of the `length` bytes from `at` on, or of all that follow. */
  cursor(at: number, what: string, length = this.size - at): Cursor {
    this.part(at, length, what);
    return new Cursor(this, this.#view, at, at + length, what);
  }
}

export const damaged = (source: string, why: string): DataError =>
  new DataError({ what: `${source}: ${why}`, hint: "the file is damaged, or is no HDF5 file" });

/** Refused although it may be whole: a part of HDF5 that Keras never writes, and that our reader leaves to the package `h5wasm`. */
export class UnsupportedError extends DataError {}

export const unsupported = (source: string, why: string): UnsupportedError =>
  new UnsupportedError({
    what: `${source}: the HDF5 file has ${why}, which needs the package h5wasm, in Node`,
    hint: "npm install h5wasm; or write the file again with h5py's defaults, as Keras's own are",
  });

/** What no reader here takes: Keras never writes it, and more often than not the file is damaged. */
export const refused = (source: string, why: string): DataError =>
  new DataError({
    what: `${source}: the HDF5 file has ${why}, which is not read`,
    hint: "the file is damaged, or must be written again with h5py's defaults, as Keras's own are",
  });

/** All ones: HDF5's address of nothing. */
export const nowhere = 0xffff_ffff_ffff_ffffn;

/** Reads numbers one after the other between two places of a file. */
export class Cursor {
  readonly file: Bytes;
  readonly end: number;
  readonly what: string;
  readonly #view: DataView;
  at: number;

  constructor(file: Bytes, view: DataView, at: number, end: number, what: string) {
    this.file = file;
    this.#view = view;
    this.at = at;
    this.end = end;
    this.what = what;
  }

  get left(): number {
    return this.end - this.at;
  }

  /** Moves past `length` bytes, which must be there; returns where they began. */
  skip(length: number): number {
    if (length < 0 || length > this.left)
      throw damaged(this.file.source, `${this.what} ends at byte ${this.end}, in the middle of itself`);
    this.at += length;
    return this.at - length;
  }

  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }
  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.skip(8), true);
  }

  /** A 64-bit number that counts something in the file, so that it cannot be large. */
  count(what: string): number {
    const value = this.u64();
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw damaged(this.file.source, `${what} is ${value}`);
  }

  /** An address; undefined for HDF5's address of nothing. */
  address(what: string): number | undefined {
    const value = this.u64();
    if (value === nowhere) return undefined;
    if (value < BigInt(this.file.size)) return Number(value);
    throw damaged(this.file.source, `${what} is at byte ${value}, but the file has ${this.file.size}`);
  }

  /** An address that must be there. */
  place(what: string): number {
    const found = this.address(what);
    if (found !== undefined) return found;
    throw damaged(this.file.source, `${what} is missing`);
  }

  take(length: number): Uint8Array {
    const at = this.skip(length);
    return this.file.bytes.subarray(at, at + length);
  }

  /** Demands four letters. */
  signature(letters: string): void {
    const found = String.fromCharCode(...this.take(letters.length));
    if (found !== letters) throw damaged(this.file.source, `${this.what} does not begin with "${letters}"`);
  }
}
