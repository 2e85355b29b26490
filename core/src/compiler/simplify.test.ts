import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { on } from "../base/events.ts";
import {
  barrier,
  binary,
  cast,
  compare,
  concat,
  constant,
  contract,
  custom,
  detach,
  expand,
  fill,
  input,
  pad,
  permute,
  reduce,
  reshape,
  scan,
  slice,
  tap,
  unary,
  where,
} from "../graph/build.ts";
import { type Graph, isOp, type Node } from "../graph/node.ts";
import { interpret } from "../reference/index.ts";
import { assertClose, conformanceSamples } from "../reference/samples.ts";
import { printGraph } from "./printGraph.ts";
import { simplify, simplifyGraph } from "./simplify.ts";

const x = input("x", [2, 3], "f32");
const y = input("y", [2, 3], "f32");
const i = input("i", [2, 3], "i32");
const b = input("b", [2, 3], "bool");
const nothing = input("nothing", [0, 3], "f32");
const like = (value: number): Node => fill(value, x);

/** The outputs after simplification, as text: `return …` and what it needs. */
function simplified(...outputs: Node[]): string {
  const graph = simplifyGraph({ inputs: [], outputs });
  return printGraph(graph)
    .split("\n")
    .filter((line) => !line.startsWith("input"))
    .join("; ");
}

/** `value` with zeros around it along the last axis. */
const piece = (value: Node, low: number, high: number): Node =>
  pad(value, { low: [0, low], high: [0, high], between: [0, 0], value: 0 });
const overlapping = binary("add", piece(x, 2, 0), piece(y, 0, 2));
const apart = binary("add", piece(x, 4, 0), piece(y, 0, 4));

const becomesInput: Readonly<Record<string, Node>> = {
  "x · 1": binary("mul", x, like(1)),
  "1 · x": binary("mul", like(1), x),
  "x + 0": binary("add", x, like(0)),
  "x / 1": binary("div", x, like(1)),
  "−(−x)": unary("neg", unary("neg", x)),
  "x ^ 1": binary("pow", x, like(1)),
  "max(x, x)": binary("max", x, x),
  "where(c, x, x)": where(b, x, x),
  "where(true, x, y)": where(fill(1, b), x, y),
  "where(false, y, x)": where(fill(0, b), y, x),
  "a transpose and back": permute(permute(x, [1, 0]), [1, 0]),
  "a reshape and back": reshape(reshape(x, [6]), [2, 3]),
  "a reverse and back": slice(slice(x, [1, 2], [2, 3], [-1, -1]), [1, 2], [2, 3], [-1, -1]),
  "the first part of a concat": slice(concat([x, y], 0), [0, 0], [2, 3]),
  detach: detach(x),
  custom: custom("relu", x, [y], () => [undefined]),
  tap: tap(x, "seen"),
};

