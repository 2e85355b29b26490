import { TraceError } from "../base/errors.ts";
import { constant, detach, input } from "../graph/build.ts";
import { originOf } from "../graph/describe.ts";
import { isOp, type Node } from "../graph/node.ts";
import { reachable } from "../graph/walk.ts";
import type { Program } from "../kernel/plan.ts";
import type { Cell } from "./cell.ts";
import { isLeaf } from "./leaf.ts";

/** A function being traced: what it reads and what it assigns. */
export class Trace {
  readonly name: string;
  /** Nodes with a smaller id were made before the trace began. */
  readonly firstId: number;
  /** The first misuse, kept because the promise that reports it may be lost in an async function. */
  offence: TraceError | undefined;
  readonly #cells = new Map<Cell, { readonly input: Node<"input">; now: Node }>();

  constructor(name: string) {
    this.name = name;
    this.firstId = constant(0).id;
  }

  read(cell: Cell): Node {
    return this.#entry(cell).now;
  }

  assign(cell: Cell, value: Node): void {
    this.#entry(cell).now = value;
  }

  /** What was assigned so far is a value of its own, as outside of a trace: no derivative leads to what it was made of. */
  settle(): void {
    for (const entry of this.#cells.values()) if (entry.now !== entry.input) entry.now = detach(entry.now);
  }

  /** Every variable that was read or assigned: its input, and its value at the end. */
  cells(): { readonly cell: Cell; readonly input: Node<"input">; readonly now: Node }[] {
    return [...this.#cells].map(([cell, entry]) => ({ cell, ...entry }));
  }

  #entry(cell: Cell): { readonly input: Node<"input">; now: Node } {
    const known = this.#cells.get(cell);
    if (known !== undefined) return known;
    const node = input(cell.name, cell.shape, cell.dtype);
    const entry: { readonly input: Node<"input">; now: Node } = { input: node, now: node };
    this.#cells.set(cell, entry);
    return entry;
  }
}

let current: Trace | undefined;
/** How many bodies of `scan` and `cond` are being recorded. */
let bodies = 0;
/** How many functions are being differentiated. */
let differentiated = 0;

/** The trace that runs now, or undefined. */
export const currentTrace = (): Trace | undefined => current;

function within<T>(trace: Trace | undefined, body: () => T): T {
  const outer = current;
  current = trace;
  try {
    return body();
  } finally {
    current = outer;
  }
}

/** Runs `body` outside of any trace: what it makes is computed on its own and becomes an input of the traced program. */
export function outsideTrace<T>(body: () => T): T {
  const outer = { bodies, differentiated };
  bodies = differentiated = 0;
  try {
    return within(undefined, body);
  } finally {
    ({ bodies, differentiated } = outer);
  }
}

/** True where a jitted function must become part of what is recorded, instead of being run on its own. */
export const recording = (): boolean => current !== undefined || bodies > 0 || differentiated > 0;

/** Runs `body`, a function to be differentiated: the graph must lead through it, and not to what happened before. */
export function whileDifferentiating<T>(body: () => T): T {
  if (differentiated === 0) current?.settle();
  differentiated++;
  try {
    return body();
  } finally {
    differentiated--;
  }
}

/** Runs `body` as the body of a `scan` or `cond`, where variables cannot be assigned. */
export function inBody<T>(body: () => T): T {
  bodies++;
  try {
    return body();
  } finally {
    bodies--;
  }
}

/** Throws when a variable is assigned in a place whose values exist only there. */
export function checkAssignable(name: string): void {
  if (bodies === 0) return;
  throw new TraceError({
    what: `the variable ${name} was assigned inside the body of a scan or cond`,
    hint: "return the new value from the body, and assign it after; random numbers need a key that is passed in",
  });
}

/** A traced function: the program, and what its inputs and outputs stand for. */
export interface Traced {
  readonly program: Program;
  /** Inputs of the program: the arguments that it uses (by index), then cells, then captured leaves. */
  readonly cells: readonly Cell[];
  readonly captured: readonly Node[];
  /** How each result of the function is had after a run. */
  readonly results: readonly Result[];
}

export type Result =
  /** A fresh output of the program. */
  | { readonly kind: "output"; readonly index: number }
  /** One of the arguments, unchanged. */
  | { readonly kind: "argument"; readonly index: number }
  /** The value that a variable had before the run, or has after it. */
  | { readonly kind: "before" | "after"; readonly cell: Cell }
  /** A value from outside. */
  | { readonly kind: "captured"; readonly node: Node };

/** Traces `body`, which makes its results from the nodes `parameters` and from variables. */
export function trace(name: string, parameters: readonly Node<"input">[], body: () => readonly Node[]): Traced {
  const tracing = new Trace(name);
  const values = within(tracing, body);
  if (tracing.offence !== undefined) throw tracing.offence;
  const cells = tracing.cells();
  const changed = cells.filter(({ input, now }) => now !== input);

  // Results that are inputs, or new values of variables, need no output of their own.
  const outputs: Node[] = [];
  const results = values.map((node): Result => {
    const argument = parameters.indexOf(node as Node<"input">);
    if (argument >= 0) return { kind: "argument", index: argument };
    const before = cells.find(({ input }) => input === node);
    if (before !== undefined) return { kind: "before", cell: before.cell };
    const after = changed.find(({ now }) => now === node);
    if (after !== undefined) return { kind: "after", cell: after.cell };
    if (isLeaf(node)) return { kind: "captured", node };
    const known = outputs.indexOf(node);
    return { kind: "output", index: known >= 0 ? known : outputs.push(node) - 1 };
  });

  const all = [...outputs, ...changed.map(({ now }) => now)];
  const own = new Set<Node>([...parameters, ...cells.map(({ input }) => input)]);
  const captured = reachable(all).filter((node): node is Node<"input"> => isOp(node, "input") && !own.has(node));
  for (const node of captured) if (!isLeaf(node)) throw escaped(node, name);

  const firstCell = parameters.length;
  return {
    program: {
      name,
      graph: { inputs: [...parameters, ...cells.map(({ input }) => input), ...captured], outputs: all },
      replaces: [...outputs.map(() => undefined), ...changed.map((entry) => firstCell + cells.indexOf(entry))],
      steady: [...cells, ...captured].flatMap((_, index) =>
        changed.includes(cells[index]!) ? [] : [firstCell + index],
      ),
    },
    cells: cells.map(({ cell }) => cell),
    captured,
    results,
  };
}

const escaped = (node: Node, name: string): TraceError =>
  new TraceError({
    what: `${name} uses ${originOf(node)}, a value of another trace that has ended`,
    hint: "return the value from the function that made it, or keep it in a variable",
  });

/** The error for reading `node` while a function is traced; the trace remembers it. */
export function readWhileTracing(node: Node): TraceError {
  const error = new TraceError({
    what: `the value ${originOf(node)} was read while ${current?.name ?? "a function"} was traced`,
    details: [{ role: "value", value: `${node.dtype} [${node.shape.join(", ")}]`, origin: originOf(node) }],
    hint: "a traced function computes later, and often; return the tensor, and read it outside",
  });
  if (current !== undefined) current.offence ??= error;
  return error;
}

/** Throws what went wrong while an async function was traced: it cannot be, for it would go on after the trace. */
export function refusePromise(name: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => {}); // its error is the offence that we throw here
  throw (
    current?.offence ??
    new TraceError({
      what: `${name} returned a promise while it was traced`,
      hint: "a traced function is not async: it returns tensors, which are read outside",
    })
  );
}
