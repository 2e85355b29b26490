import { DataError } from "../../base/errors.ts";
import type { ZipMember } from "../../formats/index.ts";
import { isRecord, type Json, own } from "./json.ts";
import { pathName, uniquely } from "./names.ts";

// Vocabularies that layers have learned: files in an archive's "assets" folder, at the paths of their layers. Here they become part
// of the layers' configs, as vocabularies are that were given.

const lookups: readonly string[] = ["StringLookup", "IntegerLookup", "TextVectorization"];

/** The config with the vocabularies of the archive in it. */
export async function withVocabularies(
  json: Json,
  members: ReadonlyMap<string, ZipMember>,
  source: string,
): Promise<Json> {
  const texts = new Map<string, string>();
  for (const [name, member] of members) {
    const path = /^assets\/(.+)\/vocabulary\.txt$/.exec(name)?.[1];
    if (path !== undefined) texts.set(path, new TextDecoder().decode(await member.read()));
  }
  return texts.size === 0 ? json : (fill(json, "", texts, source) as Json); // an object stays one
}

function fill(json: unknown, path: string, texts: ReadonlyMap<string, string>, source: string): unknown {
  if (!isRecord(json)) return json;
  const config = own(json, "config");
  if (!isRecord(config)) return json;
  const className = own(json, "class_name");
  if (typeof className === "string" && lookups.includes(className))
    return filled(json, config, texts.get(path), source);
  const layers = own(config, "layers");
  if (!Array.isArray(layers)) return json;
  const unique = uniquely();
  const inside = path === "" ? "layers" : `${path}/layers`;
  const changed = layers.map((layer: unknown) => {
    const name = isRecord(layer) ? own(layer, "class_name") : undefined;
    return typeof name === "string" ? fill(layer, `${inside}/${unique(pathName(name))}`, texts, source) : layer;
  });
  return { ...json, config: { ...config, layers: changed } };
}

function filled(json: Json, config: Json, text: string | undefined, source: string): Json {
  const given = own(config, "vocabulary");
  if (text === undefined || (Array.isArray(given) && given.length > 0)) return json;
  if (own(config, "output_mode") === "tf_idf")
    throw new DataError({
      what: `${source}: the weights of a learned tf-idf vocabulary are not read`,
      hint: "in Python, give the layer vocabulary and idf_weights when it is made",
    });
  const lines = text.split(/\r?\n/);
  while (lines.at(-1) === "") lines.pop();
  // The mask's token, then those of unknown values: the layer puts them there itself.
  const skipped = skippedTokens(json, config);
  const vocabulary = lines
    .slice(skipped)
    .map((line) => (own(json, "class_name") === "IntegerLookup" ? Number(line) : line));
  return { ...json, config: { ...config, vocabulary } };
}

function skippedTokens(json: Json, config: Json): number {
  const mode = own(config, "output_mode") ?? "int";
  const masks = own(json, "class_name") === "TextVectorization" ? "" : own(config, "mask_token");
  const oov = own(config, "num_oov_indices");
  return (mode === "int" && masks !== null && masks !== undefined ? 1 : 0) + (typeof oov === "number" ? oov : 1);
}
