import { printShape, type Shape, sizeOf } from "../base/shape.ts";
import { currentTrace, holderOf, isLeaf, resolve } from "../engine/index.ts";
import { unpack } from "./data.ts";
import type { Source } from "./tensor.ts";

/** Longer axes are shown as their first and last elements. */
const shownElements = 1000;
const shownAtEnds = 3;

/** A tensor as text: values when `bytes` are given or the host has them, else shape and dtype. */
export function printTensor(source: Source, bytes = hostBytes(source)): string {
  const { shape, dtype } = source;
  if (bytes === undefined) return `tensor(${dtype} ${printShape(shape)})`;
  const values = unpack(bytes.slice(), dtype);
  const text = printValues(values, shape, dtype === "bool");
  return shape.length === 0 ? `tensor(${text}, ${dtype})` : `tensor(${text}, ${dtype} ${printShape(shape)})`;
}

/** The value's bytes if nothing has to be computed or copied to know them. */
function hostBytes(source: Source): Uint8Array | undefined {
  if (currentTrace() !== undefined || !("op" in source)) return undefined;
  const node = resolve(source);
  if (!isLeaf(node)) return undefined;
  try {
    const { host, overwritten } = holderOf(node).storage;
    return host instanceof Uint8Array && !overwritten ? host : undefined;
  } catch {
    return undefined; // disposed: shape and dtype are all there is to show
  }
}

function printValues(values: ArrayLike<number>, shape: Shape, boolean: boolean): string {
  const summary = sizeOf(shape) > shownElements;
  const cell = (value: number): string => (boolean ? String(value !== 0) : printNumber(value));
  const visit = (axis: number, start: number): string => {
    if (axis === shape.length) return cell(values[start]!);
    const size = shape[axis]!;
    const stride = sizeOf(shape.slice(axis + 1));
    const shown =
      summary && size > 2 * shownAtEnds
        ? [0, 1, 2, -1, size - 3, size - 2, size - 1]
        : Array.from({ length: size }, (_, index) => index);
    const parts = shown.map((index) => (index < 0 ? "..." : visit(axis + 1, start + index * stride)));
    const nested = axis < shape.length - 1;
    return nested ? `[${parts.join(`,\n${" ".repeat("tensor(".length + axis + 1)}`)}]` : `[${parts.join(", ")}]`;
  };
  return visit(0, 0);
}

/** At most five significant digits, which is what people compare by eye. */
const printNumber = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5)));
