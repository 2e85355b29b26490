import { ChainruleError, DataError } from "../../base/errors.ts";
import { listFolder, makeFolder, readFile, removeFile, writeFileAtomically } from "../../formats/index.ts";
import type { Position } from "../callbacks/callback.ts";
import { type CheckpointContent, decodeCheckpoint, encodeCheckpoint } from "./encode.ts";

const digits = 6;
const number = (value: number): string => String(value).padStart(digits, "0");
const nameOf = ({ epoch, step }: Position): string => `checkpoint-${number(epoch)}-${number(step)}.safetensors`;
/** Finished files, and drafts of ours that a killed process left behind. */
const finished = /^checkpoint-(\d+)-(\d+)\.safetensors$/;
const draft = /^checkpoint-\d+-\d+\.safetensors\.\w+\.tmp$/;

/** Checkpoints in a folder of their own: the newest `keep` stay, and the newest one that is whole is read. */
export class CheckpointFolder {
  readonly path: string;
  readonly #keep: number;

  constructor(path: string, keep: number) {
    this.path = path;
    this.#keep = keep;
  }

  /** Writes a checkpoint whole or not at all, and gives up those that are too old. */
  async write(position: Position, content: CheckpointContent): Promise<void> {
    await writeFileAtomically(`${this.path}/${nameOf(position)}`, encodeCheckpoint(content));
    const names = await this.#names();
    for (const name of names.slice(0, Math.max(0, names.length - this.#keep))) await this.#remove(name);
  }

  /** The newest checkpoint that is whole; undefined where there is none. An error when there are some, but all are damaged. */
  async read(): Promise<(CheckpointContent & { readonly source: string }) | undefined> {
    await makeFolder(this.path);
    for (const name of await listFolder(this.path)) if (draft.test(name)) await this.#remove(name);
    let damage: unknown;
    for (const name of (await this.#names()).reverse()) {
      const source = `${this.path}/${name}`;
      try {
        return { ...decodeCheckpoint(await readFile(source), source), source };
      } catch (error) {
        if (!(error instanceof ChainruleError)) throw error;
        damage ??= error;
      }
    }
    if (damage === undefined) return undefined;
    const why = damage instanceof ChainruleError ? damage.parts.what : String(damage);
    throw new DataError({
      what: `no checkpoint in ${this.path} can be read: ${why}`,
      hint: "remove the folder to begin the training again",
    });
  }

  /** Removes all checkpoints. */
  async clear(): Promise<void> {
    for (const name of await this.#names()) await this.#remove(name);
  }

  /** Names of finished checkpoints, oldest position first. */
  async #names(): Promise<string[]> {
    return (await listFolder(this.path)).filter((name) => finished.test(name)).sort();
  }

  #remove(name: string): Promise<void> {
    return removeFile(`${this.path}/${name}`);
  }
}
