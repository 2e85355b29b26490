import type { DType } from "../../base/dtype.ts";
import { dtypeOf } from "../../kernel/build.ts";
import type { AccumulateName, Address, Expr, Stmt } from "../../kernel/ir.ts";
import { type TileShape, tileShape } from "../../kernel/tile.ts";
import { type Interval, intervalOf } from "./bounds.ts";
import { indexText, isProduct, type Scope, valueText } from "./expression.ts";
import { tileName } from "./tile.ts";
import { registerType } from "./types.ts";

/** What the text of a statement depends on. */
export interface Block extends Scope {
  /** Element types of the buffers. */
  readonly buffers: ReadonlyMap<string, DType>;
  /** Register types of the locals declared so far; their kernel-wide names are unique enough for that. */
  readonly locals: Map<string, DType>;
  readonly intervals: Map<string, Interval>;
  /** Locals that addresses read: they are computed without wrapping. */
  readonly addressLocals: ReadonlySet<string>;
  /** Locals that change after their declaration. */
  readonly changing: ReadonlySet<string>;
  readonly tiles: Map<string, TileShape>;
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line.startsWith("#") ? line : `  ${line}`));

export const blockLines = (body: readonly Stmt[], block: Block): string[] =>
  body.flatMap((stmt) => statementLines(stmt, block));

const localName = (name: string, { names }: Scope): string => names.of(`local ${name}`, name);

function statementLines(stmt: Stmt, block: Block): string[] {
  switch (stmt.kind) {
    case "for":
      return loopLines(stmt, block);
    case "let": {
      const text = block.addressLocals.has(stmt.name) ? indexText(stmt.value, block) : valueText(stmt.value, block);
      block.locals.set(stmt.name, stmt.dtype);
      const interval = stmt.dtype === "i32" ? intervalOf(stmt.value, block.intervals) : undefined;
      if (interval !== undefined && !block.changing.has(stmt.name)) block.intervals.set(stmt.name, interval);
      else block.intervals.delete(stmt.name);
      return [`${registerType[stmt.dtype]} ${localName(stmt.name, block)} = ${text};`];
    }
    case "set":
      return [`${localName(stmt.name, block)} = ${valueText(stmt.value, block)};`];
    case "accumulate":
      return [accumulateLine(stmt.name, stmt.op, stmt.value, block)];
    case "store":
      return [`${addressText(stmt.to, block)} = ${storedText(stmt, block)};`];
    case "if": {
      const otherwise = stmt.else.length === 0 ? ["}"] : ["} else {", ...indent(blockLines(stmt.else, block)), "}"];
      return [`if (${valueText(stmt.when, block)}) {`, ...indent(blockLines(stmt.then, block)), ...otherwise];
    }
    case "while":
      return [`while (${valueText(stmt.when, block)}) {`, ...indent(blockLines(stmt.body, block)), "}"];
    case "tile": {
      const shape = tileShape(stmt);
      block.tiles.set(tileName(shape), shape);
      const panels = [stmt.a, stmt.b, stmt.c].map((address) => `&${addressText(address, block)}`);
      const rest = [stmt.pitch, indexText(stmt.depth, block), stmt.accumulate ? 1 : 0];
      return [`${tileName(shape)}(${[...panels, ...rest].join(", ")});`];
    }
  }
}

function addressText({ buffer, at }: Address, block: Block): string {
  return `${block.names.of(`buffer ${buffer}`, buffer)}[${indexText(at, block)}]`;
}

function storedText({ to, value }: Extract<Stmt, { kind: "store" }>, block: Block): string {
  const text = valueText(value, block);
  const dtype = block.buffers.get(to.buffer);
  if (dtype === "f16") return `${block.prelude.use("store_f16")}(${text})`;
  if (dtype === "bf16") return `${block.prelude.use("store_bf16")}(${text})`;
  return text;
}

type Loop = Extract<Stmt, { kind: "for" }>;

/**
 * A loop. Iterations of vector loops are independent, which `omp simd` tells the compiler; it keeps one accumulator a lane
 * and combines them in a fixed order.
 */
function loopLines(loop: Loop, block: Block): string[] {
  const [from, to] = [indexText(loop.from, block), indexText(loop.to, block)];
  const first = intervalOf(loop.from, block.intervals);
  const end = intervalOf(loop.to, block.intervals);
  if (first !== undefined && end !== undefined)
    block.intervals.set(loop.index, [first[0], Math.max(first[0], end[1] - 1)]);
  else block.intervals.delete(loop.index);
  const index = block.names.of(`index ${loop.index}`, loop.index);
  const head = `for (int32_t ${index} = ${from}; ${index} < ${to}; ${index}++) {`;
  const body = indent(blockLines(loop.body, block));
  if (!loop.vector) return [head, ...body, "}"];
  const reductions = reductionsOf(loop.body);
  const clauses = reductions.map(
    ({ name, op }) => ` reduction(${reductionOperator(op, block.locals.get(name), block)}: ${localName(name, block)})`,
  );
  const wraps = reductions.flatMap(({ name }) => {
    const dtype = block.locals.get(name);
    const local = localName(name, block);
    return dtype === "i8" || dtype === "u8" ? [`${local} = ${block.prelude.use(`wrap_${dtype}`)}(${local});`] : [];
  });
  return [`#pragma omp simd${clauses.join("")}`, head, ...body, "}", ...wraps];
}

interface Reduction {
  readonly name: string;
  readonly op: AccumulateName;
}

/** The accumulators of a vector loop that live longer than one iteration. */
function reductionsOf(body: readonly Stmt[]): Reduction[] {
  const own = new Set<string>();
  const found = new Map<string, Reduction>();
  const visit = (stmts: readonly Stmt[]): void => {
    for (const stmt of stmts) {
      if (stmt.kind === "let") own.add(stmt.name);
      if (stmt.kind === "accumulate" && !own.has(stmt.name)) found.set(stmt.name, stmt);
      if (stmt.kind === "if") visit([...stmt.then, ...stmt.else]);
      if (stmt.kind === "for" || stmt.kind === "while") visit(stmt.body);
    }
  };
  visit(body);
  return [...found.values()];
}

function reductionOperator(op: AccumulateName, dtype: DType | undefined, { prelude }: Block): string {
  if (dtype === "bool") return op === "max" || op === "sum" ? "|" : "&";
  if (op === "sum") return "+";
  if (op === "prod") return "*";
  if (dtype !== "f32" && dtype !== "f16" && dtype !== "bf16") return op;
  prelude.use(`reduce_${op}_f32`);
  return `${op}_f32`;
}

function accumulateLine(name: string, op: AccumulateName, value: Expr, block: Block): string {
  const dtype = block.locals.get(name) ?? dtypeOf(value);
  const local = localName(name, block);
  if (dtype === "bool") return `${local} ${op === "max" || op === "sum" ? "|" : "&"}= ${valueText(value, block)};`;
  const operation = op === "sum" ? "add" : op === "prod" ? "mul" : op;
  const plain = dtype === "f32" || dtype === "f16" || dtype === "bf16" || dtype === "u32";
  if (plain && op === "sum" && isProduct(value)) {
    const factors = [valueText(value.x, block), valueText(value.y, block)];
    return `${local} = ${block.prelude.use("fused_f32")}(${factors.join(", ")}, ${local});`;
  }
  if (plain && op === "sum") return `${local} += ${valueText(value, block)};`;
  if (plain && op === "prod") return `${local} *= ${valueText(value, block)};`;
  const combined: Expr = { kind: "binary", op: operation, x: { kind: "local", name, dtype }, y: value, dtype };
  return `${local} = ${valueText(combined, block)};`;
}
