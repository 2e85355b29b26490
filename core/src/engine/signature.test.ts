import assert from "node:assert/strict";
import { test } from "node:test";
import { binary, constant, fill, input, reduce, scan } from "../graph/build.ts";
import { type Graph, inScope, type Node } from "../graph/node.ts";
import { graphKey } from "./signature.ts";

type Options = {
  readonly shape?: readonly number[];
  readonly scale?: number;
  readonly op?: "add" | "mul";
  readonly name?: string;
  readonly scope?: string;
};

const graph = ({ shape = [2, 3], scale = 2, op = "mul", name = "x", scope = "" }: Options = {}): Graph =>
  inScope(scope, () => {
    const x = input(name, shape, "f32");
    return { inputs: [x], outputs: [reduce("sum", binary(op, x, fill(scale, x)), [0])] };
  });

test("equal computations have equal keys, whatever their names, scopes and ids", () => {
  assert.equal(graphKey(graph()), graphKey(graph({ name: "y", scope: "encoder" })));
});

test("every difference in what is computed shows in the key", () => {
  const others: Options[] = [
    { shape: [3, 2] },
    { scale: 3 },
    { scale: -0 },
    { scale: 0 },
    { scale: Number.NaN },
    { op: "add" },
  ];
  const keys = [graph(), ...others.map(graph)].map((each) => graphKey(each));
  assert.equal(new Set(keys).size, keys.length);
  assert.notEqual(graphKey(graph(), [undefined]), graphKey(graph(), [0]));
  const x = input("x", [2], "f32");
  const y = input("y", [2], "f32");
  const difference = (a: Node, b: Node): string => graphKey({ inputs: [x, y], outputs: [binary("div", a, b)] });
  assert.notEqual(difference(x, y), difference(y, x));
});

test("bodies of loops are part of the key", () => {
  const loop = (op: "add" | "mul"): Graph => {
    const x = input("x", [], "f32");
    const carry = input("carry", [], "f32");
    const body = { inputs: [carry], outputs: [binary(op, carry, carry)] };
    return { inputs: [x], outputs: scan([x], { body, length: 3, carries: 1, sequences: 0, reverse: false }) };
  };
  assert.equal(graphKey(loop("add")), graphKey(loop("add")));
  assert.notEqual(graphKey(loop("add")), graphKey(loop("mul")));
});

test("constants can count by place only", () => {
  const key = (scale: number) => graphKey(graph({ scale }), [], "by place");
  assert.equal(key(1), key(2));
  assert.notEqual(key(1), graphKey({ inputs: [], outputs: [constant(1, "i32")] }, [], "by place"));
});

test("long graphs have short keys that still differ", () => {
  const chain = (last: number): Graph => {
    const x = input("x", [], "f32");
    let y: Node = x;
    for (let i = 0; i < 500; i++) y = binary("add", y, constant(i === 499 ? last : 1));
    return { inputs: [x], outputs: [y] };
  };
  assert(graphKey(chain(1)).length < 100);
  assert.notEqual(graphKey(chain(1)), graphKey(chain(2)));
  assert.equal(graphKey(chain(1)), graphKey(chain(1)));
});
