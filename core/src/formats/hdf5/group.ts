import { type Bytes, damaged, refused } from "./cursor.ts";
import { textOf } from "./header.ts";

// Groups of the old kind, which h5py writes by default: a B-tree (version 1) whose leaves are symbol nodes, and a local heap
// that holds the names (File Format Specification, III.A.1, III.B and III.D).

const depthLimit = 16;

/** Where the headers of a group's members are, by name. */
export function readSymbolTable(file: Bytes, tree: number, heap: number): Map<string, number> {
  const names = readHeap(file, heap);
  const members = new Map<string, number>();
  const seen = new Set<number>();
  const visit = (at: number, depth: number): void => {
    if (seen.has(at)) throw damaged(file.source, "a tree of names leads back to itself");
    if (depth > depthLimit) throw damaged(file.source, "a tree of names is too deep");
    seen.add(at);
    if (file.part(at, 4, "a tree of names")[0] === 0x53) {
      readSymbols(file, at, names, members); // "SNOD"
      return;
    }
    const node = file.cursor(at, "a tree of names");
    node.signature("TREE");
    if (node.u8() !== 0) throw damaged(file.source, "a group's tree is not one of names");
    node.skip(1);
    const entries = node.u16();
    file.spend(24 + entries * 16);
    node.skip(16);
    for (let entry = 0; entry < entries; entry++) {
      node.skip(8); // the key: where the least name stands
      visit(node.place("a part of a tree of names"), depth + 1);
    }
  };
  visit(tree, 0);
  return members;
}

function readSymbols(file: Bytes, at: number, names: Uint8Array, members: Map<string, number>): void {
  const node = file.cursor(at, "a list of names");
  node.signature("SNOD");
  if (node.u8() !== 1) throw damaged(file.source, "a list of names is of an unknown version");
  node.skip(1);
  const count = node.u16();
  file.spend(8 + count * 40);
  for (let symbol = 0; symbol < count; symbol++) {
    const offset = node.count("the place of a name");
    const header = node.address("a member of a group");
    const kind = node.u32();
    node.skip(20);
    if (offset >= names.length) throw damaged(file.source, "a name lies outside of its heap");
    const name = textOf(names.subarray(offset));
    if (kind === 2 || header === undefined) throw refused(file.source, "symbolic links");
    members.set(name, header);
  }
}

function readHeap(file: Bytes, at: number): Uint8Array {
  const heap = file.cursor(at, "a heap of names");
  heap.signature("HEAP");
  heap.skip(4);
  const size = heap.count("the size of a heap");
  heap.skip(8);
  return file.part(heap.place("the names of a heap"), size, "a heap of names");
}

/** The texts of the global heap at `at`, by their numbers (III.E). */
export function readTexts(file: Bytes, at: number): ReadonlyMap<number, Uint8Array> {
  const known = file.heaps.get(at);
  if (known !== undefined) return known;
  const start = file.cursor(at, "a heap of texts");
  start.signature("GCOL");
  start.skip(4);
  const size = start.count("the size of a heap");
  file.spend(size);
  const heap = file.cursor(at + 16, "a heap of texts", Math.max(0, size - 16));
  const texts = new Map<number, Uint8Array>();
  while (heap.left >= 16) {
    const index = heap.u16();
    heap.skip(6);
    const length = heap.count("the size of a text");
    if (index === 0) break; // the free space, which is last
    texts.set(index, heap.take(length));
    heap.skip(Math.min(heap.left, (8 - (length % 8)) % 8));
  }
  file.heaps.set(at, texts);
  return texts;
}
