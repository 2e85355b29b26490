import { bytesPerElement, isFloat } from "../../base/dtype.ts";
import { combine, local as localExpr } from "../../kernel/build.ts";
import type { Kernel, Stmt } from "../../kernel/ir.ts";
import { tileShape } from "../../kernel/tile.ts";
import { FunctionWriter } from "./assembler.ts";
import { type Bound, type Context, lookup, registerOf } from "./context.ts";
import type { Library } from "./library.ts";
import { writeLoop } from "./loop.ts";
import { natural, pushAddress, scalar, storeScalar } from "./scalar.ts";
import { vector } from "./vector.ts";
import { storeVector } from "./vectorStore.ts";

const scratchAlignment = 64;

/** Bytes of the scratch buffers of a kernel: one after the other, each aligned to 64 bytes. */
export function scratchBytesOf(kernel: Kernel): number {
  return kernel.buffers
    .filter(({ role }) => role === "scratch")
    .reduce((total, { dtype, elements }) => align(total) + elements * bytesPerElement[dtype], 0);
}

const align = (offset: number): number => Math.ceil(offset / scratchAlignment) * scratchAlignment;

/** Writes a kernel as a function of (bound buffers…, params…, task, scratch). */
export function kernelFunction(kernel: Kernel, library: Library): FunctionWriter {
  const bound = kernel.buffers.filter(({ role }) => role !== "scratch");
  const scratch = kernel.buffers.filter(({ role }) => role === "scratch");
  const task = bound.length + kernel.params.length;
  const writer = new FunctionWriter(Array(task + 2).fill("i32"), [], "kept");

  const buffers = new Map(bound.map(({ name, dtype }, index) => [name, { local: index, dtype }]));
  let offset = 0;
  for (const { name, dtype, elements } of scratch) {
    const local = writer.local("i32");
    writer
      .get(task + 1)
      .i32(offset)
      .op("i32.add")
      .set(local);
    buffers.set(name, { local, dtype });
    offset = align(offset + elements * bytesPerElement[dtype]);
  }
  const context: Context = {
    writer,
    library,
    buffers,
    params: new Map(kernel.params.map((name, index) => [name, bound.length + index])),
    indices: new Map([["task", task]]),
    constants: new Map(),
    locals: new Map(),
    mutable: assignedIn(kernel.body),
    natural: new Set(["task"]),
    loops: [],
    vector: undefined,
  };
  writeBlock(context, kernel.body, false);
  return writer;
}

/** The locals that `set` or `accumulate` change, at any depth. */
function assignedIn(body: readonly Stmt[], names = new Set<string>()): Set<string> {
  for (const stmt of body) {
    if (stmt.kind === "set" || stmt.kind === "accumulate") names.add(stmt.name);
    else if (stmt.kind === "for" || stmt.kind === "while") assignedIn(stmt.body, names);
    else if (stmt.kind === "if") assignedIn([...stmt.then, ...stmt.else], names);
  }
  return names;
}

/** Writes statements and forgets the locals that they declare. */
function writeBlock(context: Context, body: readonly Stmt[], vectors: boolean): void {
  const outer = new Map<string, Bound | undefined>();
  for (const stmt of body) {
    if (stmt.kind === "let" && !outer.has(stmt.name)) outer.set(stmt.name, context.locals.get(stmt.name));
    writeStatement(context, stmt, vectors);
  }
  // In vector loops the statements come one at a time and the loop ends the block.
  if (vectors) return;
  for (const [name, before] of outer) {
    const { local } = lookup(context.locals, name, "local");
    context.writer.release(local);
    context.natural.delete(name);
    if (before === undefined) context.locals.delete(name);
    else context.locals.set(name, before);
  }
}

function writeStatement(context: Context, stmt: Stmt, vectors: boolean): void {
  const { writer, library } = context;
  switch (stmt.kind) {
    case "for":
      writeLoop(context, stmt, writeBlock);
      return;
    case "let": {
      if (vectors) {
        vector(context, stmt.value);
        const known = context.locals.get(stmt.name);
        const local = known?.vector === true ? known.local : writer.local("v128");
        writer.set(local);
        context.locals.set(stmt.name, { local, dtype: stmt.dtype, vector: true });
        return;
      }
      scalar(context, stmt.value);
      const local = writer.local(registerOf(stmt.dtype));
      writer.set(local);
      context.locals.set(stmt.name, { local, dtype: stmt.dtype, vector: false });
      if (!isFloat(stmt.dtype) && !context.mutable.has(stmt.name) && natural(context, stmt.value))
        context.natural.add(stmt.name);
      return;
    }
    case "set":
      if (vectors) vector(context, stmt.value);
      else scalar(context, stmt.value);
      writer.set(lookup(context.locals, stmt.name, "local").local);
      return;
    case "accumulate": {
      const { local, dtype } = lookup(context.locals, stmt.name, "local");
      scalar(context, combine(stmt.op, localExpr(stmt.name, dtype), stmt.value));
      writer.set(local);
      return;
    }
    case "store":
      if (vectors) storeVector(context, stmt.to, stmt.value);
      else storeScalar(context, stmt.to, stmt.value);
      return;
    case "if":
      scalar(context, stmt.when);
      if (stmt.else.length === 0) writer.if(undefined, () => writeBlock(context, stmt.then, false));
      else
        writer.if(
          undefined,
          () => writeBlock(context, stmt.then, false),
          () => writeBlock(context, stmt.else, false),
        );
      return;
    case "while":
      writer.block((leave) => {
        writer.loop((again) => {
          scalar(context, stmt.when);
          writer.op("i32.eqz").branchIf(leave);
          writeBlock(context, stmt.body, false);
          writer.branch(again);
        });
      });
      return;
    case "tile": {
      for (const address of [stmt.a, stmt.b, stmt.c]) {
        const offset = pushAddress(context, address);
        if (offset !== 0) writer.i32(offset).op("i32.add");
      }
      scalar(context, stmt.depth);
      const { pitch, accumulate } = stmt;
      writer.call(library.tile({ ...tileShape(stmt), pitch, accumulate }));
      return;
    }
    default:
      stmt satisfies never;
  }
}
