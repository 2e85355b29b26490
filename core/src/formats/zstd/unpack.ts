import { BackwardBits } from "./bits.ts";
import { type Codes, oneState, readCodes, readStates, readSymbols, type States, statesOf } from "./entropy.ts";

// The format: RFC 8878, "Zstandard Compression": frames of blocks, each of which is literals and sequences of copies.

const magic = 0xfd2fb528;
const isSkipped = (word: number): boolean => word >>> 4 === 0x184d2a5;
/** No block unpacks to more. */
const blockBytes = 128 * 1024;

/** Unpacks Zstandard frames to exactly `length` bytes; throws an Error where they are damaged, and never reads or writes elsewhere. */
export function zstdUnpack(packed: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let [from, to] = [0, 0];
  while (from < packed.length) {
    const word = view.getUint32(from, true);
    from += 4;
    if (isSkipped(word)) {
      from += 4 + view.getUint32(from, true);
      continue;
    }
    if (word !== magic) throw new Error("it is no Zstandard frame");
    const { headerBytes, checksumBytes } = frameHeader(view.getUint8(from));
    from += headerBytes;
    const frame: Frame = { out, start: to, offsets: [1, 4, 8], codes: undefined, states: new Map() };
    for (let isLast = false; !isLast; ) {
      const head = view.getUint16(from, true) + 65_536 * view.getUint8(from + 2);
      from += 3;
      isLast = (head & 1) === 1;
      const [type, size] = [(head >> 1) & 3, head >> 3];
      const stored = type === 1 ? 1 : size;
      if (from + stored > packed.length) throw new Error("the packed bytes end too early");
      const body = packed.subarray(from, from + stored);
      from += stored;
      if (type === 3 || size > blockBytes) throw new Error("a block is of no known kind, or too large");
      if (type === 2) to = unpackBlock(body, frame, to);
      else {
        if (to + size > length) throw tooLong();
        if (type === 0) out.set(body, to);
        else out.fill(body[0]!, to, to + size);
        to += size;
      }
    }
    from += checksumBytes;
  }
  if (to !== length) throw new Error("it unpacks to fewer bytes than it should");
  return out;
}

const tooLong = (): Error => new Error("it unpacks to more bytes than it should");

/** The header says the size of the window and of the content, which are known here. */
function frameHeader(descriptor: number): { readonly headerBytes: number; readonly checksumBytes: number } {
  const isSingle = (descriptor & 32) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  if (dictionaryBytes > 0) throw new Error("it needs a dictionary");
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  return { headerBytes: 1 + (isSingle ? 0 : 1) + sizeBytes, checksumBytes: (descriptor & 4) !== 0 ? 4 : 0 };
}

/** What the blocks of a frame share. */
interface Frame {
  readonly out: Uint8Array;
  /** Where the frame begins: nothing before is repeated. */
  readonly start: number;
  /** The last three distances. */
  offsets: readonly [number, number, number];
  codes: Codes | undefined;
  /** The tables of the last block, by the name of the field. */
  readonly states: Map<Field, States>;
}

/** Unpacks a block behind what there is; returns where it ends. */
function unpackBlock(body: Uint8Array, frame: Frame, start: number): number {
  const { literals, length } = readLiterals(body, frame);
  return copySequences(body.subarray(length), literals, frame, start);
}

