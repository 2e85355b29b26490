/** Bytes that grow at their end. */
export class Bytes {
  #held = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(byte: number): void {
    if (this.#length === this.#held.length) this.#grow(1);
    this.#held[this.#length++] = byte;
  }

  append(bytes: ArrayLike<number>): this {
    if (this.#length + bytes.length > this.#held.length) this.#grow(bytes.length);
    for (let i = 0; i < bytes.length; i++) this.#held[this.#length++] = bytes[i]!;
    return this;
  }

  /** What was written, as a view that is good until more is. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#held.subarray(0, this.#length);
  }

  #grow(by: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#held.length, this.#length + by));
    grown.set(this.view());
    this.#held = grown;
  }
}
