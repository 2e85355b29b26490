import assert from "node:assert/strict";
import { gradient } from "./autodiff/index.ts";
import { type Shape, sizeOf } from "./base/index.ts";
import { compile } from "./compiler/index.ts";
import { runGraph, type TestFunction } from "./device/conformance.ts";
import type { Device } from "./device/index.ts";
import { build, type Graph, type Node } from "./graph/index.ts";
import * as ops from "./ops/index.ts";
import { assertClose, interpret } from "./reference/index.ts";
import { type Random, seeded } from "./reference/samples/sample.ts";
import type { Target } from "./render/target.ts";

/** One attention: its sizes, and what is asked of it. */
interface Case {
  readonly batch: number;
  readonly time: number;
  readonly source: number;
  /** Heads of key and value, and query heads for each. */
  readonly heads: number;
  readonly groups?: number;
  readonly size: number;
  readonly causal?: boolean;
  readonly mask?: "sources" | "scores";
  readonly bias?: boolean;
  /** Query, key and value are parts of one tensor, as a model's projection makes them. */
  readonly joined?: boolean;
  readonly derivative?: boolean;
}

const table: readonly Case[] = [
  { batch: 2, time: 48, source: 48, heads: 2, size: 16 },
  { batch: 2, time: 48, source: 48, heads: 4, size: 16, causal: true, joined: true, derivative: true },
  // No multiple of any block, tile or vector.
  { batch: 2, time: 67, source: 67, heads: 3, size: 20, causal: true, derivative: true },
  { batch: 3, time: 101, source: 37, heads: 1, size: 9, derivative: true },
  { batch: 2, time: 37, source: 101, heads: 2, size: 33, causal: true, derivative: true },
  // Several blocks of rows on every target, parts of a batch included.
  { batch: 1, time: 150, source: 150, heads: 2, size: 8, causal: true, derivative: true },
  { batch: 1, time: 150, source: 150, heads: 2, size: 8, joined: true, derivative: true },
  { batch: 2, time: 1, source: 40, heads: 2, size: 16, derivative: true },
  { batch: 2, time: 40, source: 1, heads: 2, size: 16, derivative: true },
  // Heads of key and value are shared.
  { batch: 2, time: 33, source: 33, heads: 2, groups: 3, size: 16, causal: true, derivative: true },
  { batch: 1, time: 1, source: 64, heads: 2, groups: 4, size: 16, causal: true },
  { batch: 2, time: 40, source: 50, heads: 2, size: 16, mask: "sources", derivative: true },
  { batch: 2, time: 40, source: 40, heads: 3, size: 16, mask: "scores", causal: true, bias: true, derivative: true },
];

const nameOf = ({ batch, time, source, heads, groups = 1, size, ...rest }: Case): string =>
  [`${batch}×${time}×${source}, ${heads}·${groups} heads of ${size}`, ...Object.keys(rest)].join(", ");

/** The attention as a graph of its inputs, with its gradients when they are asked for. */
function graphOf({ batch, time, source, heads, groups = 1, size, ...given }: Case): Graph {
  const inputs: Node<"input">[] = [];
  const input = (name: string, shape: Shape, dtype: "f32" | "bool" = "f32"): Node => {
    inputs.push(build.input(name, shape, dtype));
    return inputs.at(-1)!;
  };
  const all = heads * groups;
  const parts = (): Node[] => {
    if (!given.joined) {
      const shared = [batch, source, heads, size];
      return [input("query", [batch, time, all, size]), input("key", shared), input("value", shared)];
    }
    const whole = input("all", [batch, time, 3 * all * size]);
    return ops.split(whole, 3, -1).map((part) => build.reshape(part, [batch, time, all, size]));
  };
  const [query, key, value] = parts() as [Node, Node, Node]; // three in both cases
  const variables = [...inputs];
  const masks = { sources: [batch, 1, 1, source], scores: [batch, all, time, source] };
  const result = ops.dotProductAttention(query, key, value, {
    causal: given.causal,
    mask: given.mask === undefined ? undefined : input("mask", masks[given.mask], "bool"),
    bias: given.bias ? input("bias", [all, time, source]) : undefined,
  });
  if (!given.derivative) return { inputs, outputs: [result] };
  // A loss that is linear in the result lets both directions share a kernel; others do not.
  const bent = given.joined ? ops.square(result) : result;
  const weighted = ops.sum(ops.mul(bent, input("weights", result.shape)));
  return { inputs, outputs: [result, ...gradient(weighted, variables)] };
}

