import { isFloat } from "../../base/dtype.ts";
import { sizeOf } from "../../base/shape.ts";
import type { Node } from "../../graph/node.ts";
import {
  and,
  compare,
  forLoop,
  int,
  letLocal,
  load,
  local,
  not,
  or,
  setLocal,
  store,
  when,
} from "../../kernel/build.ts";
import type { Expr, Stmt } from "../../kernel/ir.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { elementsPerTask } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { flopsOf, nameOf, neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

/** Stable order along one axis: bottom-up merge sort of each line in scratch memory (Knuth, vol. 3, 5.2.4). */
export function lowerArgsort(work: Work, node: Node<"argsort">, target: Target): LoweredKernel {
  const { axis, descending } = node.attrs;
  const x = node.inputs[0]!;
  const length = x.shape[axis]!;
  const outer = sizeOf(x.shape.slice(0, axis));
  const trailing = sizeOf(x.shape.slice(axis + 1));
  const lines = outer * trailing;
  const nodes = neededBy(work.roots, work);

  const perTask = Math.min(
    lines,
    Math.max(1, Math.floor(elementsPerTask(target, 16 * Math.ceil(Math.log2(length + 1))) / length)),
  );
  const tasks = Math.ceil(lines / perTask);
  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const from = space.mul(builder.task(tasks), perTask);
  const line = builder.index("line", lines) as Extract<Expr, { kind: "index" }>; // `index` makes that kind
  const [before, after] = space.unflatten(line, [outer, trailing]) as [Expr, Expr]; // one a size

  // Keys of the line, and two arrays of positions that the passes read and write in turn.
  const keys = builder.scratch("keys", x.dtype, length);
  const read = builder.scratch("order", "i32", 2 * length);
  const element = builder.index("i", length) as Extract<Expr, { kind: "index" }>;
  const positionOf = (index: Expr): Expr => space.flatten([before, index, after], [outer, length, trailing]);
  const value = new Values(builder, work).at(x, space.unflatten(positionOf(element), x.shape));
  type Store = Extract<Stmt, { kind: "store" }>;
  const fill = nest(builder, [{ index: element.name, from: int(0), to: int(length) }], [
    store(keys, element, value),
    store(read, element, element),
  ] as Store[]);

  const i32 = (name: string): Expr => local(name, "i32");
  const plus = (a: Expr, b: Expr): Expr => ({ kind: "binary", op: "add", x: a, y: b, dtype: "i32" });
  const smaller = (a: Expr, b: Expr): Expr => ({ kind: "binary", op: "min", x: a, y: b, dtype: "i32" });
  const key = (position: Expr): Expr => load(keys, position, x.dtype);
  const order = (base: string, at: Expr): Expr => load(read, plus(i32(base), at), "i32");

  // One merge of [left, middle) and [middle, right): takes from the right only what is strictly before.
  const merge: Stmt[] = [
    letLocal("middle", "i32", smaller(plus(i32("left"), i32("width")), int(length))),
    letLocal("right", "i32", smaller(plus(i32("middle"), i32("width")), int(length))),
    letLocal("a", "i32", i32("left")),
    letLocal("b", "i32", i32("middle")),
    forLoop("out", i32("left"), i32("right"), [
      letLocal("takesRight", "bool", { kind: "compare", op: "eq", x: i32("a"), y: i32("middle") }),
      when(and(not(local("takesRight", "bool")), compare("lt", i32("b"), i32("right"))), [
        letLocal("leftKey", x.dtype, key(order("source", i32("a")))),
        letLocal("rightKey", x.dtype, key(order("source", i32("b")))),
        setLocal("takesRight", isBefore(local("rightKey", x.dtype), local("leftKey", x.dtype), descending)),
      ]),
      when(
        local("takesRight", "bool"),
        [
          store(read, plus(i32("goal"), { kind: "index", name: "out" }), order("source", i32("b"))),
          setLocal("b", plus(i32("b"), int(1))),
        ],
        [
          store(read, plus(i32("goal"), { kind: "index", name: "out" }), order("source", i32("a"))),
          setLocal("a", plus(i32("a"), int(1))),
        ],
      ),
    ]),
    setLocal("left", plus(i32("left"), plus(i32("width"), i32("width")))),
  ];
  const passes: Stmt = {
    kind: "while",
    when: compare("lt", i32("width"), int(length)),
    body: [
      letLocal("left", "i32", int(0)),
      { kind: "while", when: compare("lt", i32("left"), int(length)), body: merge },
      setLocal("width", plus(i32("width"), i32("width"))),
      setLocal("source", i32("goal")),
      setLocal("goal", { kind: "binary", op: "sub", x: int(length), y: i32("source"), dtype: "i32" }),
    ],
  };
  const write = forLoop("sorted", int(0), int(length), [
    store(
      builder.write(node),
      positionOf(space.index("sorted", length)),
      order("source", { kind: "index", name: "sorted" }),
    ),
  ]);
  const locals = [
    letLocal("width", "i32", int(1)),
    letLocal("source", "i32", int(0)),
    letLocal("goal", "i32", int(length)),
  ];
  const to =
    lines % perTask === 0 ? space.add(from, int(perTask)) : space.min(space.add(from, int(perTask)), int(lines));
  const body = [forLoop(line.name, from, to, [...fill, ...locals, passes, write])];
  const name = nameOf(
    "argsort",
    nodes.filter(({ op }) => op !== "argsort"),
    [node],
  );
  return builder.finish({
    name,
    scope: scopeOf(nodes),
    body,
    tasks,
    flops: flopsOf(nodes) * Math.ceil(Math.log2(length + 1)),
  });
}

/** Whether key `x` comes strictly before key `y`; NaN comes last in both directions. */
function isBefore(x: Expr, y: Expr, descending: boolean): Expr {
  const less = descending ? compare("lt", y, x) : compare("lt", x, y);
  const dtype = x.kind === "local" ? x.dtype : "f32";
  if (!isFloat(dtype)) return less;
  const isMissing = (key: Expr): Expr => not(compare("eq", key, key));
  return or(less, and(isMissing(y), not(isMissing(x))));
}
