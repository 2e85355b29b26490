import type { FunctionWriter } from "./assembler.ts";
import { type Operator, operators, type ValueType } from "./opcodes.ts";

/** f32 and i32 lanes, masks; `f64` and `i64` are the wide forms, which occupy two vectors at width 4. */
export type LaneKind = "f32" | "i32" | "mask" | "f64" | "i64" | "wideMask";
export type Width = 1 | 4;

/** A value in one local (or, wide at width 4, two: lanes 0, 1 and lanes 2, 3). Immutable: no operation changes it. */
export interface Lane<K extends LaneKind = LaneKind> {
  readonly kind: K;
  readonly locals: readonly number[];
}

type Arithmetic = "f32" | "i32" | "f64" | "i64";
type Real = "f32" | "f64";
type Whole = "i32" | "i64";
type MaskOf<K extends LaneKind> = K extends "f64" | "i64" ? "wideMask" : "mask";
type Operand<K extends LaneKind> = Lane<K> | number;

const scalarType: { readonly [K in LaneKind]: ValueType } = {
  f32: "f32",
  i32: "i32",
  mask: "i32",
  f64: "f64",
  i64: "i64",
  wideMask: "i32",
};
const vectorShape = { f32: "f32x4", i32: "i32x4", f64: "f64x2", i64: "i64x2" } as const;

/**
 * Writes arithmetic once for both forms of a function: one f32 (width 1) or four (width 4). Every call appends code to the
 * writer and returns the value that the code computes.
 */
export class Lanes {
  readonly writer: FunctionWriter;
  readonly width: Width;
  /** Whether vectors multiply and add in one relaxed instruction. */
  readonly fused: boolean;
  private temporaries: number[] = [];

  constructor(writer: FunctionWriter, width: Width, fused: boolean) {
    this.writer = writer;
    this.width = width;
    this.fused = fused && width === 4;
  }

  /** The WebAssembly type of an f32 value at this width. */
  get floatType(): ValueType {
    return this.width === 1 ? "f32" : "v128";
  }

  /** The value that a local already holds. */
  of<K extends "f32" | "i32" | "mask">(kind: K, local: number): Lane<K> {
    return { kind, locals: [local] };
  }

  /** Runs `body`, then gives the locals of all values made inside back, except the result's. */
  scope<K extends LaneKind>(body: () => Lane<K>): Lane<K> {
    const outer = this.temporaries;
    this.temporaries = [];
    const result = body();
    for (const local of new Set(this.temporaries)) if (!result.locals.includes(local)) this.writer.release(local);
    this.temporaries = [...outer, ...result.locals];
    return result;
  }

  /** Pushes a value of one local. */
  push(x: Lane<"f32" | "i32" | "mask">): void {
    this.writer.get(x.locals[0]!);
  }

  constant<K extends Arithmetic>(kind: K, value: number): Lane<K> {
    return this.make(kind, (part) => this.literal(kind, value, part));
  }

