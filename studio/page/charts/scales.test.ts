import assert from "node:assert/strict";
import { test } from "node:test";
import { linearScale, logScale } from "./scales.ts";

const scales = [
  linearScale(0, 1),
  linearScale(-3, 1e6),
  linearScale(0.0123, 0.0456),
  logScale(1e-4, 30),
  logScale(0.2, 0.9),
  logScale(1, 1e6),
];

test("labels stand inside, rise, and are about as many as asked for", () => {
  for (const scale of scales) {
    for (const count of [3, 5, 9]) {
      const ticks = scale.ticks(count);
      assert.ok(ticks.length >= 1 && ticks.length <= 2 * count + 2, `${ticks} of ${scale.low} to ${scale.high}`);
      for (const [at, tick] of ticks.entries()) {
        assert.ok(
          tick >= scale.low * 0.99 - 1e-9 && tick <= scale.high * 1.01,
          `${tick} of ${scale.low} to ${scale.high}`,
        );
        if (at > 0) assert.ok(tick > ticks[at - 1]!);
      }
    }
  }
});

test("both ways are inverse", () => {
  for (const scale of scales) {
    for (const share of [0, 0.25, 0.9, 1]) assert.ok(Math.abs(scale.toShare(scale.toValue(share)) - share) < 1e-9);
  }
});
