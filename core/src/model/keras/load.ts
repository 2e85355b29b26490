import { DataError } from "../../base/errors.ts";
import { type Hdf5Group, isHdf5, openZip, readHdf5, type ZipMember } from "../../formats/index.ts";
import type { LoadOptions } from "../load.ts";
import type { AnyModel } from "../model.ts";
import { withVocabularies } from "./assets.ts";
import { compileAs } from "./compile.ts";
import { damaged, type Json, own, parseJson } from "./json.ts";
import { readLegacyWeights } from "./legacy.ts";
import { readLegacyState } from "./legacyState.ts";
import { withOldNames } from "./oldNames.ts";
import { readModel } from "./readModel.ts";
import { assignValues, openWeights, readState, readWeights } from "./stored.ts";

const configName = "config.json";
const metadataName = "metadata.json";

/** The model in the bytes of a `.keras` archive or of a legacy `.h5` file. */
export async function loadKeras(bytes: Uint8Array, source: string, options: LoadOptions = {}): Promise<AnyModel> {
  if (isHdf5(bytes)) return loadLegacy(await readHdf5(bytes, source), source, options);
  const members = await openZip(bytes, source);
  const member = members.get(configName);
  if (member === undefined)
    throw new DataError({
      what: `${source}: the archive holds no ${configName}`,
      hint: "it is no .keras file; to read only weights, build the model and call loadWeights",
    });
  const version = own(await metadataOf(members, source), "keras_version");
  const config = parseJson(withOldNames(await textOf(member), version), `${source}: ${configName}`);
  const root = await openWeights(bytes, source);
  const json = await withVocabularies(config, members, root, source);
  const model = readModel(json, source);
  const { values } = readWeights(root, model, source, {});
  assignValues(values);
  if (options.compile === false || !compileAs(model, own(json, "compile_config"), source)) return model;
  const state = root.get("optimizer/vars");
  assignValues(readState(state?.kind === "group" ? (state as Hdf5Group) : undefined, model, source));
  return model;
}

const textOf = async (member: ZipMember): Promise<string> => new TextDecoder().decode(await member.read());

async function metadataOf(members: ReadonlyMap<string, ZipMember>, source: string): Promise<Json> {
  const member = members.get(metadataName);
  return member === undefined ? {} : parseJson(await textOf(member), `${source}: ${metadataName}`);
}

/** A whole model. */
function loadLegacy(root: Hdf5Group, source: string, { compile = true }: LoadOptions): AnyModel {
  const text = root.attributes.get("model_config");
  if (typeof text !== "string")
    throw new DataError({
      what: `${source}: the HDF5 file holds no model`,
      hint: "to read only weights, build the model and call loadWeights",
    });
  const config = withOldNames(text, root.attributes.get("keras_version"));
  const model = readModel(parseJson(config, `${source}: model_config`), source);
  const weights = root.get("model_weights");
  if (weights?.kind !== "group") throw damaged(`${source}: the file has no group "model_weights"`);
  const { values, names } = readLegacyWeights(weights, model, source, {});
  assignValues(values);
  const training = root.attributes.get("training_config");
  if (!compile || typeof training !== "string") return model;
  const json = parseJson(training, `${source}: training_config`);
  if (!compileAs(model, { ...json, optimizer: own(json, "optimizer_config") }, source)) return model;
  const state = root.get("optimizer_weights");
  if (state?.kind === "group") assignValues(readLegacyState(state, model, names, source));
  return model;
}
