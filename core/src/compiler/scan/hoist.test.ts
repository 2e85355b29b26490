import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { binary, contract, expand, input, reshape, scan, unary } from "../../graph/build.ts";
import { type Graph, isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import { hostArray, interpret } from "../../reference/index.ts";
import { assertClose } from "../../reference/samples.ts";
import { simplifyGraph } from "../simplify.ts";
import { hoist } from "./hoist.ts";

const [length, rows, features, units] = [4, 2, 3, 5];
const xs = input("xs", [length, rows, features], "f32");
const start = input("start", [rows, units], "f32");
const kernel = input("kernel", [features, units], "f32");
const recurrent = input("recurrent", [units, units], "f32");
const inputs = [xs, start, kernel, recurrent];
const matmul = (a: Node, b: Node): Node => contract(a, b, { a: ["r", "k"], b: ["k", "c"], out: ["r", "c"] });

type Step = (h: Node, x: Node, w: Node, u: Node) => Node;

/** A recurrent loop whose step is `step(h, x, kernel, recurrent)`; its final state and all states. */
function loop(step: Step): Graph {
  const h = input("h", start.shape, "f32");
  const x = input("x", [rows, features], "f32");
  const w = input("w", kernel.shape, "f32");
  const u = input("u", recurrent.shape, "f32");
  const next = step(h, x, w, u);
  const body = { inputs: [h, x, w, u], outputs: [next, next] };
  return {
    inputs,
    outputs: scan([start, xs, kernel, recurrent], { body, length, carries: 1, sequences: 1, reverse: true }),
  };
}

const bodyOf = (graph: Graph): Graph => {
  const found = reachable(graph.outputs).find((node) => isOp(node, "scan"));
  assert.ok(found !== undefined && isOp(found, "scan"));
  return found.attrs.body;
};

const contractionsIn = (graph: Graph): number =>
  reachable(graph.outputs).filter((node) => kindOf(node) === "contract").length;

const rowsOfTable: readonly (readonly [string, Step, number, number])[] = [
  [
    "the projection of the inputs leaves, the recurrent one stays",
    (h, x, w, u) => unary("tanh", binary("add", matmul(x, w), matmul(h, u))),
    1,
    1,
  ],
  [
    "a projection of a map of the inputs leaves with it",
    (h, x, w) => binary("add", h, matmul(unary("exp", x), w)),
    0,
    1,
  ],
  ["a product of weights leaves once", (h, x, w, u) => binary("add", h, matmul(x, matmul(w, u))), 0, 2],
  ["a projection of a mixture with the carry stays", (h, x, w, u) => matmul(binary("mul", h, matmul(x, w)), u), 1, 1],
];

describe("what needs no loop leaves it", () => {
  for (const [name, step, inside, outside] of rowsOfTable) {
    test(name, () => {
      const graph = loop(step);
      const hoisted = simplifyGraph(hoist(graph));
      assert.deepEqual([contractionsIn(bodyOf(hoisted)), contractionsIn(hoisted)], [inside, outside]);
      const values = inputs.map(({ shape, dtype }, seed) =>
        hostArray(
          shape,
          dtype,
          Array.from({ length: shape.reduce((a, b) => a * b) }, (_, index) => Math.sin(seed + index)),
        ),
      );
      const expected = interpret(graph, values);
      for (const [index, actual] of interpret(hoisted, values).entries()) {
        assertClose(actual, expected[index]!, { relative: 1e-12, absolute: 1e-12 }, name);
      }
    });
  }

  test("what is the same in every step is computed before the loop", () => {
    const graph = loop((h, x, w, u) =>
      binary(
        "add",
        binary("mul", h, expand(reshape(unary("exp", pickRow(u)), [1, units]), [rows, units])),
        matmul(x, w),
      ),
    );
    const hoisted = simplifyGraph(hoist(graph));
    assert.ok(!reachable(bodyOf(hoisted).outputs).some((node) => node.op === "exp"));
    assert.ok(reachable(hoisted.outputs).some((node) => node.op === "exp"));
  });
});

/** A row of the weights, through a contraction with itself so that it is no plain view. */
const pickRow = (u: Node): Node => contract(u, u, { a: ["r", "c"], b: ["r", "c"], out: ["c"] });
