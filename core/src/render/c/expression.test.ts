import assert from "node:assert/strict";
import { test } from "node:test";
import { add, local, mul, product, sub } from "../../kernel/build.ts";
import type { Expr } from "../../kernel/ir.ts";
import { valueText } from "./expression.ts";
import { Names } from "./names.ts";
import { Prelude } from "./prelude.ts";

test("only products fuse with sums, of two the right one; what the graph multiplies and adds rounds twice", () => {
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => local(name, "f32")) as [Expr, Expr, Expr, Expr]; // four names
  const texts: readonly (readonly [Expr, string])[] = [
    [sub(mul(a, b), mul(c, d)), "a * b - c * d"],
    [add(c, product(a, b)), "fused_f32(a, b, c)"],
    [add(product(a, b), c), "fused_f32(a, b, c)"],
    [add(product(a, b), product(c, d)), "fused_f32(c, d, a * b)"],
    [sub(c, product(a, b)), "fused_f32(-a, b, c)"],
    [sub(product(a, b), c), "fused_f32(a, b, -c)"],
    [sub(c, product(add(a, d), b)), "fused_f32(-(a + d), b, c)"],
  ];
  const scope = { prelude: new Prelude(), names: new Names(), intervals: new Map() };
  for (const [expr, text] of texts) assert.equal(valueText(expr, scope), text);
});
