import { alignment, type Heap } from "./heap.ts";

/** A block that grows to what the largest program needs. Programs run one after the other and share it. */
export class Region {
  readonly #heap: Heap;
  #address = 0;
  #bytes = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  get address(): number {
    return this.#address;
  }

  /** Makes the block exactly as large as `bytes` asks, if it is not; what it held is lost. */
  resize(bytes: number): void {
    const size = Math.ceil(bytes / alignment) * alignment;
    if (size === this.#bytes) return;
    if (this.#bytes > 0) this.#heap.free(this.#address);
    this.#bytes = 0;
    this.#address = 0;
    if (size === 0) return;
    this.#address = this.#heap.allocate(size);
    this.#bytes = size;
  }
}
