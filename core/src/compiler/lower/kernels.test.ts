import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as build from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { printKernel } from "../../kernel/print.ts";
import type { Cluster, LoweredKernel } from "../cluster.ts";
import { lower } from "../lower.ts";
import { isTemporary } from "./kernel.ts";
import { largeTarget, wholeGraph } from "./testing.ts";

// The kernels of known clusters as text, in kernels.golden.txt. After a wanted change: UPDATE_GOLDENS=1, and read the diff.

const { binary, contract, conv, expand, fill, fold, input, permute, reduce, reshape, unary } = build;

const add = (x: Node, y: Node): Node => binary("add", x, y);
const mul = (x: Node, y: Node): Node => binary("mul", x, y);
const div = (x: Node, y: Node): Node => binary("div", x, y);
const subtract = (x: Node, y: Node): Node => add(x, unary("neg", y));
const relu = (x: Node): Node => binary("max", x, fill(0, x));
/** A vector along the last axis, repeated to the shape of `like`. */
const along = (vector: Node, like: Node): Node =>
  expand(reshape(vector, [...like.shape.slice(1).map(() => 1), vector.shape[0]!]), like.shape);
/** One value a row, repeated along the last axis. */
const perRow = (value: Node, like: Node): Node => expand(reshape(value, [...value.shape, 1]), like.shape);
const square = (pad: number) => ({
  stride: [1, 1],
  dilation: [1, 1],
  spread: [1, 1],
  pad: [
    [pad, pad],
    [pad, pad],
  ] as const,
});

interface Known {
  readonly kind: Cluster["kind"];
  readonly inputs: readonly Node<"input">[];
  readonly outputs: readonly Node[];
}

