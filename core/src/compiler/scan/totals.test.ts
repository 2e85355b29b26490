import assert from "node:assert/strict";
import { test } from "node:test";
import { gradient } from "../../autodiff/index.ts";
import { input } from "../../graph/build.ts";
import { type Graph, isOp, type Node } from "../../graph/node.ts";
import { kindOf } from "../../graph/primitives.ts";
import { reachable } from "../../graph/walk.ts";
import * as ops from "../../ops/index.ts";
import { hostArray, interpret } from "../../reference/index.ts";
import { assertClose } from "../../reference/samples.ts";
import { simplifyGraph } from "../simplify.ts";
import { reuse } from "./reuse.ts";
import { rowsOf } from "./rowAxes.ts";
import { totals } from "./totals.ts";

// Many rows: autodiff leaves the gradients of the weights in the loop, as totals.
const [length, rows, features, units] = [4, 40, 3, 5];

/** A recurrence with the gradients of its weights: a loop, and one that runs the other way. */
function derivative(): Graph {
  const xs = input("xs", [length, rows, features], "f32");
  const kernel = input("kernel", [features, units], "f32");
  const recurrent = input("recurrent", [units, units], "f32");
  const bias = input("bias", [units], "f32");
  const { carry } = ops.scan(
    ([h], [x]) => {
      const ahead = ops.add(ops.add(ops.matmul(x!, kernel), ops.matmul(h!, recurrent)), bias);
      return { carry: [ops.tanh(ahead)], out: [] };
    },
    [ops.zeros([rows, units])],
    [xs],
  );
  const loss = ops.mean(ops.square(carry[0]!));
  const inputs = [xs, kernel, recurrent, bias];
  return simplifyGraph({ inputs, outputs: [loss, ...gradient(loss, [kernel, recurrent, bias])] });
}

const scansIn = (graph: Graph): Node<"scan">[] =>
  reachable(graph.outputs).filter((node): node is Node<"scan"> => isOp(node, "scan"));

const kindsIn = ({ attrs: { body } }: Node<"scan">, kind: string): number =>
  reachable(body.outputs).filter((node) => kindOf(node) === kind).length;

function assertSameValues(before: Graph, after: Graph): void {
  const values = before.inputs.map(({ shape }, index) => {
    const size = shape.reduce((product, each) => product * each, 1);
    return hostArray(
      shape,
      "f32",
      Array.from({ length: size }, (_, i) => Math.fround(Math.sin(i + index))),
    );
  });
  const expected = interpret(before, values);
  for (const [index, array] of interpret(after, values).entries())
    assertClose(array, expected[index]!, { relative: 1e-9, absolute: 1e-12 }, `output ${index}`);
}

test("the derivative of a loop reads what the loop computed", () => {
  const before = derivative();
  const after = simplifyGraph(reuse(before));
  const [, backward] = scansIn(before);
  const [forward, lighter] = scansIn(after);
  // The step again, and the gradients through it; then only those.
  assert.ok(kindsIn(backward!, "contract") > kindsIn(lighter!, "contract"));
  assert.ok(!reachable(lighter!.attrs.body.outputs).some(({ op }) => op === "tanh"));
  assert.equal(forward!.attrs.body.outputs.length, scansIn(before)[0]!.attrs.body.outputs.length + 1);
  assertSameValues(before, after);
});

test("sums over the steps leave a loop where they keep its rows apart", () => {
  const before = simplifyGraph(reuse(derivative()));
  const after = simplifyGraph(totals(before));
  assert.deepEqual(
    scansIn(before).map((scan) => rowsOf(scan)?.count),
    [rows, undefined],
  );
  assert.deepEqual(
    scansIn(after).map((scan) => rowsOf(scan)?.count),
    [rows, rows],
  );
  assertSameValues(before, after);
});