function readLiterals(body: Uint8Array, frame: Frame): { readonly literals: Uint8Array; readonly length: number } {
  const byte = (at: number): number => {
    const value = body[at];
    if (value === undefined) throw new Error("the packed bytes end too early");
    return value;
  };
  const [type, format] = [byte(0) & 3, (byte(0) >> 2) & 3];
  if (type < 2) {
    const headerBytes = [1, 2, 1, 3][format]!;
    const size =
      headerBytes === 1 ? byte(0) >> 3 : (byte(0) >> 4) + (byte(1) << 4) + (headerBytes === 3 ? byte(2) << 12 : 0);
    if (size > blockBytes) throw tooLong();
    const stored = type === 1 ? 1 : size;
    if (headerBytes + stored > body.length) throw new Error("the packed bytes end too early");
    const bytes = body.subarray(headerBytes, headerBytes + stored);
    return { literals: type === 1 ? new Uint8Array(size).fill(bytes[0]!) : bytes, length: headerBytes + stored };
  }
  const headerBytes = [3, 3, 4, 5][format]!;
  const width = [10, 10, 14, 18][format]!;
  let head = 0;
  for (let at = headerBytes - 1; at >= 0; at--) head = head * 256 + byte(at);
  const size = Math.floor(head / 16) % 2 ** width;
  const stored = Math.floor(head / 2 ** (4 + width));
  if (size > blockBytes) throw tooLong();
  if (headerBytes + stored > body.length) throw new Error("the packed bytes end too early");
  let streams = body.subarray(headerBytes, headerBytes + stored);
  if (type === 2) {
    const { codes, length } = readCodes(streams);
    frame.codes = codes;
    streams = streams.subarray(length);
  }
  if (frame.codes === undefined) throw new Error("a block repeats a code that is not there");
  const literals = new Uint8Array(size);
  if (format === 0) readSymbols(streams, frame.codes, literals);
  else readFour(streams, frame.codes, literals);
  return { literals, length: headerBytes + stored };
}

/** Four streams, of which the last may be shorter. */
function readFour(streams: Uint8Array, codes: Codes, out: Uint8Array): void {
  if (streams.length < 6) throw new Error("the packed bytes end too early");
  const each = Math.ceil(out.length / 4);
  let from = 6;
  for (let stream = 0; stream < 4; stream++) {
    const length = streams[2 * stream]! + 256 * streams[2 * stream + 1]!;
    const end = stream === 3 ? streams.length : from + length;
    if (end > streams.length) throw new Error("the packed bytes end too early");
    readSymbols(
      streams.subarray(from, end),
      codes,
      out.subarray(stream * each, stream === 3 ? out.length : (stream + 1) * each),
    );
    from = end;
  }
}

/** Values that begin at a base, of which so many bits follow. */
interface Ranges {
  readonly bases: readonly number[];
  readonly bits: readonly number[];
  readonly mostLog: number;
  readonly usual: States;
}

/** Codes below `direct` are their values; the bits behind the others, in order. */
function ranges(direct: number, first: number, more: readonly number[], usual: States, mostLog: number): Ranges {
  const bases = Array.from({ length: direct }, (_, code) => first + code);
  let next = first + direct;
  for (const bits of more) {
    bases.push(next);
    next += 2 ** bits;
  }
  return { bases, bits: [...new Array<number>(direct).fill(0), ...more], mostLog, usual };
}

const times = (count: number, value: number): number[] => new Array<number>(count).fill(value);
// RFC 8878, section 3.1.1.3.2.2: the tables of blocks that bring none.
const usualLiterals = [4, 3, ...times(11, 2), 1, 1, 1, ...times(9, 2), 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1];
const usualOffsets = [...times(6, 1), 2, 2, 2, ...times(15, 1), ...times(5, -1)];
const usualMatches = [1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)];

