import assert from "node:assert/strict";
import { test } from "node:test";
import { jit, random, setDevice, type Tensor, valueAndGrad, variable } from "../../tensor/index.ts";
import { assertClose, cotangents, goldenFile, made, type Values } from "../golden.test.body.ts";
import { type Layer, layers, Masked, type MaskedStructure } from "../index.ts";

/** What Keras says: nn/goldens/attention.py writes it and explains it. */
interface Case {
  readonly name: keyof typeof makers;
  readonly arguments: readonly number[];
  readonly options: object;
  readonly inputs: {
    readonly query: Values;
    readonly value?: Values;
    readonly key?: Values;
    readonly attentionMask?: Values;
  };
  readonly queryMask: Values | null;
  readonly valueMask: Values | null;
  readonly weights: readonly Values[];
  readonly outputs: readonly Values[];
  readonly gradients: readonly (Values | null)[];
}

const makers = {
  MultiHeadAttention: layers.multiHeadAttention,
  GroupQueryAttention: layers.groupQueryAttention,
  Attention: layers.attention,
  AdditiveAttention: layers.additiveAttention,
} as const;
const { cases } = goldenFile("attention") as { readonly cases: readonly Case[] }; // our own file

const plain = (outputs: MaskedStructure<Tensor>): Tensor[] =>
  Array.isArray(outputs) ? outputs.flatMap(plain) : [outputs instanceof Masked ? outputs.values : (outputs as Tensor)];

for (const [index, each] of cases.entries()) {
  const { name, options, inputs, queryMask, valueMask } = each;
  test(`as Keras, outputs and gradients (${index}): ${name} ${JSON.stringify(options)}${queryMask ? " masked" : ""}`, async () => {
    for (const [device, tolerance] of [
      ["reference", 1e-6],
      ["wasm", 2e-5],
    ] as const) {
      await setDevice(device);
      // The golden's own arguments.
      const make = makers[name] as (...given: unknown[]) => unknown;
      const layer = make(...each.arguments, options) as Layer;
      const sources = ["query", "value", "key"].flatMap((part) => {
        const values = inputs[part as "query" | "value" | "key"];
        return values === undefined ? [] : [[part, variable(made(values).shape).assign(made(values))] as const];
      });
      const run = (): Tensor[] => {
        const given = Object.fromEntries(sources.map(([part, value]) => [part, value.mul(1) as Tensor]));
        const { query, value = query!, key } = given;
        const masked = (x: Tensor, mask: Values | null): Tensor | Masked<Tensor> =>
          mask === null ? x : new Masked(x, made(mask));
        const attentionMask = inputs.attentionMask === undefined ? {} : { attentionMask: made(inputs.attentionMask) };
        const arguments_ = {
          query: masked(query!, queryMask),
          value: masked(value!, valueMask),
          ...(key === undefined ? {} : { key }),
          ...attentionMask,
        };
        return plain(layer.compute(arguments_, { training: false }));
      };
      run(); // builds
      for (const [at, weight] of layer.variables.entries()) weight.assign(made(each.weights[at]!));
      const counts = queryMask === null ? undefined : made(queryMask);
      const loss = (): readonly [Tensor, readonly Tensor[]] => {
        const outputs = run();
        const weights = cotangents(outputs);
        const parts = outputs.map((output, at): Tensor => {
          const cotangent = weights[at]!;
          const counted = counts === undefined || at > 0 ? cotangent : cotangent.mul(counts.expandDims(-1));
          return output.mul(counted).sum();
        });
        return [parts.reduce((sum, part): Tensor => sum.add(part)), outputs];
      };
      const wanted = [...sources.map(([, value]) => value), ...layer.variables];
      const step = jit(() => valueAndGrad(loss, wanted, { hasAux: true }));
      const [[, outputs], gradients] = step();
      assert.equal(outputs.length, each.outputs.length);
      for (const [at, output] of outputs.entries()) {
        // What padding gives does not count, and may differ.
        const counted = counts === undefined || at > 0 ? undefined : counts.expandDims(-1);
        const [found, expected] =
          counted === undefined
            ? [output, made(each.outputs[at]!)]
            : [output.mul(counted), made(each.outputs[at]!).mul(counted)];
        await assertClose(
          `${device}: output ${at}`,
          found as Tensor,
          (await expected.array()) as unknown as Values,
          tolerance,
        );
      }
      assert.equal(gradients.length, each.gradients.length);
      for (const [at, gradient] of gradients.entries())
        await assertClose(`${device}: gradient ${at}`, gradient, each.gradients[at]!, 5 * tolerance);
    }
  });
}

test("rotary positions: products of turned queries and keys depend on their distance only", async () => {
  await setDevice("reference");
  const layer = layers.rotaryEmbedding({ maxWavelength: 50 });
  const one = random.normal([1, 1, 6], { key: random.key(1) });
  const two = random.normal([1, 1, 6], { key: random.key(2) });
  const along = (x: Tensor): Tensor => x.tile([1, 8, 1]) as Tensor; // the same vector at all times
  const products = layer(along(one)).matmul(layer(along(two)).transpose([0, 2, 1]));
  const [table] = (await products.array()) as unknown as number[][][];
  for (let distance = 0; distance < 8; distance++) {
    for (let at = 0; at + distance < 8; at++) {
      assert.ok(Math.abs(table![at]![at + distance]! - table![0]![distance]!) < 1e-6);
    }
  }
  assert.ok(Math.abs(table![0]![0]! - table![0]![3]!) > 1e-3);
});
