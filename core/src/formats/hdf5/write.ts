import { ArgumentError, InternalError } from "../../base/errors.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import type { ElementType } from "./types.ts";
import { encode, Writer } from "./writer.ts";

// Writes what h5py writes by default: a superblock of version 0, groups as symbol tables, contiguous datasets, texts in a global
// heap. Every place is decided before a byte is written, so the file is made in one piece.

export interface DatasetSource {
  readonly shape: Shape;
  readonly type: ElementType;
  /** Little-endian, in row-major order. */
  readonly bytes: Uint8Array;
  readonly attributes?: ReadonlyMap<string, AttributeSource>;
}

/** A text, or a list of texts. */
export type AttributeSource = string | readonly string[];

export interface GroupSource {
  readonly attributes: Map<string, AttributeSource>;
  readonly groups: Map<string, GroupSource>;
  readonly datasets: Map<string, DatasetSource>;
}

export const emptyGroup = (): GroupSource => ({ attributes: new Map(), groups: new Map(), datasets: new Map() });

/** The group at `path` under `root`, made with all groups on the way where they are missing. */
export function groupAt(root: GroupSource, path: string): GroupSource {
  let group = root;
  for (const name of path === "" ? [] : path.split("/")) {
    const found = group.groups.get(name) ?? emptyGroup();
    group.groups.set(name, found);
    group = found;
  }
  return group;
}

/** Names that a list of symbols holds (twice the "leaf K" of the superblock). */
const symbolsPerList = 8;
const leastFanOut = 32;
/** A message's length has 16 bits. */
const messageLimit = 65_528;
const superblockBytes = 96;

/** The bytes of the file with this root group. */
export function encodeHdf5(root: GroupSource): Uint8Array {
  const fanOut = Math.max(leastFanOut, 2 * Math.ceil(largestGroup(root) / symbolsPerList / 2));
  const texts = new Texts();
  const plan = new Plan(superblockBytes);
  const top = planGroup(root, plan, texts, fanOut);
  texts.place(plan);
  const file = new Writer(new Uint8Array(plan.end));
  writeSuperblock(file, top, fanOut, plan.end);
  for (const write of plan.writes) write(file);
  texts.write(file);
  return file.bytes;
}

const largestGroup = ({ groups, datasets }: GroupSource): number =>
  Math.max(groups.size + datasets.size, ...[...groups.values()].map(largestGroup));

const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Places in the file, given out one after the other, and what will be written there. */
class Plan {
  end: number;
  readonly writes: ((file: Writer) => void)[] = [];

  constructor(start: number) {
    this.end = start;
  }

  take(length: number): number {
    const at = this.end;
    this.end += padded(length);
    return at;
  }
}

interface PlannedGroup {
  readonly header: number;
  readonly tree: number;
  readonly heap: number;
}

function planGroup(group: GroupSource, plan: Plan, texts: Texts, fanOut: number): PlannedGroup {
  const attributes = planAttributes(group.attributes, texts);
  const header = plan.take(headerBytes([16, ...attributes.map(({ length }) => length)]));
  // HDF5 looks names up by bisection: they are sorted by their bytes.
  const names = [...group.groups.keys(), ...group.datasets.keys()].map((name) => ({ name, bytes: encode(name) }));
  names.sort((a, b) => compare(a.bytes, b.bytes));
  const offsets = new Map<string, number>();
  let heapBytes = 8; // the empty name comes first
  for (const { name, bytes } of names) {
    offsets.set(name, heapBytes);
    heapBytes += padded(bytes.length + 1);
  }
  const heap = plan.take(32);
  const heapData = plan.take(heapBytes);
  const lists = Math.ceil(names.length / symbolsPerList);
  const tree = plan.take(24 + (2 * fanOut + 1) * 8);
  const firstList = plan.end;
  const listBytes = 8 + symbolsPerList * 40;
  plan.take(lists * listBytes);

  const members = names.map(({ name }): PlannedGroup | number => {
    const inner = group.groups.get(name);
    return inner === undefined
      ? planDataset(group.datasets.get(name)!, plan, texts)
      : planGroup(inner, plan, texts, fanOut);
  });
  plan.writes.push((file) => {
    writeHeader(file, header, [
      { type: 0x11, length: 16, write: () => file.u64(tree).u64(heap) },
      ...attributes.map((attribute) => ({ ...attribute, write: () => attribute.write(file) })),
    ]);
    file.go(heap).text("HEAP").u32(0).u64(heapBytes).u64(1).u64(heapData); // 1: no free space
    for (const { name, bytes } of names) file.go(heapData + offsets.get(name)!).raw(bytes);
    file.go(tree).text("TREE").u8(0).u8(0).u16(lists).nowhere().nowhere().u64(0);
    for (let list = 0; list < lists; list++) {
      const last = names[Math.min(names.length, (list + 1) * symbolsPerList) - 1]!;
      file.u64(firstList + list * listBytes).u64(offsets.get(last.name)!);
    }
    for (let list = 0; list < lists; list++) {
      const from = list * symbolsPerList;
      const own = names.slice(from, from + symbolsPerList);
      file
        .go(firstList + list * listBytes)
        .text("SNOD")
        .u8(1)
        .u8(0)
        .u16(own.length);
      own.forEach(({ name }, index) => {
        const member = members[from + index]!;
        const isGroup = typeof member !== "number";
        file
          .u64(offsets.get(name)!)
          .u64(isGroup ? member.header : member)
          .u32(isGroup ? 1 : 0)
          .u32(0);
        if (isGroup) file.u64(member.tree).u64(member.heap);
        else file.u64(0).u64(0);
      });
    }
  });
  return { header, tree, heap };
}

