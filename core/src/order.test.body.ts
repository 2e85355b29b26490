import assert from "node:assert/strict";
import { DeviceError } from "./base/index.ts";
import type { Device, Executable } from "./device/device.ts";
import type { Program } from "./kernel/plan.ts";
import { jit, scan, setDevice, type Tensor, tensor, variable, zeros } from "./tensor/index.ts";

const size = 64;
const counting = (total: number): number[] => Array.from({ length: total }, (_, index) => index);

/** A program that takes a while: whatever is asked for next is asked while it runs. */
const slow = jit(
  (x: Tensor) =>
    scan((carry: Tensor) => ({ carry: carry.mul(0.5).add(1), out: undefined }), x, undefined, { length: 3000 }).carry,
  { name: "slow" },
);

/** A device that says when it has loaded its first program only after `go`. */
function held(device: Device): { readonly device: Device; go(): void } {
  let go = (): void => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const load = async (program: Program): Promise<Executable> => {
    await gate;
    return device.load(program);
  };
  const holding: Device = Object.create(device, {
    load: { value: load },
    busy: { get: () => device.busy },
    ...Object.fromEntries(
      (
        ["allocate", "free", "write", "read", "readSync", "copy", "loadSync", "settled", "memory", "close"] as const
      ).map((name) => [name, { value: (device[name] as (...given: never[]) => unknown).bind(device) }]),
    ),
  });
  return { device: holding, go };
}

/** What holds on every device about the order of runs, reads and updates, awaited or not. */
export const orderLaws: readonly { readonly name: string; readonly holds: (device: Device) => Promise<void> }[] = [
  {
    name: "a synchronous read gives what an awaited one gives",
    holds: async (device) => {
      await setDevice(device);
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      const product = x.matmul(x).add(0.5);
      assert.deepEqual(product.arraySync(), [
        [7.5, 10.5],
        [15.5, 22.5],
      ]);
      assert.deepEqual(product.dataSync(), await product.data());
      assert.equal(product.sum().itemSync(), 56);
      assert.throws(() => product.itemSync(), /has 4 elements, not one/);
      assert.throws(() => jit(() => x.add(x.sum().itemSync()))(), /was read while/);
    },
  },
  {
    name: "reads see the state of the moment in which they were asked for",
    holds: async (device) => {
      await setDevice(device);
      const state = variable(zeros([size]));
      const step = jit(() => {
        state.assign(state.add(1));
        return state.sum();
      });
      await step().item();
      const waiting: Promise<Float32Array>[] = [];
      const snapshots: Tensor[] = [];
      for (let round = 0; round < 20; round++) {
        void slow(zeros([size]));
        waiting.push(state.data() as Promise<Float32Array>);
        snapshots.push(state.add(0));
        step();
      }
      assert.equal(state.dataSync()[0], 21);
      assert.deepEqual(
        (await Promise.all(waiting)).map((values) => values[size - 1]),
        counting(20).map((round) => round + 1),
      );
      assert.deepEqual(
        snapshots.map((snapshot) => snapshot.dataSync()[3]),
        counting(20).map((round) => round + 1),
      );
      assert.equal((await state.data())[5], 21);
    },
  },
  {
    name: "a variable's earlier value is kept for whoever holds it, and read synchronously beside a busy queue",
    holds: async (device) => {
      await setDevice(device);
      const state = variable(tensor([1, 2, 3]));
      const double = jit(() => {
        const before = state.mul(1);
        state.assign(state.mul(2));
        return before;
      });
      const results = counting(10).map(() => {
        void slow(zeros([size]));
        return double();
      });
      assert.deepEqual(
        results.map((result) => result.arraySync()[0]),
        counting(10).map((round) => 2 ** round),
      );
      assert.deepEqual(state.arraySync(), [1024, 2048, 3072]);
    },
  },
  {
    name: "hundreds of runs that nobody waits for all take place, in order",
    holds: async (device) => {
      await setDevice(device);
      const state = variable(tensor([0]));
      const affine = jit(() => void state.assign(state.mul(0.5).add(1)));
      for (let round = 0; round < 700; round++) affine();
      assert.equal(state.itemSync(), 2);
      for (let round = 0; round < 700; round++) affine();
      assert.equal(await state.item(), 2);
    },
  },
  {
    name: "memory that is let go while it is used is not given to others too early",
    holds: async (device) => {
      await setDevice(device);
      await slow(zeros([size])).data();
      const shifted = jit((x: Tensor, by: Tensor) => x.add(by));
      const results: Tensor[] = [];
      for (let round = 0; round < 30; round++) {
        const x = tensor(new Float32Array(size).fill(2 + round));
        const result = slow(x);
        results.push(shifted(result, tensor(round - 2)));
        x.dispose();
        result.dispose();
        // Memory of the same size, filled at once, while the runs above may still be under way.
        tensor(new Float32Array(size).fill(-1)).add(0).dispose();
      }
      for (const [round, result] of results.entries()) assert.ok(Math.abs(result.dataSync()[7]! - round) < 1e-5);
    },
  },
  {
    name: "a synchronous read overtakes a compilation under way, which then changes nothing",
    holds: async (own) => {
      const { device, go } = held(own);
      await setDevice(device);
      const state = variable(tensor([1]));
      const step = jit(() => {
        state.assign(state.add(1));
        return state.mul(10);
      });
      const first = step();
      const later = step().data();
      assert.equal(first.itemSync(), 20);
      go();
      assert.deepEqual([...(await later)], [30]);
      assert.equal(state.itemSync(), 3);
      await device.settled();
    },
  },
  {
    name: "a device that is not there yet cannot be read synchronously, and says so",
    holds: async (device) => {
      await setDevice(device);
      // Another identity of the device: a selection that nobody has waited for.
      const { device: other, go } = held(device);
      void setDevice(other);
      const sum = tensor([1, 2]).add(tensor([1, 1]));
      assert.throws(
        () => sum.dataSync(),
        (error) => error instanceof DeviceError && /not ready yet[\s\S]*await setDevice/.test(error.message),
      );
      go();
      await setDevice(device);
      assert.deepEqual(await sum.array(), [2, 3]);
      assert.deepEqual(sum.arraySync(), [2, 3]);
    },
  },
];
