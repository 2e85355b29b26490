import { DataError } from "../base/errors.ts";
import { printShape, type Shape, sameShape, sizeOf } from "../base/shape.ts";
import { isPlain } from "../nn/structure.ts";
import { type ShapeIn, Tensor, type WithoutFirst } from "../tensor/index.ts";
import type { Eventual } from "./eventual.ts";
import { NdArray, type Nested, type NumberArray, ndarray, unwritten } from "./ndarray.ts";

// Elements are values, or lists and records of them to any depth. Values are numbers, booleans, strings, arrays (NdArray,
// typed arrays, nested lists of numbers) and tensors. In a batch, numbers and arrays are an NdArray, strings are a list.

type NumberLike = NdArray | Tensor | number | boolean | NumberArray | Float64Array | readonly Nested[];

/** The shape of an array, as far as its type tells. */
export type ShapeOfData<X> = X extends NdArray<infer S extends Shape> ? S : ShapeIn<X>;
/** With the axis of the batch. */
type Behind<S extends Shape> = number extends S["length"] ? Shape : [number, ...S];

/** What elements of the type T are in a batch. */
export type Batched<T> = T extends string
  ? readonly string[]
  : T extends NumberLike
    ? NdArray<Behind<ShapeOfData<T>>>
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Batched<T[K]> }
      : T extends object
        ? { readonly [K in keyof T]: Batched<T[K]> }
        : never;

/** What the rows of a batch (or of whole arrays) are. */
export type Row<S> = S extends readonly string[]
  ? string
  : S extends readonly number[]
    ? number
    : S extends readonly boolean[]
      ? boolean
      : S extends NumberLike
        ? NdArray<WithoutFirst<ShapeOfData<S>>>
        : S extends readonly unknown[]
          ? { readonly [K in keyof S]: Row<S[K]> }
          : S extends object
            ? { readonly [K in keyof S]: Row<S[K]> }
            : never;

/** Lists of numbers, to any depth, are one value. */
const isNumbers = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((item) => typeof item === "number" || typeof item === "boolean" || isNumbers(item));

/** How a value, or a structure of them, is told in messages: `{ x: f32 [28, 28], y: number }`. */
export function describeElement(value: unknown): string {
  if (value instanceof NdArray || value instanceof Tensor) return `${value.dtype} ${printShape(value.shape)}`;
  if (ArrayBuffer.isView(value)) return value.constructor.name;
  if (isNumbers(value)) return `numbers ${printShape(shapeOf(value))}`;
  if (Array.isArray(value))
    return value.length > 4 ? `a list of ${value.length}` : `[${value.map(describeElement).join(", ")}]`;
  if (isPlain(value))
    return `{ ${Object.entries(value)
      .map(([key, part]) => `${key}: ${describeElement(part)}`)
      .join(", ")} }`;
  if (typeof value === "object" && value !== null) return value.constructor?.name ?? "an object";
  return value === null ? "null" : typeof value;
}