const fields = {
  literals: ranges(
    16,
    0,
    [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    statesOf(usualLiterals, 6),
    9,
  ),
  offsets: { bases: [], bits: [], mostLog: 8, usual: statesOf(usualOffsets, 5) },
  matches: ranges(
    32,
    3,
    [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
    statesOf(usualMatches, 6),
    9,
  ),
} as const satisfies Readonly<Record<string, Ranges>>;
type Field = keyof typeof fields;

function copySequences(section: Uint8Array, literals: Uint8Array, frame: Frame, start: number): number {
  const { out } = frame;
  const copies = new Copies(literals, frame, start);
  const [first = 0, second = 0, third = 0] = section;
  if (section.length === 0) throw new Error("the packed bytes end too early");
  const [count, countBytes] =
    first < 128 ? [first, 1] : first < 255 ? [(first - 128) * 256 + second, 2] : [second + third * 256 + 0x7f00, 3];
  if (count > 0) {
    let at = countBytes + 1;
    const modes = section[countBytes] ?? 0;
    const table = (field: Field, mode: number): States => {
      const { states, length } = statesIn(section.subarray(at), field, mode, frame);
      at += length;
      frame.states.set(field, states);
      return states;
    };
    const [lengths, offsets, matches] = [
      table("literals", modes >> 6),
      table("offsets", (modes >> 4) & 3),
      table("matches", (modes >> 2) & 3),
    ];
    const stream = new BackwardBits(section.subarray(at));
    let [l, o, m] = [stream.read(lengths.log), stream.read(offsets.log), stream.read(matches.log)];
    for (let left = count; left > 0; left--) {
      const [lengthCode, offsetCode, matchCode] = [lengths.symbols[l]!, offsets.symbols[o]!, matches.symbols[m]!];
      if (offsetCode > 31) throw new Error("it repeats what is not there");
      const offset = 2 ** offsetCode + stream.read(offsetCode);
      const match = lengthOf(fields.matches, matchCode, stream);
      copies.copy(lengthOf(fields.literals, lengthCode, stream), offset, match);
      if (left === 1) break;
      l = lengths.bases[l]! + stream.read(lengths.bits[l]!);
      m = matches.bases[m]! + stream.read(matches.bits[m]!);
      o = offsets.bases[o]! + stream.read(offsets.bits[o]!);
      if (stream.left < 0) throw new Error("a stream of bits ends too early");
    }
    if (stream.left !== 0) throw new Error("a stream of bits ends at another place than its sequences");
  }
  const rest = literals.subarray(copies.used);
  if (copies.to + rest.length > out.length) throw tooLong();
  out.set(rest, copies.to);
  return copies.to + rest.length;
}

function statesIn(
  bytes: Uint8Array,
  field: Field,
  mode: number,
  frame: Frame,
): { readonly states: States; readonly length: number } {
  const { mostLog, usual } = fields[field];
  if (mode === 0) return { states: usual, length: 0 };
  if (mode === 1) return { states: oneState(bytes[0] ?? 0), length: 1 };
  if (mode === 2) return readStates(bytes, mostLog, 64);
  const states = frame.states.get(field);
  if (states === undefined) throw new Error("a block repeats a table that is not there");
  return { states, length: 0 };
}

function lengthOf({ bases, bits }: Ranges, code: number, stream: BackwardBits): number {
  const base = bases[code];
  if (base === undefined) throw new Error("a length is of no known kind");
  return base + stream.read(bits[code]!);
}

/** Writes literals and repetitions one after the other. */
class Copies {
  readonly #literals: Uint8Array;
  readonly #frame: Frame;
  /** Literals that have been written. */
  used = 0;
  to: number;

  constructor(literals: Uint8Array, frame: Frame, to: number) {
    this.#literals = literals;
    this.#frame = frame;
    this.to = to;
  }

  copy(literals: number, offset: number, match: number): void {
    const { out, start } = this.#frame;
    if (this.used + literals > this.#literals.length) throw new Error("a block has fewer literals than it says");
    if (this.to + literals + match > out.length) throw tooLong();
    out.set(this.#literals.subarray(this.used, this.used + literals), this.to);
    this.used += literals;
    this.to += literals;
    const back = this.#distance(offset, literals === 0);
    if (back <= 0 || back > this.to - start) throw new Error("it repeats what is not there");
    if (back >= match) out.copyWithin(this.to, this.to - back, this.to - back + match);
    // What is repeated overlaps what is written: byte by byte, runs repeat themselves.
    else for (let at = this.to; at < this.to + match; at++) out[at] = out[at - back]!;
    this.to += match;
  }

  /** Numbers up to three are one of the last distances, or one less than the last; without literals, they count from the second. */
  #distance(value: number, isBare: boolean): number {
    const [first, second, third] = this.#frame.offsets;
    const which = value > 3 ? 5 : value + (isBare ? 1 : 0);
    if (which === 1) return first;
    const distance = which === 5 ? value - 3 : which === 2 ? second : which === 3 ? third : first - 1;
    this.#frame.offsets = which === 2 ? [second, first, third] : [distance, first, second];
    return distance;
  }
}