function planDataset({ shape, type, bytes, attributes = new Map() }: DatasetSource, plan: Plan, texts: Texts): number {
  if (bytes.byteLength !== sizeOf(shape) * type.bytes)
    throw new ArgumentError(`hdf5: ${bytes.byteLength} bytes do not fit the shape [${shape.join(", ")}]`);
  const own = planAttributes(attributes, texts);
  const space = spaceBytes(shape);
  const header = plan.take(headerBytes([space, typeBytes(type), 8, 18, ...own.map(({ length }) => length)]));
  const data = bytes.byteLength === 0 ? undefined : plan.take(bytes.byteLength);
  plan.writes.push((file) => {
    writeHeader(file, header, [
      { type: 0x01, length: space, write: () => writeSpace(file, shape) },
      { type: 0x03, length: typeBytes(type), write: () => writeType(file, type) },
      // The fill value: version 2, allocated late, written if set, none given (its default).
      { type: 0x05, length: 8, write: () => file.u8(2).u8(2).u8(2).u8(1).u32(0) },
      {
        type: 0x08,
        length: 18,
        write: () => {
          file.u8(3).u8(1);
          if (data === undefined) file.nowhere();
          else file.u64(data);
          file.u64(bytes.byteLength);
        },
      },
      ...own.map((attribute) => ({ ...attribute, write: () => attribute.write(file) })),
    ]);
    if (data !== undefined) file.go(data).raw(bytes);
  });
  return header;
}

/** Texts in the global heap: where each will be is known once all are. */
class Texts {
  readonly #texts: Uint8Array[] = [];
  /** Heaps of at most 65,535 texts: an index has 16 bits. */
  readonly #heaps: { readonly first: number; readonly count: number; readonly size: number; at: number }[] = [];

  add(text: string): number {
    return this.#texts.push(encode(text)) - 1;
  }

  place(plan: Plan): void {
    const perHeap = 60_000;
    for (let first = 0; first < this.#texts.length; first += perHeap) {
      const own = this.#texts.slice(first, first + perHeap);
      const used = own.reduce((sum, text) => sum + 16 + padded(text.length), 16);
      // HDF5 wants at least 4096 bytes; what is left is one free object, whose head has 16 bytes.
      const size = Math.max(4096, used + 16);
      this.#heaps.push({ first, count: own.length, size, at: plan.take(size) });
    }
  }

