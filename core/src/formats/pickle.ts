import { DataError } from "../base/errors.ts";
import { sizeOf } from "../base/shape.ts";

// Pickles are programs of a small machine (CPython's Lib/pickletools.py). We read those of plain data: numbers, text, bytes,
// lists, dictionaries and NumPy arrays, because known data sets come so. Nothing in one is ever called or looked up.

/** A NumPy array in a pickle: its elements as bytes, or as a list where they are objects. */
export class PickledArray {
  shape: readonly number[] = [];
  /** "u1", "<i8", "O": as NumPy writes it. */
  descr = "";
  fortran = false;
  content: Uint8Array | readonly Pickled[] = [];
}

/** What a pickle of plain data holds; dictionaries are Maps. */
export type Pickled =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Pickled[]
  | Map<Pickled, Pickled>
  | PickledArray;

/** A type of elements that is being put together. */
class ElementType {
  readonly code: string;
  order = "|";
  constructor(code: string) {
    this.code = code;
  }
}

/** The only names that a pickle may mention, and what they become. */
const names: Readonly<Record<string, "reconstruct" | "array" | "type" | "encode">> = {
  "numpy.core.multiarray _reconstruct": "reconstruct",
  "numpy._core.multiarray _reconstruct": "reconstruct",
  "numpy ndarray": "array",
  "numpy dtype": "type",
  "_codecs encode": "encode",
};
class Name {
  readonly role: "reconstruct" | "array" | "type" | "encode";
  constructor(role: Name["role"]) {
    this.role = role;
  }
}

type Item = Pickled | ElementType | Name;

/** Marks where the items of a list begin on the stack. */
const mark = Symbol("mark");

/** The data in a pickle (protocols 0 to 5), copied; whatever is no plain data is refused. */
export function decodePickle(file: Uint8Array, source = "the file"): Pickled {
  return new Machine(file, source).run();
}

/** A stack, a memory, and an instruction a byte. */
class Machine {
  readonly #file: Uint8Array;
  readonly #view: DataView;
  readonly #source: string;
  readonly #stack: (Item | typeof mark)[] = [];
  readonly #memo = new Map<number, Item>();
  #at = 0;

  constructor(file: Uint8Array, source: string) {
    this.#file = file;
    this.#view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    this.#source = source;
  }

  run(): Pickled {
    for (;;) {
      const code = this.#byte();
      if (code === 0x2e) return this.#plain(this.#pop());
      this.#step(code);
    }
  }

