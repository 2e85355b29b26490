import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shape } from "../base/shape.ts";
import { type AttrsOf, build, type Graph, isOp, type Node, reachable } from "../graph/index.ts";
import { evaluate, hostArray } from "../reference/index.ts";
import { checkGradient, sample } from "./check.ts";
import { customGradient } from "./custom.ts";
import { gradient } from "./gradient.ts";
import { remat } from "./remat.ts";
import { add, mul, scale, sub, sum } from "./terms.ts";

const tanh = (x: Node): Node => build.unary("tanh", x);
const matvec = (w: Node, x: Node): Node => build.contract(w, x, { a: ["i", "j"], b: ["j"], out: ["i"] });

const matmul = (x: Node, w: Node): Node => build.contract(x, w, { a: ["i", "k"], b: ["k", "j"], out: ["i", "j"] });

function body(shapes: readonly Shape[], fn: (...xs: Node[]) => readonly Node[]): Graph {
  const inputs = shapes.map((shape, index) => build.input(`b${index}`, shape, "f32"));
  return { inputs, outputs: fn(...inputs) };
}

type Loop = Omit<AttrsOf<"scan">, "body" | "reverse"> & { readonly body: Graph; readonly inputs: readonly Shape[] };

/** Loops of different forms: carries, sequences and constants, each with and without. */
const loops: Readonly<Record<string, Loop>> = {
  "a recurrent network": {
    // h = tanh(x·w + h·u);  results h, h²
    body: body([[2], [3], [2, 3], [2, 2]], (h, x, w, u) => {
      const next = tanh(add(matvec(w!, x!), matvec(u!, h!)));
      return [next, mul(next, next)];
    }),
    inputs: [[2], [4, 3], [2, 3], [2, 2]],
    length: 4,
    carries: 1,
    sequences: 1,
  },
  "an LSTM-like pair of carries": {
    body: body([[2], [2], [2]], (h, c, x) => {
      const next = add(mul(tanh(add(h!, x!)), c!), x!);
      return [tanh(next), next, mul(h!, c!)];
    }),
    inputs: [[2], [2], [3, 2]],
    length: 3,
    carries: 2,
    sequences: 1,
  },
  "no carries: a map": {
    body: body([[2], [2]], (x, w) => [mul(tanh(x!), w!), mul(w!, w!)]),
    inputs: [[3, 2], [2]],
    length: 3,
    carries: 0,
    sequences: 1,
  },
  "no sequences: an iteration": {
    body: body([[2], [2, 2]], (h, w) => [tanh(matvec(w!, h!))]),
    inputs: [[2], [2, 2]],
    length: 5,
    carries: 1,
    sequences: 0,
  },
  "a GRU-like batch that gives its carry out, with weights that are used twice": {
    // [batch, in]·[in, out], the form whose weight gradients leave the loop
    body: body([[4, 2], [4, 3], [3, 2], [2, 2], [2]], (h, x, w, u, b) => {
      const gate = tanh(add(add(matmul(x!, w!), matmul(h!, u!)), build.expand(build.reshape(b!, [1, 2]), [4, 2])));
      const next = add(mul(gate, h!), tanh(matmul(mul(gate, h!), u!)));
      return [next, mul(gate, gate), next];
    }),
    inputs: [[4, 2], [3, 4, 3], [3, 2], [2, 2], [2]],
    length: 3,
    carries: 1,
    sequences: 1,
  },
  "a weight that is used in a product and by itself; one whose product is cheaper inside": {
    body: body(
      [
        [2, 2],
        [2, 9],
        [2, 2],
        [9, 2],
      ],
      (h, x, w, v) => {
        const next = tanh(add(mul(matmul(h!, w!), w!), matmul(mul(x!, x!), v!)));
        return [next, build.contract(x!, mul(x!, x!), { a: ["i", "j"], b: ["i", "k"], out: ["j", "k"] })];
      },
    ),
    inputs: [
      [2, 2],
      [3, 2, 9],
      [2, 2],
      [9, 2],
    ],
    length: 3,
    carries: 1,
    sequences: 1,
  },
  "one step": {
    body: body(
      [
        [2, 2],
        [2, 2],
        [2, 2],
      ],
      (h, x, w) => {
        const next = tanh(add(matmul(h!, w!), x!));
        return [next, next];
      },
    ),
    inputs: [
      [2, 2],
      [1, 2, 2],
      [2, 2],
    ],
    length: 1,
    carries: 1,
    sequences: 1,
  },
  "no steps": {
    body: body(
      [
        [2, 2],
        [2, 2],
        [2, 2],
      ],
      (h, x, w) => [matmul(h!, w!), mul(h!, x!)],
    ),
    inputs: [
      [2, 2],
      [0, 2, 2],
      [2, 2],
    ],
    length: 0,
    carries: 1,
    sequences: 1,
  },
  "a swap of carries, one of them unused by the results of its step": {
    body: body([[1], [1], [1]], (a, b, x) => [b!, add(mul(a!, a!), x!), a!]),
    inputs: [[1], [1], [4, 1]],
    length: 4,
    carries: 2,
    sequences: 1,
  },
  "a remat and a custom gradient in the body": {
    body: body([[2], [2], [2]], (h, x, w) => {
      const step = remat((a) => tanh(mul(add(a!, x!), w!)));
      const soft = customGradient((a) => {
        const e = build.unary("exp", a!);
        return {
          value: build.unary("log1p", e),
          gradient: (g) => mul(g, build.binary("div", e, add(e, build.fill(1, e)))),
        };
      });
      return [soft(step(h!)), step(x!)];
    }),
    inputs: [[2], [3, 2], [2]],
    length: 3,
    carries: 1,
    sequences: 1,
  },
};

