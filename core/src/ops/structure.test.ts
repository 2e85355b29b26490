import assert from "node:assert/strict";
import { test } from "node:test";
import { isOp, type Node, reachable } from "../graph/index.ts";
import { assertClose, run, shaped, tensor } from "./check.ts";
import { add, cond, mul, scan, sin, sub, sum } from "./index.ts";

const scanOf = (node: Node) => reachable([node]).find((each) => isOp(each, "scan")) as Node<"scan">; // every test makes one

test("scan hands the carry on and stacks the results", () => {
  const xs = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  for (const reverse of [false, true]) {
    const { carry, out } = scan(
      ([total], [x]) => {
        const next = add(mul(total!, 10), x!);
        return { carry: [next], out: [next, sum(x!)] };
      },
      [tensor([0, 0])],
      [xs],
      { reverse },
    );
    assert.deepEqual(run(carry[0]!), reverse ? [531, 642] : [135, 246]);
    assert.deepEqual(run(out[0]!), reverse ? [531, 642, 53, 64, 5, 6] : [1, 2, 13, 24, 135, 246]);
    assert.deepEqual(run(out[1]!), [3, 7, 11]);
  }
});

test("scan without sequences runs a number of steps", () => {
  const { carry } = scan(([x]) => ({ carry: [mul(x!, 2)], out: [] }), [tensor([3])], [], { length: 5 });
  assert.deepEqual(run(carry[0]!), [96]);
});

test("outer tensors are lifted, invariants leave the loop, constants stay in it", () => {
  const w = tensor([2, 3], [2], "f32", "w");
  const { carry, out } = scan(
    ([total], [x]) => {
      const invariant = sin(mul(w, w)); // depends on no step: computed once, outside
      return { carry: [add(total!, mul(x!, invariant))], out: [w, add(x!, 1)] };
    },
    [tensor([0, 0])],
    [tensor([1, 2, 3, 4], [2, 2])],
  );
  assertClose(run(carry[0]!), [4 * Math.sin(4), 6 * Math.sin(9)]);
  assert.deepEqual(run(out[0]!), [2, 3, 2, 3]);
  const node = scanOf(carry[0]!);
  assert.deepEqual(
    node.inputs
      .slice(2)
      .map(({ op }) => op)
      .sort(),
    ["input", "sin"],
  );
  const inside = reachable(node.attrs.body.outputs);
  assert.ok(!inside.includes(w) && !inside.some(({ op }) => op === "sin"));
  assert.ok(inside.some(({ op }) => op === "const"));
  for (const each of inside) if (isOp(each, "input")) assert.ok(node.attrs.body.inputs.includes(each));
});

test("scans nest, and the inner one may read the outer step", () => {
  const rows = tensor([1, 2, 3, 4], [2, 2]);
  const scale = tensor([10], []);
  const { out } = scan(
    (carry, [row]) => {
      const inner = scan(
        ([total], [x]) => ({ carry: [add(mul(total!, scale), mul(x!, sum(row!)))], out: [] }),
        [tensor([0], [])],
        [row!],
      );
      return { carry, out: inner.carry };
    },
    [],
    [rows],
  );
  assert.deepEqual(run(out[0]!), [10 * 3 + 2 * 3, 10 * 3 * 7 + 4 * 7]);
});

test("cond computes one branch; what a branch makes stays in it", () => {
  const x = tensor([1, 2]);
  const outer = mul(x, 3);
  for (const flag of [0, 1]) {
    const [result] = cond(
      tensor([flag], [], "bool"),
      ([y]) => [add(sin(outer), y!)],
      ([y]) => [sub(outer, y!)],
      [x],
    );
    assertClose(run(result!), flag === 1 ? [Math.sin(3) + 1, Math.sin(6) + 2] : [2, 4]);
    const node = reachable([result!]).find((each) => isOp(each, "cond")) as Node<"cond">; // made above
    assert.deepEqual(node.inputs.slice(1), [x, outer]);
    assert.ok(reachable(node.attrs.then.outputs).some(({ op }) => op === "sin"));
  }
  const [two] = cond(
    1,
    () => [shaped([], "f32")].map(() => add(1, 1)),
    () => [add(3, 0)],
  );
  assert.deepEqual(run(two!), [2]);
});