  #step(code: number): void {
    const item = this.#item(code);
    if (item === undefined) this.#act(code);
    else this.#stack.push(item);
  }

  /** What an instruction puts on the stack; undefined for those that do something else. */
  #item(code: number): Item | undefined {
    switch (code) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return this.#byte();
      case 0x4d: // BININT2
        return this.#number(2);
      case 0x4a: // BININT
        return this.#number(4) | 0;
      case 0x8a: // LONG1
        return this.#long(this.#byte());
      case 0x47: // BINFLOAT
        return this.#view.getFloat64(this.#skip(8), false);
      case 0x55: // SHORT_BINSTRING, text or bytes of Python 2
      case 0x43: // SHORT_BINBYTES
        return this.#take(this.#byte()).slice();
      case 0x54: // BINSTRING
      case 0x42: // BINBYTES
        return this.#take(this.#number(4)).slice();
      case 0x8e: // BINBYTES8
        return this.#take(this.#number(8)).slice();
      case 0x8c: // SHORT_BINUNICODE
        return this.#text(this.#byte());
      case 0x58: // BINUNICODE
        return this.#text(this.#number(4));
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return [];
      case 0x7d: // EMPTY_DICT
        return new Map();
      case 0x6c: // LIST
      case 0x74: // TUPLE
        return this.#marked() as Pickled[]; // checked when it is used
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#several(code - 0x84);
      case 0x68: // BINGET
        return this.#kept(this.#byte());
      case 0x6a: // LONG_BINGET
        return this.#kept(this.#number(4));
      case 0x63: // GLOBAL
        return this.#name(this.#line(), this.#line());
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#several(2);
        return this.#name(String(module), String(name));
      }
      case 0x52: // REDUCE
        return this.#made();
      default:
        return undefined;
    }
  }

  #act(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        this.#byte();
        return;
      case 0x95: // FRAME
        this.#take(8);
        return;
      case 0x28: // MARK
        this.#stack.push(mark);
        return;
      case 0x61: // APPEND
        this.#append(this.#several(1));
        return;
      case 0x65: // APPENDS
        this.#append(this.#marked());
        return;
      case 0x73: // SETITEM
        this.#set(this.#several(2));
        return;
      case 0x75: // SETITEMS
        this.#set(this.#marked());
        return;
      case 0x71: // BINPUT
        this.#keep(this.#byte());
        return;
      case 0x72: // LONG_BINPUT
        this.#keep(this.#number(4));
        return;
      case 0x94: // MEMOIZE
        this.#keep(this.#memo.size);
        return;
      case 0x62: // BUILD
        this.#build();
        return;
      default:
        throw this.#refuse(`it does what plain data has no need of (instruction 0x${code.toString(16)})`);
    }
  }

  #refuse(why: string): DataError {
    return new DataError({
      what: `${this.#source}: no pickle of plain data: ${why}`,
      hint: "numbers, text, lists, dictionaries and NumPy arrays are read; nothing in a pickle is ever run",
    });
  }

  #skip(length: number): number {
    const start = this.#at;
    if (!(start + length <= this.#file.length)) throw this.#refuse("it ends in the middle");
    this.#at += length;
    return start;
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return this.#file.subarray(start, start + length);
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #number(bytes: number): number {
    if (bytes === 2) return this.#view.getUint16(this.#skip(2), true);
    if (bytes === 4) return this.#view.getUint32(this.#skip(4), true);
    return this.#take(bytes).reduceRight((value, byte) => value * 256 + byte, 0);
  }

  /** A whole number of any length, in two's complement. */
  #long(bytes: number): number | bigint {
    const field = this.#take(bytes);
    const value = field.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    const signed = bytes > 0 && field[bytes - 1]! & 0x80 ? value - (1n << BigInt(8 * bytes)) : value;
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  #text(bytes: number): string {
    return new TextDecoder().decode(this.#take(bytes));
  }

  #line(): string {
    const end = this.#file.indexOf(10, this.#at);
    if (end < 0) throw this.#refuse("it ends in the middle");
    const line = this.#text(end - this.#at);
    this.#at = end + 1;
    return line;
  }

  #pop(): Item {
    const item = this.#stack.pop();
    if (item === undefined || item === mark) throw this.#refuse("it takes what is not there");
    return item;
  }

  /** The last `count` items, of which none is the beginning of a list. */
  #several(count: number): Pickled[] {
    const items = Array.from({ length: count }, () => this.#pop()).reverse();
    return items as Pickled[]; // checked when they are used
  }

  #marked(): Item[] {
    const start = this.#stack.lastIndexOf(mark);
    if (start < 0) throw this.#refuse("it takes what is not there");
    return this.#stack.splice(start).slice(1) as Item[]; // there is no mark after the last
  }

  #top(): Item {
    const item = this.#stack.at(-1);
    if (item === undefined || item === mark) throw this.#refuse("it takes what is not there");
    return item;
  }

  #append(items: readonly Item[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#refuse("it appends to what is no list");
    // A list inside of itself would have no end.
    for (const item of items) {
      if (item === list) throw this.#refuse("a list holds itself");
      list.push(item);
    }
  }

  #set(pairs: readonly Item[]): void {
    const map = this.#top();
    if (!(map instanceof Map) || pairs.length % 2 !== 0) throw this.#refuse("it sets items of what is no dictionary");
    for (let at = 0; at < pairs.length; at += 2) {
      const key = pairs[at] as Pickled; // plain() looks at values when they are taken out
      // Python 2 wrote words as bytes.
      map.set(key instanceof Uint8Array ? new TextDecoder().decode(key) : key, pairs[at + 1] as Pickled);
    }
  }

  #keep(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #kept(index: number): Item {
    const item = this.#memo.get(index);
    if (item === undefined) throw this.#refuse("it refers to what is not there");
    return item;
  }

  #name(module: string, name: string): Name {
    const key = `${module} ${name}`;
    const role = Object.hasOwn(names, key) ? names[key] : undefined;
    if (role === undefined) throw this.#refuse(`it names ${JSON.stringify(key.slice(0, 60))}`);
    return new Name(role);
  }

  /** What a named function of NumPy would make of its arguments. */
  #made(): Item {
    const parts = this.#pop();
    const maker = this.#pop();
    if (maker instanceof Name && Array.isArray(parts)) {
      const [first] = parts as Item[];
      if (maker.role === "reconstruct" && first instanceof Name && first.role === "array") return new PickledArray();
      const code = first instanceof Uint8Array ? new TextDecoder().decode(first) : first;
      if (maker.role === "type" && typeof code === "string") return new ElementType(code);
      // Bytes of Python 3 in a pickle for Python 2: text of which each letter is a byte.
      if (maker.role === "encode" && typeof first === "string")
        return Uint8Array.from(first, (letter) => letter.charCodeAt(0));
    }
    throw this.#refuse("it calls what is no part of an array");
  }

  #build(): void {
    const state = this.#pop();
    const made = this.#top();
    const parts = Array.isArray(state) ? (state as readonly Item[]) : [];
    if (made instanceof ElementType && typeof parts[1] !== "number") {
      const order = parts[1] instanceof Uint8Array ? new TextDecoder().decode(parts[1]) : parts[1];
      if (order === "<" || order === ">" || order === "|" || order === "=") {
        made.order = order;
        return;
      }
    }
    if (made instanceof PickledArray) {
      const [, shape, type, fortran, content] = parts;
      const isShape =
        Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
      if (isShape && type instanceof ElementType && (content instanceof Uint8Array || Array.isArray(content))) {
        made.shape = shape as readonly number[];
        made.descr = `${type.order}${type.code}`;
        made.fortran = fortran === true || fortran === 1;
        made.content = content;
        if (Array.isArray(content) && sizeOf(made.shape) !== content.length)
          throw this.#refuse(`an array of ${made.shape.join("×")} has ${content.length} elements`);
        return;
      }
    }
    throw this.#refuse("an array is put together wrongly");
  }

  #plain(item: Item): Pickled {
    if (item instanceof ElementType || item instanceof Name) throw this.#refuse("it holds no data");
    return item;
  }
}
