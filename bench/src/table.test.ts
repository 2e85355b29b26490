import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNumber, formatTable, type Result } from "./table.ts";

const result = (workload: string, system: string, runs: readonly number[], more: Partial<Result> = {}): Result => ({
  workload,
  system,
  version: "1.0.0",
  device: "cpu",
  threads: 2,
  unit: "examples/s",
  median: runs[0]!,
  best: Math.max(...runs),
  runs,
  peakBytes: null,
  ...more,
});

test("numbers keep three digits", () => {
  const shown = [
    [1640.4, "1,640"],
    [82.31, "82.3"],
    [0.7349, "0.73"],
    [9.999, "10.00"],
    [0, "0.00"],
    [12_400_000, "12,400,000"],
  ] as const;
  for (const [value, text] of shown) assert.equal(formatNumber(value), text);
});

test("the table is aligned, and compares both of our devices with everybody, and with the limits", () => {
  const table = formatTable([
    result("limit FMA peak", "machine", [200], { unit: "GFLOP/s" }),
    result("limit WASM SIMD peak", "machine", [60], { unit: "GFLOP/s" }),
    result("W1 512", "chainrule", [150], { device: "native", unit: "GFLOP/s" }),
    result("W1 512", "jax-js", [30], { device: "wasm", unit: "GFLOP/s" }),
    result("W1 512", "pytorch", [100], { unit: "GFLOP/s" }),
    result("W3 train", "chainrule", [3000], { device: "native", peakBytes: 12_300_000 }),
    result("W3 train", "chainrule", [1000], { device: "wasm" }),
    result("W3 train", "pytorch", [2000], { device: "channels last" }),
    result("W9 bundle", "chainrule", [50], { device: "", unit: "KB", threads: 0 }),
    result("W9 bundle", "jax-js", [100], { device: "", unit: "KB", threads: 0 }),
  ]);
  assert.equal(`\n${table}\n`, expectedTable);
});

test("nothing to compare: no columns for it", () => {
  const table = formatTable([result("W2 train", "chainrule", [5], { device: "native" })]);
  assert.ok(!table.includes(" is"));
});

const expectedTable = `
                           version  threads  median   best     peak  chainrule native is  chainrule wasm is  of limit
limit FMA peak [GFLOP/s]
  machine                  1.0.0          2     200    200
limit WASM SIMD peak [GFLOP/s]
  machine                  1.0.0          2    60.0   60.0
W1 512 [GFLOP/s]
  chainrule native         1.0.0          2     150    150                                                       75 %
  jax-js (wasm)            1.0.0          2    30.0   30.0                         5.00×                         50 %
  pytorch                  1.0.0          2     100    100                         1.50×                         50 %
W3 train [examples/s]
  chainrule native         1.0.0          2   3,000  3,000  12.3 MB                                   0.33×
  chainrule wasm           1.0.0          2   1,000  1,000                         3.00×
  pytorch (channels last)  1.0.0          2   2,000  2,000                         1.50×              0.50×
W9 bundle [KB]
  chainrule                1.0.0               50.0   50.0
  jax-js                   1.0.0                100    100                         2.00×              2.00×
`;
