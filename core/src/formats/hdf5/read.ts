import { DataError } from "../../base/errors.ts";
import { type Shape, sizeOf } from "../../base/shape.ts";
import { hdf5Signature, isHdf5 } from "../signatures.ts";
import { Bytes, damaged, refused } from "./cursor.ts";
import { readSymbolTable, readTexts } from "./group.ts";
import { type ObjectHeader, readObjectHeader, type Stored, textOf } from "./header.ts";
import type { ElementType } from "./types.ts";

// HDF5 in the subset that h5py writes by default, and so Keras: groups, contiguous datasets, attributes. Read in place and
// lazily; nothing in a file is believed before it is checked, and no step can take longer than the file is long.
// The format: https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html

/** What an attribute holds. */
export type AttributeValue = string | number | readonly string[] | readonly number[];

/** A dataset: its values stay in the file until they are asked for. */
export interface Hdf5Dataset {
  readonly kind: "dataset";
  readonly shape: Shape;
  readonly type: ElementType;
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** The elements as they lie in the file, in row-major order: little-endian, unless `type` says otherwise. */
  bytes(): Uint8Array;
}

export interface Hdf5Group {
  readonly kind: "group";
  readonly attributes: ReadonlyMap<string, AttributeValue>;
  /** The names of the members. */
  readonly names: readonly string[];
  /** The member of that name, or at that path ("vars/0"); undefined where there is none. */
  get(path: string): Hdf5Group | Hdf5Dataset | undefined;
}

/** The root group of a file; `source` names the file in errors. */
export function openHdf5(bytes: Uint8Array, source = "the file"): Hdf5Group {
  const file = new Bytes(bytes, source);
  const root = openObject(file, readSuperblock(file));
  if (root.kind === "group") return root;
  throw damaged(source, "the root is not a group");
}

/** Where the root group's header is. */
function readSuperblock(file: Bytes): number {
  if (!isHdf5(file.bytes)) throw damaged(file.source, "the file does not begin like an HDF5 file");
  const block = file.cursor(hdf5Signature.length, "the superblock");
  const version = block.u8();
  if (version > 3) throw damaged(file.source, `the superblock is of the unknown version ${version}`);
  if (version < 2) block.skip(4);
  const widths = [block.u8(), block.u8()];
  if (widths.some((width) => width !== 8)) throw refused(file.source, `addresses of ${widths.join(" and ")} bytes`);
  block.skip(version >= 2 ? 1 : version === 1 ? 13 : 9);
  if (block.u64() !== 0n) throw refused(file.source, "an address of its beginning that is not 0");
  block.skip(8);
  const end = block.u64();
  if (end > BigInt(file.size))
    throw new DataError({
      what: `${file.source}: the HDF5 file should have ${end} bytes, but has ${file.size}`,
      hint: "the file is truncated",
    });
  if (version < 2) block.skip(8 + 8); // the driver's address; the name of the root
  return block.place("the root group");
}

function openObject(file: Bytes, at: number): Hdf5Group | Hdf5Dataset {
  const header = readObjectHeader(file, at);
  const attributes = lazily(() => readAttributes(file, header));
  if (header.data !== undefined) return openDataset(file, header.data, attributes);
  if (header.symbolTable === undefined && header.links === undefined)
    throw damaged(file.source, `the object at byte ${at} is neither a group nor a dataset`);
  const members = lazily(() => membersOf(file, header));
  const opened = new Map<string, Hdf5Group | Hdf5Dataset>();
  const group: Hdf5Group = {
    kind: "group",
    get attributes() {
      return attributes();
    },
    get names() {
      return [...members().keys()];
    },
    get: (path) => {
      const [first = "", ...rest] = path.split("/");
      const member = members().get(first);
      if (member === undefined) return undefined;
      const found = opened.get(first) ?? openObject(file, member);
      opened.set(first, found);
      if (rest.length === 0) return found;
      return found.kind === "group" ? found.get(rest.join("/")) : undefined;
    },
  };
  return group;
}

const membersOf = (file: Bytes, { symbolTable, links }: ObjectHeader): ReadonlyMap<string, number> =>
  symbolTable === undefined ? (links ?? new Map()) : readSymbolTable(file, symbolTable.tree, symbolTable.heap);

function lazily<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function openDataset(
  file: Bytes,
  { type, shape, at, fill }: Stored,
  attributes: () => ReadonlyMap<string, AttributeValue>,
): Hdf5Dataset {
  return {
    kind: "dataset",
    shape,
    type,
    get attributes() {
      return attributes();
    },
    bytes: () =>
      at === undefined
        ? filled(sizeOf(shape), type.bytes, fill)
        : file.part(at, sizeOf(shape) * type.bytes, "a dataset"),
  };
}

/** Elements that were never written. */
function filled(count: number, size: number, fill: Uint8Array | undefined): Uint8Array {
  const bytes = new Uint8Array(count * size);
  if (fill?.length === size && fill.some((byte) => byte !== 0))
    for (let index = 0; index < count; index++) bytes.set(fill, index * size);
  return bytes;
}

const readAttributes = (file: Bytes, { attributes }: ObjectHeader): ReadonlyMap<string, AttributeValue> =>
  new Map([...attributes].map(([name, stored]) => [name, readValue(file, stored)]));

function readValue(file: Bytes, { type, shape, at }: Stored): AttributeValue {
  const count = sizeOf(shape);
  const bytes = at === undefined ? new Uint8Array() : file.part(at, count * type.bytes, "an attribute");
  const one = (index: number): string | number => {
    const element = bytes.subarray(index * type.bytes, (index + 1) * type.bytes);
    if (type.kind === "text") return textOf(element);
    return type.kind === "heapText" ? readHeapText(file, element) : readNumber(file, type, element);
  };
  if (shape.length === 0) return one(0);
  const values = Array.from({ length: count }, (_, index) => one(index));
  return values as string[] | number[]; // of one type
}

/** A length, and the place in a heap. */
function readHeapText(file: Bytes, element: Uint8Array): string {
  const view = new DataView(element.buffer, element.byteOffset, element.byteLength);
  const length = view.getUint32(0, true);
  const at = view.getBigUint64(4, true);
  if (length === 0) return "";
  if (at >= BigInt(file.size)) throw damaged(file.source, `a text is at byte ${at}, but the file has ${file.size}`);
  const bytes = readTexts(file, Number(at)).get(view.getUint32(12, true));
  file.spend(length);
  if (bytes !== undefined) return textOf(bytes.subarray(0, length));
  throw damaged(file.source, `a heap of texts has no text ${view.getUint32(12, true)}`);
}

function readNumber(file: Bytes, type: ElementType, element: Uint8Array): number {
  const view = new DataView(element.buffer, element.byteOffset, element.byteLength);
  const little = !("bigEndian" in type && type.bigEndian);
  if (type.kind === "float" && type.bytes === 4) return view.getFloat32(0, little);
  if (type.kind === "float" && type.bytes === 8) return view.getFloat64(0, little);
  if (type.kind === "bool" || (type.kind === "uint" && type.bytes === 1)) return view.getUint8(0);
  if (type.kind === "int" && type.bytes === 4) return view.getInt32(0, little);
  if (type.kind === "int" && type.bytes === 8) return Number(view.getBigInt64(0, little));
  if (type.kind === "uint" && type.bytes === 8) return Number(view.getBigUint64(0, little));
  throw refused(file.source, `attributes of ${type.kind}${type.bytes * 8}`);
}
