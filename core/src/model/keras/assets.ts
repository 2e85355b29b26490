import { DataError } from "../../base/errors.ts";
import type { Hdf5Group, ZipMember } from "../../formats/index.ts";
import { snakeCase } from "../../nn/names.ts";
import { isRecord, type Json, own } from "./json.ts";
import { uniquely } from "./names.ts";
import { valuesFor } from "./values.ts";

// Vocabularies that layers have learned: files in an archive's "assets" folder, at the paths of their layers, and for tf-idf weights
// among the model's (keras/src/layers/preprocessing/index_lookup.py). Here they become part of the layers' configs, as vocabularies
// are that were given.

const lookups: readonly string[] = ["StringLookup", "IntegerLookup", "TextVectorization"];

/** The config with the vocabularies of the archive in it. */
export async function withVocabularies(
  json: Json,
  members: ReadonlyMap<string, ZipMember>,
  root: Hdf5Group,
  source: string,
): Promise<Json> {
  const texts = new Map<string, string>();
  for (const [name, member] of members) {
    const path = /^assets\/(.+)\/vocabulary\.txt$/.exec(name)?.[1];
    if (path !== undefined) texts.set(path, new TextDecoder().decode(await member.read()));
  }
  return texts.size === 0 ? json : (fill(json, "", { texts, root, source }) as Json); // an object stays one
}

interface Learned {
  readonly texts: ReadonlyMap<string, string>;
  /** The model's weights. */
  readonly root: Hdf5Group;
  readonly source: string;
}

function fill(json: unknown, path: string, learned: Learned): unknown {
  if (!isRecord(json)) return json;
  const config = own(json, "config");
  if (!isRecord(config)) return json;
  const className = own(json, "class_name");
  if (typeof className === "string" && lookups.includes(className)) return filled(json, config, path, learned);
  const layers = own(config, "layers");
  if (!Array.isArray(layers)) return json;
  const unique = uniquely();
  const inside = path === "" ? "layers" : `${path}/layers`;
  const changed = layers.map((layer: unknown) => {
    const name = isRecord(layer) ? own(layer, "class_name") : undefined;
    return typeof name === "string" ? fill(layer, `${inside}/${unique(snakeCase(name))}`, learned) : layer;
  });
  return { ...json, config: { ...config, layers: changed } };
}

function filled(json: Json, config: Json, path: string, { texts, root, source }: Learned): Json {
  const given = own(config, "vocabulary");
  const text = texts.get(path);
  if (text === undefined || (Array.isArray(given) && given.length > 0)) return json;
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  const tokens = lines.map((line) => (own(json, "class_name") === "IntegerLookup" ? Number(line) : line));
  // Weights are those of the special tokens as well, so these are part of the vocabulary then.
  if (own(config, "output_mode") === "tf_idf") {
    const weights = weightsAt(root, `${path}/vars/idf_weights`, tokens.length, source);
    return { ...json, config: { ...config, vocabulary: tokens, idf_weights: weights } };
  }
  // The mask's token, then those of unknown values: the layer puts them there itself.
  return { ...json, config: { ...config, vocabulary: tokens.slice(skippedTokens(json, config)) } };
}

/** The weight of each token; those of columns beyond the vocabulary are left out. */
function weightsAt(root: Hdf5Group, path: string, count: number, source: string): readonly number[] {
  const dataset = root.get(path);
  const [size = 0, ...more] = dataset?.kind === "dataset" ? dataset.shape : [];
  if (dataset?.kind !== "dataset" || more.length > 0 || size < count)
    throw new DataError({
      what: `${source}: the ${count} weights of a learned tf-idf vocabulary are missing (${path})`,
      hint: "in Python, give the layer vocabulary and idf_weights when it is made",
    });
  const bytes = valuesFor(dataset, { shape: dataset.shape, dtype: "f32" }, `${source}: ${path}`);
  return Array.from(new Float32Array(bytes.slice().buffer).subarray(0, count));
}

function skippedTokens(json: Json, config: Json): number {
  const mode = own(config, "output_mode") ?? "int";
  const masks = own(json, "class_name") === "TextVectorization" ? "" : own(config, "mask_token");
  const oov = own(config, "num_oov_indices");
  return (mode === "int" && masks !== null && masks !== undefined ? 1 : 0) + (typeof oov === "number" ? oov : 1);
}
