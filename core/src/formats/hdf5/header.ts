import type { Shape } from "../../base/shape.ts";
import { memoryLimit } from "../archive/entry.ts";
import { type Bytes, type Cursor, damaged, refused, unsupported } from "./cursor.ts";
import { type ElementType, readType } from "./types.ts";

// Object headers: what a group or a dataset says of itself, as a list of messages (File Format Specification, IV.A).

const messages = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  oldFill: 0x04,
  fill: 0x05,
  link: 0x06,
  external: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** Where a value lies, and what it is. */
export interface Stored {
  readonly type: ElementType;
  readonly shape: Shape;
  /** Where its bytes begin; undefined when nothing has been written. */
  readonly at: number | undefined;
  /** What each element is that was never written; zeros where nothing is said. */
  readonly fill?: Uint8Array | undefined;
}

export interface ObjectHeader {
  readonly attributes: ReadonlyMap<string, Stored>;
  /** A group of the old kind: its tree of names and the heap that holds them. */
  readonly symbolTable: { readonly tree: number; readonly heap: number } | undefined;
  /** A group of the new kind: headers by name. */
  readonly links: ReadonlyMap<string, number> | undefined;
  /** A dataset. */
  readonly data: Stored | undefined;
}

/** Pieces of one header; real ones have a few. */
const pieceLimit = 4096;
const rankLimit = 32;

interface Found {
  readonly attributes: Map<string, Stored>;
  readonly links: Map<string, number>;
  hasLinks: boolean;
  symbolTable: ObjectHeader["symbolTable"];
  type: ElementType | undefined;
  shape: Shape | undefined;
  layout: { readonly at: number | undefined; readonly length: number | undefined } | undefined;
  fill: Uint8Array | undefined;
}

/** The header at `at`. */
export function readObjectHeader(file: Bytes, at: number): ObjectHeader {
  const found: Found = {
    attributes: new Map(),
    links: new Map(),
    hasLinks: false,
    symbolTable: undefined,
    type: undefined,
    shape: undefined,
    layout: undefined,
    fill: undefined,
  };
  const modern = file.part(at, 4, "an object header")[0] === 0x4f; // "OHDR"
  if (modern) readModern(file, at, found);
  else readClassic(file, at, found);
  const { attributes, links, hasLinks, symbolTable, type, shape, layout, fill } = found;
  const isData = type !== undefined && shape !== undefined && layout !== undefined;
  return {
    attributes,
    symbolTable,
    links: hasLinks ? links : undefined,
    data: isData ? { type, shape, fill, at: demandFits(file, type, shape, layout) } : undefined,
  };
}

function demandFits(file: Bytes, type: ElementType, shape: Shape, layout: NonNullable<Found["layout"]>) {
  const needed = shape.reduce((product, size) => product * size, type.bytes);
  if (needed === 0) return undefined;
  if (layout.at === undefined) {
    // Values that are nowhere take no room in the file: they may not take all of the memory.
    if (needed <= memoryLimit(file.size)) return undefined;
    throw damaged(file.source, `a dataset of ${needed} bytes was declared, but never written`);
  }
  if (layout.length !== undefined && layout.length < needed)
    throw damaged(file.source, `a dataset needs ${needed} bytes, but has ${layout.length}`);
  file.part(layout.at, needed, "a dataset");
  return layout.at;
}

/** Version 1: messages of 8 bytes and their data, each a multiple of 8. */
function readClassic(file: Bytes, at: number, found: Found): void {
  const prefix = file.cursor(at, "an object header", 16);
  if (prefix.u8() !== 1) throw damaged(file.source, `the object header at byte ${at} is of an unknown version`);
  prefix.skip(1);
  let left = prefix.u16();
  prefix.skip(4);
  const open = [{ at: at + 16, length: prefix.u32() }];
  for (let pieces = 0; open.length > 0; pieces++) {
    if (pieces > pieceLimit) throw damaged(file.source, "an object header is in too many pieces");
    const piece = open.shift()!; // the loop's condition
    const cursor = file.cursor(piece.at, "an object header", piece.length);
    while (cursor.left >= 8 && left > 0) {
      left--;
      const type = cursor.u16();
      const size = cursor.u16();
      const flags = cursor.u8();
      cursor.skip(3);
      const body = file.cursor(cursor.skip(size), "a message of an object header", size);
      if (type === messages.continuation)
        open.push({ at: body.place("the rest of a header"), length: body.count("a length") });
      else readMessage(type, flags, body, found);
    }
  }
}

/** Version 2: signed pieces, messages of 4 bytes and their data. */
function readModern(file: Bytes, at: number, found: Found): void {
  const prefix = file.cursor(at, "an object header");
  prefix.signature("OHDR");
  if (prefix.u8() !== 2) throw damaged(file.source, `the object header at byte ${at} is of an unknown version`);
  const flags = prefix.u8();
  if ((flags & 0x20) !== 0) prefix.skip(16);
  if ((flags & 0x10) !== 0) prefix.skip(4);
  const width = 1 << (flags & 3);
  const length =
    width === 1 ? prefix.u8() : width === 2 ? prefix.u16() : width === 4 ? prefix.u32() : prefix.count("a length");
  const open = [{ at: prefix.at, length }];
  for (let pieces = 0; open.length > 0; pieces++) {
    if (pieces > pieceLimit) throw damaged(file.source, "an object header is in too many pieces");
    const piece = open.shift()!; // the loop's condition
    const cursor = file.cursor(piece.at, "an object header", piece.length);
    while (cursor.left >= 4) {
      const type = cursor.u8();
      const size = cursor.u16();
      const kept = cursor.u8();
      if ((flags & 4) !== 0) cursor.skip(2);
      const body = file.cursor(cursor.skip(size), "a message of an object header", size);
      if (type === messages.continuation) {
        const rest = body.place("the rest of a header");
        // Between a signature and a checksum, of four bytes each.
        open.push({ at: rest + 4, length: body.count("a length") - 8 });
      } else readMessage(type, kept, body, found);
    }
  }
}

