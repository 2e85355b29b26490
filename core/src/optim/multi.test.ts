import assert from "node:assert/strict";
import { test } from "node:test";
import { jit, setDevice, type Tensor, tensor, type Variable, valueAndGrad, variable } from "../tensor/index.ts";
import { describeOptimizer, type Optimizer, optimizers, restoreOptimizer } from "./index.ts";

// Optimizers that hold others.

const weights = (): Variable[] => [
  variable(tensor([1, -2, 3]), { name: "embedding/kernel" }),
  variable(tensor([0.5, 4]), { name: "dense/kernel" }),
  variable(tensor([2]), { name: "dense/bias" }),
];
const gradients = [tensor([0.3, 1, -2]), tensor([0.1, -0.4]), tensor([3])] as readonly Tensor[];
const values = async (variables: readonly Variable[]): Promise<unknown> =>
  Promise.all(variables.map((each) => each.read().array()));

/** Four compiled steps of one optimizer. */
async function moved(optimizer: Optimizer, variables = weights()): Promise<unknown> {
  const step = jit((given: readonly Tensor[]) => optimizer.apply(given, variables));
  for (let time = 0; time < 4; time++) step(gradients);
  return values(variables);
}

for (const device of ["reference", "wasm"] as const) {
  test(`multi on ${device}: each variable moves as its own optimizer moves it alone, also after a file`, async () => {
    await setDevice(device);
    const make = () =>
      optimizers.multi({
        parts: [
          { optimizer: optimizers.sgd({ learningRate: 0.5, momentum: 0.9 }), variables: ["embedding/"] },
          { optimizer: "lion", variables: ["bias"] },
        ],
        otherwise: optimizers.adam({ learningRate: 0.1 }),
      });
    const alone = [
      optimizers.sgd({ learningRate: 0.5, momentum: 0.9 }),
      optimizers.adam({ learningRate: 0.1 }),
      optimizers.lion(),
    ];
    const expected = await Promise.all(
      weights().map(async (target, at) => {
        const step = jit((given: Tensor) => alone[at]!.apply([given], [target]));
        for (let time = 0; time < 4; time++) step(gradients[at]!);
        return target.read().array();
      }),
    );
    assert.deepEqual(await moved(make()), expected);
    const described = JSON.parse(JSON.stringify(describeOptimizer(make())));
    assert.deepEqual(await moved(restoreOptimizer(described)), expected);
    assert.deepEqual(describeOptimizer(restoreOptimizer(described)), describeOptimizer(make()));
  });

  test(`loss scale on ${device}: steps of the optimizer inside; overflow leaves a step out and halves the scale`, async () => {
    await setDevice(device);
    const expected = await moved(optimizers.adam({ learningRate: 0.1 }));
    const scaled = optimizers.lossScale({
      inner: optimizers.adam({ learningRate: 0.1 }),
      initialScale: 8,
      dynamicGrowthSteps: 3,
    });
    const variables = weights();
    const step = jit((given: readonly Tensor[], by: Tensor) =>
      scaled.apply(
        given.map((gradient) => gradient.mul(by) as Tensor),
        variables,
      ),
    );
    const scale = async (): Promise<number> => scaled.scale.item();
    const seen: number[] = [];
    for (let time = 0; time < 2; time++) step(gradients, tensor(await scale()));
    const before = await values(variables);
    step(gradients, tensor(Number.POSITIVE_INFINITY));
    assert.deepEqual(await values(variables), before);
    assert.equal(await scaled.iterations.item(), 2);
    seen.push(await scale());
    for (let time = 0; time < 2; time++) step(gradients, tensor(await scale()));
    seen.push(await scale());
    assert.deepEqual(await values(variables), expected);
    step(gradients, tensor(await scale()));
    seen.push(await scale());
    assert.deepEqual(seen, [4, 4, 8]);
  });
}

test("scaleLoss and apply agree: a factor changes nothing where no digit is lost", async () => {
  await setDevice("reference");
  const run = async (optimizer: Optimizer): Promise<unknown> => {
    const [target] = weights() as [Variable, ...Variable[]];
    const [, slopes] = valueAndGrad(() => optimizer.scaleLoss(target.square().sum() as Tensor), [target]);
    optimizer.apply(slopes, [target]);
    return target.read().array();
  };
  const expected = await run(optimizers.sgd());
  assert.deepEqual(await run(optimizers.sgd({ lossScaleFactor: 1024 })), expected);
  assert.deepEqual(await run(optimizers.lossScale({ inner: "sgd" })), expected);
});

test("a file leaves out what has no words; one optimizer in two parts is refused", () => {
  const chosen = optimizers.multi({ parts: [{ optimizer: "sgd", variables: () => true }], otherwise: "adam" });
  assert.equal(describeOptimizer(chosen), undefined);
  // Once it is known what the function chooses, the names say it.
  chosen.build(weights());
  const [part] = (describeOptimizer(chosen)!.options as { readonly parts: readonly { readonly variables: unknown }[] })
    .parts;
  assert.deepEqual(part!.variables, { names: ["embedding/kernel", "dense/kernel", "dense/bias"] });
  // A name that two parts share says nothing.
  const unclear = optimizers.multi({
    parts: [{ optimizer: "sgd", variables: (each) => each.rank === 1 }],
    otherwise: "adam",
  });
  unclear.build([variable(tensor([1]), { name: "same" }), variable(tensor([[1]]), { name: "same" })]);
  assert.equal(describeOptimizer(unclear), undefined);
  const sgd = optimizers.sgd();
  assert.throws(
    () => optimizers.multi({ parts: [{ optimizer: sgd, variables: ["a"] }], otherwise: sgd }),
    /several parts/,
  );
  const wrong = { parts: [{ optimizer: "sgd", variables: "bias" }], otherwise: "adam" };
  assert.throws(() => restoreOptimizer({ name: "multi", options: wrong }), /texts, { names } or a function/);
});