  add<K extends Arithmetic>(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("add", x, y);
  }
  sub<K extends Arithmetic>(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("sub", x, y);
  }
  mul<K extends Real | "i32">(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("mul", x, y);
  }
  div<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("div", x, y);
  }
  /** Propagates NaN. */
  min<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("min", x, y);
  }
  /** Propagates NaN. */
  max<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.binary("max", x, y);
  }
  /** y where y < x, else x: a NaN in x stays. One instruction in vectors, where `min` is several. */
  atMost(x: Lane<"f32">, y: number): Lane<"f32"> {
    return this.bounded("lt", "f32x4.pmin", x, y);
  }
  /** y where y > x, else x: a NaN in x stays. */
  atLeast(x: Lane<"f32">, y: number): Lane<"f32"> {
    return this.bounded("gt", "f32x4.pmax", x, y);
  }
  abs<K extends Real>(x: Lane<K>): Lane<K> {
    if (x.kind !== "f32" || this.width === 1) return this.unary("abs", x);
    // V8 makes the mask anew for every f32x4.abs, but keeps a constant over a loop.
    return this.make(x.kind, () => this.writer.get(x.locals[0]!).i32x4(0x7fffffff).op("v128.and"));
  }
  neg<K extends Real>(x: Lane<K>): Lane<K> {
    return this.unary("neg", x);
  }
  sqrt<K extends Real>(x: Lane<K>): Lane<K> {
    return this.unary("sqrt", x);
  }
  floor<K extends Real>(x: Lane<K>): Lane<K> {
    return this.unary("floor", x);
  }
  /** To the nearest integer, ties to even. */
  nearest<K extends Real>(x: Lane<K>): Lane<K> {
    return this.unary("nearest", x);
  }

  lt<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    return this.compare("lt", x, y);
  }
  gt<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    return this.compare("gt", x, y);
  }
  ge<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    return this.compare("ge", x, y);
  }
  eq<K extends Real | "i32">(x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    return this.compare("eq", x, y);
  }
  ne<K extends Real>(x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    return this.compare("ne", x, y);
  }
  /** Signed. */
  less(x: Lane<"i32">, y: Operand<"i32">): Lane<"mask"> {
    return this.compare("lt_s", x, y);
  }

  select<K extends Arithmetic>(when: Lane<MaskOf<K>>, then: Operand<K>, otherwise: Operand<K>, kind: K): Lane<K> {
    return this.make(kind, (part) => {
      this.operand(kind, then, part);
      this.operand(kind, otherwise, part);
      this.writer.get(when.locals[part]!).op(this.width === 1 ? "select" : "v128.bitselect");
    });
  }
  both<K extends "mask" | "wideMask">(x: Lane<K>, y: Lane<K>): Lane<K> {
    return this.logical("and", x, y);
  }
  either<K extends "mask" | "wideMask">(x: Lane<K>, y: Lane<K>): Lane<K> {
    return this.logical("or", x, y);
  }
  not<K extends "mask" | "wideMask">(x: Lane<K>): Lane<K> {
    return this.make(x.kind, (part) => this.writer.get(x.locals[part]!).op(this.width === 1 ? "i32.eqz" : "v128.not"));
  }

  and<K extends Whole>(x: Lane<K>, y: Lane<K> | number | bigint): Lane<K> {
    return this.bitwise("and", x, y);
  }
  or<K extends Whole>(x: Lane<K>, y: Lane<K> | number | bigint): Lane<K> {
    return this.bitwise("or", x, y);
  }
  xor<K extends Whole>(x: Lane<K>, y: Lane<K> | number | bigint): Lane<K> {
    return this.bitwise("xor", x, y);
  }
  shiftLeft<K extends Whole>(x: Lane<K>, count: number): Lane<K> {
    return this.shift("shl", x, count);
  }
  /** Keeps the sign. */
  shiftRight<K extends Whole>(x: Lane<K>, count: number): Lane<K> {
    return this.shift("shr_s", x, count);
  }
  shiftRightUnsigned<K extends Whole>(x: Lane<K>, count: number): Lane<K> {
    return this.shift("shr_u", x, count);
  }

  /** The same bits as an integer. */
  bitsOf(x: Lane<"f32">): Lane<"i32">;
  bitsOf(x: Lane<"f64">): Lane<"i64">;
  bitsOf(x: Lane<Real>): Lane<Whole> {
    if (this.width === 4) return { kind: x.kind === "f32" ? "i32" : "i64", locals: x.locals };
    return x.kind === "f32"
      ? this.make("i32", () => this.writer.get(x.locals[0]!).op("i32.reinterpret_f32"))
      : this.make("i64", () => this.writer.get(x.locals[0]!).op("i64.reinterpret_f64"));
  }
  /** The float with these bits. */
  fromBits(x: Lane<"i32">): Lane<"f32">;
  fromBits(x: Lane<"i64">): Lane<"f64">;
  fromBits(x: Lane<Whole>): Lane<Real> {
    if (this.width === 4) return { kind: x.kind === "i32" ? "f32" : "f64", locals: x.locals };
    return x.kind === "i32"
      ? this.make("f32", () => this.writer.get(x.locals[0]!).op("f32.reinterpret_i32"))
      : this.make("f64", () => this.writer.get(x.locals[0]!).op("f64.reinterpret_i64"));
  }

  /** i32 → f32. */
  toFloat(x: Lane<"i32">): Lane<"f32"> {
    return this.make("f32", () =>
      this.writer.get(x.locals[0]!).op(this.width === 4 ? "f32x4.convert_i32x4_s" : "f32.convert_i32_s"),
    );
  }

  /** f32 → f64, exact. */
  widen(x: Lane<"f32">): Lane<"f64"> {
    const { writer } = this;
    return this.make("f64", (part) => {
      writer.get(x.locals[0]!);
      if (this.width === 1) writer.op("f64.promote_f32");
      else {
        if (part === 1) writer.get(x.locals[0]!).shuffle([8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
        writer.op("f64x2.promote_low_f32x4");
      }
    });
  }
  /** f64 → f32, nearest even. */
  narrow(x: Lane<"f64">): Lane<"f32"> {
    const { writer } = this;
    return this.make("f32", () => {
      writer.get(x.locals[0]!);
      if (this.width === 1) {
        writer.op("f32.demote_f64");
        return;
      }
      writer.op("f32x4.demote_f64x2_zero").get(x.locals[1]!).op("f32x4.demote_f64x2_zero");
      writer.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
    });
  }

  /** x, which is not negative, with the sign of `sign`. */
  withSign(x: Lane<"f32">, sign: Lane<"f32">): Lane<"f32"> {
    return this.fromBits(this.or(this.bitsOf(x), this.and(this.bitsOf(sign), -0x80000000)));
  }

  /** |x| with the sign of `sign`. */
  copySign(x: Lane<"f32">, sign: Lane<"f32">): Lane<"f32"> {
    const magnitude = this.and(this.bitsOf(x), 0x7fffffff);
    return this.fromBits(this.or(magnitude, this.and(this.bitsOf(sign), -0x80000000)));
  }

  /** x·y + z, rounded once where products fuse. */
  multiplyAdd<K extends Real>(x: Lane<K>, y: Operand<K>, z: Operand<K>): Lane<K> {
    if (!this.fused || x.kind !== "f32") return this.add(this.mul(x, y), z);
    return this.make(x.kind, (part) => {
      this.writer.get(x.locals[part]!);
      this.operand(x.kind, y, part);
      this.operand(x.kind, z, part);
      this.writer.op("f32x4.relaxed_madd");
    });
  }

  /** c0 + c1·x + c2·x² + … by Horner's rule. */
  polynomial<K extends Real>(x: Lane<K>, coefficients: readonly number[]): Lane<K> {
    let sum = this.constant(x.kind, coefficients.at(-1) ?? 0);
    for (let index = coefficients.length - 2; index >= 0; index--) sum = this.multiplyAdd(sum, x, coefficients[index]!);
    return sum;
  }

  /** Pushes an i32 that is not 0 when any lane of the mask is set. */
  pushAny(mask: Lane<"mask">): void {
    this.push(mask);
    if (this.width === 4) this.writer.op("v128.any_true");
  }

  /** Calls a function of scalars for each lane; `call` finds the arguments on the stack and leaves the result there. */
  eachLane<K extends "f32" | "i32">(kind: K, args: readonly Lane<"f32" | "i32">[], call: () => void): Lane<K> {
    const { writer } = this;
    if (this.width === 1) {
      return this.make(kind, () => {
        for (const x of args) this.push(x);
        call();
      });
    }
    const result = this.constant(kind, 0);
    for (let lane = 0; lane < 4; lane++) {
      this.push(result);
      for (const x of args) {
        this.push(x);
        writer.lane(x.kind === "f32" ? "f32x4.extract_lane" : "i32x4.extract_lane", lane);
      }
      call();
      writer.lane(kind === "f32" ? "f32x4.replace_lane" : "i32x4.replace_lane", lane).set(result.locals[0]!);
    }
    return result;
  }

  /** A new value whose parts (one, or two when wide at width 4) `emit` leaves on the stack. */
  make<K extends LaneKind>(kind: K, emit: (part: number) => void): Lane<K> {
    const parts = this.width === 4 && (kind === "f64" || kind === "i64" || kind === "wideMask") ? 2 : 1;
    const locals: number[] = [];
    for (let part = 0; part < parts; part++) {
      emit(part);
      const local = this.writer.local(this.width === 4 ? "v128" : scalarType[kind]);
      this.writer.set(local);
      locals.push(local);
      this.temporaries.push(local);
    }
    return { kind, locals };
  }

  private operand(kind: Arithmetic, x: Lane | number | bigint, part: number): void {
    if (typeof x === "object") this.writer.get(x.locals[part]!);
    else this.literal(kind, x, part);
  }

  private literal(kind: Arithmetic, value: number | bigint, _part: number): void {
    const { writer } = this;
    const real = Number(value);
    if (this.width === 1) {
      if (kind === "f32") writer.f32(real);
      else if (kind === "i32") writer.i32(real);
      else if (kind === "f64") writer.f64(real);
      else writer.i64(BigInt(value));
    } else if (kind === "f32") writer.f32x4(real);
    else if (kind === "i32") writer.i32x4(real);
    else if (kind === "f64") writer.f64x2(real);
    else writer.i64(BigInt(value)).op("i64x2.splat");
  }

  /** The operator of this width; a combination that WebAssembly lacks is a bug here. */
  private operator(kind: Arithmetic, name: string): Operator {
    const full = `${this.width === 1 ? kind : vectorShape[kind]}.${name}`;
    if (!(full in operators)) throw new Error(`no operator ${full}`);
    // The line above has looked the name up.
    return full as Operator;
  }

  private unary<K extends Real>(name: string, x: Lane<K>): Lane<K> {
    return this.make(x.kind, (part) => this.writer.get(x.locals[part]!).op(this.operator(x.kind, name)));
  }

  private binary<K extends Arithmetic>(name: string, x: Lane<K>, y: Operand<K>): Lane<K> {
    return this.make(x.kind, (part) => {
      this.writer.get(x.locals[part]!);
      this.operand(x.kind, y, part);
      this.writer.op(this.operator(x.kind, name));
    });
  }

  private bounded(name: "lt" | "gt", vector: Operator, x: Lane<"f32">, y: number): Lane<"f32"> {
    return this.make("f32", () => {
      const { writer } = this;
      if (this.width === 4) writer.get(x.locals[0]!).f32x4(y).op(vector);
      else writer.f32(y).get(x.locals[0]!).f32(y).get(x.locals[0]!).op(`f32.${name}`, "select");
    });
  }

  private compare<K extends Arithmetic>(name: string, x: Lane<K>, y: Operand<K>): Lane<MaskOf<K>> {
    const kind = x.kind === "f64" || x.kind === "i64" ? "wideMask" : "mask";
    // The conditional type says the same as the line above.
    return this.make(kind, (part) => {
      this.writer.get(x.locals[part]!);
      this.operand(x.kind, y, part);
      this.writer.op(this.operator(x.kind, name));
    }) as Lane<MaskOf<K>>;
  }

  private logical<K extends "mask" | "wideMask">(name: "and" | "or", x: Lane<K>, y: Lane<K>): Lane<K> {
    return this.make(x.kind, (part) =>
      this.writer
        .get(x.locals[part]!)
        .get(y.locals[part]!)
        .op(this.width === 1 ? `i32.${name}` : `v128.${name}`),
    );
  }

  private bitwise<K extends Whole>(name: "and" | "or" | "xor", x: Lane<K>, y: Lane<K> | number | bigint): Lane<K> {
    return this.make(x.kind, (part) => {
      this.writer.get(x.locals[part]!);
      this.operand(x.kind, y, part);
      this.writer.op(this.width === 4 ? `v128.${name}` : `${x.kind}.${name}`);
    });
  }

  private shift<K extends Whole>(name: "shl" | "shr_s" | "shr_u", x: Lane<K>, count: number): Lane<K> {
    return this.make(x.kind, (part) => {
      this.writer.get(x.locals[part]!);
      if (this.width === 1 && x.kind === "i64") this.writer.i64(BigInt(count));
      else this.writer.i32(count);
      this.writer.op(this.operator(x.kind, name));
    });
  }
}
