import { binary, bitcast, bits, cast, compare, int, isNumber, select, unary } from "../../kernel/build.ts";
import type { Address, Expr, Kernel, Stmt } from "../../kernel/ir.ts";
import type { KernelBuilder } from "./kernel.ts";

/** Where a buffer of a kernel lies in the kernel around it: another buffer, from an element on. */
export interface Lying {
  readonly buffer: string;
  readonly from: Expr;
}

/** What stands for the names of a kernel that becomes a part of another. */
export interface Inlining {
  readonly buffers: ReadonlyMap<string, Lying>;
  readonly params: ReadonlyMap<string, number>;
  readonly task: Expr;
}

/** A name without the number that told it from others in its own kernel: fresh names are made of stems. */
export const stemOf = (name: string): string => name.replace(/\d+$/, "");

/** The body of one task of `kernel` as statements of another kernel, whose builder names its indices and locals. */
export function inlineBody(kernel: Kernel, inlining: Inlining, builder: KernelBuilder): Stmt[] {
  return new Inliner(inlining, builder, changedIn(kernel.body)).block(kernel.body);
}

/** The locals that change after their declaration. */
function changedIn(body: readonly Stmt[], found = new Set<string>()): Set<string> {
  for (const stmt of body) {
    if (stmt.kind === "set" || stmt.kind === "accumulate") found.add(stmt.name);
    else if (stmt.kind === "for" || stmt.kind === "while") changedIn(stmt.body, found);
    else if (stmt.kind === "if") changedIn([...stmt.then, ...stmt.else], found);
  }
  return found;
}

class Inliner {
  readonly #inlining: Inlining;
  readonly #builder: KernelBuilder;
  readonly #changed: ReadonlySet<string>;
  /** What stands for indices and locals; names are unique in a kernel. */
  readonly #names = new Map<string, Expr>();
  readonly #done = new Map<Expr, Expr>();

  constructor(inlining: Inlining, builder: KernelBuilder, changed: ReadonlySet<string>) {
    this.#inlining = inlining;
    this.#builder = builder;
    this.#changed = changed;
    this.#names.set("task", inlining.task);
  }

  block(body: readonly Stmt[]): Stmt[] {
    return body.flatMap((stmt) => this.#statement(stmt));
  }

  #statement(stmt: Stmt): Stmt[] {
    switch (stmt.kind) {
      case "for": {
        const [from, to] = [this.#expr(stmt.from), this.#expr(stmt.to)];
        const index = this.#fresh(stmt.index);
        this.#rename(stmt.index, { kind: "index", name: index });
        const body = this.block(stmt.body);
        if (isNumber(from) && isNumber(to) && from.value >= to.value) return [];
        return [{ ...stmt, index, from, to, body }];
      }
      case "let": {
        const value = this.#expr(stmt.value);
        if (isNumber(value) && !this.#changed.has(stmt.name)) {
          this.#rename(stmt.name, value);
          return [];
        }
        const name = this.#fresh(stmt.name);
        this.#rename(stmt.name, { kind: "local", name, dtype: stmt.dtype });
        return [{ ...stmt, name, value }];
      }
      case "set":
      case "accumulate":
        return [{ ...stmt, name: this.#nameOf(stmt.name), value: this.#expr(stmt.value) }];
      case "store":
        return [{ ...stmt, to: this.#address(stmt.to), value: this.#expr(stmt.value) }];
      case "if": {
        const when = this.#expr(stmt.when);
        if (isNumber(when)) return this.block(when.value === 0 ? stmt.else : stmt.then);
        return [{ ...stmt, when, then: this.block(stmt.then), else: this.block(stmt.else) }];
      }
      case "while":
        return [{ ...stmt, when: this.#expr(stmt.when), body: this.block(stmt.body) }];
      case "tile": {
        const [a, b, c] = [this.#address(stmt.a), this.#address(stmt.b), this.#address(stmt.c)];
        return [{ ...stmt, a, b, c, depth: this.#expr(stmt.depth) }];
      }
    }
  }

  /** A name may be declared again in another block: what was made of the old meaning is forgotten. */
  #rename(name: string, expr: Expr): void {
    if (this.#names.has(name)) this.#done.clear();
    this.#names.set(name, expr);
  }

  #fresh(name: string): string {
    return this.#builder.name(stemOf(name));
  }

  #nameOf(name: string): string {
    const expr = this.#names.get(name);
    return expr?.kind === "local" ? expr.name : name;
  }

  #address({ buffer, at }: Address): Address {
    const lying = this.#inlining.buffers.get(buffer)!;
    return { buffer: lying.buffer, at: binary("add", this.#expr(at), lying.from) };
  }

  #expr(expr: Expr): Expr {
    let result = this.#done.get(expr);
    if (result === undefined) {
      result = this.#remade(expr);
      this.#done.set(expr, result);
    }
    return result;
  }

  #remade(expr: Expr): Expr {
    switch (expr.kind) {
      case "number":
        return expr;
      case "index":
      case "local":
        return this.#names.get(expr.name) ?? expr;
      case "param":
        return int(this.#inlining.params.get(expr.name)!);
      case "load": {
        const { buffer, at } = this.#address(expr);
        return { ...expr, buffer, at };
      }
      case "unary":
        return unary(expr.op, this.#expr(expr.x));
      case "binary": {
        const [x, y] = [this.#expr(expr.x), this.#expr(expr.y)];
        const vanishes =
          expr.op === "mul" && expr.dtype === "i32" && [x, y].some((side) => isNumber(side) && side.value === 0);
        return vanishes ? int(0) : binary(expr.op, x, y);
      }
      case "compare":
        return compare(expr.op, this.#expr(expr.x), this.#expr(expr.y));
      case "bits":
        return bits(expr.op, this.#expr(expr.x), this.#expr(expr.y));
      case "select":
        return select(this.#expr(expr.when), this.#expr(expr.then), this.#expr(expr.else));
      case "cast":
        return cast(this.#expr(expr.x), expr.dtype);
      case "bitcast":
        return bitcast(this.#expr(expr.x), expr.dtype);
      case "threefry":
        return { ...expr, key0: this.#expr(expr.key0), key1: this.#expr(expr.key1), counter: this.#expr(expr.counter) };
    }
  }
}
