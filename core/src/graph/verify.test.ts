import assert from "node:assert/strict";
import { test } from "node:test";
import { InternalError } from "../base/errors.ts";
import * as build from "./build.ts";
import type { Graph, Node } from "./node.ts";
import { verifyGraph } from "./verify.ts";

const vector = (): Node<"input"> => build.input("x", [3], "f32");

const loop = (body: Graph): Node[] =>
  build.scan([vector(), build.input("xs", [2, 3], "f32")], {
    body,
    length: 2,
    carries: 1,
    sequences: 1,
    reverse: false,
  });

const sumBody = (): Graph => {
  const [carry, step] = [vector(), vector()];
  return { inputs: [carry, step], outputs: [build.binary("add", carry, step)] };
};

test("a well-made graph passes, nested ones too", () => {
  const outputs = loop(sumBody());
  const inputs = outputs[0]!.inputs[0]!.inputs as readonly Node<"input">[]; // both were made by build.input
  verifyGraph({ inputs, outputs });
});

const broken: readonly { readonly what: string; readonly graph: () => Graph; readonly message: RegExp }[] = [
  {
    what: "an unlisted input",
    graph: () => ({ inputs: [], outputs: [build.unary("exp", vector())] }),
    message: /\(x\) is not an input of this graph/,
  },
  {
    what: "an input twice",
    graph: () => {
      const x = vector();
      return { inputs: [x, x], outputs: [x] };
    },
    message: /listed twice/,
  },
  {
    what: "a shape that the rule does not give",
    graph: () => {
      const x = vector();
      return { inputs: [x], outputs: [{ ...build.unary("exp", x), shape: [4] }] };
    },
    message: /\(exp\) is stored as f32 \[4\], its rule says f32 \[3\]/,
  },
  {
    what: "a dtype that the rule does not give",
    graph: () => {
      const x = vector();
      return { inputs: [x], outputs: [{ ...build.unary("exp", x), dtype: "f16" }] };
    },
    message: /stored as f16 \[3\], its rule says f32/,
  },
  {
    what: "inputs that the rule refuses",
    graph: () => {
      const [x, y] = [vector(), build.input("y", [4], "f32")];
      return { inputs: [x, y], outputs: [{ ...build.binary("add", x, x), inputs: [x, y] }] };
    },
    message: /\(add\) does not fit its inputs: add: shapes differ/,
  },
  {
    what: "an input that was made later",
    graph: () => {
      const x = vector();
      const early = build.unary("exp", x);
      const late = build.unary("neg", x);
      return { inputs: [x], outputs: [{ ...early, inputs: [late] }] };
    },
    message: /reads node \d+, which was made later/,
  },
  {
    what: "a body that reads a node outside",
    graph: () => {
      const outside = vector();
      const [carry, step] = [vector(), vector()];
      const outputs = loop({ inputs: [carry, step], outputs: [build.binary("add", carry, outside)] });
      return { inputs: outputs[0]!.inputs[0]!.inputs as readonly Node<"input">[], outputs }; // made by build.input
    },
    message: /not closed/,
  },
  {
    what: "several results without pick",
    graph: () => {
      const scan = loop(sumBody())[0]!.inputs[0]!;
      return { inputs: scan.inputs as readonly Node<"input">[], outputs: [scan] }; // made by build.input
    },
    message: /without pick/,
  },
];

for (const { what, graph, message } of broken) {
  test(`verify refuses ${what}`, () => {
    assert.throws(
      () => verifyGraph(graph()),
      (error: unknown) => error instanceof InternalError && message.test(error.message),
    );
  });
}
