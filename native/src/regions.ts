import { InternalError } from "chainrule/base";
import type { Koffi } from "./library.ts";
import { alignment, makeMemory, NativeBuffer } from "./memory.ts";

/** Systems map memory of this many bytes at once, where they are asked to. */
const largePage = 2 * 2 ** 20;
/** A usual region: several large pages. What is larger has one of its own size. */
const usualBytes = 4 * largePage;
/** Buffers from this size on lie in regions. */
export const leastInRegions = 64 * 1024;
/** Empty regions are kept for the next buffers up to this many bytes: new memory has to be cleared by the system. */
const keptEmptyBytes = usualBytes;

const roundUp = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** A range of bytes that nobody uses, from the region's start. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

interface Region {
  readonly memory: ArrayBuffer;
  readonly address: bigint;
  /** Where the aligned bytes begin in the memory. */
  readonly skip: number;
  readonly bytes: number;
  /** Ordered, never touching each other. */
  gaps: readonly Gap[];
}

const isEmpty = ({ gaps, bytes }: Region): boolean => gaps.length === 1 && gaps[0]!.to - gaps[0]!.from === bytes;

/**
 * Memory for values that are worth it, in pieces that begin and end with large pages: matrices of a megabyte in small pages cost
 * products an eighth of their time in misses of addresses. Who frees a buffer must be done with it, for it is lent again.
 */
export class Regions {
  readonly #koffi: Koffi;
  readonly #advise: (address: bigint, bytes: number) => void;
  readonly #regions: Region[] = [];
  /** What is lent, by address. */
  readonly #lent = new Map<bigint, { readonly region: Region; readonly from: number; readonly to: number }>();

  constructor(koffi: Koffi, advise: (address: bigint, bytes: number) => void) {
    this.#koffi = koffi;
    this.#advise = advise;
  }

  /** Uninitialised memory. */
  allocate(bytes: number): NativeBuffer {
    const size = roundUp(bytes, alignment);
    for (const region of this.#regions) {
      const gap = region.gaps.find(({ from, to }) => to - from >= size);
      if (gap !== undefined) return this.#lend(region, gap, size, bytes);
    }
    const region = this.#newRegion(Math.max(usualBytes, roundUp(size, largePage)));
    return this.#lend(region, region.gaps[0]!, size, bytes);
  }

  /** Takes the buffer's bytes back. */
  free({ address }: NativeBuffer): void {
    const piece = this.#lent.get(address);
    if (piece === undefined) throw new InternalError("native: a buffer was freed that no region has lent");
    this.#lent.delete(address);
    const { region, from, to } = piece;
    const [before, after] = [region.gaps.filter((gap) => gap.to <= from), region.gaps.filter((gap) => gap.from >= to)];
    // Joined with what is free on both sides.
    const start = before.at(-1)?.to === from ? before.pop()!.from : from;
    const end = after[0]?.from === to ? after.shift()!.to : to;
    region.gaps = [...before, { from: start, to: end }, ...after];
    if (isEmpty(region)) this.#dropEmpty();
  }

  #lend(region: Region, gap: Gap, size: number, bytes: number): NativeBuffer {
    const { from, to } = gap;
    const rest = to - from === size ? [] : [{ from: from + size, to }];
    region.gaps = region.gaps.flatMap((other) => (other === gap ? rest : [other]));
    const address = region.address + BigInt(from);
    this.#lent.set(address, { region, from, to: from + size });
    return new NativeBuffer(bytes, region.memory, region.skip + from, address);
  }

  #newRegion(bytes: number): Region {
    const memory = makeMemory(bytes + largePage);
    const start = this.#koffi.address(memory);
    const skip = Number(-start & BigInt(largePage - 1));
    const region: Region = { memory, address: start + BigInt(skip), skip, bytes, gaps: [{ from: 0, to: bytes }] };
    this.#advise(region.address, bytes);
    this.#regions.push(region);
    return region;
  }

  /** Of empty regions the latest go, until few bytes are kept. */
  #dropEmpty(): void {
    let kept = 0;
    for (const region of [...this.#regions]) {
      if (!isEmpty(region)) continue;
      kept += region.bytes;
      if (kept > keptEmptyBytes) this.#regions.splice(this.#regions.indexOf(region), 1);
    }
  }
}