const becomes: readonly (readonly [string, Node, string])[] = [
  ["x² is a product", binary("pow", x, like(2)), "%1 = mul f32 [2, 3] (x, x); return %1"],
  ["√ by a power", binary("pow", x, like(0.5)), "%1 = sqrt f32 [2, 3] (x); return %1"],
  ["−1 · x", binary("mul", x, like(-1)), "%1 = neg f32 [2, 3] (x); return %1"],
  [
    "x / 4",
    binary("div", x, like(4)),
    "%1 = reshape f32 [1, 1] (0.25); %2 = expand f32 [2, 3] (%1); %3 = mul f32 [2, 3] (x, %2); return %3",
  ],
  ["known sums", unary("exp", binary("add", constant(1), constant(-1))), "return 1"],
  ["known integers wrap", binary("add", constant(2147483647, "i32"), constant(1, "i32")), "return -2147483648"],
  ["known casts saturate", cast(constant(1e20), "i32"), "return 2147483647"],
  ["known comparisons", compare("lt", constant(1), constant(2)), "return 1"],
  [
    "casts through a wider dtype",
    cast(cast(cast(x, "bool"), "i32"), "f32"),
    "%1 = cast bool [2, 3] (x); %2 = cast f32 [2, 3] (%1); return %2",
  ],
  [
    "equal nodes are one",
    binary("add", unary("exp", x), unary("exp", x)),
    "%1 = exp f32 [2, 3] (x); %2 = add f32 [2, 3] (%1, %1); return %2",
  ],
  ["moving axes of size 1", permute(reshape(x, [2, 1, 3]), [1, 0, 2]), "%1 = reshape f32 [1, 2, 3] (x); return %1"],
  ["a sum over axes of size 1", reduce("sum", reshape(x, [2, 1, 3]), [1]), "return x"],
  [
    "transposed operands",
    contract(permute(x, [1, 0]), y, { a: ["c", "r"], b: ["r", "k"], out: ["c", "k"] }),
    "%1 = contract{a: [r, c], b: [r, k], out: [c, k]} f32 [3, 3] (x, y); return %1",
  ],
  [
    "maps move before repetition",
    unary("exp", expand(reshape(x, [2, 3, 1]), [2, 3, 4])),
    "%1 = reshape f32 [2, 3, 1] (x); %2 = exp f32 [2, 3, 1] (%1); %3 = expand f32 [2, 3, 4] (%2); return %3",
  ],
  [
    "sums of repeated values",
    reduce("sum", expand(reshape(x, [2, 3, 1]), [2, 3, 4]), [2]),
    "%1 = reshape f32 [1, 1] (4); %2 = expand f32 [2, 3] (%1); %3 = mul f32 [2, 3] (x, %2); return %3",
  ],
  [
    "nothing is made of nothing",
    unary("exp", nothing),
    "%1 = reshape f32 [1, 1] (0); %2 = expand f32 [0, 3] (%1); return %2",
  ],
  ["the product of nothing", reduce("prod", nothing, [0, 1]), "return 1"],
  [
    "nothing among others",
    contract(reshape(nothing, [3, 0]), nothing, { a: ["r", "k"], b: ["k", "c"], out: ["r", "c"] }),
    "%1 = reshape f32 [1, 1] (0); %2 = expand f32 [3, 3] (%1); return %2",
  ],
  [
    "nothing, padded",
    pad(nothing, { low: [1, 0], high: [0, 0], between: [0, 0], value: 7 }),
    "%1 = reshape f32 [1, 1] (7); %2 = expand f32 [1, 3] (%1); return %2",
  ],
  [
    "two pads",
    pad(pad(x, { low: [1, 0], high: [0, 0], between: [0, 0], value: 0 }), {
      low: [0, 1],
      high: [2, 0],
      between: [0, 0],
      value: 0,
    }),
    "%1 = pad{low: [1, 1], high: [2, 0], between: [0, 0], value: 0} f32 [5, 4] (x); return %1",
  ],
  [
    "a sum of pieces side by side",
    binary("add", binary("add", piece(x, 6, 0), piece(y, 0, 6)), piece(unary("exp", x), 3, 3)),
    "%1 = exp f32 [2, 3] (x); %2 = concat{axis: 1} f32 [2, 9] (y, %1, x); return %2",
  ],
];

const stays: Readonly<Record<string, Node>> = {
  "x · 0 may be NaN": binary("mul", x, like(0)),
  "x / 3 rounds": binary("div", x, like(3)),
  "i8 → f32 → u8 saturates": cast(cast(input("n", [2], "i8"), "f32"), "u8"),
  "f32 → i32 → f32 truncates": cast(cast(x, "i32"), "f32"),
  "a sum of pieces that overlap": overlapping,
  "a sum of pieces with a gap": apart,
  "a cropping pad": pad(pad(x, { low: [-1, 0], high: [0, 0], between: [0, 0], value: 0 }), {
    low: [1, 0],
    high: [0, 0],
    between: [0, 0],
    value: 0,
  }),
};

