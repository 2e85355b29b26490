import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import { and, binary, dtypeOf, forLoop, int, letLocal, load, or, store, when } from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { elementsPerTask } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

/** At most this many tasks share one line of destinations; each of them reads all indices. */
const mostRanges = 8;

type Store = Extract<Stmt, { kind: "store" }>;

/**
 * Copies the base and applies the updates in index order. A task owns a range of destinations (outer position × range of
 * the axis), so no two tasks write one element and the order is fixed.
 */
export function lowerScatter(work: Work, node: Node<"scatter">, target: Target): LoweredKernel {
  const { axis, scatter } = node.attrs;
  const [base, indices, updates] = node.inputs as readonly [Node, Node, Node];
  const size = base.shape[axis]!;
  const outer = sizeOf(base.shape.slice(0, axis));
  const trailing = sizeOf(base.shape.slice(axis + 1));
  const count = sizeOf(indices.shape);
  const nodes = neededBy(work.roots, work);

  const elements = (size + count) * trailing;
  const ranges = Math.max(
    1,
    Math.min(mostRanges, size, Math.ceil(elements / elementsPerTask(target, costOfElement(nodes)))),
  );
  const length = Math.ceil(size / ranges);
  const parts = Math.ceil(size / length);

  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const task = builder.task(outer * parts);
  const [decodedLine, part] = space.unflatten(task, [outer, parts]) as [Expr, Expr]; // one a size
  const line = builder.indexLocal("line", outer);
  const start = builder.indexLocal("start", size);
  const end = builder.indexLocal("end", size + 1);
  const declarations = [
    letLocal(line.name, "i32", decodedLine),
    letLocal(start.name, "i32", space.mul(part, length)),
    letLocal(end.name, "i32", space.min(space.add(space.mul(part, length), int(length)), int(size))),
  ];
  const values = new Values(builder, work);
  const result = builder.write(node);
  const lane = builder.index("j", trailing) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const lanes = trailing === 1 ? [] : [{ index: lane.name, from: int(0), to: int(trailing) }];
  const laneAt = trailing === 1 ? int(0) : lane;

  // The base of the own range.
  const row = builder.index("row", size) as Extract<Expr, { kind: "index" }>;
  const basePosition = space.flatten([line, row, laneAt], [outer, size, trailing]);
  const copied = store(result, basePosition, values.at(base, space.unflatten(basePosition, base.shape))) as Store;
  const copy = nest(builder, [{ index: row.name, from: start, to: end }, ...lanes], [copied]);

  // The updates whose index falls into it.
  const update = builder.index("update", count) as Extract<Expr, { kind: "index" }>;
  const destination = builder.indexLocal("destination", size);
  const position = space.flatten([line, destination, laneAt], [outer, size, trailing]);
  const source = space.flatten([line, update, laneAt], [outer, count, trailing]);
  const value = values.at(updates, space.unflatten(source, updates.shape));
  const current = builder.safe(load(result, position, node.dtype));
  const combined = scatter === "set" ? value : scatter === "add" ? sum(current, value) : largest(current, value);
  const apply = nest(builder, lanes, [store(result, position, combined) as Store]);
  const own = and(lessOrEqual(start, destination), { kind: "compare", op: "lt", x: destination, y: end });
  const updateLoop = forLoop(update.name, int(0), int(count), [
    letLocal(destination.name, "i32", values.at(indices, space.unflatten(update, indices.shape))),
    when(own, apply),
  ]);
  const finish = {
    name: nameOf("scatter", nodes, [node]),
    scope: scopeOf(nodes),
    flops: flopsOf(nodes),
    tasks: outer * parts,
  };
  return builder.finish({ ...finish, body: [...declarations, ...copy, updateLoop] });
}

/** x ≤ y; destinations are data, so no range decides it. */
const lessOrEqual = (x: Expr, y: Expr): Expr =>
  or({ kind: "compare", op: "lt", x, y }, { kind: "compare", op: "eq", x, y });

const sum = (x: Expr, y: Expr): Expr => (dtypeOf(x) === "bool" ? or(x, y) : binary("add", x, y));
const largest = (x: Expr, y: Expr): Expr => (dtypeOf(x) === "bool" ? or(x, y) : binary("max", x, y));
