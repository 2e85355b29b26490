import assert from "node:assert/strict";
import { before, test } from "node:test";
import { setDevice, type Tensor, tensor, variable } from "../tensor/index.ts";
import { lbfgs } from "./index.ts";

before(() => setDevice("wasm"));

test("a bowl of ten axes, a thousand times as steep along one as along another, in a few steps an axis", async () => {
  const steep = tensor(Float32Array.from({ length: 10 }, (_, axis) => 1000 ** (axis / 9)));
  const bottom = tensor(Float32Array.from({ length: 10 }, (_, axis) => axis - 4.5));
  const x = variable([10]);
  const found = await lbfgs(() => x.sub(bottom).square().mul(steep).sum(), [x], {
    changeTolerance: 0,
    gradientTolerance: 1e-2,
  });
  assert.equal(found.reason, "gradient");
  assert.ok(found.iterations <= 60, `${found.iterations} iterations`);
  for (const [axis, value] of (await x.array()).entries()) assert.ok(Math.abs(value - (axis - 4.5)) < 1e-3);
});

test("Rosenbrock's valley, from the usual start, to its end at (1, 1)", async () => {
  const x = variable(tensor([-1.2]));
  const y = variable(tensor([1]));
  const valley = (): Tensor => x.sub(1).square().add(y.sub(x.square()).square().mul(100)).sum() as Tensor;
  const { loss, evaluations } = await lbfgs(valley, [x, y]);
  assert.ok(loss < 1e-8, `${loss}`);
  assert.ok(evaluations < 90, `${evaluations} evaluations`);
  assert.ok(Math.abs((await x.item()) - 1) < 1e-3 && Math.abs((await y.item()) - 1) < 2e-3);
});

test("least squares end where the normal equations do", async () => {
  const rows = Array.from({ length: 30 }, (_, row) => [Math.sin(row), Math.cos(row * 2.3), 1]);
  const targets = rows.map(([a, b, c]) => 2 * a! - 3 * b! + 0.5 * c!);
  const w = variable([3, 1]);
  const errors = (): Tensor =>
    tensor(rows)
      .matmul(w)
      .sub(tensor(targets.map((t) => [t])))
      .square()
      .mean() as Tensor;
  const found = await lbfgs(errors, [w], { maxIterations: 30 });
  assert.ok(found.loss < 1e-10, `${found.loss}`);
  for (const [index, value] of [2, -3, 0.5].entries())
    assert.ok(Math.abs([...(await w.data())][index]! - value) < 1e-4);
});

test("it ends at once where there is nothing to gain, and does not move", async () => {
  const x = variable(tensor([3]));
  const found = await lbfgs(() => x.sub(3).square().sum(), [x]);
  assert.deepEqual([found.iterations, found.evaluations, found.reason], [0, 1, "gradient"]);
  assert.equal(await x.item(), 3);
  await assert.rejects(
    lbfgs(() => x.sum(), []),
    /no variables to move/,
  );
});
