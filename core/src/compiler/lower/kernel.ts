import { bytesPerElement, type DType } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { local } from "../../kernel/build.ts";
import type { Expr, KernelBuffer, Stmt } from "../../kernel/ir.ts";
import { keyOf } from "../../kernel/key.ts";
import { IndexSpace } from "../../kernel/space.ts";
import type { LoweredKernel, Temporary } from "../cluster.ts";

export const isTemporary = (argument: Node | Temporary): argument is Temporary =>
  (argument as Temporary).kind === "temporary"; // Node has no `kind`

export interface FinishedKernel {
  readonly name: string;
  readonly scope: string;
  readonly body: readonly Stmt[];
  readonly tasks: number;
  readonly params?: readonly (readonly [string, number])[];
  readonly flops?: number;
  readonly inPlace?: LoweredKernel["inPlace"];
}

/** Collects what one kernel needs while its body is written: buffers, index ranges, fresh names. */
export class KernelBuilder {
  readonly space = new IndexSpace();
  /** Keys of loads that are in range wherever their indices are: they need no guard. */
  readonly safeLoads = new Set<string>();
  readonly #substitutes: ReadonlyMap<Node, Temporary>;
  readonly #buffers = new Map<Node | Temporary, { name: string; dtype: DType; role: KernelBuffer["role"] }>();
  readonly #scratch: KernelBuffer[] = [];
  readonly #counts = new Map<string, number>();

  /** `substitutes`: nodes whose value lies in a temporary instead of memory of their own. */
  constructor(substitutes: ReadonlyMap<Node, Temporary> = new Map()) {
    this.#substitutes = substitutes;
  }

  /** A name that no other index, local or scratch buffer of the kernel has: `row`, `row1`, … */
  name(prefix: string): string {
    const count = this.#counts.get(prefix) ?? 0;
    this.#counts.set(prefix, count + 1);
    return count === 0 ? prefix : `${prefix}${count}`;
  }

  /** A fresh loop index from 0 to `extent` - 1. */
  index(prefix: string, extent: number): Expr {
    return this.space.index(this.name(prefix), extent);
  }

  /** A fresh i32 local with values from 0 to `extent` - 1; the caller declares it. */
  indexLocal(prefix: string, extent: number): Extract<Expr, { kind: "local" }> {
    const name = this.name(prefix);
    this.space.index(name, extent);
    return local(name, "i32") as Extract<Expr, { kind: "local" }>; // `local` makes that kind
  }

  /** The task number. */
  task(tasks: number): Expr {
    return this.space.index("task", tasks);
  }

  /** A fresh local's name and the expression that reads it. */
  local(prefix: string, dtype: DType): Extract<Expr, { kind: "local" }> {
    return local(this.name(prefix), dtype) as Extract<Expr, { kind: "local" }>; // `local` makes that kind
  }

  scratch(prefix: string, dtype: DType, elements: number): string {
    const name = this.name(prefix);
    this.#scratch.push({ name, dtype, role: "scratch", elements });
    return name;
  }

  read(source: Node | Temporary): string {
    return this.#bind(source, "read");
  }

  write(target: Node | Temporary): string {
    return this.#bind(target, "write");
  }

  #bind(given: Node | Temporary, role: "read" | "write"): string {
    const target = isTemporary(given) ? given : (this.#substitutes.get(given) ?? given);
    const known = this.#buffers.get(target);
    if (known !== undefined) {
      if (known.role !== role) known.role = "readwrite";
      return known.name;
    }
    const letter = role === "read" ? "x" : "y";
    const number = [...this.#buffers.values()].filter(({ name }) => name.startsWith(letter)).length;
    const name = isTemporary(target) ? this.name(target.name) : `${letter}${number}`;
    this.#buffers.set(target, { name, dtype: isTemporary(given) ? "f32" : given.dtype, role });
    return name;
  }

  /** Marks a load as in range wherever it stands, and returns it. */
  safe(load: Expr): Expr {
    this.safeLoads.add(keyOf(load));
    return load;
  }

  finish({ name, scope, body, tasks, params = [], flops = 0, inPlace = [] }: FinishedKernel): LoweredKernel {
    const bound = [...this.#buffers].sort(([, a], [, b]) => Number(a.role !== "read") - Number(b.role !== "read"));
    const buffers = bound.map(([, { name, dtype, role }]) => ({ name, dtype, role, elements: 0 }));
    const bytes = bound.reduce((sum, [target]) => sum + bytesOf(target), 0);
    return {
      kernel: {
        name,
        scope,
        buffers: [...buffers, ...this.#scratch],
        params: params.map(([key]) => key),
        body,
        flops,
        bytes,
      },
      arguments: bound.map(([target]) => target),
      params: params.map(([, value]) => value),
      tasks,
      inPlace,
    };
  }
}

const bytesOf = (target: Node | Temporary): number =>
  isTemporary(target) ? target.bytes : sizeOf(target.shape) * bytesPerElement[target.dtype];
