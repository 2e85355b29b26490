import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { kernelTarget } from "../device/kernel/index.ts";
import { binary, compare, cond, constant, expand, input, reduce, reshape, scan, slice } from "../graph/build.ts";
import type { Node } from "../graph/node.ts";
import type { Program } from "../kernel/plan.ts";
import { interpret } from "../reference/index.ts";
import { assertClose, conformanceSamples } from "../reference/samples.ts";
import { compile } from "./compile.ts";
import { verifyPasses } from "./laws.ts";
import { countLaunches } from "./print.ts";
import * as programs from "./programs.test.data.ts";
import { assertEqualsReference, type Running, run } from "./running.test.data.ts";

before(() => verifyPasses(true));

const runnings: readonly Running[] = [{ fusion: "full" }, { fusion: "none" }, { fusion: "full", order: "backward" }];

describe("primitives equal the reference", () => {
  for (const { op, dtype, samples } of conformanceSamples()) {
    test(`${op} ${dtype}`, async () => {
      for (const { name, graph, inputs, tolerance } of samples) {
        const expected = interpret(graph, inputs);
        const actual = await run({ name, graph, replaces: graph.outputs.map(() => undefined) }, inputs);
        for (const [index, array] of expected.entries()) assertClose(actual[index]!, array, tolerance, name);
      }
    });
  }
});

const composites: readonly Program[] = [
  programs.denseRelu(4, 12, 9),
  programs.softmaxProgram(),
  programs.adamProgram([[3, 4], [5], [7, 2, 2]]),
  programs.mlpStep(),
  programs.convStep(),
  programs.batchNormStep(),
  programs.lstmStep(),
  programs.attentionStep(),
  programs.rematStep(),
];

describe("programs equal the reference, fused or not, whatever the order of tasks", () => {
  for (const program of composites) {
    for (const running of runnings) {
      test(`${program.name} ${JSON.stringify(running)}`, () => assertEqualsReference(program, running));
    }
  }
});

const vector = (name: string, size = 6): Node<"input"> => input(name, [size], "f32");
const add = (x: Node, y: Node): Node => binary("add", x, y);
const mul = (x: Node, y: Node): Node => binary("mul", x, y);

