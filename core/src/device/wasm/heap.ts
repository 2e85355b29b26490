/** Alignment of every block, and the smallest one: a cache line. */
export const alignment = 64;

const roundUp = (bytes: number): number => Math.max(alignment, Math.ceil(bytes / alignment) * alignment);

/** Free blocks are kept by size class: class c holds sizes from 2^c cache lines on. */
const classOf = (bytes: number): number => Math.floor(Math.log2(bytes / alignment));

/**
 * Hands out pieces of one growing address range. All bookkeeping is outside of the memory: nothing that a program writes can
 * damage it. Neighbouring free blocks join.
 */
export class Heap {
  readonly #grow: (end: number) => void;
  readonly #used = new Map<number, number>();
  readonly #freeByStart = new Map<number, number>();
  readonly #freeByEnd = new Map<number, number>();
  readonly #classes: Set<number>[] = [];
  #end: number;
  #bytes = 0;
  #peakBytes = 0;

  /** `grow(end)` must make all addresses below `end` usable, or throw. */
  constructor(start: number, grow: (end: number) => void) {
    this.#end = roundUp(start);
    this.#grow = grow;
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#bytes;
  }

  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** The end of the range that the heap has asked for. */
  get end(): number {
    return this.#end;
  }

  /** The address of `bytes` bytes, a multiple of 64. */
  allocate(bytes: number): number {
    const size = roundUp(bytes);
    const start = this.#take(size) ?? this.#extend(size);
    this.#used.set(start, size);
    this.#bytes += size;
    this.#peakBytes = Math.max(this.#peakBytes, this.#bytes);
    return start;
  }

  /** Gives a block back; false when there is none at `start`. */
  free(start: number): boolean {
    const size = this.#used.get(start);
    if (size === undefined) return false;
    this.#used.delete(start);
    this.#bytes -= size;
    // Joined with the free neighbours on both sides.
    const after = this.#freeByStart.get(start + size);
    if (after !== undefined) this.#remove(start + size, after);
    const before = this.#freeByEnd.get(start);
    if (before !== undefined) this.#remove(before, start - before);
    const from = before ?? start;
    this.#insert(from, start + size + (after ?? 0) - from);
    return true;
  }

  /** A fitting free block, split when it is larger; small classes first, so that large blocks stay whole. */
  #take(size: number): number | undefined {
    for (let index = classOf(size); index < this.#classes.length; index++) {
      for (const start of this.#classes[index] ?? []) {
        const found = this.#freeByStart.get(start)!;
        if (found < size) continue;
        this.#remove(start, found);
        if (found > size) this.#insert(start + size, found - size);
        return start;
      }
    }
    return undefined;
  }

  /** New memory at the end, together with a free block that lies there. */
  #extend(size: number): number {
    const last = this.#freeByEnd.get(this.#end);
    const start = last ?? this.#end;
    this.#grow(start + size);
    if (last !== undefined) this.#remove(last, this.#end - last);
    this.#end = start + size;
    return start;
  }

  #insert(start: number, size: number): void {
    this.#freeByStart.set(start, size);
    this.#freeByEnd.set(start + size, start);
    const index = classOf(size);
    const blocks = this.#classes[index] ?? new Set();
    this.#classes[index] = blocks.add(start);
  }

  #remove(start: number, size: number): void {
    this.#freeByStart.delete(start);
    this.#freeByEnd.delete(start + size);
    this.#classes[classOf(size)]!.delete(start);
  }
}
