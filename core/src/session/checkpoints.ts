import { DataError } from "../base/errors.ts";
import { builtin } from "../base/host.ts";
import type { CheckpointReference } from "../record/index.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  restoreSnapshot,
  type TrainingControl,
  takeSnapshot,
} from "../train/index.ts";

/** Where large things of a run are kept, by their hash. */
export interface BlobStore {
  write(sha256: string, bytes: Uint8Array): void;
  read(sha256: string): Uint8Array | undefined;
}

/** Automatic checkpoints that are kept in memory when there is no place to store them. */
const keptInMemory = 8;

/** States of the training that can be gone back to. */
export class Checkpoints {
  readonly #blobs: BlobStore | undefined;
  readonly #known = new Map<string, CheckpointReference>();
  readonly #memory = new Map<string, Uint8Array>();
  #count = 0;

  constructor(blobs: BlobStore | undefined) {
    this.#blobs = blobs;
  }

  /** The state as it is between two steps. */
  async take(
    control: TrainingControl,
    cause: CheckpointReference["cause"],
    before?: string,
  ): Promise<CheckpointReference> {
    const { position } = control.snapshot();
    const bytes = encodeCheckpoint(await takeSnapshot(control));
    const id = `checkpoint-${++this.#count}`;
    const sha256 = this.#blobs === undefined ? undefined : await digest(bytes);
    if (sha256 !== undefined)
      this.#blobs!.write(sha256, bytes); // there is a hash only where there is a store
    else {
      this.#memory.set(id, bytes);
      const oldest = this.#memory.keys().next().value;
      if (this.#memory.size > keptInMemory && oldest !== undefined) this.#memory.delete(oldest);
    }
    const reference: CheckpointReference = {
      id,
      time: Date.now(),
      epoch: position.epoch,
      stepOfEpoch: position.step,
      cause,
      bytes: bytes.length,
      ...(before === undefined ? {} : { before }),
      ...(sha256 === undefined ? {} : { sha256 }),
    };
    this.#known.set(id, reference);
    return reference;
  }

  /** Knows the checkpoints of an earlier process. */
  know(references: readonly CheckpointReference[]): void {
    for (const reference of references) this.#known.set(reference.id, reference);
    this.#count = Math.max(this.#count, this.#known.size);
  }

  get(id: string): CheckpointReference | undefined {
    return this.#known.get(id);
  }
  /** The automatic one before a command. */
  before(command: string): CheckpointReference | undefined {
    return [...this.#known.values()].find(({ before }) => before === command);
  }

  /** Puts a state back; the training goes on from its position. */
  restore(control: TrainingControl, { id, sha256 }: CheckpointReference): void {
    const bytes = sha256 === undefined ? this.#memory.get(id) : this.#blobs?.read(sha256);
    if (bytes === undefined) throw new DataError(`${id} is not kept any more`);
    restoreSnapshot(control, decodeCheckpoint(bytes, id), id);
  }
}

interface Subtle {
  digest(name: string, bytes: Uint8Array): Promise<ArrayBuffer>;
}

/** The SHA-256 of bytes, in hexadecimal digits; undefined in pages that are not secure. */
async function digest(bytes: Uint8Array): Promise<string | undefined> {
  const global = globalThis as { readonly crypto?: { readonly subtle?: Subtle } };
  const subtle =
    global.crypto?.subtle ??
    builtin<{ readonly webcrypto: { readonly subtle: Subtle } }>("node:crypto")?.webcrypto.subtle;
  if (subtle === undefined) return undefined;
  const hash = new Uint8Array(await subtle.digest("SHA-256", bytes));
  return [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
