type Numbers = Float32Array | Float64Array | Uint32Array;

/** An array of numbers that grows at its end. */
export class Growing<T extends Numbers> {
  #data: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#data = make(64);
  }

  get length(): number {
    return this.#length;
  }
  /** The number at `index`, which is below the length. */
  at(index: number): number {
    return this.#data[index]!;
  }
  push(value: number): void {
    if (this.#length === this.#data.length) {
      const larger = this.#make(2 * this.#length);
      larger.set(this.#data);
      this.#data = larger;
    }
    this.#data[this.#length++] = value;
  }
  /** Forgets what stands from `length` on. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }
  /** The numbers themselves, until the next change. */
  get view(): T {
    return this.#data.subarray(0, this.#length) as T; // a part of T is a T
  }
  /** The first index whose number is at least `value`; the numbers rise. */
  firstFrom(value: number): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#data[middle]! < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