const clusters: { readonly [name: string]: () => Known } = {
  "relu(x·w + b)": () => {
    const [x, w, b] = [input("x", [64, 300], "f32"), input("w", [300, 100], "f32"), input("b", [100], "f32")] as const;
    const product = contract(x, w, { a: ["b", "i"], b: ["i", "o"], out: ["b", "o"] });
    return { kind: "contract", inputs: [x, w, b], outputs: [relu(add(product, along(b, product)))] };
  },
  "softmax along 1000 classes": () => {
    const x = input("x", [64, 1000], "f32");
    const exponentials = unary("exp", subtract(x, perRow(reduce("max", x, [1]), x)));
    return { kind: "loop", inputs: [x], outputs: [div(exponentials, perRow(reduce("sum", exponentials, [1]), x))] };
  },
  "an update that one value may leave out": () => {
    const [allowed, w, g] = [input("allowed", [], "bool"), input("w", [1000], "f32"), input("g", [1000], "f32")];
    const all = expand(reshape(allowed, [1]), w.shape);
    return {
      kind: "loop",
      inputs: [allowed, w, g],
      outputs: [build.where(all, subtract(w, g), w), build.where(all, mul(g, g), g)],
    };
  },
  "conv 5×5 valid": () => {
    const [x, w] = [input("x", [8, 26, 26, 1, 32], "f32"), input("w", [5, 5, 1, 32, 64], "f32")];
    return { kind: "contract", inputs: [x, w], outputs: [conv(x, w, square(0))] };
  },
  "conv 5×5 same": () => {
    const [x, w] = [input("x", [8, 26, 26, 1, 32], "f32"), input("w", [5, 5, 1, 32, 64], "f32")];
    return { kind: "contract", inputs: [x, w], outputs: [conv(x, w, square(2))] };
  },
  "the weight gradient of a 5×5 conv": () => {
    const [x, g] = [input("x", [64, 26, 26, 1, 32], "f32"), input("g", [64, 22, 22, 1, 64], "f32")];
    const product = conv(permute(x, [4, 1, 2, 3, 0]), permute(g, [1, 2, 3, 0, 4]), square(0));
    return { kind: "contract", inputs: [x, g], outputs: [permute(product, [1, 2, 3, 0, 4])] };
  },
  "the gradient of a max pooling": () => {
    const [x, y, g] = [
      input("x", [8, 24, 24, 32], "f32"),
      input("y", [8, 12, 12, 32], "f32"),
      input("g", [8, 12, 12, 32], "f32"),
    ];
    const attrs = { axes: [1, 2], size: [2, 2], stride: [2, 2], dilation: [1, 1] };
    const seen = build.windows(x, attrs);
    const perWindow = (value: Node): Node => expand(reshape(value, [...value.shape, 1, 1]), seen.shape);
    const largest = build.cast(build.compare("eq", seen, perWindow(y)), "f32");
    const shares = mul(largest, perWindow(div(g, reduce("sum", largest, [4, 5]))));
    return { kind: "loop", inputs: [x, y, g], outputs: [fold(shares, { ...attrs, sizes: [24, 24] })] };
  },
  "the gradient of a max pooling that leaves the edge out": () => {
    const [x, y, g] = [
      input("x", [8, 11, 13, 32], "f32"),
      input("y", [8, 5, 6, 32], "f32"),
      input("g", [8, 5, 6, 32], "f32"),
    ];
    const spread = (value: Node): Node => {
      const windows = expand(reshape(value, [8, 5, 1, 6, 1, 32]), [8, 5, 2, 6, 2, 32]);
      const none = [0, 0, 0, 0];
      return build.pad(reshape(windows, [8, 10, 12, 32]), { low: none, high: [0, 1, 1, 0], between: none, value: 0 });
    };
    const largest = build.compare("eq", x, spread(y));
    return { kind: "loop", inputs: [x, y, g], outputs: [build.where(largest, spread(g), fill(0, x))] };
  },
  "an update of Adam": () => {
    const [p, m, v, g] = ["p", "m", "v", "g"].map((name) => input(name, [100, 640], "f32")) as [
      Node<"input">,
      Node<"input">,
      Node<"input">,
      Node<"input">,
    ];
    const rate = input("rate", [], "f32");
    const moment = add(mul(m, fill(0.9, m)), mul(g, fill(0.1, g)));
    const second = add(mul(v, fill(0.999, v)), mul(mul(g, g), fill(0.001, g)));
    const step = div(mul(expand(reshape(rate, [1, 1]), p.shape), moment), add(unary("sqrt", second), fill(1e-7, v)));
    return { kind: "loop", inputs: [p, m, v, g, rate], outputs: [subtract(p, step), moment, second] };
  },
  "the sum over rows": () => {
    const x = input("x", [64, 300], "f32");
    return { kind: "loop", inputs: [x], outputs: [reduce("sum", x, [0])] };
  },
  "running sums": () => {
    const x = input("x", [10, 300], "f32");
    return { kind: "opaque", inputs: [x], outputs: [build.cumulative("sum", x, 0)] };
  },
  "an embedding's gradient": () => {
    const [zeros, indices, g] = [
      input("zeros", [50, 16], "f32"),
      input("indices", [40], "i32"),
      input("g", [40, 16], "f32"),
    ];
    return { kind: "opaque", inputs: [zeros, indices, g], outputs: [build.scatter("add", zeros, indices, g, 0)] };
  },
};

const nameOf = (node: Node): string => (node.op === "input" ? (node as Node<"input">).attrs.name : node.op);

function print({ kernel, tasks, params, arguments: bound, inPlace }: LoweredKernel): string {
  const names = bound.map((argument) =>
    isTemporary(argument) ? `${argument.name} (${argument.bytes} bytes)` : nameOf(argument),
  );
  const lines = [
    `  tasks ${tasks}${params.length === 0 ? "" : `, params ${params.join(", ")}`}; bound to ${names.join(", ")}`,
  ];
  if (inPlace.length > 0)
    lines.push(`  in place: ${inPlace.map(([root, source]) => `${nameOf(root)} in ${nameOf(source)}`).join(", ")}`);
  return [printKernel(kernel), ...lines].join("\n");
}

const path = fileURLToPath(new URL("../../../src/compiler/lower/kernels.golden.txt", import.meta.url));

test("known clusters lower to known kernels", () => {
  const sections = Object.entries(clusters).map(([name, make]) => {
    const { kind, inputs, outputs } = make();
    const { clusters: cut, stored } = wholeGraph({ inputs, outputs }, kind);
    const kernels = cut.flatMap((cluster) => lower(cluster, stored, largeTarget));
    return [`# ${name}`, ...kernels.map(print)].join("\n\n");
  });
  const text = `${sections.join("\n\n\n")}\n`;
  if (process.env["UPDATE_GOLDENS"] !== undefined) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
});
