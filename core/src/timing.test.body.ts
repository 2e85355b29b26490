import assert from "node:assert/strict";
import { type Events, on } from "./base/index.ts";
import { jit, scan, type Tensor, tensor, zeros } from "./tensor/index.ts";

/** Runs `work` and returns what was told of the runs meanwhile. */
async function runsOf(work: () => Promise<unknown>): Promise<readonly Events["run"][]> {
  const runs: Events["run"][] = [];
  const stop = on("run", (run) => void runs.push(run));
  try {
    await work();
  } finally {
    stop();
  }
  return runs;
}

const size = 64;

/** On the selected device: a run is timed launch by launch as soon as somebody listens, and computes the same bits. */
export async function launchesAreTimed(): Promise<void> {
  const step = jit((x: Tensor) => {
    const add = (sum: Tensor, row: Tensor) => ({ carry: sum.mul(0.5).add(row) as Tensor, out: [] });
    return scan(add, zeros([size]) as Tensor, x.matmul(x) as Tensor).carry.sum();
  });
  const rows = Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, at) => Math.sin(row + at)));
  const x = tensor(rows);
  const quiet = await step(x).array();

  let heard: unknown;
  const runs = await runsOf(async () => {
    heard = await step(x).array();
  });
  assert.equal(heard, quiet);
  const launches = runs.flatMap((run) => run.launches);
  assert.ok(launches.every(({ ms }) => ms >= 0 && ms < 10_000));
  assert.ok(launches.some(({ ms }) => ms > 0));
  const product = launches.find(({ multiplyAdds }) => multiplyAdds >= size ** 3);
  assert.ok(product !== undefined, "the matrix product counts its multiply-adds");
  assert.ok(product.bytes >= size * size * 4);

  // Nobody listens any more: the program without clocks runs again, and nothing is told.
  const told = runs.length;
  assert.equal(await step(x).array(), quiet);
  assert.equal(runs.length, told);
}
