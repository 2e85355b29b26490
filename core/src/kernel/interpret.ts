import type { DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { bf16FromBits, bf16ToBits, f16FromBits, f16ToBits } from "../base/half.ts";
import { threefry } from "../reference/random.ts";
import { dtypeOf } from "./build.ts";
import type { AccumulateName, Address, Expr, Kernel, Stmt } from "./ir.ts";
import { binaryIn, bitsBetween, bitsIn, castBetween, compareBy, unaryIn } from "./scalar.ts";
import { type Tile, tileShape } from "./tile.ts";

/** Typed memory of one element type: what kernels read and write. f16 and bf16 are their 16 bits. */
export type KernelMemory = Float32Array | Int32Array | Uint32Array | Int8Array | Uint8Array | Uint16Array;

const makeMemory: { readonly [D in DType]: (elements: number) => KernelMemory } = {
  f32: (elements) => new Float32Array(elements),
  f16: (elements) => new Uint16Array(elements),
  bf16: (elements) => new Uint16Array(elements),
  i32: (elements) => new Int32Array(elements),
  u32: (elements) => new Uint32Array(elements),
  i8: (elements) => new Int8Array(elements),
  u8: (elements) => new Uint8Array(elements),
  bool: (elements) => new Uint8Array(elements),
};

/** Memory of a task's scratch starts as garbage, so that a kernel which relies on zeros fails in tests. */
const poison: { readonly [D in DType]: number } = {
  f32: Number.NaN,
  f16: 0x7e00,
  bf16: 0x7fc0,
  i32: -1,
  u32: 1e9,
  i8: -1,
  u8: 255,
  bool: 1,
};

type Slots = Float64Array;
type Evaluate = (slots: Slots) => number;
type Execute = (slots: Slots) => void;

/** Runs `tasks` tasks of a kernel in order. `memory` has one entry for each buffer that is not scratch. */
export function runKernel(
  kernel: Kernel,
  memory: readonly KernelMemory[],
  params: readonly number[],
  tasks: number,
): void {
  const task = interpretTask(kernel, memory, params);
  for (let index = 0; index < tasks; index++) task(index);
}

/** A function that runs one task of a kernel; every load and store is checked against the bounds of its buffer. */
export function interpretTask(
  kernel: Kernel,
  memory: readonly KernelMemory[],
  params: readonly number[],
): (task: number) => void {
  const compiler = new Compiler(kernel, memory, params);
  const body = compiler.block(kernel.body);
  const slots = new Float64Array(compiler.slotCount);
  return (task) => {
    compiler.poisonScratch();
    slots[0] = task;
    body(slots);
  };
}

interface Bound {
  readonly dtype: DType;
  readonly data: KernelMemory;
}

class Compiler {
  readonly #kernel: Kernel;
  readonly #buffers = new Map<string, Bound>();
  readonly #params: ReadonlyMap<string, number>;
  readonly #slots = new Map<string, number>([["task", 0]]);
  readonly #dtypes = new Map<string, DType>();

  constructor(kernel: Kernel, memory: readonly KernelMemory[], params: readonly number[]) {
    this.#kernel = kernel;
    this.#params = new Map(kernel.params.map((name, position) => [name, params[position]!]));
    let position = 0;
    for (const { name, dtype, role, elements } of kernel.buffers) {
      const data = role === "scratch" ? makeMemory[dtype](elements) : memory[position++];
      if (data === undefined) throw new InternalError(`runKernel ${kernel.name}: no memory for ${name}`);
      this.#buffers.set(name, { dtype, data });
    }
  }

  get slotCount(): number {
    return this.#slots.size;
  }

  poisonScratch(): void {
    for (const { name, role, dtype } of this.#kernel.buffers) {
      if (role === "scratch") this.#buffers.get(name)!.data.fill(poison[dtype]);
    }
  }

  #slot(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    this.#slots.set(name, this.#slots.size);
    return this.#slots.size - 1;
  }

  block(body: readonly Stmt[]): Execute {
    const steps = body.map((stmt) => this.#statement(stmt));
    return (slots) => {
      for (const step of steps) step(slots);
    };
  }

  #statement(stmt: Stmt): Execute {
    switch (stmt.kind) {
      case "for": {
        const slot = this.#slot(stmt.index);
        const [from, to, body] = [this.#expr(stmt.from), this.#expr(stmt.to), this.block(stmt.body)];
        return (slots) => {
          const end = to(slots);
          for (let value = from(slots); value < end; value++) {
            slots[slot] = value;
            body(slots);
          }
        };
      }
      case "let":
      case "set": {
        if (stmt.kind === "let") this.#dtypes.set(stmt.name, stmt.dtype);
        const [slot, value] = [this.#slot(stmt.name), this.#expr(stmt.value)];
        return (slots) => {
          slots[slot] = value(slots);
        };
      }
      case "accumulate": {
        const [slot, value] = [this.#slot(stmt.name), this.#expr(stmt.value)];
        const join = combiner(stmt.op, this.#dtypes.get(stmt.name) ?? "f32");
        return (slots) => {
          slots[slot] = join(slots[slot]!, value(slots));
        };
      }
      case "store": {
        const { dtype, data, at } = this.#address(stmt.to);
        const value = this.#expr(stmt.value);
        return (slots) => {
          const position = at(slots);
          data[position] = encode(value(slots), dtype);
        };
      }
      case "if": {
        const [when, then, otherwise] = [this.#expr(stmt.when), this.block(stmt.then), this.block(stmt.else)];
        return (slots) => (when(slots) === 0 ? otherwise(slots) : then(slots));
      }
      case "while": {
        const [when, body] = [this.#expr(stmt.when), this.block(stmt.body)];
        return (slots) => {
          while (when(slots) !== 0) body(slots);
        };
      }
      case "tile":
        return this.#tile(stmt);
    }
  }

  #tile(tile: Tile): Execute {
    const { a, b, c, pitch, depth, accumulate } = tile;
    const { rows, columns, aRow, aStep, bStep } = tileShape(tile);
    const [left, right, result] = [this.#address(a, false), this.#address(b, false), this.#address(c, false)];
    const evaluateDepth = this.#expr(depth);
    return (slots) => {
      const [from, with_, to, length] = [left.at(slots), right.at(slots), result.at(slots), evaluateDepth(slots)];
      if (length > 0) {
        this.#inside(a, from, left.data, (rows - 1) * aRow + (length - 1) * aStep + 1);
        this.#inside(b, with_, right.data, (length - 1) * bStep + columns);
      }
      this.#inside(c, to, result.data, (rows - 1) * pitch + columns);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = accumulate ? result.data[to + row * pitch + column]! : 0;
          for (let k = 0; k < length; k++) {
            sum = Math.fround(
              sum + Math.fround(left.data[from + row * aRow + k * aStep]! * right.data[with_ + k * bStep + column]!),
            );
          }
          result.data[to + row * pitch + column] = sum;
        }
      }
    };
  }

  #inside({ buffer }: Address, position: number, data: KernelMemory, length = 1): void {
    if (position >= 0 && position + length <= data.length) return;
    throw new InternalError(
      `kernel ${this.#kernel.name}: ${buffer}[${position}..${position + length}] is outside ${data.length} elements`,
    );
  }

  #address(address: Address, checked = true): Bound & { readonly at: Evaluate } {
    const bound = this.#buffers.get(address.buffer);
    if (bound === undefined) throw new InternalError(`kernel ${this.#kernel.name}: unknown buffer ${address.buffer}`);
    const at = this.#expr(address.at);
    if (!checked) return { ...bound, at };
    const checkedAt: Evaluate = (slots) => {
      const position = at(slots);
      this.#inside(address, position, bound.data);
      return position;
    };
    return { ...bound, at: checkedAt };
  }

  #expr(expr: Expr): Evaluate {
    switch (expr.kind) {
      case "number": {
        const { value } = expr;
        return () => value;
      }
      case "index":
      case "local": {
        const slot = this.#slot(expr.name);
        return (slots) => slots[slot]!;
      }
      case "param": {
        const value = this.#params.get(expr.name);
        if (value === undefined) throw new InternalError(`kernel ${this.#kernel.name}: unknown param ${expr.name}`);
        return () => value;
      }
      case "load": {
        const { dtype, data, at } = this.#address({ buffer: expr.buffer, at: expr.at });
        if (dtype === "f16") return (slots) => f16FromBits(data[at(slots)]!);
        if (dtype === "bf16") return (slots) => bf16FromBits(data[at(slots)]!);
        return (slots) => data[at(slots)]!;
      }
      case "unary": {
        const [apply, x] = [unaryIn(expr.op, expr.dtype), this.#expr(expr.x)];
        return (slots) => apply(x(slots));
      }
      case "binary": {
        const [apply, x, y] = [binaryIn(expr.op, expr.dtype), this.#expr(expr.x), this.#expr(expr.y)];
        return (slots) => apply(x(slots), y(slots));
      }
      case "bits": {
        const [apply, x, y] = [bitsIn(expr.op, expr.dtype), this.#expr(expr.x), this.#expr(expr.y)];
        return (slots) => apply(x(slots), y(slots));
      }
      case "compare": {
        const [apply, x, y] = [compareBy[expr.op], this.#expr(expr.x), this.#expr(expr.y)];
        return (slots) => apply(x(slots), y(slots));
      }
      case "select": {
        const [when, then, otherwise] = [this.#expr(expr.when), this.#expr(expr.then), this.#expr(expr.else)];
        return (slots) => (when(slots) === 0 ? otherwise(slots) : then(slots));
      }
      case "cast": {
        const [apply, x] = [castBetween(dtypeOf(expr.x), expr.dtype), this.#expr(expr.x)];
        return (slots) => apply(x(slots));
      }
      case "bitcast": {
        const [apply, x] = [bitsBetween(dtypeOf(expr.x), expr.dtype), this.#expr(expr.x)];
        return (slots) => apply(x(slots));
      }
      case "threefry": {
        const [key0, key1, counter] = [this.#expr(expr.key0), this.#expr(expr.key1), this.#expr(expr.counter)];
        return (slots) => {
          const [x0, x1] = threefry([key0(slots), key1(slots)], [0, counter(slots)]);
          return (x0 ^ x1) >>> 0;
        };
      }
    }
  }
}

/** What a store writes: the bits of 16-bit floats, the value of others. */
const encode = (value: number, dtype: DType): number =>
  dtype === "f16" ? f16ToBits(value) : dtype === "bf16" ? bf16ToBits(value) : value;

const combiner = (op: AccumulateName, dtype: DType): ((x: number, y: number) => number) => {
  if (dtype === "bool") return op === "max" ? (x, y) => x | y : (x, y) => x & y;
  return binaryIn(op === "sum" ? "add" : op === "prod" ? "mul" : op, dtype);
};
