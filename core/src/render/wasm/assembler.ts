import { Bytes } from "./bytes.ts";
import {
  type LaneMemoryOperator,
  type LaneOperator,
  laneMemoryOperators,
  laneOperators,
  type MemoryOperator,
  memoryOperators,
  type Operator,
  operators,
  shuffleOperator,
  signed,
  unsigned,
  type ValueType,
  valueTypes,
  vectorConstantOperator,
} from "./opcodes.ts";

/** A place that `branch` can jump to: the end of a block or the start of a loop. */
export interface Label {
  readonly depth: number;
}

const floatBytes = new DataView(new ArrayBuffer(8));

const f32Bytes = (value: number): number[] => {
  floatBytes.setFloat32(0, value, true);
  return [0, 1, 2, 3].map((index) => floatBytes.getUint8(index));
};

const f64Bytes = (value: number): number[] => {
  floatBytes.setFloat64(0, value, true);
  return [0, 1, 2, 3, 4, 5, 6, 7].map((index) => floatBytes.getUint8(index));
};

/** Gives the global that holds these sixteen bytes. */
export type ConstantPlace = (bytes: readonly number[]) => number;

/** Writes the body of one function: stack code with structured control. Every method appends; locals are reused after `release`. */
export class FunctionWriter {
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /**
   * Vector constants as locals that the function loads once, by their bytes. Engines make a literal anew wherever it stands
   * (V8 since 12, in three instructions, also in loops); what comes from a global they keep.
   */
  private readonly kept: Map<string, { readonly bytes: readonly number[]; readonly local: number }> | undefined;
  private readonly code = new Bytes();
  private readonly locals: ValueType[] = [];
  private readonly unused = new Map<ValueType, number[]>();
  private depth = 0;

  /** `constants`: "kept" for functions with loops. */
  constructor(
    params: readonly ValueType[],
    results: readonly ValueType[] = [],
    constants: "inline" | "kept" = "inline",
  ) {
    this.params = params;
    this.results = results;
    this.kept = constants === "kept" ? new Map() : undefined;
  }

  /** A local of `type`. It holds an old value: set it before reading. */
  local(type: ValueType): number {
    const free = this.unused.get(type)?.pop();
    if (free !== undefined) return free;
    this.locals.push(type);
    return this.params.length + this.locals.length - 1;
  }

  /** Lets later calls of `local` have this one. */
  release(local: number): void {
    const type = this.typeOf(local);
    const list = this.unused.get(type);
    if (list === undefined) this.unused.set(type, [local]);
    else list.push(local);
  }

  typeOf(local: number): ValueType {
    return local < this.params.length ? this.params[local]! : this.locals[local - this.params.length]!;
  }

  op(...names: readonly Operator[]): this {
    for (const name of names) this.bytes(operators[name]);
    return this;
  }

  i32(value: number): this {
    this.code.push(0x41);
    return this.bytes(signed(value | 0));
  }

  i64(value: bigint): this {
    this.code.push(0x42);
    return this.bytes(signed(BigInt.asIntN(64, value)));
  }

  f32(value: number): this {
    this.code.push(0x43);
    return this.bytes(f32Bytes(value));
  }

  f64(value: number): this {
    this.code.push(0x44);
    return this.bytes(f64Bytes(value));
  }

  /** Sixteen bytes, lowest first. */
  v128(bytes: readonly number[]): this {
    // All zeros and all ones are one instruction everywhere.
    const simple = bytes.every((byte) => byte === bytes[0]) && (bytes[0] === 0 || bytes[0] === 255);
    if (this.kept === undefined || simple) return this.bytes(vectorConstantOperator).bytes(bytes);
    const key = bytes.join();
    let constant = this.kept.get(key);
    if (constant === undefined) {
      this.locals.push("v128");
      constant = { bytes, local: this.params.length + this.locals.length - 1 };
      this.kept.set(key, constant);
    }
    return this.get(constant.local);
  }

