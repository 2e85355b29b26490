import assert from "node:assert/strict";
import { test } from "node:test";
import { SamplePace } from "./samplePace.ts";

// A training on a clock of its own: steps of `stepMs`, figures that take a share of them, samples of `costMs`, the first of them dearer.
function trained(share: number, stepMs: number, costMs: number, figures: number, firstMs = 100 * costMs) {
  const pace = new SamplePace(share);
  const told: { readonly share: number; readonly stride: number }[] = [];
  for (let sample = 0; sample < 40; sample++) {
    const [steps, cost] = [sample === 0 ? 1 : pace.stride, sample === 0 ? firstMs : costMs];
    const sampled = {
      costMs: cost,
      plainMs: stepMs,
      trainedMs: steps * stepMs + cost,
      figuresMs: steps * stepMs * figures,
    };
    told.push({ share: pace.sampled(sampled), stride: pace.stride });
  }
  return told;
}

for (const [stepMs, costMs, figures] of [
  [0.035, 0.8, 0.004],
  [0.5, 1.9, 0.012],
  [8, 20, 0.003],
  [20, 176, 0.01],
  [100, 0.5, 0],
] as const) {
  test(`steps of ${stepMs} ms, samples of ${costMs} ms, figures ${figures}: together within 2 %, and no rarer than that asks for`, () => {
    const told = trained(0.01, stepMs, costMs, figures);
    const { stride, share } = told.at(-1)!;
    assert.ok(share < 0.02 && share >= figures, `${share}`);
    const samples = costMs / (stride * stepMs);
    assert.ok(samples <= 0.01 && (samples > 0.004 || stride === 4 || figures > 0.01), `${samples} each ${stride}`);
    // The first warm sample is enough to know.
    assert.ok(told[3]!.stride >= stride, `${told.map((each) => each.stride)}`);
  });
}

test("figures that take more leave less to samples, down to an eighth of their share", () => {
  const strides = [0, 0.012, 0.016, 0.018, 0.05].map((figures) => trained(0.01, 1, 1, figures).at(-1)!.stride);
  assert.deepEqual(strides, [128, 128, 256, 512, 1024]);
});

test("a training of 46 ms is not told to have been recorded for nearly all of it", () => {
  // 1,300 steps of 35 µs: what its first sample took, 30 ms, is a price of the beginning.
  const pace = new SamplePace(0.01);
  const first = pace.sampled({ costMs: 30, plainMs: 0, trainedMs: 30.035, figuresMs: 0 });
  const warm = pace.sampled({ costMs: 0.8, plainMs: 0.035, trainedMs: 2, figuresMs: 0.02 });
  assert.ok(first === 0 && Math.abs(warm - 0.82 / 2.035) < 1e-6, `${first} ${warm}`);
  // At once as rare as one leap makes them, not twice as rare each time.
  assert.equal(pace.stride, 512);
});
