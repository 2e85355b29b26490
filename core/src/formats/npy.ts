import { DataError } from "../base/errors.ts";
import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import type { ByteSource } from "./byteSource.ts";

// The format: "A Simple File Format for NumPy Arrays" (NEP 1), versions 1 to 3: a magic string, a version, the length of the
// header, the header (the text of a Python dictionary), and the elements.

/** The element types of NumPy that are read and written; `f2` values stay the 16 bits that they are. */
const elementTypes = {
  f2: { bytes: 2, view: Uint16Array },
  f4: { bytes: 4, view: Float32Array },
  f8: { bytes: 8, view: Float64Array },
  i1: { bytes: 1, view: Int8Array },
  i2: { bytes: 2, view: Int16Array },
  i4: { bytes: 4, view: Int32Array },
  i8: { bytes: 8, view: BigInt64Array },
  u1: { bytes: 1, view: Uint8Array },
  u2: { bytes: 2, view: Uint16Array },
  u4: { bytes: 4, view: Uint32Array },
  u8: { bytes: 8, view: BigUint64Array },
  b1: { bytes: 1, view: Uint8Array },
} as const;

export type NumpyType = keyof typeof elementTypes;
type Elements<T extends NumpyType> = InstanceType<(typeof elementTypes)[T]["view"]>;

/** An array as NumPy stores it: its kind and bytes an element (`f4` is f32), and the elements in row-major order. */
export interface NumpyArray<T extends NumpyType = NumpyType> {
  readonly type: T;
  readonly shape: Shape;
  readonly data: Elements<T>;
}

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY
const prefixBytes = { 1: 10, 2: 12, 3: 12 } as const;
/** NumPy itself refuses longer headers, because parsing them is slow. */
const headerLimit = 65_536;
const dataAlignment = 64;

const broken = (source: string, why: string, hint = "the file is damaged, or is no .npy file"): DataError =>
  new DataError({ what: `${source}: ${why}`, hint });

/** The array in the bytes of an `.npy` file, copied; nothing in it is believed before it is checked. */
export function decodeNpy(file: Uint8Array, source = "the file"): NumpyArray {
  const { descr, fortran, shape, end } = readHeader(file, source);
  const type = descr.slice(1) as NumpyType; // readHeader knows it
  const { bytes: size, view: View } = elementTypes[type];
  const needed = sizeOf(shape) * size;
  if (file.byteLength - end !== needed) {
    throw broken(
      source,
      `${printShape(shape)} of ${type} needs ${needed} bytes, but ${file.byteLength - end} follow the header`,
      file.byteLength - end < needed ? "the file is truncated" : undefined,
    );
  }
  const bytes = file.slice(end);
  if (descr.startsWith(">")) swapBytes(bytes, size);
  const rows = fortran ? rowMajor(bytes, shape, size) : bytes;
  return { type, shape, data: new View(rows.buffer) };
}

