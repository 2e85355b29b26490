import { ArgumentError, ChainruleError, DataError } from "../base/errors.ts";
import {
  ahead,
  type BatchLike,
  type BatchSource,
  type Cursor,
  type Examples,
  end,
  examplesOf,
  type HostExamples,
  hostExamples,
  type NanPolicy,
  openPlan,
  planOf,
} from "../data/index.ts";
import type { Beginning, DataPlace, Feed } from "./feed.ts";
import { type ClassWeight, weighted } from "./weights.ts";

export interface DatasetFeedOptions {
  /** The data, in messages: "fit". */
  readonly role: string;
  /** Batches of an epoch, which then may end in the middle of a pass, or go over several. */
  readonly steps?: number | undefined;
  /** Whether epochs of a given length go on where the last one ended; else each begins a pass. */
  readonly goesOn?: boolean | undefined;
  readonly classWeight?: ClassWeight | undefined;
  readonly nanPolicy?: NanPolicy | undefined;
  /** Changes a batch first: what a model does on the host. */
  readonly fed: (examples: Examples) => Examples;
  /** Checks a batch before it is used. */
  readonly check?: ((examples: HostExamples) => void) | undefined;
}

/** Batches that are made while others are computed with. */
const madeAhead = 2;

/** Batches that a data set makes. The first is made at once, so that the model can be built for it. */
export async function datasetFeed(source: BatchSource, first: Beginning, options: DatasetFeedOptions): Promise<Feed> {
  const feed = new DatasetFeed(source, options);
  await feed.begin(first);
  return feed;
}

class DatasetFeed implements Feed {
  readonly measured = true;
  readonly whole = undefined;
  readonly others = [];
  steps: number | undefined;
  #sample: HostExamples | undefined;
  readonly #plan;
  readonly #options: DatasetFeedOptions;
  /** Whether each epoch begins a pass. */
  readonly #anew: boolean;
  /** The place after the batches that have been given. */
  #place: DataPlace = { pass: 0, taken: 0 };
  #restored: DataPlace | undefined;
  #current: Passage | undefined;

  constructor(source: BatchSource, options: DatasetFeedOptions) {
    this.#plan = planOf(source);
    this.#options = options;
    this.#anew = options.steps === undefined || options.goesOn !== true;
    const { cardinality } = this.#plan;
    this.steps = options.steps ?? cardinality;
    if (this.steps === Number.POSITIVE_INFINITY) {
      const { role } = options;
      throw new ArgumentError({
        what: `${role}: the data have no end, so somebody must say how long ${role === "fit" ? "an epoch" : "this"} is`,
        hint: role === "fit" ? "give stepsPerEpoch" : role === "validation" ? "give validationSteps" : "give steps",
      });
    }
  }

  get batchSize(): number {
    return this.sample.length;
  }

  get sample(): HostExamples {
    return this.#sample!; // `begin` has made it
  }

