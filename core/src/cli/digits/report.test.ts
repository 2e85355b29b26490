import assert from "node:assert/strict";
import { test } from "node:test";
import { NdArray } from "../../data/index.ts";
import { drawImage } from "./draw.ts";
import { printMistakes, surestMistakes, topClasses } from "./mistakes.ts";
import type { Predictions } from "./predictions.ts";
import { fingerprint } from "./predictions.ts";
import { confusionMatrix, printConfusion, printTimes } from "./report.ts";

/** Predictions of ten classes: `sureness` for the class named, the rest shared by the others. */
function predicted(...guesses: readonly (readonly [digit: number, sureness: number])[]): Predictions {
  const probabilities = new Float32Array(guesses.length * 10);
  guesses.forEach(([digit, sureness], index) => {
    probabilities.fill((1 - sureness) / 9, index * 10, (index + 1) * 10);
    probabilities[index * 10 + digit] = sureness;
  });
  return { probabilities, classes: Int32Array.from(guesses, ([digit]) => digit) };
}

test("the confusion matrix counts, marks zeros, and shows the recall of each class", () => {
  const matrix = confusionMatrix([0, 0, 0, 1, 9, 9], [0, 0, 8, 1, 4, 9]);
  assert.equal(
    printConfusion(matrix),
    `  actual │predicted                                          │ recall
         │    0    1    2    3    4    5    6    7    8    9 │
  ───────┼───────────────────────────────────────────────────┼───────
       0 │    2    ·    ·    ·    ·    ·    ·    ·    1    · │  66.7%
       1 │    ·    1    ·    ·    ·    ·    ·    ·    ·    · │ 100.0%
       2 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       3 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       4 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       5 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       6 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       7 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       8 │    ·    ·    ·    ·    ·    ·    ·    ·    ·    · │      –
       9 │    ·    ·    ·    ·    1    ·    ·    ·    ·    1 │  50.0%`,
  );
});

test("times are shown with shares that add up to the total", () => {
  assert.equal(
    printTimes({ data: 1000, compile: 4000 }, 10_000),
    `  data               1.00 s   10.0%  ████
  compile            4.00 s   40.0%  ████████████████
  everything else    5.00 s   50.0%  ████████████████████`,
  );
});

const image = { width: 4, height: 3, pixels: [1, 1, 0, 0, 1, 0, 1, 0.4, 0, 0.4, 1, 1] };

test("an image is drawn in half blocks, two rows of pixels a line", () => {
  assert.deepEqual(drawImage(image, "plain"), ["█▀▄░", " ░▀▀"]);
});

test("in colour the same characters carry the greys", () => {
  const lines = drawImage(image, "color");
  const csi = "\u001b";
  assert.deepEqual(
    lines.map((line) => line.split(new RegExp(`${csi}\\[[\\d;]*m`)).join("")),
    ["█▀▄ ", "  ▀▀"],
  );
  const [first = ""] = lines;
  assert.ok(first.startsWith(`${csi}[38;5;255;48;5;255m█${csi}[38;5;255;48;5;232m▀${csi}[38;5;255;48;5;232m▄`));
  assert.ok(first.endsWith(`${csi}[0m`));
});

test("the surest mistakes come first, right answers never", () => {
  const guesses = predicted([1, 0.5], [2, 0.9], [3, 0.99], [4, 0.7]);
  assert.deepEqual(surestMistakes([0, 0, 3, 0], guesses, 2), [1, 3]);
});

test("the top classes are the likeliest, with their probabilities", () => {
  assert.deepEqual(topClasses([0.05, 0.6, 0.3, 0.05]), ["1   60.0%", "2   30.0%", "0    5.0%"]);
});

test("mistakes stand side by side where there is room, and below each other where not", () => {
  const images = new NdArray(new Float32Array(2 * 4 * 4).fill(1), [2, 4, 4, 1]);
  const actual = [7, 8];
  const guesses = predicted([1, 0.9], [2, 0.8]);
  const page = (columns: number): string => printMistakes(images, actual, guesses, { columns, style: "plain" });
  assert.equal(page(80).split("\n")[0]?.replaceAll(/ +/g, " "), " a 7, read as 1 a 8, read as 2");
  assert.equal(page(80).split("\n").length, 6);
  assert.equal(page(9).split("\n").length, 13);
  assert.equal(printMistakes(images, [1, 2], guesses, { columns: 80, style: "plain" }), "  none");
});

test("fingerprints differ in any bit", () => {
  const one = predicted([1, 0.9], [2, 0.8]);
  const other = predicted([1, 0.9], [2, 0.8]);
  assert.equal(fingerprint(one), fingerprint(other));
  new Uint8Array(other.probabilities.buffer)[5]! ^= 1;
  assert.notEqual(fingerprint(one), fingerprint(other));
  assert.match(fingerprint(one), /^[\da-f]{16}$/);
});
