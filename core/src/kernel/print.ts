import type { Address, Expr, Kernel, Stmt } from "./ir.ts";
import { numberKey } from "./key.ts";
import { strideText, tileShape } from "./tile.ts";

const symbols: { readonly [op: string]: string } = {
  add: "+",
  sub: "-",
  mul: "*",
  product: "·",
  div: "/",
  mod: "%",
  lt: "<",
  eq: "==",
  and: "&",
  or: "|",
  xor: "^",
  shl: "<<",
  shr: ">>",
};

/** How tightly an operator binds, as in C; functions and names bind tightest. */
const precedence: { readonly [symbol: string]: number } = {
  "*": 10,
  "·": 10,
  "/": 10,
  "%": 10,
  "+": 9,
  "-": 9,
  "<<": 8,
  ">>": 8,
  "<": 7,
  "==": 6,
  "&": 5,
  "^": 4,
  "|": 3,
};

/** An expression as source text: `max(x0[row * 32 + j] + x1[j], 0)`. */
export const printExpr = (expr: Expr): string => print(expr, 0);

function print(expr: Expr, outer: number): string {
  switch (expr.kind) {
    case "number":
      return expr.dtype === "bool" ? (expr.value === 0 ? "false" : "true") : numberKey(expr.value);
    case "index":
    case "local":
    case "param":
      return expr.name;
    case "load":
      return `${expr.buffer}[${print(expr.at, 0)}]`;
    case "unary":
      return expr.op === "neg" ? `-${print(expr.x, 11)}` : `${expr.op}(${print(expr.x, 0)})`;
    case "binary":
    case "compare":
    case "bits": {
      const symbol = symbols[expr.op];
      if (symbol === undefined) return `${expr.op}(${print(expr.x, 0)}, ${print(expr.y, 0)})`;
      const own = precedence[symbol]!;
      const text = `${print(expr.x, own)} ${symbol} ${print(expr.y, own + 1)}`;
      return own < outer ? `(${text})` : text;
    }
    case "select": {
      const text = `${print(expr.when, 2)} ? ${print(expr.then, 2)} : ${print(expr.else, 1)}`;
      return outer > 1 ? `(${text})` : text;
    }
    case "cast":
      return `${expr.dtype}(${print(expr.x, 0)})`;
    case "bitcast":
      return `${expr.dtype}_of_bits(${print(expr.x, 0)})`;
    case "threefry":
      return `threefry(${[expr.key0, expr.key1, expr.counter].map((part) => print(part, 0)).join(", ")})`;
  }
}

const printAddress = ({ buffer, at }: Address): string => `${buffer}[${print(at, 0)}]`;

const accumulators = { sum: "+=", prod: "*=", max: "max=", min: "min=" } as const;

function printStatement(stmt: Stmt, indent: string): string[] {
  const block = (body: readonly Stmt[]): string[] => body.flatMap((inner) => printStatement(inner, `${indent}  `));
  switch (stmt.kind) {
    case "for": {
      const head = `for ${stmt.index} in ${print(stmt.from, 8)}..${print(stmt.to, 8)}${stmt.vector ? " vector" : ""}`;
      return [indent + head, ...block(stmt.body)];
    }
    case "let":
      return [`${indent}let ${stmt.name}: ${stmt.dtype} = ${print(stmt.value, 0)}`];
    case "set":
      return [`${indent}${stmt.name} = ${print(stmt.value, 0)}`];
    case "accumulate":
      return [`${indent}${stmt.name} ${accumulators[stmt.op]} ${print(stmt.value, 0)}`];
    case "store":
      return [`${indent}${printAddress(stmt.to)} = ${print(stmt.value, 0)}`];
    case "if":
      return [
        `${indent}if ${print(stmt.when, 0)}`,
        ...block(stmt.then),
        ...(stmt.else.length === 0 ? [] : [`${indent}else`, ...block(stmt.else)]),
      ];
    case "while":
      return [`${indent}while ${print(stmt.when, 0)}`, ...block(stmt.body)];
    case "tile": {
      const strides = strideText(tileShape(stmt));
      const size = `${stmt.rows}x${stmt.columns}x(${print(stmt.depth, 0)})${strides === "" ? "" : ` ${strides}`}`;
      const operator = stmt.accumulate ? "+=" : "=";
      return [
        `${indent}tile ${size} ${printAddress(stmt.c)} pitch ${stmt.pitch} ${operator} ${printAddress(stmt.a)} * ${printAddress(stmt.b)}`,
      ];
    }
  }
}

/** A kernel as text, formatted as if it were source. */
export function printKernel(kernel: Kernel): string {
  const buffers = kernel.buffers.map(({ name, dtype, role, elements }) =>
    role === "scratch" ? `scratch ${name}: ${dtype}[${elements}]` : `${role} ${name}: ${dtype}`,
  );
  const params = kernel.params.map((name) => `param ${name}`);
  const head = `kernel ${kernel.name}(${[...buffers, ...params].join(", ")})`;
  return [head, ...kernel.body.flatMap((stmt) => printStatement(stmt, "  "))].join("\n");
}
