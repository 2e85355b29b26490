import assert from "node:assert/strict";
import { test } from "node:test";
import * as build from "./build.ts";
import { type Graph, withScope } from "./node.ts";
import { printGraph } from "./print.ts";

function dense(): Graph {
  const x = build.input("x", [32, 784], "f32");
  const kernel = build.input("kernel", [784, 10], "f32");
  const unused = build.input("unused", [], "i8");
  const outputs = withScope("encoder/dense_1", () => {
    const product = build.contract(x, kernel, { a: ["b", "i"], b: ["i", "o"], out: ["b", "o"] });
    return [product, build.reduce("sum", build.binary("max", product, build.fill(0, product)), [1])];
  });
  return { inputs: [x, kernel, unused], outputs };
}

test("a graph is printed one node a line, with its type and the user's scope", () => {
  assert.equal(
    printGraph(dense()),
    `%0 = input{x} : f32 [32, 784]
%1 = input{kernel} : f32 [784, 10]
%2 = input{unused} : i8 []
%3 = contract{a=[b, i] b=[i, o] out=[b, o]} %0 %1 : f32 [32, 10]  # encoder/dense_1
%4 = const{value=0} : f32 []  # encoder/dense_1
%5 = reshape %4 : f32 [1, 1]  # encoder/dense_1
%6 = expand %5 : f32 [32, 10]  # encoder/dense_1
%7 = max %3 %6 : f32 [32, 10]  # encoder/dense_1
%8 = reduce{sum axes=[1]} %7 : f32 [32]  # encoder/dense_1
return %3 %8`,
  );
});

test("the text does not depend on what was made before", () => {
  assert.equal(printGraph(dense()), printGraph(dense()));
});

test("bodies follow their node, indented", () => {
  const [carry, step] = [build.input("carry", [2], "f32"), build.input("step", [2], "f32")];
  const body = { inputs: [carry, step], outputs: [build.binary("add", carry, step)] };
  const [start, steps] = [build.input("start", [2], "f32"), build.input("steps", [5, 2], "f32")];
  const outputs = build.scan([start, steps], { body, length: 5, carries: 1, sequences: 1, reverse: false });
  assert.equal(
    printGraph({ inputs: [start, steps], outputs }),
    `%0 = input{start} : f32 [2]
%1 = input{steps} : f32 [5, 2]
%2 = scan{length=5 carries=1 sequences=1 reverse=false} %0 %1 : f32 [2]
  body:
    %3 = input{carry} : f32 [2]
    %4 = input{step} : f32 [2]
    %5 = add %3 %4 : f32 [2]
    return %5
%6 = pick{index=0} %2 : f32 [2]
return %6`,
  );
});