  /** Writes where a text is, as elements of attributes do. */
  refer(file: Writer, index: number): void {
    const heap = this.#heaps.find(({ first, count }) => index < first + count)!; // `place` has made it
    file
      .u32(this.#texts[index]!.length)
      .u64(heap.at)
      .u32(index - heap.first + 1);
  }

  write(file: Writer): void {
    for (const { first, count, size, at } of this.#heaps) {
      file.go(at).text("GCOL").u8(1).u8(0).u16(0).u64(size);
      for (let index = 0; index < count; index++) {
        const text = this.#texts[first + index]!;
        file
          .u16(index + 1)
          .u16(1)
          .u32(0)
          .u64(text.length)
          .raw(text)
          .skip(padded(text.length) - text.length);
      }
      file
        .u16(0)
        .u16(0)
        .u32(0)
        .u64(at + size - file.at + 8); // the free object's size counts its own head
    }
  }
}

interface Message {
  readonly type: number;
  readonly length: number;
}

function planAttributes(
  attributes: ReadonlyMap<string, AttributeSource>,
  texts: Texts,
): (Message & { write(file: Writer): void })[] {
  return [...attributes].map(([name, value]) => {
    const title = encode(`${name}\0`);
    const shape: Shape = typeof value === "string" ? [] : [value.length];
    const indices = (typeof value === "string" ? [value] : value).map((text) => texts.add(text));
    const length =
      8 + padded(title.length) + padded(typeBytes(heapText)) + padded(spaceBytes(shape)) + 16 * indices.length;
    if (length > messageLimit) throw new ArgumentError(`hdf5: attribute "${name}" is too long: ${value.length} texts`);
    return {
      type: 0x0c,
      length,
      write: (file) => {
        file.u8(1).u8(0).u16(title.length).u16(typeBytes(heapText)).u16(spaceBytes(shape));
        file.raw(title).skip(padded(title.length) - title.length);
        writeType(file, heapText);
        file.skip(padded(typeBytes(heapText)) - typeBytes(heapText));
        writeSpace(file, shape);
        file.skip(padded(spaceBytes(shape)) - spaceBytes(shape));
        for (const index of indices) texts.refer(file, index);
      },
    };
  });
}

const headerBytes = (lengths: readonly number[]): number =>
  lengths.reduce((sum, length) => sum + 8 + padded(length), 16);

function writeHeader(file: Writer, at: number, messages: readonly (Message & { write(): unknown })[]): void {
  file.go(at).u8(1).u8(0).u16(messages.length).u32(1);
  file.u32(headerBytes(messages.map(({ length }) => length)) - 16).u32(0);
  for (const { type, length, write } of messages) {
    file.u16(type).u16(padded(length)).u32(0);
    const next = file.at + padded(length);
    write();
    file.go(next);
  }
}

const spaceBytes = (shape: Shape): number => 8 + 8 * shape.length;
function writeSpace(file: Writer, shape: Shape): void {
  file.u8(1).u8(shape.length).u8(0).u8(0).u32(0);
  for (const size of shape) file.u64(size);
}

const heapText: ElementType = { kind: "heapText", bytes: 16 };

const typeBytes = ({ kind }: ElementType): number =>
  ({ int: 12, uint: 12, float: 20, text: 8, opaque: 8, bool: 38, heapText: 16 })[kind];

/** Mantissa and exponent, in bits, by the bytes of a float (IEEE 754). */
const floatParts: { readonly [bytes: number]: readonly [mantissa: number, exponent: number] } = {
  2: [10, 5],
  4: [23, 8],
  8: [52, 11],
};

function writeType(file: Writer, type: ElementType): void {
  const head = (kind: number, bits: number): Writer =>
    file
      .u8(0x10 | kind)
      .u8(bits & 255)
      .u8((bits >> 8) & 255)
      .u8(bits >> 16)
      .u32(type.bytes);
  switch (type.kind) {
    case "int":
    case "uint":
      head(0, type.kind === "int" ? 8 : 0)
        .u16(0)
        .u16(type.bytes * 8);
      break;
    case "float": {
      const [mantissa, exponent] = floatParts[type.bytes]!; // the reader and our dtypes know no others
      // Normalised with an implied bit (2 << 4); the sign is the last bit.
      head(1, 0x20 | ((type.bytes * 8 - 1) << 8))
        .u16(0)
        .u16(type.bytes * 8);
      file
        .u8(mantissa)
        .u8(exponent)
        .u8(0)
        .u8(mantissa)
        .u32(2 ** (exponent - 1) - 1);
      break;
    }
    case "text":
      head(3, 0x10);
      break;
    case "opaque":
      head(5, 0);
      break;
    case "bool": {
      head(8, 2);
      const base: ElementType = { kind: "int", bytes: 1, bigEndian: false };
      writeType(file, base);
      file.text("FALSE\0\0\0TRUE\0\0\0\0").u8(0).u8(1);
      break;
    }
    case "heapText":
      head(9, 0x101); // a text in UTF-8
      file.u8(0x13).u8(0x10).u8(0).u8(0).u32(1); // of letters
      break;
    default:
      throw new InternalError(`hdf5: unknown type ${(type satisfies never as ElementType).kind}`);
  }
}

function writeSuperblock(file: Writer, root: PlannedGroup, fanOut: number, end: number): void {
  file.go(0).raw(Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a));
  file.u8(0).u8(0).u8(0).u8(0).u8(0).u8(8).u8(8).u8(0);
  file
    .u16(symbolsPerList / 2)
    .u16(fanOut)
    .u32(0);
  file.u64(0).nowhere().u64(end).nowhere();
  file.u64(0).u64(root.header).u32(1).u32(0).u64(root.tree).u64(root.heap);
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at]! - b[at]!;
  return a.length - b.length;
}
