import { DataError } from "../base/errors.ts";
import { printShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { isPlain, leavesOf, mapStructure, placesOf, type Structure } from "../nn/structure.ts";
import { describeElement } from "./element.ts";
import { makerOf, NdArray, type Nested, type NumberArray, ndarray } from "./ndarray.ts";
import type { Order } from "./order.ts";

/** One value an element, along the first axis. */
export type Column = NdArray | readonly string[] | readonly number[] | readonly boolean[];

type Simple = "string" | "number" | "boolean";
const isListOf = (value: unknown, type: Simple): boolean =>
  Array.isArray(value) && (value.length === 0 || typeof value[0] === type);

export const isColumn = (value: unknown): value is Column =>
  value instanceof NdArray || isListOf(value, "string") || isListOf(value, "number") || isListOf(value, "boolean");

/** The columns of what users give as arrays or batches: typed arrays and nested lists become NdArrays. */
export function columnsOf(given: unknown, stage: string): Structure<Column> {
  if (isColumn(given)) return given;
  if (ArrayBuffer.isView(given)) return ndarray(given as NumberArray); // other views are refused by ndarray
  if (Array.isArray(given) && given.length > 0)
    return isNestedNumbers(given) ? ndarray(given as Nested) : given.map((part) => columnsOf(part, stage));
  if (isPlain(given))
    return Object.fromEntries(Object.entries(given).map(([key, part]) => [key, columnsOf(part, stage)]));
  throw new DataError({
    what: `${stage}: expected arrays whose first axis counts the elements, received ${describeElement(given)}`,
    hint: "give NdArrays, typed arrays, lists of numbers or strings, or lists and records of them",
  });
}

const isNestedNumbers = (value: readonly unknown[]): boolean => {
  let level: unknown = value;
  while (Array.isArray(level) && level.length > 0) level = level[0];
  return typeof level === "number" || typeof level === "boolean";
};

/** How many elements the columns have; an error when they disagree. */
export function rowsIn(columns: Structure<Column>, stage: string): number {
  const places = placesOf(columns, isColumn) as [string, Column][]; // columns have no masks
  const [first] = places;
  if (first === undefined) throw new DataError({ what: `${stage}: there are no arrays`, hint: "give at least one" });
  const count = lengthOf(first[1]);
  if (places.every(([, column]) => lengthOf(column) === count)) return count;
  throw new DataError({
    what: `${stage}: the arrays have different numbers of elements`,
    details: places.map(([path, column]) => ({ role: path || "array", value: `${lengthOf(column)} elements` })),
    hint: "the first axis counts the elements",
  });
}

/** A single number in an NdArray of no axes is one for all. */
const lengthOf = (column: Column): number => column.length;

const smallBytes = 64;

/** Reads single elements; their arrays are copied when they are looked at: whoever gets one may change it. */
export function rowReader(columns: Structure<Column>): (index: number) => unknown {
  if (columns instanceof NdArray) {
    const { data, stride } = columns;
    const shape = columns.shape.slice(1);
    // V8 keeps arrays of so few bytes among its objects: they are copied at once.
    if (stride * data.BYTES_PER_ELEMENT <= smallBytes)
      return (index) => new NdArray(data.slice(index * stride, (index + 1) * stride), shape);
    return (index) => new NdArray(data.subarray(index * stride, (index + 1) * stride), shape, true);
  }
  if (isColumn(columns)) return (index) => columns[index];
  // What the structure is, is found out once and not for each element.
  if (Array.isArray(columns)) {
    const readers = columns.map(rowReader);
    return (index) => readers.map((read) => read(index));
  }
  const readers = Object.entries(columns).map(([name, part]) => [name, rowReader(part as Structure<Column>)] as const);
  // That name is none for plain assignment.
  if (Object.hasOwn(columns, "__proto__"))
    return (index) => Object.fromEntries(readers.map(([name, read]) => [name, read(index)]));
  return (index) => {
    const row: Record<string, unknown> = {};
    for (const [name, read] of readers) row[name] = read(index);
    return row;
  };
}

/** The elements of `order` as one batch, copied. */
export const batchOf = (columns: Structure<Column>, order: Order): unknown =>
  mapStructure<Column, unknown>(columns, isColumn, (column) => {
    if (column instanceof NdArray)
      return order instanceof Uint32Array ? column.rows(order) : column.slice(order.start, order.stop).copy();
    const values = chosen(column as readonly unknown[], order);
    return typeof values[0] === "string" ? values : ndarray(values as number[]);
  });

const chosen = (values: readonly unknown[], order: Order): unknown[] =>
  order instanceof Uint32Array ? Array.from(order, (index) => values[index]) : values.slice(order.start, order.stop);

/** An array of zeros of the same dtype. */
export const zerosLike = ({ data }: NdArray, shape: Shape): NdArray =>
  new NdArray(new (makerOf(data))(sizeOf(shape)), shape);

/** Batches one after the other, as one. */
export function joined(batches: readonly unknown[], stage: string): unknown {
  if (batches.length === 1) return batches[0];
  const [first] = batches as Structure<Column>[];
  const parts = batches.map((batch) => leavesOf(batch as Structure<Column>, isColumn));
  let next = 0;
  return mapStructure<Column, unknown>(first!, isColumn, (head) => {
    const columns = parts.map((leaves) => leaves[next]!);
    next++;
    if (!(head instanceof NdArray)) return columns.flatMap((column) => column as readonly unknown[]);
    const count = columns.reduce((sum, column) => sum + column.length, 0);
    const whole = zerosLike(head, [count, ...head.shape.slice(1)]);
    let at = 0;
    for (const column of columns) {
      if (!(column instanceof NdArray) || column.dtype !== head.dtype || !sameRows(column, head))
        throw unlike(stage, head, column);
      whole.data.set(column.data, at);
      at += column.data.length;
    }
    return whole;
  });
}

const sameRows = (a: NdArray, b: NdArray): boolean => sameShape(a.shape.slice(1), b.shape.slice(1));

const unlike = (stage: string, expected: NdArray, received: unknown): DataError =>
  new DataError({
    what: `${stage}: batches that belong together have different elements`,
    details: [
      { role: "expected", value: `${expected.dtype} ${printShape(expected.shape.slice(1))} an element` },
      { role: "received", value: describeElement(received) },
    ],
  });
