import assert from "node:assert/strict";
import { test } from "node:test";
import * as build from "./build.ts";
import { runKernel } from "./interpret.ts";
import type { Expr, Kernel, KernelBuffer, Stmt } from "./ir.ts";
import { keyOf, structureOf } from "./key.ts";
import { printExpr, printKernel } from "./print.ts";
import { verifyKernel } from "./verify.ts";

const { int, index, load, number, store } = build;

const x: KernelBuffer = { name: "x", dtype: "f32", role: "read", elements: 0 };
const y: KernelBuffer = { name: "y", dtype: "f32", role: "write", elements: 0 };
const kernelOf = (body: readonly Stmt[], buffers: readonly KernelBuffer[] = [x, y]): Kernel => ({
  name: "k",
  scope: "",
  buffers,
  params: ["elements"],
  body,
  flops: 0,
  bytes: 0,
});
const f32 = (value: number): Expr => number(value, "f32");
const i = index("i");

test("constants fold as the machine computes", () => {
  const rows: readonly (readonly [Expr, string])[] = [
    [build.add(f32(0.1), f32(0.2)), String(Math.fround(Math.fround(0.1) + Math.fround(0.2)))],
    [build.add(int(2147483647), int(1)), "-2147483648"],
    [build.cast(f32(300), "u8"), "255"],
    [build.cast(int(300), "u8"), "44"],
    [build.cast(f32(Number.NaN), "i32"), "0"],
    [build.binary("div", int(-7), int(2)), "-4"],
    [build.binary("mod", int(-7), int(2)), "1"],
    [build.binary("div", int(7), int(0)), "0"],
    [build.mul(load("x", i, "f32"), f32(1)), "x[i]"],
    [build.add(load("x", i, "f32"), f32(0)), "x[i] + 0"],
    [build.add(load("x", i, "f32"), build.unary("neg", load("y", i, "f32"))), "x[i] - y[i]"],
    [build.select(build.bool(true), f32(1), load("x", i, "f32")), "1"],
  ];
  for (const [expr, text] of rows) assert.equal(printExpr(expr), text);
});

test("a select inside the same or a stricter select is decided", () => {
  const [a, b] = [build.compare("lt", i, int(5)), build.compare("lt", int(2), i)];
  const inner = build.select(build.and(a, b), load("x", i, "f32"), f32(0));
  assert.equal(printExpr(build.select(a, inner, f32(0))), "i < 5 & 2 < i ? x[i] : 0");
  assert.equal(printExpr(build.select(build.and(a, b), inner, f32(7))), "i < 5 & 2 < i ? x[i] : 7");
  assert.equal(printExpr(build.select(a, inner, f32(7))), "i < 5 ? (i < 5 & 2 < i ? x[i] : 0) : 7");
});

test("keys tell expressions apart exactly", () => {
  assert.equal(keyOf(build.add(i, int(1))), keyOf(build.add(index("i"), int(1))));
  assert.notEqual(keyOf(f32(0)), keyOf(f32(-0)));
  assert.notEqual(keyOf(number(1, "f32")), keyOf(number(1, "i32")));
  assert.notEqual(keyOf(load("x", i, "f32")), keyOf(load("y", i, "f32")));
  // Sharing doubles the text at each step; the key must stay short.
  let doubled: Expr = load("x", i, "f32");
  for (let step = 0; step < 60; step++) doubled = build.mul(doubled, doubled);
  assert.ok(keyOf(doubled).length < 20);
});

test("structure ignores the name and nothing else that counts", () => {
  const kernel = kernelOf([store("y", int(0), f32(1))]);
  assert.equal(structureOf(kernel), structureOf({ ...kernel, name: "other", scope: "a/b", flops: 7, bytes: 8 }));
  assert.notEqual(structureOf(kernel), structureOf(kernelOf([store("y", int(0), f32(-1))])));
  assert.notEqual(structureOf(kernel), structureOf(kernelOf(kernel.body, [x, { ...y, role: "readwrite" }])));
});

const double = build.forLoop(
  "i",
  int(0),
  build.param("elements"),
  [store("y", i, build.add(load("x", i, "f32"), load("x", i, "f32")))],
  true,
);

