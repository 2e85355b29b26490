import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { DType, Shape } from "../base/index.ts";
import type { Node } from "../graph/index.ts";
import { assertClose, run, tensor } from "./check.ts";
import * as ops from "./index.ts";

interface Golden {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly data: readonly (number | string)[];
}
interface Case {
  readonly call: string;
  readonly inputs: readonly Golden[];
  readonly args: readonly unknown[];
  readonly result: Golden;
}

type Call = (
  inputs: readonly Node[],
  args: readonly never[],
) => Node | readonly Node[] | Readonly<Record<string, Node>>;
/** JSON has no infinite numbers. */
const withOrder = ({ order, ...rest }: { readonly order?: string | number } = {}): ops.MatrixNormOptions => ({
  ...rest,
  order: (String(order).endsWith("inf") ? numberOf(order!) : order) as ops.NormOrder | undefined,
});

/** Calls that take a list of tensors, or return several. */
const special: Record<string, Call> = {
  concatenate: (inputs, args) => ops.concatenate(inputs, args[0]!),
  stack: (inputs, args) => ops.stack(inputs, args[0]!),
  einsum: (inputs, args) => ops.einsum(args[0]!, ...inputs),
  topK: ([x], args) => ops.topK(x!, args[0]!, args[1]!).values,
  hstack: (inputs) => ops.hstack(inputs),
  vstack: (inputs) => ops.vstack(inputs),
  dstack: (inputs) => ops.dstack(inputs),
  columnStack: (inputs) => ops.columnStack(inputs),
  meshgrid: (inputs, args) => ops.meshgrid(inputs, args[0]),
  normOf: ([x], [axes, options]) => ops.normOf(x!, axes, withOrder(options)),
  select: ([a, b, x, y], args) => ops.select([a!, b!], [x!, y!], args[0]!),
};

/** "qr 1" is the second result of qr, in the order in which it names them. */
function resultOf(call: string, inputs: readonly Node[], given: readonly unknown[]): Node {
  const [name, place] = call.split(" ") as [string, string?]; // a split has a first part
  const result = special[name]?.(inputs, given as never[]) ?? table[name]!(...inputs, ...given);
  return place === undefined ? (result as Node) : Object.values(result as Record<string, Node>)[Number(place)]!;
}

const numberOf = (value: number | string): number =>
  typeof value === "number" ? value : value === "nan" ? NaN : value === "inf" ? Infinity : -Infinity;

/** Approximations that are meant for f32 results. */
const tolerances: Record<string, number> = {
  resize: 1e-4,
  mapCoordinates: 1e-5,
  affineTransform: 1e-4,
  erfinv: 2e-6,
  erfc: 1e-10,
  pinv: 1e-8,
  lstsq: 1e-8,
};

const cases = ["numpy", "arrays", "images"].flatMap(
  (name) =>
    JSON.parse(readFileSync(new URL(`../../src/ops/goldens/${name}.json`, import.meta.url), "utf8")) as readonly Case[],
);
// Called by name with the arguments of the file, which were written for these functions.
const table = ops as unknown as Record<string, (...args: unknown[]) => ReturnType<Call>>;

for (const call of new Set(cases.map((each) => each.call))) {
  test(`${call} gives what NumPy gives`, () => {
    for (const { inputs, args, result } of cases.filter((each) => each.call === call)) {
      const nodes = inputs.map(({ data, shape, dtype }) => tensor(data.map(numberOf), shape, dtype));
      // JSON has no undefined: "no axis" is written as null, which is what sort says too.
      const given = call === "sort" ? args : args.map((each) => each ?? undefined);
      const node = resultOf(call, nodes, given);
      const where = `${call} ${JSON.stringify(inputs.map(({ shape }) => shape))} ${JSON.stringify(args)}`;
      assert.deepEqual(node.shape, result.shape, where);
      assert.equal(node.dtype, result.dtype, where);
      try {
        assertClose(run(node), result.data.map(numberOf), tolerances[call] ?? 1e-9);
      } catch (error) {
        assert.fail(`${where}: ${(error as Error).message}`);
      }
    }
  });
}
