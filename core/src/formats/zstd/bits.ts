/** Bits that are read from the last byte to the first, as Zstandard's streams are written; a one stands before the first of them. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** Bits that are left; fewer than none where more were read than there are, which are zeros. */
  left: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const last = bytes[bytes.length - 1];
    if (last === undefined || last === 0) throw new Error("a stream of bits has no end");
    this.left = 8 * bytes.length - 1 - (Math.clz32(last) - 24);
  }

  /** The next `count` bits, which stay; at most 32. */
  peek(count: number): number {
    const at = this.left - count;
    const first = at >> 3;
    if (count <= 24 && first >= 0) {
      const bytes = this.#bytes;
      const four = bytes[first]! | (bytes[first + 1]! << 8) | (bytes[first + 2]! << 16) | (bytes[first + 3]! << 24);
      return (four >>> (at & 7)) & ((1 << count) - 1);
    }
    let value = 0;
    for (let place = (at + count - 1) >> 3; place >= first; place--) value = value * 256 + (this.#bytes[place] ?? 0);
    return Math.floor(value / 2 ** (at & 7)) % 2 ** count;
  }

  read(count: number): number {
    const value = this.peek(count);
    this.left -= count;
    return value;
  }
}

/** Bits from the first byte on, the lowest first. */
export class ForwardBits {
  readonly #bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++, this.at++) {
      const byte = this.#bytes[this.at >> 3];
      if (byte === undefined) throw new Error("the packed bytes end too early");
      value |= ((byte >> (this.at & 7)) & 1) << bit;
    }
    return value;
  }

  /** Bytes that have been begun. */
  get bytes(): number {
    return Math.ceil(this.at / 8);
  }
}
