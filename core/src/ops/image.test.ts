import assert from "node:assert/strict";
import { test } from "node:test";
import { assertClose, run, shaped, tensor } from "./check.ts";
import { resize } from "./image.ts";

/** One line of pixels at another length, by the definition in real numbers. */
function resizeLine(line: readonly number[], length: number, interpolation: "nearest" | "bilinear"): number[] {
  const at = (index: number): number => line[Math.min(line.length - 1, Math.max(0, index))]!;
  return Array.from({ length }, (_, o) => {
    const center = ((o + 0.5) * line.length) / length;
    if (interpolation === "nearest") return at(Math.floor(center));
    const low = Math.floor(center - 0.5);
    const share = center - 0.5 - low;
    return at(low) * (1 - share) + at(low + 1) * share;
  });
}

test("resize is its definition along both axes", () => {
  const line = [3, -1, 4, 1, 5];
  for (const interpolation of ["nearest", "bilinear"] as const) {
    for (const length of [1, 2, 3, 5, 7, 10]) {
      const wanted = resizeLine(line, length, interpolation);
      assertClose(run(resize(tensor(line, [1, 5, 1, 1]), [length, 1], { interpolation })), wanted, 1e-12);
      assertClose(run(resize(tensor(line, [1, 1, 5, 1]), [1, length], { interpolation })), wanted, 1e-12);
    }
  }
  assert.deepEqual(resize(shaped([2, 5, 6, 3]), [10, 3]).shape, [2, 10, 3, 3]);
  assert.equal(resize(shaped([2, 5, 6, 3], "u8"), [10, 3]).dtype, "f32");
  assert.equal(resize(shaped([2, 5, 6, 3], "u8"), [10, 3], { interpolation: "nearest" }).dtype, "u8");
});
