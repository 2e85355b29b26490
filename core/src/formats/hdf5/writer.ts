export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Writes numbers one after the other, little-endian. */
export class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  go(at: number): this {
    this.at = at;
    return this;
  }
  skip(length: number): this {
    return this.go(this.at + length);
  }
  u8(value: number): this {
    this.#view.setUint8(this.at, value);
    return this.skip(1);
  }
  u16(value: number): this {
    this.#view.setUint16(this.at, value, true);
    return this.skip(2);
  }
  u32(value: number): this {
    this.#view.setUint32(this.at, value, true);
    return this.skip(4);
  }
  u64(value: number): this {
    this.#view.setBigUint64(this.at, BigInt(value), true);
    return this.skip(8);
  }
  nowhere(): this {
    this.#view.setBigUint64(this.at, 0xffff_ffff_ffff_ffffn, true);
    return this.skip(8);
  }
  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.at);
    return this.skip(bytes.length);
  }
  text(letters: string): this {
    return this.raw(encode(letters));
  }
}