describe("simplify", () => {
  for (const [name, node] of Object.entries(becomesInput))
    test(`${name} → x`, () => assert.equal(simplified(node), "return x"));
  for (const [name, node, text] of becomes) test(name, () => assert.equal(simplified(node), text));
  for (const [name, node] of Object.entries(stays)) {
    test(`${name}: stays`, () => assert.equal(simplifyGraph({ inputs: [], outputs: [node] }).outputs[0], node));
  }

  test("integers times 0 are 0", () => assert.match(simplified(binary("mul", i, fill(0, i))), /expand i32 \[2, 3\]/));

  test("barriers are never merged", () => {
    const [first, second] = [barrier(unary("exp", x)), barrier(unary("exp", x))];
    const graph = simplifyGraph({ inputs: [], outputs: [first, second] });
    assert.notEqual(graph.outputs[0], graph.outputs[1]);
  });

  test("the scope of what is rewritten survives", () => {
    const graph = simplifyGraph({ inputs: [], outputs: [binary("pow", x, like(2))] });
    assert.equal(graph.outputs[0]!.scope, "");
  });

  test("taps become outputs when they are heard", () => {
    const program = {
      name: "tapped",
      graph: { inputs: [x], outputs: [unary("exp", tap(x, "seen"))] },
      replaces: [undefined],
    };
    const stop = on("tap", () => {});
    const heard = simplify({ program, taps: [], rowLoops: new Map() });
    stop();
    assert.deepEqual(heard.taps, [{ name: "seen", output: 1 }]);
    assert.equal(heard.program.graph.outputs.length, 2);
    assert.equal(simplify({ program, taps: [], rowLoops: new Map() }).program.graph.outputs.length, 1);
  });
});

const vector = (name: string): Node<"input"> => input(name, [3], "f32");

/** A loop over `carries` vectors; `make` gets the body's inputs. */
function loop(outer: readonly Node[], carries: number, make: (...inner: Node[]) => Node[]): Node[] {
  const inputs = outer.map((node, index) => vector(`${index}${node.id}`));
  return scan(outer, { body: { inputs, outputs: make(...inputs) }, length: 4, carries, sequences: 0, reverse: false });
}

const scansOf = (graph: Graph): Node<"scan">[] => {
  const found = new Set<Node<"scan">>();
  const visit = (node: Node): void => {
    if (isOp(node, "scan")) found.add(node);
    node.inputs.forEach(visit);
  };
  graph.outputs.forEach(visit);
  return [...found];
};

describe("loops are tidied", () => {
  const [start, k] = [vector("start"), vector("k")];

  test("two loops that do the same are one", () => {
    const first = loop([start, k], 1, (c, d) => [binary("mul", c!, d!)]);
    const second = loop([start, k], 1, (c, d) => [binary("mul", c!, d!), unary("exp", c!)]);
    const [scanned, another] = scansOf(simplifyGraph({ inputs: [start, k], outputs: [first[0]!, second[1]!] }));
    assert.equal(another, undefined);
    assert.equal(scanned!.attrs.body.outputs.length, 2);
  });

  test("loops that differ stay apart", () => {
    const first = loop([start, k], 1, (c, d) => [binary("mul", c!, d!)]);
    const second = loop([start, k], 1, (c, d) => [binary("add", c!, d!)]);
    assert.equal(scansOf(simplifyGraph({ inputs: [start, k], outputs: [first[0]!, second[0]!] })).length, 2);
  });

  test("results that nobody reads, and their inputs, go", () => {
    const results = loop([start, start, k], 2, (c, d, e) => [
      unary("exp", c!),
      binary("mul", d!, e!),
      unary("neg", c!),
    ]);
    const [scanned] = scansOf(simplifyGraph({ inputs: [start, k], outputs: [results[0]!] }));
    assert.deepEqual([scanned!.inputs.length, scanned!.attrs.carries, scanned!.attrs.body.outputs.length], [1, 1, 1]);
  });

  test("a carry that never changes is a constant; its final value the initial one", () => {
    const results = loop([start, k], 2, (c, d) => [binary("mul", c!, d!), d!]);
    const graph = simplifyGraph({ inputs: [start, k], outputs: [results[0]!, results[1]!] });
    assert.equal(graph.outputs[1], k);
    assert.equal(scansOf(graph)[0]!.attrs.carries, 1);
  });

  test("known constants and views move inside", () => {
    const results = loop([start, fill(2, start)], 1, (c, d) => [binary("mul", c!, d!)]);
    assert.equal(scansOf(simplifyGraph({ inputs: [start], outputs: [results[0]!] }))[0]!.inputs.length, 1);
  });
});

describe("simplified primitives equal the reference", () => {
  for (const { op, dtype, samples } of conformanceSamples()) {
    test(`${op} ${dtype}`, () => {
      for (const { name, graph, inputs, tolerance } of samples) {
        const expected = interpret(graph, inputs);
        const actual = interpret(simplifyGraph(graph), inputs);
        for (const [index, array] of expected.entries()) assertClose(actual[index]!, array, tolerance, name);
      }
    });
  }
});
