import type { DType } from "../../base/dtype.ts";
import { bytesPerElement } from "../../base/dtype.ts";
import type { Kernel, KernelBuffer } from "../../kernel/ir.ts";
import type { TileShape } from "../../kernel/tile.ts";
import type { Interval } from "./bounds.ts";
import { Names } from "./names.ts";
import type { Prelude } from "./prelude.ts";
import { blockLines } from "./statement.ts";
import { elementType } from "./types.ts";
import { usesOfLocals } from "./uses.ts";

/** What the plan says about all launches of one kernel. */
export interface KernelUse {
  /** Most tasks of an instance. */
  readonly tasks: number;
  /** The values of each param, in order. */
  readonly params: readonly Interval[];
  /** Buffers that share memory with another one in some launch. */
  readonly aliased: ReadonlySet<string>;
}

/** Scratch buffers lie one after the other, each aligned to this. */
export const scratchAlignment = 64;

/** The kernel as a C function `name` of its buffers, its params, the task, and the running thread's scratch memory. */
export function kernelText(
  kernel: Kernel,
  name: string,
  use: KernelUse,
  prelude: Prelude,
  tiles: Map<string, TileShape>,
): string {
  const names = new Names();
  const bufferName = ({ name }: KernelBuffer): string => names.of(`buffer ${name}`, name);
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  const parameters = [
    ...bound.map((buffer) => {
      const type = `${buffer.role === "read" ? "const " : ""}${elementType[buffer.dtype]}`;
      return `${type} *${use.aliased.has(buffer.name) ? "" : "restrict "}${bufferName(buffer)}`;
    }),
    ...kernel.params.map((name) => `int32_t ${names.of(`param ${name}`, name)}`),
    "int32_t task",
    "char *scratch",
  ];
  const intervals = new Map<string, Interval>([["task", [0, Math.max(0, use.tasks - 1)]]]);
  kernel.params.forEach((name, position) => {
    const interval = use.params[position];
    if (interval !== undefined) intervals.set(name, interval);
  });
  const buffers = new Map<string, DType>(kernel.buffers.map(({ name, dtype }) => [name, dtype]));
  const locals = new Map<string, DType>();
  const block = { prelude, names, buffers, locals, intervals, ...usesOfLocals(kernel.body), tiles };
  const scratch = scratchLines(kernel.buffers, bufferName);
  const body = blockLines(kernel.body, block);
  const comment = kernel.scope === "" ? [] : [`/* ${kernel.scope.replaceAll("*/", "* /")} */`];
  return [
    ...comment,
    `static void ${name}(${parameters.join(", ")}) {`,
    ...[...scratch, ...body].map((line) => (line.startsWith("#") ? line : `  ${line}`)),
    "}",
  ].join("\n");
}

function scratchLines(buffers: readonly KernelBuffer[], nameOf: (buffer: KernelBuffer) => string): string[] {
  let offset = 0;
  return buffers
    .filter(({ role }) => role === "scratch")
    .map((buffer) => {
      const type = elementType[buffer.dtype];
      const line = `${type} *restrict ${nameOf(buffer)} = (${type} *)(scratch + ${offset});`;
      const bytes = buffer.elements * bytesPerElement[buffer.dtype];
      offset += Math.ceil(bytes / scratchAlignment) * scratchAlignment;
      return line;
    });
}
