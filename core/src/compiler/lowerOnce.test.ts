import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, contract, input, unary } from "../graph/build.ts";
import { isOp, type Node, withScope } from "../graph/node.ts";
import type { Cluster } from "./cluster.ts";
import { smallTarget } from "./lower/testing.ts";
import { lowerOnce } from "./lowerOnce.ts";

/** A dense layer of its own: its cluster, and what it reads. */
function layer(scope: string, units: number, op: "tanh" | "exp" = "tanh") {
  const [x, w] = [input("x", [8, 12], "f32"), input("w", [12, units], "f32")];
  const made = withScope(scope, () => {
    const product = contract(x, w, { a: ["r", "k"], b: ["k", "c"], out: ["r", "c"] });
    const doubled = binary("add", product, product);
    return [product, doubled, unary(op, doubled)];
  });
  const root = made.at(-1)!; // three nodes
  const cluster: Cluster = { kind: "contract", members: made, roots: [root], reason: "" };
  return { cluster, stored: new Set<Node>([x, w, root]), own: [x, w, root] };
}

test("equal clusters are lowered once and bound to their own memory", () => {
  const lower = lowerOnce(smallTarget);
  const [one, two] = [layer("one", 16), layer("two", 16)];
  const [first, second] = [one, two].map(({ cluster, stored }) => lower(cluster, stored));
  assert.deepEqual(
    second!.map(({ kernel }) => kernel.body),
    first!.map(({ kernel }) => kernel.body),
  );
  for (const [place, { kernel, arguments: bound }] of second!.entries()) {
    assert.equal(kernel.body, first![place]!.kernel.body);
    assert.equal(kernel.scope, "two");
    for (const [position, argument] of bound.entries()) {
      const other = first![place]!.arguments[position];
      // Temporaries are shared by the kernels of one cluster, never by clusters.
      assert.notEqual(argument, other);
      if (!("kind" in argument))
        assert.ok(two.own.includes(argument) && (isOp(argument, "input") || argument === two.own[2]));
    }
  }
});

test("clusters that differ in a size or an operation are lowered apart", () => {
  const lower = lowerOnce(smallTarget);
  const bodies = [layer("", 16), layer("", 20), layer("", 16, "exp")].map(({ cluster, stored }) =>
    lower(cluster, stored).map(({ kernel }) => kernel.body),
  );
  assert.notDeepEqual(bodies[1], bodies[0]);
  assert.notDeepEqual(bodies[2], bodies[0]);
});
