import { ArgumentError, DataError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { Tensor } from "../../tensor/index.ts";
import { isPlain } from "../structure.ts";

/** Numbers in the host's memory, row-major. */
export interface HostArray {
  readonly data: ArrayLike<number>;
  readonly shape: Shape;
}

/** Texts in the host's memory, row-major. */
export interface HostTexts {
  readonly texts: readonly string[];
  readonly shape: Shape;
}

/** A text, or texts in lists. */
export type Texts = string | readonly Texts[];
/** Numbers in lists. */
export type NestedNumbers = number | readonly NestedNumbers[];
type Batch = Texts | NestedNumbers | ArrayLike<number> | HostArray | Tensor;
/** A batch, or the inputs of a batch of examples: { x, y } or [x, y]. */
type Example = Batch | { readonly x: unknown };
/** What `adapt` takes: an array, a tensor, texts; or batches of them in an iterable, sync or async (a Dataset). */
export type Adaptable = Example | Iterable<Example> | AsyncIterable<Example>;

export const isHostArray = (value: unknown): value is HostArray =>
  typeof value === "object" && value !== null && "data" in value && "shape" in value && ArrayBuffer.isView(value.data);
export const isTexts = (value: unknown): value is Texts =>
  typeof value === "string" || (Array.isArray(value) && value.length > 0 && isTexts(value[0]));
export const isHostTexts = (value: unknown): value is HostTexts =>
  typeof value === "object" && value !== null && "texts" in value;
const isNumbers = (value: unknown): value is NestedNumbers =>
  typeof value === "number" || (Array.isArray(value) && value.length > 0 && isNumbers(value[0]));

/** Texts in lists as a flat list and its shape; lists of different lengths are an error that names the place. */
export function textsOf(owner: string, value: Texts | HostTexts): HostTexts {
  if (isHostTexts(value)) return value;
  const { flat, shape } = flattened(owner, value, "string");
  return { texts: flat as string[], shape }; // flattened has checked their type
}

/** A host array, or numbers in lists, as a flat list and its shape. */
export function arrayOf(owner: string, value: HostArray | NestedNumbers | ArrayLike<number>): HostArray {
  if (isHostArray(value)) return value;
  if (ArrayBuffer.isView(value)) {
    const data = value as unknown as ArrayLike<number>; // DataView is refused by the types
    return { data, shape: [data.length] };
  }
  const { flat, shape } = flattened(owner, value as NestedNumbers, "number");
  return { data: flat as number[], shape }; // as above
}

function flattened(owner: string, value: unknown, kind: "string" | "number"): { flat: unknown[]; shape: Shape } {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: unknown[] = [];
  const visit = (item: unknown, depth: number, place: string): void => {
    if (depth === shape.length) {
      if (typeof item !== kind) throw wrong(owner, kind === "string" ? "a text" : "a number", item, place);
      flat.push(item);
    } else {
      if (!Array.isArray(item) || item.length !== shape[depth])
        throw wrong(owner, `${shape[depth]} values`, item, place);
      for (const [at, inner] of item.entries()) visit(inner, depth + 1, `${place}[${at}]`);
    }
  };
  visit(value, 0, "");
  return { flat, shape };
}

const wrong = (owner: string, expected: string, item: unknown, place: string): DataError =>
  new DataError({
    what: `${owner}: expected ${expected} at ${place === "" ? "the top" : place}, received ${printed(item)}`,
    hint: "lists in one another must be of equal length",
  });

export const printed = (value: unknown): string =>
  Array.isArray(value)
    ? `a list of ${value.length}`
    : typeof value === "object"
      ? `a ${value?.constructor?.name ?? "null"}`
      : (JSON.stringify(value) ?? String(value));

/** The batches in what a user gives to `adapt`; of examples, their inputs. */
export async function* batchesOf(owner: string, data: Adaptable): AsyncGenerator<HostArray | HostTexts> {
  const one = await oneBatch(owner, data);
  if (one !== undefined) return yield one;
  const iterable = data as { [Symbol.iterator]?: unknown; [Symbol.asyncIterator]?: unknown };
  if (typeof iterable?.[Symbol.iterator] !== "function" && typeof iterable?.[Symbol.asyncIterator] !== "function") {
    throw new ArgumentError({
      what: `${owner}: adapt takes arrays, tensors, texts, or batches of them; received ${printed(data)}`,
      hint: 'adapt(x), adapt(["a text", "another"]), or adapt(dataset)',
    });
  }
  for await (const batch of data as AsyncIterable<unknown>) {
    const found = await oneBatch(owner, inputOf(batch));
    if (found === undefined)
      throw new ArgumentError(`${owner}: adapt received a batch that is neither numbers nor texts: ${printed(batch)}`);
    yield found;
  }
}

/** The inputs of a batch of examples: of { x, y }, of [x, y]; else the batch itself. */
function inputOf(batch: unknown): unknown {
  if (isPlain(batch) && "x" in batch) return batch.x;
  // Texts and their labels; lists of texts or numbers alone are one batch.
  if (Array.isArray(batch) && batch.some((part) => isHostArray(part) || part instanceof Tensor)) return batch[0];
  return batch;
}

async function oneBatch(owner: string, value: unknown): Promise<HostArray | HostTexts | undefined> {
  if (value instanceof Tensor) return { data: await value.data(), shape: value.shape };
  if (isHostArray(value) || isHostTexts(value)) return value;
  if (ArrayBuffer.isView(value)) return arrayOf(owner, value as unknown as ArrayLike<number>);
  if (isTexts(value)) return textsOf(owner, value);
  if (isNumbers(value)) return arrayOf(owner, value);
  return isPlain(value) && "x" in value ? oneBatch(owner, value.x) : undefined;
}

/** Batches of numbers. */
export async function* arraysOf(owner: string, data: Adaptable): AsyncGenerator<HostArray> {
  for await (const batch of batchesOf(owner, data)) {
    if (!("texts" in batch)) yield { data: batch.data, shape: batch.shape.length === 0 ? [1] : batch.shape };
    else throw new ArgumentError(`${owner}: adapt takes numbers, received texts`);
  }
}
