import type { DType } from "../../base/dtype.ts";
import { isFloat } from "../../base/dtype.ts";
import { InternalError } from "../../base/errors.ts";
import type { FunctionWriter } from "./assembler.ts";
import type { Library } from "./library.ts";

/** A kernel local: one value, or four in a vector loop. */
export interface Bound {
  readonly local: number;
  readonly dtype: DType;
  readonly vector: boolean;
}

/** An address that a loop has prepared: pointer + index·stride + ahead bytes. */
export interface Pointer {
  readonly local: number;
  /** Addresses that differ by a constant share a pointer. */
  readonly ahead: number;
  readonly strideBytes: number;
  readonly induction: number;
  /** Never below the buffer's start, so that constant distances may go into the memory argument, which does not wrap. */
  readonly natural: boolean;
  /** Every iteration uses it, so that all addresses up to the loop's end exist. */
  readonly certain: boolean;
}

/** What a loop computes before its first iteration. Keys are structural (see kernel/key). */
export interface Prepared {
  readonly index: string;
  /** By buffer and index expression. */
  readonly pointers: Map<string, Pointer>;
  /** Values in scalar locals. */
  readonly scalars: Map<string, number>;
  /** Values repeated in all lanes. */
  readonly splats: Map<string, number>;
}

/** The vector loop being written: lanes are iterations induction + shift … induction + shift + 3. */
export interface VectorLoop {
  readonly index: string;
  readonly induction: number;
  /** Iterations ahead of the induction variable (unrolled copies). */
  shift: number;
  /** In scalar code of one lane: which. */
  lane: number | undefined;
}

/** Where a kernel's names live while its function is written. */
export interface Context {
  readonly writer: FunctionWriter;
  readonly library: Library;
  /** Address local and dtype of each buffer. */
  readonly buffers: ReadonlyMap<string, { readonly local: number; readonly dtype: DType }>;
  readonly params: ReadonlyMap<string, number>;
  /** Loop indices and "task". */
  readonly indices: Map<string, number>;
  /** Indices of loops that are written out: their present value. */
  readonly constants: Map<string, number>;
  readonly locals: Map<string, Bound>;
  /** Locals that are assigned after their declaration. */
  readonly mutable: ReadonlySet<string>;
  /** i32 locals and indices that are never negative. */
  readonly natural: Set<string>;
  /** Enclosing loops, innermost last. */
  readonly loops: Prepared[];
  vector: VectorLoop | undefined;
}

/** The WebAssembly type that holds a scalar of `dtype`. */
export const registerOf = (dtype: DType): "f32" | "i32" => (isFloat(dtype) ? "f32" : "i32");

/** The entry named `name`; a missing one is a malformed kernel. */
export function lookup<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = map.get(name);
  if (found === undefined) throw new InternalError(`wasm renderer: there is no ${what} "${name}"`);
  return found;
}

/** Searches what enclosing loops have prepared, innermost first. */
export function prepared<T>(
  context: Context,
  key: string,
  map: (loop: Prepared) => ReadonlyMap<string, T>,
): T | undefined {
  for (let depth = context.loops.length - 1; depth >= 0; depth--) {
    const found = map(context.loops[depth]!).get(key);
    if (found !== undefined) return found;
  }
  return undefined;
}