for (const [name, { inputs, ...attrs }] of Object.entries(loops)) {
  for (const reverse of [false, true]) {
    test(`scan, ${reverse ? "reverse" : "forward"}: ${name}`, () => {
      const arrays = inputs.map((shape, index) => sample(shape, -1, 1, index));
      for (const order of [1, 2] as const)
        checkGradient((...xs) => build.scan(xs, { ...attrs, reverse }), arrays, { order });
    });
  }
}

test("a scan is what its steps written out are, for every input and order", () => {
  const [h0, xs, w] = [build.input("h", [2], "f32"), build.input("xs", [3, 2], "f32"), build.input("w", [2, 2], "f32")];
  const bindings = new Map([h0, xs, w].map((node, index) => [node, sample(node.shape, -1, 1, index)]));
  const step = (h: Node, x: Node, m: Node): Node => tanh(add(matvec(m, h), x));
  const looped = build.scan([h0, xs, w], {
    body: body([[2], [2], [2, 2]], (h, x, m) => [step(h!, x!, m!)]),
    length: 3,
    carries: 1,
    sequences: 1,
    reverse: false,
  })[0]!;
  let unrolled: Node = h0;
  for (const t of [0, 1, 2]) unrolled = step(unrolled, build.reshape(build.slice(xs, [t, 0], [1, 2]), [2]), w);

  let pair = [looped, unrolled].map((y) => sum(mul(y, y), [0]));
  for (const order of [1, 2, 3]) {
    const [a, b] = pair.map((y) => gradient(y, [h0, xs, w]));
    const [left, right] = [evaluate(a!, bindings), evaluate(b!, bindings)];
    for (const [index, { data }] of left.entries()) {
      for (const [i, x] of data.entries()) assert.ok(Math.abs(x - right[index]!.data[i]!) < 1e-9, `order ${order}`);
    }
    // The gradient with respect to w, combined to a scalar again.
    pair = [a!, b!].map((gs) => sum(mul(gs[2]!, gs[2]!), [0, 1]));
  }
});

test("integer and constant carries pass through the derivative", () => {
  const counter = build.input("i", [], "i32");
  const h = build.input("h", [], "f32");
  const attrs = {
    body: {
      inputs: [counter, h],
      outputs: [
        add(counter, build.constant(1, "i32")),
        mul(h, build.cast(add(counter, build.constant(1, "i32")), "f32")),
      ],
    },
    length: 4,
    carries: 2,
    sequences: 0,
    reverse: false,
  };
  // The counter comes first, so the loop itself has the dtype i32.
  const x = build.input("x", [], "f32");
  const y = build.scan([build.constant(0, "i32"), x], attrs)[1]!;
  const [g] = gradient(y, [x]);
  assert.equal(evaluate([g!], new Map([[x, hostArray([], "f32", [0.5])]]))[0]!.data[0], 24);
});

/** The loops of a graph, in the order in which they were made. */
const scansOf = (nodes: readonly Node[]): Node<"scan">[] => reachable(nodes).filter((node) => isOp(node, "scan"));