/** The pickle in the bytes of an `.npy` file of Python objects; undefined where the elements are numbers. */
export function npyPickle(file: Uint8Array): Uint8Array | undefined {
  if (file.byteLength < 12 || !magic.every((byte, at) => file[at] === byte)) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const start = file[6] === 1 ? prefixBytes[1] : prefixBytes[2];
  const end = start + (file[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = new TextDecoder("latin1").decode(file.subarray(start, Math.min(end, start + headerLimit)));
  return /'descr': '\|O'/.test(header) && end <= file.byteLength ? file.subarray(end) : undefined;
}

/** An array whose rows (its first axis) are read when they are wanted. */
export interface OpenNpy {
  readonly type: NumpyType;
  readonly shape: Shape;
  /** The rows from `start` to `stop`, which the caller has checked to exist. */
  rows(start: number, stop: number): Promise<NumpyArray>;
}

/** Opens an `.npy` file of row-major order; only its header is read. */
export async function openNpy(bytes: ByteSource, source = "the file"): Promise<OpenNpy> {
  const beginning = await bytes.read(0, Math.min(bytes.size, prefixBytes[3] + headerLimit));
  const { descr, fortran, shape, end } = readHeader(beginning, source);
  const type = descr.slice(1) as NumpyType; // readHeader knows it
  const { bytes: size, view: View } = elementTypes[type];
  if (shape.length === 0) throw broken(source, "it holds a single value, which has no rows", "save an array");
  if (fortran && shape.length > 1)
    throw broken(source, "it is in column-major order, so its rows lie apart", "save numpy.ascontiguousarray(array)");
  if (bytes.size - end !== sizeOf(shape) * size)
    throw broken(
      source,
      `${printShape(shape)} of ${type} needs ${sizeOf(shape) * size} bytes, but ${bytes.size - end} follow`,
    );
  const [, ...inner] = shape;
  const rowBytes = sizeOf(inner) * size;
  const rows = async (start: number, stop: number): Promise<NumpyArray> => {
    const part = (await bytes.read(end + start * rowBytes, (stop - start) * rowBytes)).slice(); // aligned, and ours
    if (descr.startsWith(">")) swapBytes(part, size);
    return { type, shape: [stop - start, ...inner], data: new View(part.buffer) };
  };
  return { type, shape, rows };
}

/** The bytes of an `.npy` file, little-endian and row-major, of version 1. */
export function encodeNpy({ type, shape, data }: NumpyArray): Uint8Array {
  const { bytes: size } = elementTypes[type];
  if (data.length !== sizeOf(shape)) {
    throw new DataError(`npy: ${data.length} values do not fit ${printShape(shape)}`);
  }
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${size === 1 ? "|" : "<"}${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const start = prefixBytes[1];
  const headerBytes = Math.ceil((start + text.length + 1) / dataAlignment) * dataAlignment - start;
  const file = new Uint8Array(start + headerBytes + data.byteLength);
  file.set(magic);
  file[6] = 1;
  new DataView(file.buffer).setUint16(8, headerBytes, true);
  file.set(new TextEncoder().encode(`${text.padEnd(headerBytes - 1)}\n`), start);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), start + headerBytes);
  return file;
}

interface Header {
  /** Byte order and element type: "<f4". */
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: Shape;
  /** Where the elements begin. */
  readonly end: number;
}

function readHeader(file: Uint8Array, source: string): Header {
  if (file.byteLength < 12 || !magic.every((byte, at) => file[at] === byte))
    throw broken(source, "the file does not begin like an .npy file");
  const version = file[6]!;
  if (version !== 1 && version !== 2 && version !== 3) throw broken(source, `version ${version} of .npy is not known`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = prefixBytes[version];
  if (length > headerLimit || start + length > file.byteLength) {
    throw broken(source, `the header would have ${length} bytes, but ${file.byteLength - start} follow`);
  }
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(file.subarray(start, start + length));
  return { ...readDictionary(text, source), end: start + length };
}

/** `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, its keys in any order. */
function readDictionary(text: string, source: string): Omit<Header, "end"> {
  const entry = /^(?:'|")(descr|fortran_order|shape)(?:'|")\s*:\s*/;
  let rest = text.trim();
  if (!rest.startsWith("{") || !rest.endsWith("}")) throw broken(source, "the header is not a dictionary");
  rest = rest.slice(1, -1).trim();
  const values = new Map<string, string>();
  while (rest !== "") {
    const key = entry.exec(rest);
    if (key === null) throw broken(source, `the header has an entry that is not understood: ${rest.slice(0, 40)}`);
    rest = rest.slice(key[0].length);
    const value = /^(?:'[^']*'|"[^"]*"|True|False|\([\d\s,L]*\))/.exec(rest)?.[0];
    if (value === undefined) throw refused(key[1]!, rest, source);
    if (values.has(key[1]!)) throw broken(source, `the header has "${key[1]}" twice`);
    values.set(key[1]!, value);
    rest = rest.slice(value.length).trim();
    if (rest !== "" && !rest.startsWith(",")) throw broken(source, "the header's entries are not separated by commas");
    rest = rest.slice(1).trim();
  }
  const [descr, order, sizes] = ["descr", "fortran_order", "shape"].map((key) => {
    const value = values.get(key);
    if (value === undefined) throw broken(source, `the header has no "${key}"`);
    return value;
  });
  return { descr: readType(descr!, source), fortran: order === "True", shape: readShape(sizes!, source) };
}

const refused = (key: string, rest: string, source: string): DataError =>
  key === "descr"
    ? broken(source, `arrays of records cannot be read: ${rest.slice(0, 40)}`, "save each field as an array of its own")
    : broken(source, `the header's "${key}" is not understood: ${rest.slice(0, 40)}`);

function readType(quoted: string, source: string): string {
  const descr = quoted.slice(1, -1);
  const known = /^[<>|=]?([fiub]\d+)$/.exec(descr)?.[1];
  if (known !== undefined && Object.hasOwn(elementTypes, known)) return `${descr.startsWith(">") ? ">" : "<"}${known}`;
  const hint = descr.includes("O")
    ? "it holds pickled Python objects, which are never read; save plain numbers"
    : `known are ${Object.keys(elementTypes).join(", ")}`;
  throw broken(source, `the element type "${descr.slice(0, 40)}" is not known`, hint);
}

function readShape(tuple: string, source: string): Shape {
  const words = tuple
    .slice(1, -1)
    .split(",")
    .map((word) => word.trim().replace(/L$/, ""));
  if (words.at(-1) === "") words.pop();
  const sizes = words.map(Number);
  if (words.includes("") || !sizes.every(Number.isSafeInteger) || !Number.isSafeInteger(sizeOf(sizes)))
    throw broken(source, `the header's shape is not understood: ${tuple.slice(0, 40)}`);
  return sizes;
}

/** Turns big-endian elements into little-endian ones. */
function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}

/** Elements in column-major order (the first axis varies fastest), in row-major order. */
function rowMajor(bytes: Uint8Array<ArrayBuffer>, shape: Shape, size: number): Uint8Array<ArrayBuffer> {
  if (shape.length < 2) return bytes;
  const rows = new Uint8Array(bytes.length);
  const strides = shape.map((_, axis) => sizeOf(shape.slice(0, axis)));
  const place = shape.map(() => 0);
  for (let to = 0, count = sizeOf(shape); to < count; to++) {
    const from = place.reduce((sum, index, axis) => sum + index * strides[axis]!, 0);
    for (let byte = 0; byte < size; byte++) rows[to * size + byte] = bytes[from * size + byte]!;
    for (let axis = shape.length - 1; axis >= 0 && ++place[axis]! === shape[axis]; axis--) place[axis] = 0;
  }
  return rows;
}
