import type { NumberArray } from "../data/index.ts";
import { leavesOf, likeStructure, type Structure } from "../nn/index.ts";
import { Tensor, tensor } from "../tensor/index.ts";
import { type Batch, checkSignal, dropAfter, type Feed, Flight, toBatch } from "../train/index.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The outputs for all batches. They are gathered in the host's memory: a device need not hold them all. */
export async function predict(
  forward: (x: Batch["x"]) => Structure<Tensor>,
  feed: Feed,
  signal: AbortSignal | undefined,
): Promise<Structure<Tensor>> {
  const flight = new Flight();
  let form: Structure<Tensor> | undefined;
  let whole: Gathered[] = [];
  checkSignal(signal);
  const batches = feed.open({ seed: 0, round: 0, step: 0 });
  try {
    let start = 0;
    for (let examples = await batches.next(); examples !== undefined; examples = await batches.next()) {
      const batch = toBatch(examples);
      const { length } = examples;
      const outputs = forward(batch.x);
      const leaves = leavesOf(outputs, isTensor);
      form ??= outputs;
      if (whole.length === 0)
        whole = leaves.map((leaf) => new Gathered(leaf, length, (feed.steps ?? 1) * feed.batchSize));
      const from = start;
      const gathering = Promise.all(leaves.map(async (leaf, index) => whole[index]!.put(await leaf.data(), from)));
      dropAfter(gathering, batch);
      await flight.add(gathering);
      start += length;
      checkSignal(signal);
    }
  } finally {
    await batches.close();
    await flight.landed();
  }
  // There is at least one batch, so the loop has run.
  return likeStructure(
    form!,
    isTensor,
    whole.map((output) => output.tensor()),
  );
}

/** One output of all examples. */
class Gathered {
  readonly #like: Tensor;
  /** Values of one example. */
  readonly #stride: number;
  /** Examples that are expected. */
  readonly #expected: number;
  /** Room for all that are expected; twice as much whenever there are more. */
  #data: NumberArray | undefined;
  #length = 0;

  constructor(like: Tensor, batch: number, expected: number) {
    this.#like = like;
    this.#stride = like.size / batch;
    this.#expected = expected;
  }

  put(values: NumberArray, start: number): void {
    const at = start * this.#stride;
    // Batches may come in any order, the largest place is the end.
    this.#length = Math.max(this.#length, at + values.length);
    if (this.#data === undefined || this.#data.length < this.#length) {
      // The batch's own kind of array.
      const Values = values.constructor as new (length: number) => NumberArray;
      const grown = new Values(Math.max(this.#length, 2 * (this.#data?.length ?? 0), this.#expected * this.#stride));
      if (this.#data !== undefined) grown.set(this.#data);
      this.#data = grown;
    }
    this.#data.set(values, at);
  }

  tensor(): Tensor {
    const { dtype, shape } = this.#like;
    const data = this.#data!.subarray(0, this.#length); // there was a batch
    return tensor(data, { shape: [this.#length / this.#stride, ...shape.slice(1)], dtype });
  }
}