/** A loop of the table on new inputs, and its results. */
function runLoop(name: string): { inputs: Node[]; results: Node[] } {
  const { inputs: shapes, ...attrs } = loops[name]!;
  const inputs = shapes.map((shape, index) => build.input(`x${index}`, shape, "f32"));
  return { inputs, results: build.scan(inputs, { ...attrs, reverse: false }) };
}

test("a derivative carries only what is asked for; weight gradients leave the loop as one product", () => {
  const { inputs, results } = runLoop("a GRU-like batch that gives its carry out, with weights that are used twice");
  const [h, , w, u, b] = inputs as [Node, Node, Node, Node, Node];
  const backward = (wrt: readonly Node[]): { carries: number; products: number } => {
    const found = gradient(sum(results[0]!, [0, 1]), wrt);
    const products = reachable(found).filter((node) => isOp(node, "contract") && node.attrs.a[0] === "step");
    return { carries: scansOf(found).at(-1)!.attrs.carries, products: products.length };
  };
  assert.deepEqual(backward([h]), { carries: 1, products: 0 });
  assert.deepEqual(backward([w]), { carries: 1, products: 1 });
  // To stack the operands of the second product with u would move more than its total: that one is carried.
  assert.deepEqual(backward([w, u]), { carries: 2, products: 2 });
  // A bias has no product.
  assert.deepEqual(backward([w, u, b]), { carries: 3, products: 2 });
});

test("a loop that gives its carry out is not run again", () => {
  const { inputs, results } = runLoop("a GRU-like batch that gives its carry out, with weights that are used twice");
  const scans = scansOf([...results, ...gradient(sum(results[0]!, [0, 1]), inputs)]);
  assert.deepEqual(
    scans.map(({ attrs }) => attrs.reverse),
    [false, true],
  );
});

test("a loop that is run again for its carries is the first loop and more", () => {
  const { inputs, results } = runLoop("a recurrent network");
  const scans = scansOf([...results, ...gradient(sum(results[0]!, [0]), inputs)]);
  const [first, again, backward] = scans as [Node<"scan">, Node<"scan">, Node<"scan">];
  assert.equal(scans.length, 3);
  assert.deepEqual(again.inputs, first.inputs);
  assert.equal(again.attrs.body.inputs, first.attrs.body.inputs);
  assert.deepEqual(again.attrs.body.outputs.slice(0, 2), first.attrs.body.outputs);
  assert.equal(backward.attrs.reverse, true);
});

test("a custom derivative that reads a body from outside is named", () => {
  const step = body([[2]], (h) => [build.custom("careless", mul(h!, h!), [h!], (g) => [mul(g, h!)])]);
  const x = build.input("x", [2], "f32");
  const [y] = build.scan([x], { body: step, length: 2, carries: 1, sequences: 0, reverse: false });
  assert.throws(
    () => gradient(sum(y!, [0]), [x]),
    /reads "b0" from outside; a custom derivative may only read its node/,
  );
});

test("cond: each branch has its own derivative, also when it ignores an operand", () => {
  const branch = (fn: (x: Node, y: Node) => Node): Graph => body([[2], [2]], (x, y) => [fn(x!, y!)]);
  for (const chosen of [0, 1]) {
    const inputs = [hostArray([], "bool", [chosen]), sample([2]), sample([2], 1, 2)];
    const fn = (p?: Node, x?: Node, y?: Node): Node[] =>
      build.cond(
        p!,
        branch((a) => mul(a, mul(a, a))),
        branch((a, b) => sub(mul(a, b), scale(b, 2))),
        [x!, y!],
      );
    for (const order of [1, 2] as const) checkGradient(fn, inputs, { order });
  }
});

test("cond inside a scan", () => {
  const step = body([[2], [2]], (h, x) => {
    const positive = build.compare("lt", build.constant(0), sum(x!, [0]));
    return build.cond(
      positive,
      body([[2], [2]], (a, b) => [tanh(mul(a!, b!))]),
      body([[2], [2]], (a, b) => [add(a!, mul(b!, b!))]),
      [h!, x!],
    );
  });
  const xs = hostArray([3, 2], "f32", [0.5, 0.25, -1, 0.5, 0.75, 0.5]);
  for (const order of [1, 2] as const) {
    checkGradient(
      (...inputs) => build.scan(inputs, { body: step, length: 3, carries: 1, sequences: 1, reverse: false }),
      [sample([2]), xs],
      { order },
    );
  }
});
