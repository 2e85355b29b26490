import { binary, int, letLocal, param } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { TaskSplit } from "./dims.ts";
import type { KernelBuilder } from "./kernel.ts";
import type { Loop } from "./nest.ts";

/** What one task runs: declarations, then loops; `variables` has one expression a dimension. */
export interface TaskLoops {
  readonly declarations: readonly Stmt[];
  readonly loops: readonly Loop[];
  readonly variables: readonly Expr[];
  readonly tasks: number;
}

/** The parameter of flat loops: how many elements, so that equal kernels of different sizes can be one. */
const elementsParam = "elements";

/** The loop of a task over its `elements` of `size` that lie one after the other. */
export function flatLoop(builder: KernelBuilder, size: number, elements: number) {
  const { space } = builder;
  const tasks = Math.ceil(size / elements);
  const from = space.mul(builder.task(tasks), elements);
  const variable = builder.index("i", size) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const to = binary("min", space.add(from, int(elements)), param(elementsParam));
  return {
    loops: [{ index: variable.name, from, to }],
    variables: [variable],
    tasks,
    params: [[elementsParam, size] as const],
  };
}

/** Decodes the task number once, and loops over the part of `dims` that is the task's. */
export function taskLoops(builder: KernelBuilder, dims: readonly number[], split: TaskSplit, prefix = "i"): TaskLoops {
  const { space } = builder;
  const task = builder.task(split.tasks);
  const outer = [...dims.slice(0, split.axis), split.chunks];
  const decoded = space.unflatten(task, outer);
  const declarations: Stmt[] = [];
  const declare = (name: string, extent: number, value: Expr): Expr => {
    if (value.kind === "number" || value.kind === "index") return value;
    const variable = builder.indexLocal(name, extent);
    declarations.push(letLocal(variable.name, "i32", value));
    return variable;
  };
  const variables = decoded.slice(0, split.axis).map((value, axis) => declare(prefix, dims[axis]!, value));
  const loops: Loop[] = [];
  for (let axis = split.axis; axis < dims.length; axis++) {
    const size = dims[axis]!;
    const chunked = axis === split.axis && split.chunks > 1;
    const start = chunked ? declare("start", size, space.mul(decoded[split.axis]!, split.chunk)) : int(0);
    const end = chunked ? space.add(start, int(split.chunk)) : int(size);
    const to = chunked && size % split.chunk !== 0 ? space.min(end, int(size)) : end;
    const variable = builder.index(prefix, size);
    variables.push(variable);
    if (variable.kind === "index") loops.push({ index: variable.name, from: start, to });
  }
  return { declarations, loops, variables, tasks: split.tasks };
}