  /** Makes the first batch; it is kept for the epoch that begins with it. */
  async begin({ seed, round }: Beginning): Promise<void> {
    const passage = new Passage(this.#plan, { pass: round, taken: 0 }, seed, this.#options);
    this.#sample = await passage.peek();
    if (this.#sample === undefined) {
      throw new DataError({ what: `${this.#options.role}: the data set is empty: it has no batches` });
    }
    this.#current = passage;
    this.#place = { pass: round, taken: 0 };
  }

  open({ seed, round, step }: Beginning): { next(): Promise<HostExamples | undefined>; close(): Promise<void> } {
    const { steps } = this.#options;
    const place = this.#restored ?? (this.#anew ? { pass: round, taken: step } : this.#place);
    this.#restored = undefined;
    this.#place = place;
    let given = step;
    let opened: Promise<Passage> | undefined;
    const passage = (at: DataPlace): Promise<Passage> => this.#passageAt(at, seed);
    const next = async (): Promise<HostExamples | undefined> => {
      if (given === steps) return undefined;
      opened ??= passage(place);
      let current = await opened;
      let batch = await current.next();
      if (batch === undefined && !this.#anew) {
        // An epoch of a given length goes on with the next pass.
        opened = passage({ pass: current.place.pass + 1, taken: 0 });
        current = await opened;
        batch = await current.next();
        if (batch === undefined) {
          throw new DataError({
            what: `${this.#options.role}: pass ${current.place.pass} over the data has no batches`,
            hint: "a generator that gives its elements once needs repeat(), or fewer steps",
          });
        }
      }
      if (batch !== undefined) {
        given++;
        this.#place = current.place;
        return batch;
      }
      this.steps = given;
      await this.#end();
      return undefined;
    };
    return {
      next,
      close: async () => {
        // Else the pass is left open for the next epoch.
        if (this.#anew) await this.#end();
      },
    };
  }

  place(): DataPlace | undefined {
    return this.#anew ? undefined : this.#place;
  }

  restore(place: DataPlace): void {
    if (!this.#anew) this.#restored = place;
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #end(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.close();
  }

  /** The pass as it stands, if it stands there; else one that goes on from there. */
  async #passageAt(place: DataPlace, seed: number): Promise<Passage> {
    const current = this.#current;
    if (current !== undefined) {
      if (current.seed === seed && current.place.pass === place.pass && current.place.taken === place.taken)
        return current;
      await current.close();
    }
    this.#current = new Passage(this.#plan, place, seed, this.#options);
    return this.#current;
  }
}

/** One pass over a data set, of which batches are made ahead. */
class Passage {
  readonly seed: number;
  #place: DataPlace;
  readonly #cursor: Cursor<HostExamples>;
  #skipped: number | Promise<number> | undefined;
  #peeked: Promise<HostExamples | undefined> | undefined;

  constructor(plan: ReturnType<typeof planOf>, place: DataPlace, seed: number, options: DatasetFeedOptions) {
    this.seed = seed;
    this.#place = place;
    const elements = openPlan(plan, { seed, number: place.pass });
    let made = place.taken;
    const checked: Cursor<HostExamples> = {
      next: async () => {
        const element = await elements.next();
        return element === end ? end : hostBatch(element as BatchLike, made++, options);
      },
      skip: (count) => elements.skip(count),
      close: () => elements.close(),
    };
    this.#cursor = ahead(checked, madeAhead);
  }

  get place(): DataPlace {
    return this.#place;
  }

  /** The next batch, which stays the next. */
  peek(): Promise<HostExamples | undefined> {
    this.#peeked ??= this.#make();
    return this.#peeked;
  }

  async next(): Promise<HostExamples | undefined> {
    const batch = await this.peek();
    this.#peeked = undefined;
    if (batch !== undefined) this.#place = { ...this.#place, taken: this.#place.taken + 1 };
    return batch;
  }

  async close(): Promise<void> {
    await this.#peeked?.catch(() => {});
    await this.#cursor.close();
  }

  async #make(): Promise<HostExamples | undefined> {
    this.#skipped ??= this.#place.taken === 0 ? 0 : this.#cursor.skip(this.#place.taken);
    await this.#skipped;
    const batch = await this.#cursor.next();
    return batch === end ? undefined : batch;
  }
}

/** A batch in the host's memory, checked. */
async function hostBatch(element: BatchLike, index: number, options: DatasetFeedOptions): Promise<HostExamples> {
  try {
    const examples = weighted(
      await hostExamples(options.fed(examplesOf(element)), options.nanPolicy),
      options.classWeight,
    );
    options.check?.(examples);
    return examples;
  } catch (error) {
    if (!(error instanceof ChainruleError)) throw error;
    // The same kind of error, with the number of the batch.
    const Kind = error.constructor as new (parts: ChainruleError["parts"]) => ChainruleError;
    throw new Kind({ ...error.parts, what: `${options.role}: batch ${index}: ${error.parts.what}` });
  }
}
