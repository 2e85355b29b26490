import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "../graph/index.ts";
import { checkGradient, sample, uniform } from "./check.ts";

interface Axis {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly spread: number;
  readonly pad: readonly [number, number];
}

const sizes = [5, 8];
const windows = [1, 3];
const strides = [1, 2, 3];
const pads = [
  [0, 0],
  [2, 1],
  [0, 3],
  [-1, 2],
  [1, -2],
] as const;

const padded = ({ size, spread, pad }: Axis): number => (size - 1) * spread + 1 + pad[0] + pad[1];
const covered = ({ window, dilation }: Axis): number => (window - 1) * dilation + 1;

/** Every combination of what one spatial axis can have, whose window fits. */
const axes: Axis[] = sizes
  .flatMap((size) => windows.map((window) => ({ size, window })))
  .flatMap((axis) => strides.map((stride) => ({ ...axis, stride })))
  .flatMap((axis) => [1, 2].map((dilation) => ({ ...axis, dilation })))
  .flatMap((axis) => [1, 2].map((spread) => ({ ...axis, spread })))
  .flatMap((axis) => pads.map((pad) => ({ ...axis, pad })))
  .filter((axis) => padded(axis) >= covered(axis));

function check(spatial: readonly Axis[], groups: number, order: 1 | 2): void {
  const attrs = {
    stride: spatial.map(({ stride }) => stride),
    dilation: spatial.map(({ dilation }) => dilation),
    spread: spatial.map(({ spread }) => spread),
    pad: spatial.map(({ pad }) => pad),
  };
  const x = sample([2, ...spatial.map(({ size }) => size), groups, 2]);
  const w = sample([...spatial.map(({ window }) => window), groups, 2, 3]);
  // Convolution is bilinear: two elements and one random direction of both operands find any error, in one evaluation each.
  try {
    checkGradient((a, b) => build.conv(a!, b!, attrs), [x, w], { order, elements: 2, tolerance: 1e-7 });
  } catch (error) {
    throw new Error(`${JSON.stringify(spatial)} groups ${groups}: ${(error as Error).message}`, { cause: error });
  }
}

test("the table of axes reaches remainders, crops and spreads", () => {
  const remainder = axes.filter((axis) => (padded(axis) - covered(axis)) % axis.stride !== 0);
  assert.ok(axes.length > 200 && remainder.length > 50);
});

for (const groups of [1, 2]) {
  for (const order of [1, 2] as const) {
    test(`conv of rank 1, ${groups} groups, order ${order}: every combination of attributes`, () => {
      for (const axis of axes) check([axis], groups, order);
    });
  }
}

for (const [rank, count] of [
  [2, 60],
  [3, 16],
] as const) {
  test(`conv of rank ${rank}: random combinations of attributes along its axes`, () => {
    const random = uniform(rank);
    for (let round = 0; round < count; round++) {
      const spatial = Array.from({ length: rank }, () => axes[Math.floor(random() * axes.length)]!);
      check(spatial, 1 + (round % 2), round % 4 === 0 ? 2 : 1);
    }
  });
}