  f32x4(value: number): this {
    const lane = f32Bytes(value);
    return this.v128([...lane, ...lane, ...lane, ...lane]);
  }

  i32x4(value: number): this {
    const lane = [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
    return this.v128([...lane, ...lane, ...lane, ...lane]);
  }

  f64x2(value: number): this {
    const lane = f64Bytes(value);
    return this.v128([...lane, ...lane]);
  }

  get(local: number): this {
    this.code.push(0x20);
    return this.bytes(unsigned(local));
  }

  set(local: number): this {
    this.code.push(0x21);
    return this.bytes(unsigned(local));
  }

  tee(local: number): this {
    this.code.push(0x22);
    return this.bytes(unsigned(local));
  }

  /** A load, store or atomic at the address on the stack plus `offset` bytes. */
  memory(name: MemoryOperator, offset = 0): this {
    const [code, alignment] = memoryOperators[name];
    // Plain accesses promise no alignment (hint 0); atomics must name their natural one.
    this.bytes(code).bytes(unsigned(code[0] === 0xfe ? alignment : 0));
    return this.bytes(unsigned(offset));
  }

  laneMemory(name: LaneMemoryOperator, lane: number, offset = 0): this {
    this.bytes(laneMemoryOperators[name][0]).bytes(unsigned(0)).bytes(unsigned(offset));
    this.code.push(lane);
    return this;
  }

  lane(name: LaneOperator, lane: number): this {
    this.bytes(laneOperators[name]);
    this.code.push(lane);
    return this;
  }

  /** Picks sixteen bytes out of the 32 of two vectors. */
  shuffle(bytes: readonly number[]): this {
    return this.bytes(shuffleOperator).bytes(bytes);
  }

  call(index: number): this {
    this.code.push(0x10);
    return this.bytes(unsigned(index));
  }

  /** A block; branching to its label leaves it. */
  block(body: (label: Label) => void): this {
    return this.structured(0x02, undefined, body);
  }

  /** A loop; branching to its label starts it again. */
  loop(body: (label: Label) => void): this {
    return this.structured(0x03, undefined, body);
  }

  /** Takes the condition from the stack. With `type`, both sides leave one value. */
  if(type: ValueType | undefined, then: () => void, otherwise?: () => void): this {
    return this.structured(0x04, type, () => {
      then();
      if (otherwise === undefined) return;
      this.code.push(0x05);
      otherwise();
    });
  }

  branch(label: Label): this {
    this.code.push(0x0c);
    return this.bytes(unsigned(this.depth - label.depth));
  }

  branchIf(label: Label): this {
    this.code.push(0x0d);
    return this.bytes(unsigned(this.depth - label.depth));
  }

  /** The function as the code section stores it. */
  finish(place: ConstantPlace): Uint8Array {
    const groups = new Bytes().append(unsigned(this.locals.length));
    for (const type of this.locals) groups.append([1, valueTypes[type]]);
    const loads = new Bytes();
    for (const { bytes, local } of this.kept?.values() ?? [])
      loads.append([0x23, ...unsigned(place(bytes)), 0x21, ...unsigned(local)]); // global.get, local.set
    const length = unsigned(groups.length + loads.length + this.code.length + 1);
    return concatBytes(length, groups.view(), loads.view(), this.code.view(), [0x0b]);
  }

  private structured(code: number, type: ValueType | undefined, body: (label: Label) => void): this {
    this.code.append([code, type === undefined ? 0x40 : valueTypes[type]]);
    this.depth++;
    body({ depth: this.depth });
    this.depth--;
    this.code.push(0x0b);
    return this;
  }

  private bytes(bytes: readonly number[]): this {
    this.code.append(bytes);
    return this;
  }
}

function concatBytes(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const textBytes = (text: string): number[] => {
  const bytes = [...new TextEncoder().encode(text)];
  return [...unsigned(bytes.length), ...bytes];
};

export interface ImportedMemory {
  readonly shared: boolean;
  /** Pages of 64 KiB; must not exceed what the memory has. */
  readonly minimum: number;
  /** Pages; must not be less than the memory's own maximum. */
  readonly maximum: number;
}

/** Collects functions and writes the module's bytes. The memory is imported as "host" "memory", a clock as "host" "now". */
export class ModuleWriter {
  /** Imported functions come before all others. */
  readonly #imports: number;

  /** With a clock, function 0 returns the milliseconds of `performance.now()` as f64. */
  constructor(clock: "clock" | "no clock" = "no clock") {
    this.#imports = clock === "clock" ? 1 : 0;
  }

  private readonly functions: (FunctionWriter | undefined)[] = [];
  private readonly exports: { readonly name: string; readonly index: number }[] = [];
  private readonly names: string[] = [];

  /** Reserves an index, so that functions can call what is written later. */
  reserve(name: string): number {
    this.names.push(name);
    return this.functions.push(undefined) - 1 + this.#imports;
  }

  define(index: number, writer: FunctionWriter): void {
    this.functions[index - this.#imports] = writer;
  }

  add(name: string, writer: FunctionWriter): number {
    const index = this.reserve(name);
    this.define(index, writer);
    return index;
  }

  export(name: string, index: number): void {
    this.exports.push({ name, index });
  }

  finish(memory: ImportedMemory): Uint8Array<ArrayBuffer> {
    const functions = this.functions.map((writer, index) => {
      if (writer === undefined) throw new Error(`function ${this.names[index]} was never defined`);
      return writer;
    });
    const types: number[][] = [];
    const typeIndex = new Map<string, number>();
    const typeOf = ({ params, results }: FunctionWriter): number => {
      const bytes = [
        0x60,
        params.length,
        ...params.map((type) => valueTypes[type]),
        results.length,
        ...results.map((type) => valueTypes[type]),
      ];
      const key = bytes.join();
      let index = typeIndex.get(key);
      if (index === undefined) {
        index = types.push(bytes) - 1;
        typeIndex.set(key, index);
      }
      return index;
    };
    const declared = functions.map(typeOf);
    const places = new Map<string, number>();
    const globals: number[][] = [];
    const bodies = functions.map((writer) =>
      writer.finish((bytes) => {
        const key = bytes.join();
        const known = places.get(key);
        if (known !== undefined) return known;
        places.set(key, globals.length);
        // Mutable, though nobody changes it: else it would be taken for a literal again.
        return globals.push([valueTypes.v128, 1, ...vectorConstantOperator, ...bytes, 0x0b]) - 1;
      }),
    );
    const clocks = this.#imports === 0 ? [] : [typeOf(new FunctionWriter([], ["f64"]))];
    const limits = [memory.shared ? 3 : 1, ...unsigned(memory.minimum), ...unsigned(memory.maximum)];
    const sections = [
      section(1, types),
      section(2, [
        [...textBytes("host"), ...textBytes("memory"), 0x02, ...limits],
        ...clocks.map((type) => [...textBytes("host"), ...textBytes("now"), 0x00, ...unsigned(type)]),
      ]),
      section(3, declared.map(unsigned)),
      ...(globals.length === 0 ? [] : [section(6, globals)]),
      section(
        7,
        this.exports.map(({ name, index }) => [...textBytes(name), 0x00, ...unsigned(index)]),
      ),
      section(10, bodies),
      nameSection(this.names, this.#imports),
    ];
    return concatBytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], ...sections);
  }
}

function section(id: number, entries: readonly ArrayLike<number>[]): Uint8Array {
  const content = concatBytes(unsigned(entries.length), ...entries);
  return concatBytes([id], unsigned(content.length), content);
}

/** Function names, so that profilers and traps speak of kernels. */
function nameSection(names: readonly string[], imports: number): Uint8Array {
  const entries = names.map((name, index) => [...unsigned(index + imports), ...textBytes(name)]);
  const functions = concatBytes(unsigned(names.length), ...entries);
  const content = concatBytes(textBytes("name"), [1], unsigned(functions.length), functions);
  return concatBytes([0], unsigned(content.length), content);
}