/** Programs whose difficulty is where values live. */
const placements: Readonly<Record<string, () => Program>> = {
  "two inputs change places": () => {
    const [a, b] = [vector("a"), vector("b")];
    return { name: "swap", graph: { inputs: [a, b], outputs: [b, a] }, replaces: [0, 1] };
  },
  "three inputs go around": () => {
    const [a, b, c] = [vector("a"), vector("b"), vector("c")];
    return { name: "rotate", graph: { inputs: [a, b, c], outputs: [c, a, b] }, replaces: [0, 1, 2] };
  },
  "the old value is an output too": () => {
    const a = vector("a");
    return { name: "old", graph: { inputs: [a], outputs: [a, add(a, a)] }, replaces: [undefined, 0] };
  },
  "the new value needs neighbours of the old one": () => {
    const a = vector("a");
    const outer = mul(expand(reshape(a, [6, 1]), [6, 6]), expand(reshape(a, [1, 6]), [6, 6]));
    return programs.program("mix", [a], [], [[a, reduce("sum", outer, [0])]]);
  },
  "one value twice, an input, a constant": () => {
    const a = vector("a");
    const twice = add(a, a);
    return {
      name: "plain",
      graph: { inputs: [a], outputs: [twice, twice, a, constant(7), reshape(twice, [2, 3])] },
      replaces: [undefined, undefined, undefined, undefined, undefined],
    };
  },
  "an input that nothing changes": () => {
    const a = vector("a");
    return { name: "same", graph: { inputs: [a], outputs: [a] }, replaces: [0] };
  },
  "new values that need each other's old values": () => {
    const [a, b] = [vector("a"), vector("b")];
    return { name: "cross", graph: { inputs: [a, b], outputs: [add(a, b), mul(a, b)] }, replaces: [0, 1] };
  },
  "the new value reversed": () => {
    const a = vector("a");
    return programs.program("reverse", [a], [], [[a, slice(add(a, a), [5], [6], [-1])]]);
  },
  "a scan whose carries change places": () => {
    const [a, b] = [vector("a"), vector("b")];
    const body = { inputs: [vector("x"), vector("y")], outputs: [] as Node[] };
    body.outputs.push(body.inputs[1]!, body.inputs[0]!);
    return {
      name: "swapping",
      graph: { inputs: [a, b], outputs: scan([a, b], { body, length: 3, carries: 2, sequences: 0, reverse: false }) },
      replaces: [1, 0],
    };
  },
  "a scan in a scan": () => {
    const rows = input("rows", [3, 4, 6], "f32");
    const start = vector("start");
    const inner = { inputs: [vector("c"), vector("row")], outputs: [] as Node[] };
    inner.outputs.push(add(inner.inputs[0]!, inner.inputs[1]!), mul(inner.inputs[0]!, inner.inputs[1]!));
    const outer = { inputs: [vector("c"), input("block", [4, 6], "f32")], outputs: [] as Node[] };
    outer.outputs.push(...scan(outer.inputs, { body: inner, length: 4, carries: 1, sequences: 1, reverse: true }));
    return programs.program(
      "nested",
      [rows, start],
      scan([start, rows], { body: outer, length: 3, carries: 1, sequences: 1, reverse: false }),
    );
  },
  "the final carry of an inner scan as a step of the outer": () => {
    const [start, k] = [vector("start"), vector("k")];
    const inner = { inputs: [vector("c"), vector("d")], outputs: [] as Node[] };
    inner.outputs.push(mul(inner.inputs[0]!, inner.inputs[1]!));
    const outer = { inputs: [vector("c"), vector("d")], outputs: [] as Node[] };
    const [last] = scan(outer.inputs, { body: inner, length: 2, carries: 1, sequences: 0, reverse: false });
    outer.outputs.push(add(outer.inputs[0]!, outer.inputs[1]!), last!);
    return programs.program(
      "last",
      [start, k],
      scan([start, k], { body: outer, length: 3, carries: 1, sequences: 0, reverse: true }),
    );
  },
  "a scan in a cond": () => {
    const [start, k, flag] = [vector("start"), vector("k"), input("flag", [], "f32")];
    const body = { inputs: [vector("c"), vector("d")], outputs: [] as Node[] };
    body.outputs.push(mul(body.inputs[0]!, body.inputs[1]!));
    const sides = [0, 1].map((side) => {
      const inputs = [vector("c"), vector("d")];
      const looped = scan(inputs, { body, length: 2, carries: 1, sequences: 0, reverse: false });
      return { inputs, outputs: side === 0 ? looped : [inputs[0]!] };
    });
    return programs.program(
      "inner",
      [start, k, flag],
      cond(compare("lt", flag, constant(0)), sides[0]!, sides[1]!, [start, k]),
    );
  },
  "a cond in a scan": () => {
    const [start, flags] = [vector("start"), input("flags", [4], "f32")];
    const body = { inputs: [vector("c"), input("flag", [], "f32")], outputs: [] as Node[] };
    const [c, flag] = body.inputs as [Node<"input">, Node<"input">];
    const [then, otherwise] = [vector("t"), vector("e")];
    body.outputs.push(
      ...cond(
        compare("lt", flag, constant(0)),
        { inputs: [then], outputs: [add(then, then)] },
        { inputs: [otherwise], outputs: [otherwise] },
        [c],
      ),
    );
    return programs.program(
      "choosing",
      [start, flags],
      scan([start, flags], { body, length: 4, carries: 1, sequences: 1, reverse: false }),
    );
  },
};

describe("values live where they must", () => {
  for (const [name, make] of Object.entries(placements)) {
    for (const running of runnings)
      test(`${name} ${JSON.stringify(running)}`, () =>
        assertEqualsReference(make(), running, { relative: 1e-6, absolute: 1e-6 }));
  }
});

test("a step of Adam is one launch over all parameters, and one for the scalars", () => {
  const plan = compile(programs.adamProgram([[30, 4], [5], [7, 2, 2], [64]]), kernelTarget);
  assert.equal(countLaunches(plan.steps), 2);
  assert.deepEqual(
    plan.steps.map((step) => (step.kind === "launch" ? step.instances.length : 0)),
    [1, 4],
  );
});

test("new values of variables are written in place: no copies", () => {
  const plan = compile(programs.mlpStep(), kernelTarget);
  assert.ok(plan.kernels.every(({ name }) => !name.includes("copy")));
});

test("equal programs give equal plans", () => {
  const [first, second] = [programs.convStep(), programs.convStep()].map((program) =>
    JSON.stringify(compile(program, kernelTarget)),
  );
  assert.equal(first, second);
});
