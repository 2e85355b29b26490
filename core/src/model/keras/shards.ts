import { DataError } from "../../base/errors.ts";
import {
  type DatasetSource,
  emptyGroup,
  encodeHdf5,
  groupAt,
  type Hdf5Group,
  isHdf5,
  readFile,
  readHdf5,
  writeFileAtomically,
} from "../../formats/index.ts";
import type { AnyLayer } from "../../nn/index.ts";
import type { WeightOptions } from "../assign.ts";
import type { AnyModel } from "../model.ts";
import { writeCompiled } from "./compile.ts";
import { damaged, own, parseJson, record } from "./json.ts";
import { stateDatasets } from "./kerasFile.ts";
import { assignValues, readWeights } from "./stored.ts";
import { datasetOf } from "./values.ts";
import { holderOf, walk } from "./weights.ts";

// Weights in several HDF5 files that a JSON file joins: "/layers/dense/vars" and the file, or files, that hold it
// (keras/src/saving/saving_lib.py, ShardedH5IOStore).

const ending = /\.weights\.json$/;
const lastPart = (path: string): string => path.split(/[/\\]/).at(-1)!; // split gives at least one
const folderOf = (path: string): string => path.slice(0, path.length - lastPart(path).length);

/** Puts the weights of the files that an index joins into a built model; returns the names of the layers that were left out. */
export async function loadShards(model: AnyModel, path: string, options: WeightOptions): Promise<readonly string[]> {
  const index = parseJson(new TextDecoder().decode(await readFile(path)), path);
  const names = namesIn(own(index, "weight_map"), path);
  const roots: Hdf5Group[] = [];
  for (const name of names) {
    const source = `${folderOf(path)}${name}`;
    const bytes = await readFile(source);
    if (!isHdf5(bytes)) throw damaged(`${source}: it is no HDF5 file`);
    roots.push(await readHdf5(bytes, source));
  }
  const { values, skipped } = readWeights(joined(roots), model, path, options);
  assignValues(values);
  return skipped;
}

/** The files of an index, which lie beside it. */
function namesIn(map: unknown, source: string): readonly string[] {
  const names = new Set(Object.values(record(map, `${source}: "weight_map"`)).flat());
  return [...names].map((name) => {
    if (typeof name === "string" && name === lastPart(name) && name.endsWith(".weights.h5")) return name;
    throw new DataError({
      what: `${source}: weights are said to be in ${JSON.stringify(name)?.slice(0, 80)}`,
      hint: "the files of an index lie beside it, and are named without a folder",
    });
  });
}

/** Several groups as one: each has what any of them has. */
function joined(groups: readonly Hdf5Group[]): Hdf5Group {
  return {
    kind: "group",
    attributes: new Map(groups.flatMap(({ attributes }) => [...attributes])),
    names: [...new Set(groups.flatMap(({ names }) => names))],
    get: (path) => {
      const found = groups.flatMap((group) => group.get(path) ?? []);
      const inner = found.filter((each) => each.kind === "group");
      return inner.length > 1 ? joined(inner) : found[0];
    },
  };
}

interface Piece {
  /** "layers/dense/vars", and the layer's name. */
  readonly group: string;
  readonly name: string;
  readonly index: number;
  readonly dataset: DatasetSource;
}

/** Writes the weights, and the optimizer's state where there is one, to files of at most `maxShardBytes` and an index at `path`. */
export async function saveKerasShards(model: AnyModel, path: string, maxShardBytes: number): Promise<void> {
  const base = lastPart(path).replace(ending, "");
  const map = new Map<string, string[]>();
  let total = 0;
  let root = emptyGroup();
  let held = 0;
  let shards = 0;
  const shardName = (): string => `${base}_${String(shards).padStart(5, "0")}.weights.h5`;
  const write = async (): Promise<void> => {
    await writeFileAtomically(`${folderOf(path)}${shardName()}`, encodeHdf5(root));
    [root, held] = [emptyGroup(), 0];
    shards++;
  };
  for await (const { group, name, index, dataset } of piecesOf(model)) {
    const { byteLength } = dataset.bytes;
    if (held > 0 && held + byteLength > maxShardBytes) await write();
    const target = groupAt(root, group);
    target.attributes.set("name", name);
    target.datasets.set(String(index), dataset);
    held += byteLength;
    total += byteLength;
    const files = map.get(group) ?? [];
    if (!files.includes(shardName())) map.set(group, [...files, shardName()]);
  }
  if (held > 0 || shards === 0) await write();
  // Keras names one file, or several.
  const places = [...map].map(([group, files]) => [`/${group}`, files.length === 1 ? files[0] : files]);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) as object };
  // Last: an index never names a file that is not there.
  await writeFileAtomically(path, JSON.stringify(index, undefined, 4));
}

/** All values in Keras's order, one at a time. */
async function* piecesOf(model: AnyModel): AsyncGenerator<Piece> {
  const written = new Set<unknown>();
  for (const { path, holder } of walk(holderOf(model as unknown as AnyLayer))) {
    // Weights that several layers share are in the files once, at the first.
    if (holder.variables.every((variable) => written.has(variable))) continue;
    const group = path === "" ? "vars" : `${path}/vars`;
    for (const [index, variable] of holder.variables.entries()) {
      yield { group, name: holder.name, index, dataset: await datasetOf(variable) };
      written.add(variable);
    }
  }
  if (!model.compiled || writeCompiled(model) === undefined) return;
  const { optimizer } = model.objective;
  for (const [index, dataset] of (await stateDatasets(model)).entries())
    yield { group: "optimizer/vars", name: optimizer.name, index, dataset };
}
