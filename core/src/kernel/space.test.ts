import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../reference/samples/sample.ts";
import { index, int, select, store } from "./build.ts";
import { runKernel } from "./interpret.ts";
import type { Expr, Kernel } from "./ir.ts";
import { printExpr } from "./print.ts";
import { IndexSpace } from "./space.ts";

const space = (): { readonly space: IndexSpace; readonly i: Expr; readonly j: Expr } => {
  const own = new IndexSpace();
  return { space: own, i: own.index("i", 10), j: own.index("j", 32) };
};

/** The value of an expression without loads at some indices. */
function valueAt(expr: Expr, at: Readonly<Record<string, number>>): number {
  const loops = Object.entries(at);
  const body = loops.reduceRight<Kernel["body"]>(
    (inner, [name, value]) => [
      { kind: "for", index: name, from: int(value), to: int(value + 1), vector: false, body: inner },
    ],
    [store("y", int(0), expr)],
  );
  const memory = new Int32Array(1);
  const buffers = [{ name: "y", dtype: "i32", role: "write", elements: 0 } as const];
  runKernel({ name: "value", scope: "", buffers, params: [], body, flops: 0, bytes: 0 }, [memory], [], 1);
  return memory[0]!;
}

test("quotients and remainders of nested indices disappear", () => {
  const { space: s, i, j } = space();
  const flat = s.add(s.mul(i, 32), j);
  const rows: readonly (readonly [Expr, string])[] = [
    [flat, "i * 32 + j"],
    [s.div(flat, 32), "i"],
    [s.mod(flat, 32), "j"],
    [s.div(flat, 64), "i / 2"],
    [s.mod(flat, 64), "i % 2 * 32 + j"],
    [s.div(flat, 8), "i * 4 + j / 8"],
    [s.mod(flat, 8), "j % 8"],
    [s.div(s.div(j, 2), 4), "j / 8"],
    [s.mod(s.mod(j, 12), 4), "j % 4"],
    [s.div(s.mod(j, 12), 4), "j / 4 % 3"],
    [s.add(s.mul(s.div(j, 7), 7), s.mod(j, 7)), "j"],
    [s.flatten(s.unflatten(flat, [5, 4, 16]), [5, 4, 16]), "i * 32 + j"],
    [s.flatten(s.unflatten(j, [2, 2, 8]), [2, 2, 8]), "j"],
    [s.sub(int(9), i), "9 - i"],
    [s.div(s.sub(i, int(3)), 2), "(i + 1) / 2 - 2"],
    [s.mod(s.sub(i, int(3)), 2), "(i + 1) % 2"],
  ];
  for (const [expr, text] of rows) assert.equal(printExpr(expr), text);
});

test("guards that the ranges decide vanish, others have one form", () => {
  const { space: s, i, j } = space();
  assert.equal(printExpr(s.inside(i, 10)), "true");
  assert.equal(printExpr(s.inside(s.sub(i, int(10)), 5)), "false");
  assert.equal(printExpr(s.less(s.mul(i, 4), int(10))), "i < 3");
  assert.equal(printExpr(s.less(int(1), s.mul(j, 2))), "0 < j");
  assert.equal(printExpr(s.less(s.add(i, int(2)), int(6))), printExpr(s.less(i, int(4))));
  assert.equal(printExpr(s.less(s.add(s.mul(i, 32), j), int(64))), "i < 2");
  assert.equal(printExpr(s.less(s.add(s.mul(i, 32), j), int(65))), "i * 32 + j < 65");
  assert.equal(printExpr(s.less(int(63), s.add(s.mul(i, 32), j))), "1 < i");
  assert.equal(printExpr(s.equal(s.mod(s.mul(i, 2), 2), int(0))), "true");
});

test("random index arithmetic keeps its value, and stays in its interval", () => {
  const random = seeded(11);
  const pick = (count: number): number => Math.floor(random.next() * count);
  for (let round = 0; round < 400; round++) {
    const s = new IndexSpace();
    const names = ["a", "b", "c"];
    const extents = names.map(() => 1 + pick(12));
    const leaves = names.map((name, n) => s.index(name, extents[n]!));
    type Meaning = (at: Readonly<Record<string, number>>) => number;
    const terms: { readonly expr: Expr; readonly meaning: Meaning }[] = names.map((name, n) => ({
      expr: leaves[n]!,
      meaning: (at) => at[name]!,
    }));
    for (let step = 0; step < 6; step++) {
      const [x, y] = [terms[pick(terms.length)]!, terms[pick(terms.length)]!];
      const by = 1 + pick(9);
      const floorDivide = (value: number): number => Math.floor(value / by);
      const made = [
        () => ({ expr: s.add(x.expr, y.expr), meaning: (at) => x.meaning(at) + y.meaning(at) }),
        () => ({ expr: s.sub(x.expr, y.expr), meaning: (at) => x.meaning(at) - y.meaning(at) }),
        () => ({ expr: s.mul(x.expr, by - 4), meaning: (at) => x.meaning(at) * (by - 4) }),
        () => ({ expr: s.div(x.expr, by), meaning: (at) => floorDivide(x.meaning(at)) }),
        () => ({ expr: s.mod(x.expr, by), meaning: (at) => x.meaning(at) - by * floorDivide(x.meaning(at)) }),
        () => ({ expr: s.min(x.expr, y.expr), meaning: (at) => Math.min(x.meaning(at), y.meaning(at)) }),
      ] satisfies (() => { expr: Expr; meaning: Meaning })[];
      terms.push(made[pick(made.length)]!());
    }
    const { expr, meaning } = terms.at(-1)!;
    const other = terms[pick(terms.length)]!;
    const [low, high] = s.interval(expr);
    for (let sample = 0; sample < 5; sample++) {
      const at = Object.fromEntries(names.map((name, n) => [name, pick(extents[n]!)]));
      const value = meaning(at) + 0; // −0 is 0
      const text = `${printExpr(expr)} at ${JSON.stringify(at)}`;
      assert.equal(valueAt(expr, at), value, text);
      assert.ok(low <= value && value <= high, `${text} is outside ${low}..${high}`);
      const less = s.less(expr, other.expr);
      const truth = valueAt(select(less, int(1), int(0)), at) === 1;
      assert.equal(truth, value < other.meaning(at), `${printExpr(less)}, for ${text}`);
    }
  }
});

test("an index name is declared once", () => {
  const s = new IndexSpace();
  s.index("i", 3);
  assert.throws(() => s.index("i", 4), /index i exists/);
  assert.equal(printExpr(index("i")), "i");
});
