import assert from "node:assert/strict";
import { test } from "node:test";
import { checkGradient, sample } from "../autodiff/check.ts";
import { assertClose, messageOf, run, shaped, tensor } from "./check.ts";
import { type AttentionOptions, dotProductAttention } from "./index.ts";

/** The definition, a loop an index: q [time, heads, size], k and v [source, shared, size]. */
function defined(
  [q, k, v]: readonly (readonly number[])[],
  [time, source, heads, shared, size]: readonly [number, number, number, number, number],
  sees: (time: number, source: number) => boolean,
): number[] {
  const out: number[] = [];
  for (let t = 0; t < time; t++)
    for (let h = 0; h < heads; h++) {
      const g = Math.floor((h * shared) / heads);
      const weights = Array.from({ length: source }, (_, s) => {
        let score = 0;
        for (let d = 0; d < size; d++) score += q![(t * heads + h) * size + d]! * k![(s * shared + g) * size + d]!;
        return sees(t, s) ? Math.exp(score / Math.sqrt(size)) : 0;
      });
      const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
      for (let d = 0; d < size; d++)
        out.push(weights.reduce((sum, weight, s) => sum + (weight / total) * v![(s * shared + g) * size + d]!, 0));
    }
  return out;
}

const wave = (count: number, phase: number): number[] =>
  Array.from({ length: count }, (_, i) => 2 * Math.sin(phase + 2.4 * i));

for (const [heads, shared] of [
  [2, 2],
  [4, 2],
  [3, 1],
] as const) {
  for (const causal of [false, true]) {
    test(`attention of ${heads} heads over ${shared}${causal ? ", causal" : ""} is its definition`, () => {
      const [time, source, size] = [3, 4, 5];
      const values = [wave(time * heads * size, 0), wave(source * shared * size, 1), wave(source * shared * size, 2)];
      const seen = [1, 0, 1, 1];
      const result = dotProductAttention(
        tensor(values[0]!, [time, heads, size]),
        tensor(values[1]!, [source, shared, size]),
        tensor(values[2]!, [source, shared, size]),
        { causal, mask: tensor(seen, [1, 1, source], "bool") },
      );
      const sees = (t: number, s: number): boolean => seen[s] === 1 && (!causal || s <= t);
      assertClose(run(result), defined(values, [time, source, heads, shared, size], sees), 1e-5);
    });
  }
}

test("a position that sees nothing gets zeros", () => {
  const [x, mask] = [tensor(wave(8, 0), [2, 1, 4]), tensor([0, 0, 1, 1], [2, 2], "bool")];
  const result = run(dotProductAttention(x, x, x, { mask }));
  assert.deepEqual(result.slice(0, 4), [0, 0, 0, 0]);
  assert.ok(result.slice(4).every((value) => value !== 0));
});

test("scale and bias act on the scores", () => {
  const [q, k] = [tensor(wave(4, 0), [1, 1, 4]), tensor(wave(8, 1), [2, 1, 4])];
  const v = tensor([1, 0, 0, 1], [2, 1, 2]);
  assertClose(run(dotProductAttention(q, k, v, { scale: 0 })), [0.5, 0.5]);
  const bias = tensor([0, Math.log(3)], [1, 1, 2]);
  assertClose(run(dotProductAttention(q, k, v, { scale: 0, bias })), [0.25, 0.75], 1e-6);
});

const differentiated: Record<string, AttentionOptions & { readonly groups?: number }> = {
  plain: {},
  causal: { causal: true },
  "grouped heads": { groups: 2, causal: true },
};
for (const [name, { groups = 1, ...options }] of Object.entries(differentiated)) {
  test(`attention, ${name}: its derivative is that of finite differences`, () => {
    const shared = [2, 5, 2, 3];
    checkGradient(
      (q, k, v) => dotProductAttention(q!, k!, v!, options),
      [sample([2, 5, 2 * groups, 3], -1, 1, 3), sample(shared, -1, 1, 4), sample(shared, -1, 1, 5)],
    );
  });
}

test("shapes that do not fit are named", () => {
  const x = shaped([2, 5, 6, 8]);
  assert.match(
    messageOf(() => dotProductAttention(x, shaped([2, 5, 4, 8]), shaped([2, 5, 4, 8]))),
    /6 query heads cannot share 4 key heads/,
  );
  assert.match(
    messageOf(() => dotProductAttention(x, shaped([2, 5, 6, 4]), x)),
    /query has size 8, key 4/,
  );
  assert.match(
    messageOf(() => dotProductAttention(x, x, shaped([2, 7, 6, 8]))),
    /key and value differ/,
  );
  assert.match(
    messageOf(() => dotProductAttention(x, x, x, { mask: shaped([5, 5]) })),
    /the mask is f32, not bool/,
  );
});
