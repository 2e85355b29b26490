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
        this.demand(
          !stmt.vector || simple,
          () => `vector loop ${stmt.index} holds more than let, store and accumulate`,
        );
        this.block(stmt.body, { ...scope, indices: new Set(scope.indices).add(stmt.index) });
        break;
      }
      case "let":
        this.expect(stmt.value, stmt.dtype, scope);
        break;
      case "set":
      case "accumulate": {
        const dtype = scope.locals.get(stmt.name);
        this.demand(dtype !== undefined, () => `${stmt.kind} of the unknown local ${stmt.name}`);
        this.expect(stmt.value, dtype!, scope);
        break;
      }
      case "store": {
        const buffer = this.address(stmt.to, scope);
        this.demand(buffer.role !== "read", () => `store to ${buffer.name}, which is only read`);
        this.expect(stmt.value, buffer.dtype, scope);
        break;
      }
      case "if":
        this.expect(stmt.when, "bool", scope);
        this.block(stmt.then, scope);
        this.block(stmt.else, scope);
        break;
      case "while":
        this.expect(stmt.when, "bool", scope);
        this.block(stmt.body, scope);
        break;
      case "tile":
        for (const place of [stmt.a, stmt.b, stmt.c]) {
          this.demand(this.address(place, scope).dtype === "f32", () => `tile over ${place.buffer}, which is not f32`);
        }
        this.expect(stmt.depth, "i32", scope);
        break;
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
        break;
      case "index":
        this.demand(scope.indices.has(expr.name), () => `unknown index ${expr.name}`);
        break;
      case "param":
        this.demand(this.kernel.params.includes(expr.name), () => `unknown param ${expr.name}`);
        break;
      case "local":
        this.demand(scope.locals.get(expr.name) === expr.dtype, () => `unknown local ${expr.name}: ${expr.dtype}`);
        break;
      case "load": {
        const { dtype } = this.address({ buffer: expr.buffer, at: expr.at }, scope);
        this.demand(dtype === expr.dtype, () => `load of ${expr.dtype} from ${expr.buffer}: ${dtype}`);
        break;
      }
      case "unary":
        this.expect(expr.x, expr.dtype, scope);
        break;
      case "binary":
      case "bits":
        this.expect(expr.x, expr.dtype, scope);
        this.expect(expr.y, expr.dtype, scope);
        break;
      case "compare":
        this.expr(expr.x, scope);
        this.expect(expr.y, dtypeOf(expr.x), scope);
        break;
      case "select":
        this.expect(expr.when, "bool", scope);
        this.expect(expr.then, expr.dtype, scope);
        this.expect(expr.else, expr.dtype, scope);
        break;
      case "cast":
      case "bitcast":
        this.expr(expr.x, scope);
        break;
      case "threefry":
        for (const part of [expr.key0, expr.key1, expr.counter]) this.expect(part, "u32", scope);
    }
  }
}