const valuesFor = ({ inputs }: Graph, random: Random) =>
  inputs.map(({ shape, dtype }) => random.array(shape, dtype, -2, 2));

/** Registers tests that the device's attention is the reference's: over a table, and over random sizes. */
export function attend(device: Device, test: TestFunction): void {
  const random = seeded(11);
  const check = async (given: Case): Promise<void> => {
    const graph = graphOf(given);
    const inputs = valuesFor(graph, random);
    const actual = await runGraph(device, "attention", graph, inputs);
    for (const [index, expected] of interpret(graph, inputs).entries())
      assertClose(actual[index]!, expected, { relative: 1e-4, absolute: 2e-5 }, `${nameOf(given)}, output ${index}`);
  };
  for (const given of table) test(`${device.name} attends: ${nameOf(given)}`, () => check(given));
  // The derivative's contractions meet further ones, which look like scores themselves.
  test(`${device.name} attends: the second derivative`, async () => {
    for (const heads of [1, 2]) {
      const inputs = ["query", "key", "value"].map((name) => build.input(name, [2, 24, heads, 8], "f32"));
      const [query, key, value] = inputs;
      const result = ops.dotProductAttention(query!, key!, value!, { causal: true });
      const slopes = gradient(ops.sum(ops.square(result)), inputs);
      const total = slopes.map((slope) => ops.sum(ops.square(slope))).reduce((a, b) => ops.add(a, b));
      const graph = { inputs, outputs: gradient(total, inputs) };
      const values = inputs.map(({ shape }) => random.array(shape, "f32", -1, 1));
      const actual = await runGraph(device, "attention", graph, values);
      for (const [index, expected] of interpret(graph, values).entries())
        assertClose(actual[index]!, expected, { relative: 1e-3, absolute: 1e-4 }, `${heads} heads, output ${index}`);
    }
  });
  test(`${device.name} attends over random sizes`, async () => {
    const choose = (low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));
    const chance = (): boolean => random.next() < 0.5;
    for (let round = 0; round < 8; round++) {
      const time = choose(2, 90);
      await check({
        batch: choose(1, 9),
        time,
        source: chance() ? time : choose(4, 90),
        heads: choose(1, 3),
        groups: choose(1, 2),
        size: choose(4, 40),
        causal: chance(),
        derivative: chance(),
        ...(chance() ? { mask: "sources" } : {}),
      });
    }
  });
}

/** Throws unless no value of the scores' size has a place in memory: neither in the arena nor between kernels. */
export function storesNoScores(target: Target): void {
  for (const causal of [true, false]) {
    const [batch, time, heads, size] = [4, 256, 2, 8];
    const graph = graphOf({ batch, time, source: time, heads, size, causal, joined: true, derivative: true });
    const plan = compile({ name: "attention", graph, replaces: graph.outputs.map(() => undefined) }, target);
    const scores = 4 * batch * heads * time * time;
    const attentions = plan.kernels.filter(({ name }) => name.startsWith("attention"));
    assert.equal(attentions.length, 2, "one kernel forward, one backward");
    assert.ok(plan.arenaBytes < scores / 4, `the arena has ${plan.arenaBytes} bytes, the scores ${scores}`);
    for (const { shape } of [...plan.inputs, ...plan.outputs]) assert.ok(4 * sizeOf(shape) < scores);
  }
}
