import { ArgumentError } from "../../base/errors.ts";
import type { Shape } from "../../base/shape.ts";
import { full, Tensor, tensor } from "../../tensor/index.ts";
import { type Field, field } from "../fields.ts";

export type NumbersLike = number | readonly NumbersLike[] | ArrayLike<number>;

/** Numbers that are given with a layer and do not change: statistics, factors. */
export class Numbers {
  readonly shape: Shape;
  readonly data: Float32Array;
  readonly #json: NumbersLike;

  constructor(json: NumbersLike) {
    const found = tensorOf(json);
    this.shape = found.shape;
    this.data = found.data;
    this.#json = json;
  }

  tensor(shape: Shape = this.shape): Tensor {
    // A constant of the program where it is one number.
    return (this.data.length === 1 ? full(shape, this.data[0]!) : tensor(this.data, { shape })) as Tensor;
  }

  toJSON(): unknown {
    return ArrayBuffer.isView(this.#json) ? Array.from(this.data) : this.#json;
  }
}

function tensorOf(values: NumbersLike): { readonly data: Float32Array; readonly shape: Shape } {
  if (ArrayBuffer.isView(values)) {
    const data = Float32Array.from(values as unknown as Float32Array); // of numbers: isNumbers has seen to it
    return { data, shape: [data.length] };
  }
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat = (Array.isArray(values) ? values.flat(shape.length as 4) : [values]) as number[]; // isNumbers has checked them
  return { data: Float32Array.from(flat), shape };
}

/** Whether JSON or what a user gave is a number, or lists of numbers of one shape to the depth `rank`. */
function isNumbers(value: unknown, rank: number): value is NumbersLike {
  if (ArrayBuffer.isView(value)) return rank >= 1 && !(value instanceof DataView);
  if (!Array.isArray(value)) return typeof value === "number" && Number.isFinite(value);
  if (rank === 0 || value.length === 0) return false;
  const sizeOf = (item: unknown): number | undefined => (Array.isArray(item) ? item.length : undefined);
  return value.every((item) => isNumbers(item, rank - 1) && sizeOf(item) === sizeOf(value[0]));
}

/** A finite number, or numbers in lists of at most `rank` levels. */
export const numbers = (rank: number, initial?: NumbersLike): Field<NumbersLike, Numbers> =>
  field<NumbersLike, Numbers>({
    initial,
    parse: (name, given) => {
      const values = given instanceof Numbers ? (given.toJSON() as NumbersLike) : given; // as it was given
      if (isNumbers(values, rank)) return new Numbers(values);
      throw new ArgumentError(
        `${name} must be a number${rank === 0 ? "" : ", or numbers in a list without gaps"}, received ${printed(given)}`,
      );
    },
    write: (value) => value.toJSON(),
    read: (json) => (isNumbers(json, rank) ? json : undefined),
    expected: "a number or a list of numbers",
  });

const printed = (value: unknown): string =>
  value instanceof Tensor ? "a tensor: read it first, await x.array()" : JSON.stringify(value);
