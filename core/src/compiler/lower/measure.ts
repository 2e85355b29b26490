import { sizeOf } from "../../base/shape.ts";
import { type MeasureField, measureBuckets, measureFields } from "../../graph/measure.ts";
import type { Node } from "../../graph/node.ts";
import {
  accumulate,
  binary,
  bitcast,
  bits,
  cast,
  combine,
  compare,
  forLoop,
  identityOf,
  int,
  letLocal,
  load,
  number,
  select,
  store,
  unary,
} from "../../kernel/build.ts";
import type { AccumulateName, Expr, Stmt } from "../../kernel/ir.ts";
import { saturation } from "../../record/index.ts";
import type { Target } from "../../render/target.ts";
import type { LoweredKernel } from "../cluster.ts";
import { elementsPerTask } from "./dims.ts";
import { KernelBuilder } from "./kernel.ts";
import { nest } from "./nest.ts";
import { costOfElement, flopsOf, nameOf, neededBy, scopeOf, type Work } from "./roots.ts";
import { Values } from "./value.ts";

/** Long lines are counted into so many tables in turn: neighbours that are alike need not wait for one another's store. */
const mostTables = 4;

type Leaf = Extract<Stmt, { kind: "store" | "accumulate" | "let" }>;
type Index = Extract<Expr, { kind: "index" }>;

/**
 * Goes through each line twice: in vectors for sums and extremes, and number by number for the histogram, whose bucket is the upper
 * ten bits. A task has whole lines and counts in scratch memory, so that no two write one place.
 */
export function lowerMeasure(work: Work, node: Node<"measure">, target: Target): LoweredKernel {
  const x = node.inputs[0]!;
  const length = x.shape.at(-1)!;
  const lines = sizeOf(x.shape.slice(0, -1));
  const width = node.shape.at(-1)!;
  const tables = length >= 2 * measureBuckets ? mostTables : 1;
  const nodes = neededBy(work.roots, work);
  const perLine = length + (2 * (tables + 1) * measureBuckets) / costOfElement(nodes);
  const perTask = Math.min(lines, Math.max(1, Math.floor(elementsPerTask(target, costOfElement(nodes)) / perLine)));
  const tasks = Math.ceil(lines / perTask);

  const builder = new KernelBuilder(work.substitutes);
  const { space } = builder;
  const from = space.mul(builder.task(tasks), perTask);
  const to = space.min(space.add(from, int(perTask)), int(lines));
  const index = (prefix: string, extent: number): Index => builder.index(prefix, extent) as Index; // `index` makes that kind
  const line = index("line", lines);
  const values = new Values(builder, work);
  const valueAt = (at: Expr): Expr =>
    values.at(x, space.unflatten(space.flatten([line, at], [lines, length]), x.shape));
  const result = builder.write(node);

  // Sums and extremes.
  const locals = measureFields.map((field) => [field, builder.name(field)] as const);
  const element = index("i", length);
  const terms = termsOf(valueAt(element));
  const fields = nest(
    builder,
    [{ index: element.name, from: int(0), to: int(length) }],
    locals.map(([field, name]) => accumulate(name, combined(field), terms[field]) as Leaf),
  );
  const declared = locals.map(([field, name]) => letLocal(name, "f32", identityOf(combined(field), "f32")));
  const written = locals.map(([, name], place) =>
    store(result, space.flatten([line, int(place)], [lines, width]), { kind: "local", name, dtype: "f32" }),
  );

  // The histogram.
  const counts = builder.scratch("counts", "i32", tables * measureBuckets);
  const empty = index("empty", tables * measureBuckets);
  const clear = nest(
    builder,
    [{ index: empty.name, from: int(0), to: int(tables * measureBuckets) }],
    [store(counts, empty, int(0)) as Leaf],
  );
  const counted = (at: Expr, table: number): Stmt[] => {
    const bucket = builder.indexLocal("bucket", measureBuckets);
    const place = space.add(bucket, int(table * measureBuckets));
    const upper = bits("shr", bitcast(valueAt(at), "u32"), number(22, "u32"));
    return [
      letLocal(bucket.name, "i32", cast(upper, "i32")),
      store(counts, place, binary("add", builder.safe(load(counts, place, "i32")), int(1))),
    ];
  };
  const rounds = Math.floor(length / tables);
  const round = index("round", rounds);
  const inTurn = Array.from({ length: tables }, (_, table) =>
    counted(space.add(space.mul(round, tables), int(table)), table),
  );
  const rest = index("rest", length);
  const bucket = index("bucket", measureBuckets);
  const total = Array.from({ length: tables }, (_, table) =>
    builder.safe(load(counts, space.add(bucket, int(table * measureBuckets)), "i32")),
  ).reduce((a, b) => combine("sum", a, b));
  const place = space.flatten([line, space.add(bucket, int(measureFields.length))], [lines, width]);
  const told = nest(
    builder,
    [{ index: bucket.name, from: int(0), to: int(measureBuckets) }],
    [store(result, place, cast(total, "f32")) as Leaf],
  );

  const body = forLoop(line.name, from, to, [
    ...declared,
    ...fields,
    ...written,
    ...clear,
    forLoop(round.name, int(0), int(rounds), inTurn.flat()),
    forLoop(rest.name, int(rounds * tables), int(length), counted(rest, 0)),
    ...told,
  ]);
  const others = nodes.filter(({ op }) => op !== "measure");
  const finish = { name: nameOf("measure", others, [node]), scope: scopeOf(nodes), flops: flopsOf(nodes) };
  return builder.finish({ ...finish, body: [body], tasks });
}

const combined = (field: MeasureField): AccumulateName => (field === "lowest" || field === "max" ? "max" : "sum");

/** What an element adds to each field. */
function termsOf(x: Expr): Readonly<Record<MeasureField, Expr>> {
  const real = (value: number): Expr => number(value, "f32");
  const negative = unary("neg", x);
  const size = binary("max", x, negative);
  const finite = compare("lt", size, real(Number.POSITIVE_INFINITY));
  const one = (when: Expr): Expr => select(when, real(1), real(0));
  const finiteSize = select(finite, size, real(0));
  return {
    lowest: select(finite, negative, real(Number.NEGATIVE_INFINITY)),
    max: select(finite, x, real(Number.NEGATIVE_INFINITY)),
    sum: select(finite, x, real(0)),
    sumOfSquares: binary("mul", finiteSize, finiteSize),
    sumOfMagnitudes: finiteSize,
    zeros: one(compare("eq", x, real(0))),
    positiveInfinities: one(compare("eq", x, real(Number.POSITIVE_INFINITY))),
    negativeInfinities: one(compare("eq", x, real(Number.NEGATIVE_INFINITY))),
    saturated: one(compare("lt", real(saturation), finiteSize)),
  };
}
