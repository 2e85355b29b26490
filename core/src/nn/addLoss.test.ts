import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cond,
  jit,
  random,
  scan,
  setDevice,
  type Tensor,
  tensor,
  type Variable,
  valueAndGrad,
} from "../tensor/index.ts";
import { Layer, layers } from "./index.ts";

// What layers add to the loss, also in loops.

const x = random.normal([2, 5, 3], { key: random.key(4) }) as Tensor;

/** What a layer adds to the loss, and its derivatives, compiled. */
async function addedBy(layer: Layer, given: Tensor = x): Promise<readonly number[]> {
  layer.compute(given, { training: false });
  const run = jit(() =>
    valueAndGrad(() => {
      const losses: Tensor[] = [];
      layer.compute(given, { training: true, losses });
      return losses.reduce((sum, each) => sum.add(each));
    }, layer.trainableVariables),
  );
  const [loss, gradients] = run();
  const parts = [loss, ...gradients].map(async (each) => [...(await each.data())].map(Number));
  return (await Promise.all(parts)).flat();
}
function assertNear(found: readonly number[], expected: readonly number[]): void {
  assert.equal(found.length, expected.length);
  for (const [at, value] of expected.entries())
    assert.ok(Math.abs(found[at]! - value) < 1e-4 * (1 + Math.abs(value)), `${at}: ${found[at]}, not ${value}`);
}
const copy = (to: Layer, from: Layer): void => {
  for (const [at, variable] of (to.trainableVariables as Variable[]).entries())
    variable.assign(from.trainableVariables[at]!);
};

/** Adds the mean square of its running sum: at every step of a loop, or afterwards. */
class Running extends Layer {
  readonly inside: boolean;
  readonly kernel = this.addWeight([3], { initializer: "ones" });
  constructor(inside: boolean) {
    super();
    this.inside = inside;
  }
  override build() {
    return { kernel: this.kernel };
  }
  override call(sequence: Tensor): Tensor {
    const start = sequence.slice([{}, 0]).mul(0) as Tensor;
    const { carry, out } = scan(
      (sum: Tensor, now: Tensor) => {
        const next = sum.add(now.mul(this.kernel.read())) as Tensor;
        if (this.inside) this.addLoss(next.square().mean());
        return { carry: next, out: next };
      },
      start,
      sequence.moveAxis(1, 0),
    );
    if (!this.inside) this.addLoss(out.square().mean([1, 2]).sum());
    return carry;
  }
}

for (const device of ["reference", "wasm"] as const) {
  test(`addLoss in a scan on ${device}: the sum over the steps, with its derivative`, async () => {
    await setDevice(device);
    const [inside, outside] = [new Running(true), new Running(false)];
    assertNear(await addedBy(inside), await addedBy(outside));
  });

  test(`a cell's activityRegularizer on ${device} counts its outputs of all steps`, async () => {
    await setDevice(device);
    const inCell = layers.rnn(layers.gruCell(4, { activityRegularizer: "l2" }));
    const onAll = layers.gru(4, { activityRegularizer: "l2", returnSequences: true });
    for (const layer of [inCell, onAll]) layer.compute(x, { training: false });
    copy(inCell, onAll);
    assertNear(await addedBy(inCell), await addedBy(onAll));
    const stacked = layers.rnn(layers.stackedRnnCells([layers.gruCell(4, { activityRegularizer: "l2" })]));
    stacked.compute(x, { training: false });
    copy(stacked, onAll);
    assertNear(await addedBy(stacked), await addedBy(onAll));
  });

  test(`a recurrent layer's activityRegularizer on ${device} counts its output for each example`, async () => {
    await setDevice(device);
    const layer = layers.lstm(4, { activityRegularizer: "l1" });
    const output = (await layer(x).array()) as number[][];
    const [loss] = await addedBy(layer);
    const expected = (0.01 * output.flat().reduce((sum, each) => sum + Math.abs(each), 0)) / 2;
    assertNear([loss!], [expected]);
  });
}

test("addLoss in one branch of a cond is refused with what to do", () => {
  class Branching extends Layer {
    override call(value: Tensor): Tensor {
      const add = (same: Tensor): Tensor => {
        this.addLoss(same.sum());
        return same;
      };
      return cond(tensor(1).greater(0) as Tensor, add, (same: Tensor) => same, value);
    }
  }
  const losses: Tensor[] = [];
  assert.throws(
    () => new Branching().compute(x, { training: true, losses }),
    /a branch adds a loss[\s\S]*return it from both/,
  );
});
