import assert from "node:assert/strict";
import { test } from "node:test";
import {
  associativeScan,
  forLoop,
  grad,
  jit,
  mapOver,
  scatter,
  segmentMax,
  segmentMin,
  segmentProd,
  segmentSum,
  setDevice,
  switchCase,
  type Tensor,
  tensor,
  whileLoop,
} from "./index.ts";

for (const device of ["reference", "wasm"] as const) {
  test(`loops and choices on ${device} are those of the language, compiled, with derivatives`, async () => {
    await setDevice(device);
    const x = tensor([1.5, 2]);
    const power = jit((y: Tensor): Tensor => forLoop(0, 3, (_, carry: Tensor) => carry.mul(y) as Tensor, y));
    assert.deepEqual(await power(x).array(), [1.5 ** 4, 16]);
    assert.deepEqual(await grad((y: Tensor) => power(y).sum() as Tensor)(x).array(), [4 * 1.5 ** 3, 32]);

    // Newton's method until it has converged: 2 · 10⁻⁷ apart at most.
    const root = jit((y: Tensor): Tensor => {
      const far = ({ guess }: { guess: Tensor }): Tensor => guess.square().sub(y).abs().greater(1e-5).any() as Tensor;
      const better = ({ guess }: { guess: Tensor }) => ({ guess: guess.add(y.div(guess)).mul(0.5) as Tensor });
      return whileLoop(far, better, { guess: y }, { maximumSteps: 30 }).guess;
    });
    for (const [at, value] of ((await root(x).array()) as number[]).entries())
      assert.ok(Math.abs(value - Math.sqrt([1.5, 2][at]!)) < 1e-5);

    const chosen = jit(
      (at: Tensor, y: Tensor): Tensor =>
        switchCase(at, [(z: Tensor) => z.neg(), (z: Tensor) => z.mul(2) as Tensor, (z: Tensor) => z.square()], y),
    );
    for (const [at, expected] of [
      [-4, [-1.5, -2]],
      [1, [3, 4]],
      [9, [2.25, 4]],
    ] as const)
      assert.deepEqual(await chosen(tensor(at), x).array(), expected);

    const rows = tensor([
      [1, 2],
      [3, 4],
    ]) as Tensor;
    assert.deepEqual(await mapOver((row: Tensor): Tensor => row.sum().mul(row) as Tensor, rows).array(), [
      [3, 6],
      [21, 28],
    ]);
    const sums = associativeScan((a: Tensor, b: Tensor): Tensor => a.add(b), tensor([1, 2, 3, 4, 5]) as Tensor);
    assert.deepEqual(await sums.array(), [1, 3, 6, 10, 15]);
  });

  test(`segments and scattered values on ${device}`, async () => {
    await setDevice(device);
    const [x, ids] = [tensor([1, 5, 2, -3]) as Tensor, tensor([0, 2, 0, 2], { dtype: "i32" }) as Tensor];
    assert.deepEqual(await segmentSum(x, ids, 3).array(), [3, 0, 2]);
    assert.deepEqual(await segmentMax(x, ids, 3).array(), [2, -Infinity, 5]);
    assert.deepEqual(await segmentMin(x, ids, 3).array(), [1, Infinity, -3]);
    assert.deepEqual(await segmentProd(x, ids, 3).array(), [2, 1, -15]);
    const places = tensor(
      [
        [0, 1],
        [2, 0],
        [0, 1],
      ],
      { dtype: "i32" },
    );
    assert.deepEqual(await scatter(places, tensor([1, 2, 3]), [3, 2]).array(), [
      [0, 4],
      [0, 0],
      [2, 0],
    ]);
  });
}

test("a loop without a bound is refused in words", () => {
  const x = tensor(1) as Tensor;
  const never = {} as { maximumSteps: number }; // as plain JavaScript calls it
  assert.throws(
    () =>
      whileLoop(
        (y: Tensor) => y.less(2) as Tensor,
        (y: Tensor) => y,
        x,
        never,
      ),
    /maximumSteps/,
  );
});
