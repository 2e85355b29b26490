import type { DType } from "../base/dtype.ts";
import { InternalError } from "../base/errors.ts";
import { dtypeOf } from "./build.ts";
import type { Address, Expr, Kernel, KernelBuffer, Stmt } from "./ir.ts";
import { printExpr } from "./print.ts";

/** The names that are visible at one place. */
interface Scope {
  readonly indices: ReadonlySet<string>;
  readonly locals: ReadonlyMap<string, DType>;
}

/** Throws InternalError unless every name is declared before use, dtypes agree, and vector loops hold only what they may. */
export function verifyKernel(kernel: Kernel): void {
  const buffers = new Map(kernel.buffers.map((buffer) => [buffer.name, buffer]));
  if (buffers.size !== kernel.buffers.length) throw new InternalError(`${kernel.name}: a buffer name repeats`);
  const firstScratch = kernel.buffers.findIndex(({ role }) => role === "scratch");
  if (firstScratch >= 0 && kernel.buffers.slice(firstScratch).some(({ role }) => role !== "scratch")) {
    throw new InternalError(`${kernel.name}: scratch buffers come last`);
  }
  new Verifier(kernel, buffers).block(kernel.body, { indices: new Set(["task"]), locals: new Map() });
}

class Verifier {
  readonly kernel: Kernel;
  readonly buffers: ReadonlyMap<string, KernelBuffer>;

  constructor(kernel: Kernel, buffers: ReadonlyMap<string, KernelBuffer>) {
    this.kernel = kernel;
    this.buffers = buffers;
  }

  demand(holds: boolean, message: () => string): void {
    if (!holds) throw new InternalError(`kernel ${this.kernel.name}: ${message()}`);
  }

  block(body: readonly Stmt[], outer: Scope): void {
    let scope = outer;
    for (const stmt of body) {
      this.statement(stmt, scope);
      if (stmt.kind !== "let") continue;
      this.demand(!scope.locals.has(stmt.name), () => `let ${stmt.name} hides another`);
      scope = { ...scope, locals: new Map(scope.locals).set(stmt.name, stmt.dtype) };
    }
  }

  statement(stmt: Stmt, scope: Scope): void {
    switch (stmt.kind) {
      case "for": {
        this.expect(stmt.from, "i32", scope);
        this.expect(stmt.to, "i32", scope);
        this.demand(!scope.indices.has(stmt.index), () => `index ${stmt.index} hides another`);
        const simple = stmt.body.every(({ kind }) => kind === "let" || kind === "store" || kind === "accumulate");
        this.demand(!stmt.vector || simple, () => `vector loop ${stmt.index} holds more than let, store and accumulate`);
        this.block(stmt.body, { ...scope, indices: new Set(scope.indices).add(stmt.index) });
        return;
      }
      case "let":
        return this.expect(stmt.value, stmt.dtype, scope);
      case "set":
      case "accumulate": {
        const dtype = scope.locals.get(stmt.name);
        this.demand(dtype !== undefined, () => `${stmt.kind} of the unknown local ${stmt.name}`);
        return this.expect(stmt.value, dtype!, scope);
      }
      case "store": {
        const buffer = this.address(stmt.to, scope);
        this.demand(buffer.role !== "read", () => `store to ${buffer.name}, which is only read`);
        return this.expect(stmt.value, buffer.dtype, scope);
      }
      case "if":
        this.expect(stmt.when, "bool", scope);
        this.block(stmt.then, scope);
        return this.block(stmt.else, scope);
      case "while":
        this.expect(stmt.when, "bool", scope);
        return this.block(stmt.body, scope);
      case "tile":
        for (const place of [stmt.a, stmt.b, stmt.c]) {
          this.demand(this.address(place, scope).dtype === "f32", () => `tile over ${place.buffer}, which is not f32`);
        }
        return this.expect(stmt.depth, "i32", scope);
    }
  }

  address({ buffer, at }: Address, scope: Scope): KernelBuffer {
    const found = this.buffers.get(buffer);
    if (found === undefined) throw new InternalError(`kernel ${this.kernel.name}: unknown buffer ${buffer}`);
    this.expect(at, "i32", scope);
    return found;
  }

  expect(expr: Expr, dtype: DType, scope: Scope): void {
    this.expr(expr, scope);
    this.demand(dtypeOf(expr) === dtype, () => `${printExpr(expr)} is ${dtypeOf(expr)}, not ${dtype}`);
  }

  expr(expr: Expr, scope: Scope): void {
    switch (expr.kind) {
      case "number":
        return;
      case "index":
        return this.demand(scope.indices.has(expr.name), () => `unknown index ${expr.name}`);
      case "param":
        return this.demand(this.kernel.params.includes(expr.name), () => `unknown param ${expr.name}`);
      case "local":
        return this.demand(scope.locals.get(expr.name) === expr.dtype, () => `unknown local ${expr.name}: ${expr.dtype}`);
      case "load": {
        const { dtype } = this.address({ buffer: expr.buffer, at: expr.at }, scope);
        return this.demand(dtype === expr.dtype, () => `load of ${expr.dtype} from ${expr.buffer}: ${dtype}`);
      }
      case "unary":
        return this.expect(expr.x, expr.dtype, scope);
      case "binary":
      case "bits":
        this.expect(expr.x, expr.dtype, scope);
        return this.expect(expr.y, expr.dtype, scope);
      case "compare":
        this.expr(expr.x, scope);
        return this.expect(expr.y, dtypeOf(expr.x), scope);
      case "select":
        this.expect(expr.when, "bool", scope);
        this.expect(expr.then, expr.dtype, scope);
        return this.expect(expr.else, expr.dtype, scope);
      case "cast":
        return this.expr(expr.x, scope);
      case "threefry":
        for (const part of [expr.key0, expr.key1, expr.counter]) this.expect(part, "u32", scope);
    }
  }
}
