import assert from "node:assert/strict";
import { test } from "node:test";
import v8 from "node:v8";
import { input } from "../../graph/build.ts";
import type { Node } from "../../graph/node.ts";
import { add } from "../../ops/index.ts";
import { frugally } from "./frugal.ts";

/** A program of so many additions. */
function chain(length: number) {
  const x = input("x", [4], "f32");
  let y: Node = x;
  for (let index = 0; index < length; index++) y = add(y, x);
  return { name: "chain", graph: { inputs: [x], outputs: [y] }, replaces: [undefined] };
}

/** The flags that are set while a program is planned with Node started with `given`, and after it or what it throws. */
function flagsOf(length: number, given: readonly string[], work: () => void = () => {}): string[] {
  const flags: string[] = [];
  const [set, { execArgv }] = [v8.setFlagsFromString, process];
  v8.setFlagsFromString = (text) => void flags.push(text);
  process.execArgv = [...given];
  try {
    frugally(chain(length), work);
  } catch {
    flags.push("thrown");
  } finally {
    v8.setFlagsFromString = set;
    process.execArgv = execArgv;
  }
  return flags;
}

const [on, off] = ["--optimize-for-size", "--no-optimize-for-size"];
const fail = (): never => {
  throw new Error("planning failed");
};

test("little memory is preferred while a large program is planned, and what was before comes after", () => {
  assert.deepEqual(flagsOf(20, []), []);
  assert.deepEqual(flagsOf(700, []), [on, off]);
  assert.deepEqual(flagsOf(700, [], fail), [on, off, "thrown"]);
  assert.deepEqual(flagsOf(700, [on]), [on]);
  assert.deepEqual(flagsOf(700, ["--optimize_for_size"], fail), [on, "thrown"]);
  assert.deepEqual(flagsOf(700, [on, off]), [on, off]);
});