test("kernels print as text", () => {
  const text = `
kernel k(read x: f32, write y: f32, param elements)
  for i in 0..elements vector
    y[i] = x[i] + x[i]`;
  assert.equal(`\n${printKernel(kernelOf([double]))}`, text);
});

test("kernels run, and stay inside their buffers", () => {
  const result = new Float32Array(4);
  runKernel(kernelOf([double]), [Float32Array.of(1, 2, 3, 4), result], [3], 1);
  assert.deepEqual([...result], [2, 4, 6, 0]);
  assert.throws(
    () => runKernel(kernelOf([double]), [new Float32Array(4), result], [5], 1),
    /kernel k: [xy]\[4\.\.5\] is outside 4 elements/,
  );
});

test("a tile is a small matrix product", () => {
  const scratch: KernelBuffer = { name: "c", dtype: "f32", role: "scratch", elements: 6 };
  const tile = (accumulate: boolean, strides: { aRow?: number; aStep?: number; bStep?: number } = {}): Stmt => ({
    kind: "tile",
    ...strides,
    a: { buffer: "x", at: int(0) },
    b: { buffer: "x", at: int(4) },
    c: { buffer: "c", at: int(0) },
    pitch: 3,
    rows: 2,
    columns: 2,
    depth: int(2),
    accumulate,
  });
  const copy = build.forLoop("i", int(0), int(2), [store("y", i, load("c", i, "f32"))]);
  // a = [[1, 3], [2, 4]] and b = [[5, 6], [7, 8]], packed by depth.
  const result = new Float32Array(2);
  runKernel(
    kernelOf([tile(false), tile(true), copy], [x, y, scratch]),
    [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), result],
    [0],
    1,
  );
  assert.deepEqual([...result], [2 * (1 * 5 + 3 * 7), 2 * (1 * 6 + 3 * 8)]);
  // The same memory with a = [[1, 2], [3, 4]] row by row, and the steps of b one element apart: [[5, 6], [6, 7]].
  runKernel(
    kernelOf([tile(false, { aRow: 2, aStep: 1, bStep: 1 }), copy], [x, y, scratch]),
    [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), result],
    [0],
    1,
  );
  assert.deepEqual([...result], [1 * 5 + 2 * 6, 1 * 6 + 2 * 7]);
});

test("16-bit floats are rounded when stored and widened when loaded", () => {
  const half: KernelBuffer[] = [
    { ...x, dtype: "f16" },
    { ...y, dtype: "f16" },
  ];
  const body = [store("y", int(0), build.add(load("x", int(0), "f16"), number(2048, "f16")))];
  const result = new Uint16Array(1);
  runKernel(kernelOf(body, half), [Uint16Array.of(0x3c00), result], [0], 1); // 1 + 2048 has no f16; ties go to even
  assert.equal(result[0], 0x6800);
});

test("the verifier finds what would go wrong", () => {
  const rows: readonly (readonly [string, readonly Stmt[], RegExp])[] = [
    ["unknown index", [store("y", index("j"), f32(1))], /unknown index j/],
    ["unknown buffer", [store("z", int(0), f32(1))], /unknown buffer z/],
    ["store to a read buffer", [store("x", int(0), f32(1))], /store to x, which is only read/],
    ["dtype of a store", [store("y", int(0), int(1))], /1 is i32, not f32/],
    ["unknown local", [build.setLocal("t", f32(1))], /set of the unknown local t/],
    ["hidden local", [build.letLocal("t", "f32", f32(1)), build.letLocal("t", "f32", f32(2))], /let t hides another/],
    [
      "mixed dtypes",
      [store("y", int(0), { kind: "binary", op: "add", x: f32(1), y: int(1), dtype: "f32" })],
      /1 is i32, not f32/,
    ],
    [
      "loop in a vector loop",
      [build.forLoop("i", int(0), int(2), [build.forLoop("j", int(0), int(2), [])], true)],
      /vector loop i holds more/,
    ],
  ];
  for (const [, body, message] of rows) assert.throws(() => verifyKernel(kernelOf(body)), message);
  verifyKernel(kernelOf([double]));
});