function readMessage(type: number, flags: number, body: Cursor, found: Found): void {
  const { source } = body.file;
  const demandOwn = (): void => {
    if ((flags & 2) !== 0) throw refused(source, "messages that several objects share");
  };
  switch (type) {
    case messages.dataspace:
      demandOwn();
      found.shape = readShape(body);
      break;
    case messages.datatype:
      demandOwn();
      found.type = readType(body);
      break;
    case messages.layout:
      found.layout = readLayout(body);
      break;
    case messages.oldFill:
      found.fill ??= body.take(body.u32());
      break;
    case messages.fill:
      found.fill = readFill(body) ?? found.fill;
      break;
    case messages.filters:
      throw unsupported(source, "compressed datasets");
    case messages.external:
      throw refused(source, "data in other files");
    case messages.attribute:
      demandOwn();
      readAttribute(body, found.attributes);
      break;
    case messages.symbolTable:
      found.symbolTable = { tree: body.place("a tree of names"), heap: body.place("a heap of names") };
      break;
    case messages.linkInfo:
      found.hasLinks = true;
      demandCompact(body, 8, "groups with an index");
      break;
    case messages.attributeInfo:
      demandCompact(body, 2, "attributes with an index");
      break;
    case messages.link:
      found.hasLinks = true;
      readLink(body, found.links);
      break;
    default: // times, comments: nothing that is needed
  }
}

/** Information on an index, of which there must be none; a counter of `counterBytes` may stand before. */
function demandCompact(body: Cursor, counterBytes: number, what: string): void {
  body.u8();
  if ((body.u8() & 1) !== 0) body.skip(counterBytes);
  if (body.address("an index") !== undefined) throw unsupported(body.file.source, what);
}

function readShape(body: Cursor): Shape {
  const { source } = body.file;
  const version = body.u8();
  const rank = body.u8();
  body.skip(1);
  if (version === 1) body.skip(5);
  else if (version !== 2) throw damaged(source, `a dataspace is of the unknown version ${version}`);
  else if (body.u8() === 2) return [0]; // the null dataspace: no elements at all
  if (rank > rankLimit) throw damaged(source, `a dataspace has ${rank} axes`);
  const shape = Array.from({ length: rank }, () => body.count("a size"));
  const product = shape.reduce((all, size) => all * size, 1);
  if (product <= body.file.size) return shape;
  throw damaged(source, `a value of shape [${shape.join(", ")}] does not fit a file of ${body.file.size} bytes`);
}

function readLayout(body: Cursor): Found["layout"] {
  const { source } = body.file;
  const version = body.u8();
  if (version === 3 || version === 4) {
    const kind = body.u8();
    if (kind === 0) {
      const length = body.u16();
      return { at: body.skip(length), length };
    }
    if (kind === 1) return { at: body.address("a dataset"), length: body.count("a length") };
    throw kind === 2 ? unsupported(source, "datasets in chunks") : refused(source, "virtual datasets");
  }
  if (version !== 1 && version !== 2) throw damaged(source, `a layout is of the unknown version ${version}`);
  body.skip(1);
  if (body.u8() !== 1) throw unsupported(source, "datasets in chunks");
  body.skip(5);
  return { at: body.address("a dataset"), length: undefined };
}

/** The value of elements that were never written; undefined where none is given. */
function readFill(body: Cursor): Uint8Array | undefined {
  const version = body.u8();
  if (version === 3) {
    const isDefined = (body.u8() & 0x20) !== 0;
    return isDefined ? body.take(body.u32()) : undefined;
  }
  body.skip(2);
  const isDefined = body.u8() !== 0;
  return isDefined && body.left >= 4 ? body.take(body.u32()) : undefined;
}

function readAttribute(body: Cursor, attributes: Map<string, Stored>): void {
  const { file } = body;
  const version = body.u8();
  const flags = body.u8();
  if (version < 1 || version > 3) throw damaged(file.source, `an attribute is of the unknown version ${version}`);
  if (version > 1 && flags !== 0) throw refused(file.source, "messages that several objects share");
  const [nameBytes, typeBytes, spaceBytes] = [body.u16(), body.u16(), body.u16()];
  if (version === 3) body.skip(1);
  const padded = (length: number): number => (version === 1 ? Math.ceil(length / 8) * 8 : length);
  const part = (length: number): Cursor => file.cursor(body.skip(padded(length)), "an attribute", length);
  const name = textOf(part(nameBytes).take(nameBytes));
  const type = readType(part(typeBytes));
  const shape = readShape(part(spaceBytes));
  const length = shape.reduce((product, size) => product * size, type.bytes);
  attributes.set(name, { type, shape, at: length === 0 ? undefined : body.skip(length) });
}

function readLink(body: Cursor, links: Map<string, number>): void {
  const { source } = body.file;
  if (body.u8() !== 1) throw damaged(source, "a link is of an unknown version");
  const flags = body.u8();
  const kind = (flags & 8) === 0 ? 0 : body.u8();
  if ((flags & 4) !== 0) body.skip(8);
  if ((flags & 16) !== 0) body.skip(1);
  const width = 1 << (flags & 3);
  const length = width === 1 ? body.u8() : width === 2 ? body.u16() : width === 4 ? body.u32() : body.count("a length");
  const name = textOf(body.take(length));
  if (kind !== 0) throw refused(source, kind === 64 ? "links to other files" : "symbolic links");
  links.set(name, body.place(`"${name.slice(0, 40)}"`));
}

/** The text before the first zero, if there is one. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