function shapeOf(value: unknown): Shape {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

/** An array of a value that a batch keeps as numbers; undefined for all others. */
function arrayOf(value: unknown): NdArray | undefined {
  if (value instanceof NdArray) return value;
  if (ArrayBuffer.isView(value)) return ndarray(value as NumberArray); // other views are refused by ndarray
  return isNumbers(value) ? ndarray(value as Nested) : undefined;
}

/** Whether a value has tensors in it, which must be read before it can be stacked. */
export const hasTensors = (value: unknown): boolean => {
  if (value instanceof Tensor) return true;
  if (typeof value !== "object" || value === null || value instanceof NdArray || ArrayBuffer.isView(value))
    return false;
  if (Array.isArray(value)) return typeof value[0] !== "number" && value.some(hasTensors);
  if (!isPlain(value)) return false;
  for (const key in value) if (hasTensors((value as Readonly<Record<string, unknown>>)[key])) return true;
  return false;
};

/** The value with its tensors read into the host's memory. */
export async function onHost(value: unknown): Promise<unknown> {
  if (value instanceof Tensor) return new NdArray((await value.data()) as NumberArray, value.shape);
  if (!hasTensors(value)) return value;
  if (Array.isArray(value)) return Promise.all(value.map(onHost));
  const entries = Object.entries(value as object).map(async ([key, part]) => [key, await onHost(part)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Elements as one batch. `first` is the number of the first one, for messages. */
export function stack(elements: readonly unknown[], first: number, stage = "batch"): Eventual<unknown> {
  if (!elements.some(hasTensors)) return stackOnHost(elements, { first, stage, path: "" });
  return Promise.all(elements.map(onHost)).then((read) => stackOnHost(read, { first, stage, path: "" }));
}

interface Place {
  readonly first: number;
  readonly stage: string;
  /** Where in the elements: `.x`, `[0]`. */
  readonly path: string;
}

function stackOnHost(elements: readonly unknown[], place: Place): unknown {
  const [head] = elements;
  if (typeof head === "number") return stackNumbers(elements, "number", place);
  if (typeof head === "boolean") return stackNumbers(elements, "boolean", place);
  if (typeof head === "string") {
    demandAll(elements, place, "a string", (value) => typeof value === "string");
    return elements;
  }
  const array = arrayOf(head);
  if (array !== undefined) return stackArrays(array, elements, place);
  if (Array.isArray(head)) {
    const expected = `a list of ${head.length}`;
    demandAll(
      elements,
      place,
      expected,
      (value) => Array.isArray(value) && value.length === head.length && !isNumbers(value),
    );
    return head.map((_, index) =>
      stackOnHost(
        elements.map((element) => (element as readonly unknown[])[index]),
        { ...place, path: `${place.path}[${index}]` },
      ),
    );
  }
  if (isPlain(head)) return stackRecords(Object.keys(head), elements, place);
  throw new DataError({
    what: `${place.stage}: element ${place.first}${at(place)} cannot be part of a batch: it is ${describeElement(head)}`,
    hint: "map elements to numbers, strings, arrays, or lists and records of them",
  });
}

const at = ({ path }: Place): string => (path === "" ? "" : ` at ${path}`);

function demandAll(
  elements: readonly unknown[],
  place: Place,
  expected: string,
  fits: (value: unknown) => boolean,
  hint?: string,
): void {
  const odd = elements.findIndex((element) => !fits(element));
  if (odd === -1) return;
  throw new DataError({
    what: `${place.stage}: element ${place.first + odd}${at(place)} is not what the elements before it are`,
    details: [
      { role: "expected", value: expected },
      { role: "received", value: describeElement(elements[odd]) },
    ],
    ...(hint === undefined ? {} : { hint }),
  });
}

function stackNumbers(elements: readonly unknown[], type: "number" | "boolean", place: Place): NdArray {
  demandAll(elements, place, `a ${type}`, (value) => typeof value === type);
  return new NdArray(Float32Array.from(elements as readonly number[], Number));
}

function stackArrays(head: NdArray, elements: readonly unknown[], place: Place): NdArray {
  const expected = `${head.dtype} ${printShape(head.shape)}`;
  const arrays = elements.map(arrayOf);
  const fits = (array: NdArray | undefined): boolean =>
    array !== undefined &&
    array.dtype === head.dtype &&
    (array.shape === head.shape || sameShape(array.shape, head.shape));
  if (!arrays.every(fits)) {
    const hint = "paddedBatch fills shorter ones up; map can bring them to one shape";
    demandAll(elements, place, expected, (element) => fits(arrayOf(element)), hint);
  }
  const size = sizeOf(head.shape);
  const data = unwritten(head.values, arrays.length * size);
  arrays.forEach((array, row) => {
    data.set(array!.values, row * size); // all have been demanded
  });
  return new NdArray(data, [arrays.length, ...head.shape]);
}

function stackRecords(keys: readonly string[], elements: readonly unknown[], place: Place): unknown {
  const fits = (value: unknown): boolean => {
    if (!isPlain(value)) return false;
    // Most are alike, and keys that are gone through make no list.
    let at = 0;
    for (const key in value) if (key !== keys[at++]) at = Number.NaN;
    return (
      at === keys.length ||
      (Object.keys(value).length === keys.length && keys.every((key) => Object.hasOwn(value, key)))
    );
  };
  demandAll(elements, place, `a record of ${keys.join(", ")}`, fits);
  return Object.fromEntries(
    keys.map((key) => [
      key,
      stackOnHost(
        elements.map((element) => (element as Readonly<Record<string, unknown>>)[key]),
        { ...place, path: `${place.path}.${key}` },
      ),
    ]),
  );
}

/** The element with `change` applied to its arrays (also typed arrays and lists of numbers), each with its path (`.x.0`). */
export function mapArrays(element: unknown, change: (array: NdArray, path: string) => unknown, path = ""): unknown {
  const array = arrayOf(element);
  if (array !== undefined) return change(array, path);
  if (Array.isArray(element)) return element.map((part, index) => mapArrays(part, change, `${path}.${index}`));
  if (!isPlain(element)) return element;
  return Object.fromEntries(
    Object.entries(element).map(([key, part]) => [key, mapArrays(part, change, `${path}.${key}`)]),
  );
}

/** The element, whose arrays have memory of their own from now on. */
export function owned<T>(element: T): T {
  if (element instanceof NdArray) return element.own();
  if (Array.isArray(element)) for (const part of element) owned(part);
  else if (isPlain(element)) for (const key in element) owned((element as Readonly<Record<string, unknown>>)[key]);
  return element;
}

/** A copy of the element: whoever changes it changes nothing else. */
export const copied = <T>(element: T): T =>
  // Typed arrays and lists of numbers stay what they are.
  copyOf(element) as T;

function copyOf(value: unknown): unknown {
  if (value instanceof NdArray) return value.copy();
  if (ArrayBuffer.isView(value)) return (value as NumberArray).slice(); // all that elements may be
  if (Array.isArray(value)) return value.map(copyOf);
  return isPlain(value) ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, copyOf(part)])) : value;
}
