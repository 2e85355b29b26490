import { DataError } from "../../base/errors.ts";
import { listFolder, makeFolder, readFile, removeFile, writeFileAtomically } from "../../formats/index.ts";
import { isPlain } from "../../nn/structure.ts";
import { copied, hasTensors, mapArrays, onHost } from "../element.ts";
import { type Cursor, type End, end, openPlan, type Pass, type Plan } from "../plan.ts";
import { first } from "./cache.ts";
import { decodeElements, encodeElements, parsed } from "./stored.ts";

/** A part of the cache: a file of elements. */
interface Part {
  readonly file: string;
  readonly count: number;
}

const indexName = "cache.json";
const format = 1;
const partName = /^part-[a-z0-9]+-\d+\.safetensors$/;
/** A part is written when it has so many bytes in arrays, or so many elements. */
const partBytes = 2 ** 24;
const partElements = 1024;

/** Elements as they were made in the first whole pass, kept in files of a folder, also for later runs of the program. */
export function diskCache<T>(from: Plan<T>, folder: string): Plan<T> {
  const pipeline = pipelineOf(from);
  let writing = false;
  const open = (pass: Pass): Cursor<T> => {
    let begun: Promise<Cursor<T>> | undefined;
    const begin = async (skipped: boolean): Promise<Cursor<T>> => {
      const parts = await readIndex(folder, pipeline, pass.seed);
      if (parts !== undefined) return reading<T>(folder, parts);
      // A pass that leaves elements out, or runs beside one that writes, writes nothing.
      if (skipped || writing) return openPlan(from, first(pass));
      writing = true;
      const writer = new Writer(folder, pipeline);
      const watched: Pass = { ...first(pass), drew: () => writer.follow(pass.seed) };
      return written(openPlan(from, watched), writer, () => {
        writing = false;
      });
    };
    const cursor = (skipped: boolean): Promise<Cursor<T>> => {
      begun ??= begin(skipped);
      return begun;
    };
    return {
      next: async () => (await cursor(false)).next(),
      skip: async (count) => (count === 0 ? 0 : (await cursor(true)).skip(count)),
      close: async () => (await begun)?.close(),
    };
  };
  return { name: "cache", inputs: [from], cardinality: from.cardinality, indexed: false, open };
}

/** The stages before the cache: what another pipeline wrote is not taken for one's own. */
const pipelineOf = (plan: Plan<unknown>): string => {
  const inputs = plan.inputs.map(pipelineOf).join(", ");
  return `${inputs === "" ? "" : `${inputs} → `}${plan.name}`;
};

async function readIndex(folder: string, pipeline: string, seed: number): Promise<readonly Part[] | undefined> {
  await makeFolder(folder);
  if (!(await listFolder(folder)).includes(indexName)) return undefined;
  const source = `${folder}/${indexName}`;
  const index = parsed(new TextDecoder().decode(await readFile(source)));
  const parts: unknown = isPlain(index) && "parts" in index ? index.parts : undefined;
  const isPart = (part: unknown): part is Part =>
    isPlain(part) &&
    "file" in part &&
    "count" in part &&
    typeof part.file === "string" &&
    partName.test(part.file) &&
    Number.isSafeInteger(part.count);
  if (
    !isPlain(index) ||
    !("format" in index) ||
    index.format !== format ||
    !Array.isArray(parts) ||
    !parts.every(isPart)
  )
    throw new DataError({
      what: `${source}: this is no cache, or it is damaged`,
      hint: "remove the folder to make it again",
    });
  const by = "pipeline" in index ? String(index.pipeline) : "";
  // Random elements of another seed are made anew: a training must find those of its own.
  if (by === pipeline && "seed" in index && index.seed !== seed) return undefined;
  if (by === pipeline) return parts;
  throw new DataError({
    what: `cache: the folder ${folder} holds the cache of another pipeline`,
    details: [
      { role: "in the folder", value: by },
      { role: "this one", value: pipeline },
    ],
    hint: "remove the folder, or give each cache one of its own",
  });
}

/** The elements of the parts; parts that are gone past are not read. */
function reading<T>(folder: string, parts: readonly Part[]): Cursor<T> {
  let list: readonly unknown[] = [];
  let [part, at] = [0, 0];
  const filled = async (): Promise<boolean> => {
    while (at === list.length) {
      const next = parts[part++];
      if (next === undefined) return false;
      const source = `${folder}/${next.file}`;
      list = decodeElements(await readFile(source), source);
      at = 0;
    }
    return true;
  };
  return {
    next: async () => ((await filled()) ? (list[at++] as T) : end), // T was written
    skip: async (count) => {
      let left = count - Math.min(count, list.length - at);
      at += count - left;
      for (let next = parts[part]; left > 0 && next !== undefined && next.count <= left; next = parts[part]) {
        left -= next.count;
        part++;
      }
      while (left > 0 && (await filled())) {
        const passed = Math.min(left, list.length - at);
        at += passed;
        left -= passed;
      }
      return count - left;
    },
    close: () => {},
  };
}

/** The elements of a cursor, which are written as they pass. */
function written<T>(from: Cursor<T>, writer: Writer, over: () => void): Cursor<T> {
  let open = true;
  const finish = (): void => {
    if (open) over();
    open = false;
  };
  return {
    next: async (): Promise<T | End> => {
      const element = await from.next();
      if (element === end) {
        if (open) await writer.finish();
        finish();
        return end;
      }
      const kept = hasTensors(element) ? ((await onHost(element)) as T) : element; // arrays where tensors were
      if (open) await writer.add(kept);
      return kept;
    },
    skip: (count) => {
      // What is left out is missing: nothing more is written.
      finish();
      return from.skip(count);
    },
    close: async () => {
      finish();
      await from.close();
    },
  };
}

/** Writes parts, and when all are there, what they are. */
class Writer {
  readonly #folder: string;
  readonly #pipeline: string;
  readonly #token = Math.random().toString(36).slice(2) || "0";
  readonly #parts: Part[] = [];
  #held: unknown[] = [];
  #bytes = 0;
  #count = 0;
  /** That of the random choices; undefined where there were none. */
  #seed: number | undefined;

  constructor(folder: string, pipeline: string) {
    this.#folder = folder;
    this.#pipeline = pipeline;
  }

  /** The elements follow this seed. */
  follow(seed: number): void {
    this.#seed = seed;
  }

  async add(element: unknown): Promise<void> {
    // A copy: whoever gets the element may change it before the part is written.
    this.#held.push(copied(element));
    mapArrays(element, ({ data }) => {
      this.#bytes += data.byteLength;
    });
    if (this.#bytes >= partBytes || this.#held.length === partElements) await this.#write();
  }

  async finish(): Promise<void> {
    if (this.#held.length > 0) await this.#write();
    const seed = this.#seed === undefined ? {} : { seed: this.#seed };
    const index = { format, pipeline: this.#pipeline, ...seed, parts: this.#parts };
    await writeFileAtomically(`${this.#folder}/${indexName}`, JSON.stringify(index));
    // What a pass that came to no end has left.
    for (const name of await listFolder(this.#folder))
      if (partName.test(name) && !this.#parts.some(({ file }) => file === name))
        await removeFile(`${this.#folder}/${name}`);
  }

  async #write(): Promise<void> {
    const elements = this.#held;
    const file = `part-${this.#token}-${this.#parts.length}.safetensors`;
    [this.#held, this.#bytes] = [[], 0];
    await writeFileAtomically(`${this.#folder}/${file}`, encodeElements(elements, this.#count));
    this.#parts.push({ file, count: elements.length });
    this.#count += elements.length;
  }
}
