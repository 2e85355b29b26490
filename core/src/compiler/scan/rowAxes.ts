import { sizeOf } from "../../base/shape.ts";
import { isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { axisOfInput, axisOfResult, isDivisible } from "./axisRules.ts";
import { type Loop, loopOf } from "./loop.ts";

/** The axis along which each value of a body has its rows; values that are the same for all rows have none. */
export type RowAxes = ReadonlyMap<Node, number>;

/** The rows of a loop: places along one axis that all its carries share and that no step mixes. */
export interface Rows {
  readonly count: number;
  readonly axes: RowAxes;
}

/**
 * The rows of `scan`, or undefined when there are none: a recurrent layer's are the examples of its batch. Whatever enters or
 * leaves the loop has them outermost, so that some rows are one piece of memory.
 */
export function rowsOf(scan: Node<"scan">): Rows | undefined {
  const loop = loopOf(scan);
  const nodes = reachable(scan.attrs.body.outputs);
  if (nodes.some((node) => kindOf(node) === "structure")) return undefined;
  const count = loop.carries.find(({ inner }) => inner.shape.length > 0)?.inner.shape[0];
  if (count === undefined || count < 2) return undefined;
  let axes: RowAxes | undefined;
  for (const { inner } of loop.carries) {
    if (inner.shape[0] !== count || axes?.has(inner)) continue;
    const more = follow(loop, nodes, axes ?? new Map(), inner, count);
    if (more === undefined && axes === undefined) return undefined;
    axes = more ?? axes;
  }
  if (axes === undefined) return undefined;
  const found = axes;
  const crossing = [...scan.attrs.body.inputs, ...scan.attrs.body.outputs];
  const outermost = (node: Node): boolean => sizeOf(node.shape.slice(0, found.get(node) ?? 0)) === 1;
  return crossing.every(outermost) ? { count, axes } : undefined;
}

/** `known`, and all that follows from rows along the outermost axis of `start`; undefined where that mixes rows. */
function follow(
  { carries }: Loop,
  nodes: readonly Node[],
  known: RowAxes,
  start: Node,
  count: number,
): RowAxes | undefined {
  const axes = new Map(known);
  const pending: Node[] = [];
  const users = new Map<Node, Node[]>();
  for (const node of nodes) for (const source of node.inputs) users.set(source, [...(users.get(source) ?? []), node]);

  const set = (node: Node, axis: number): boolean => {
    const before = axes.get(node);
    if (before !== undefined) return before === axis;
    if (node.shape[axis] !== count) return false;
    axes.set(node, axis);
    pending.push(node);
    return true;
  };
  const both = (a: Node, b: Node, axis: number): boolean => set(a, axis) && set(b, axis);
  if (!set(start, 0)) return undefined;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const at: Node = node;
    const axis = axes.get(at)!;
    // A carry keeps its rows from step to step.
    for (const { inner, next } of carries)
      if ((inner === at || next === at) && !both(inner, next, axis)) return undefined;
    // What it is made of.
    if (at.inputs.length === 0 && !isOp(at, "input") && !isDivisible(at, axis)) return undefined;
    const above = at.inputs.every((source, index) => {
      const passed = axisOfInput(at, index, axis);
      return passed === "free" || (passed !== "mixed" && set(source, passed));
    });
    // What is made of it.
    const below = (users.get(at) ?? []).every((user) =>
      user.inputs.every((source, index) => {
        if (source !== at) return true;
        const passed = axisOfResult(user, index, axis);
        return typeof passed === "number" && set(user, passed);
      }),
    );
    if (!above || !below) return undefined;
  }
  return axes;
}
