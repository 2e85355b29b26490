import { batchesOf, type HostExamples, type NumberArray } from "../data/index.ts";
import { leavesOf, likeStructure, type Structure } from "../nn/index.ts";
import { Tensor, tensor } from "../tensor/index.ts";
import { type Batch, checkSignal, dropAfter, Flight, toBatch } from "../train/index.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/** The outputs for all examples, batch after batch. They are gathered in the host's memory: a device need not hold them all. */
export async function predict(
  forward: (x: Batch["x"]) => Structure<Tensor>,
  examples: HostExamples,
  batchSize: number,
  signal: AbortSignal | undefined,
): Promise<Structure<Tensor>> {
  const flight = new Flight();
  let form: Structure<Tensor> | undefined;
  let whole: Gathered[] = [];
  let start = 0;
  checkSignal(signal);
  try {
    for (const some of batchesOf(examples, batchSize)) {
      const batch = toBatch(some);
      const outputs = forward(batch.x);
      const leaves = leavesOf(outputs, isTensor);
      form ??= outputs;
      if (whole.length === 0) whole = leaves.map((leaf) => new Gathered(leaf, some.length, examples.length));
      const from = start;
      const gathering = Promise.all(leaves.map(async (leaf, index) => whole[index]!.put(await leaf.data(), from)));
      dropAfter(gathering, batch);
      await flight.add(gathering);
      start += some.length;
      checkSignal(signal);
    }
  } finally {
    await flight.landed();
  }
  // There is at least one example, so the loop has run.
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
  readonly #count: number;
  #data: NumberArray | undefined;

  constructor(like: Tensor, batch: number, count: number) {
    this.#like = like;
    this.#stride = like.size / batch;
    this.#count = count;
  }

  put(values: NumberArray, start: number): void {
    // The batch's own kind of array, long enough for all examples.
    this.#data ??= new (values.constructor as new (length: number) => NumberArray)(this.#count * this.#stride);
    this.#data.set(values, start * this.#stride);
  }

  tensor(): Tensor {
    const { dtype, shape } = this.#like;
    return tensor(this.#data!, { shape: [this.#count, ...shape.slice(1)], dtype });
  }
}
