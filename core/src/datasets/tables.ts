import { ArgumentError, DataError } from "../base/errors.ts";
import { NdArray, numpyRandom } from "../data/index.ts";
import { archiveEntries, decodeNpy, entryBytes, npzMembers } from "../formats/index.ts";
import { catalogue, notPublished } from "./catalogue.ts";
import { type KnownOptions, type Split, type Splits, syntheticOf, withFile } from "./options.ts";
import { syntheticClimate, syntheticHousing } from "./synthetic/tables.ts";
import { checkTestSplit } from "./texts.ts";

const limitBytes = 2 ** 28;

/** What the columns of California Housing are. */
export const housingFeatures = [
  "MedInc",
  "HouseAge",
  "AveRooms",
  "AveBedrms",
  "Population",
  "AveOccup",
  "Latitude",
  "Longitude",
] as const;

export interface HousingOptions extends KnownOptions {
  /** All 20,640 districts ("large", as by default), or 600 of them. */
  readonly version?: "large" | "small" | undefined;
  /** The part that is for testing. Default 0.2. */
  readonly testSplit?: number | undefined;
  /** The seed of the order: that of NumPy's RandomState. Default 113. */
  readonly seed?: number | undefined;
}

/**
 * California Housing: eight figures of a district, and the median value of its houses in dollars (Pace and Barry 1997). Order and
 * split are Keras's.
 */
export async function californiaHousing({
  version = "large",
  testSplit = 0.2,
  seed = 113,
  ...options
}: HousingOptions = {}): Promise<Splits> {
  checkTestSplit("californiaHousing", testSplit);
  if (version !== "large" && version !== "small")
    throw new ArgumentError(
      `californiaHousing: version must be "large" or "small", received ${JSON.stringify(version)}`,
    );
  const synthetic = syntheticOf(
    options,
    version === "small" ? { train: 480, test: 120 } : { train: 16_512, test: 4_128 },
  );
  const all =
    synthetic === undefined
      ? await housing(options)
      : syntheticHousing(synthetic.train + synthetic.test, synthetic.seed);
  const used = synthetic === undefined && version === "small" ? Math.min(600, all.y.length) : all.y.length;
  const order = numpyRandom(seed).permutation(used);
  const count = synthetic === undefined ? Math.trunc(used * (1 - testSplit)) : synthetic.train;
  const part = (rows: Uint32Array): Split => ({ x: all.x.rows(rows), y: all.y.rows(rows) });
  return { train: part(order.subarray(0, count)), test: part(order.subarray(count)) };
}

async function housing(options: KnownOptions): Promise<Split> {
  const { name } = catalogue.californiaHousing;
  const arrays = await withFile(catalogue.californiaHousing, options, (bytes) =>
    npzMembers(bytes, { limitBytes }, name),
  );
  const [x, y] = ["x", "y"].map((key) => {
    const file = arrays.get(key);
    if (file === undefined) throw new DataError({ what: `${name}: there is no array "${key}"`, hint: notPublished });
    const { data, shape } = decodeNpy(file, `${name}: ${key}`);
    return new NdArray(Float32Array.from(data as ArrayLike<number | bigint>, Number), shape);
  }) as [NdArray, NdArray]; // as many as keys
  if (x.shape.length !== 2 || x.shape[1] !== housingFeatures.length || y.length !== x.length)
    throw new DataError(
      `${name}: the arrays [${x.shape.join(", ")}] and [${y.shape.join(", ")}] are not those that were expected`,
    );
  return { x, y: y.reshape([y.length]) };
}

/** Measurements of the weather, one line every ten minutes. */
export interface Climate {
  /** What is measured: "T (degC)". */
  readonly columns: readonly string[];
  /** When: "01.01.2009 00:10:00". */
  readonly times: readonly string[];
  /** [times, columns] */
  readonly values: NdArray;
}

/** The weather at Jena, from 2009 to 2016: 14 quantities, 420,551 times (Max Planck Institute for Biogeochemistry). */
export async function jenaClimate(options: KnownOptions = {}): Promise<Climate> {
  const synthetic = syntheticOf(options, { train: 420_551, test: 0 });
  if (synthetic !== undefined) return syntheticClimate(synthetic.train, synthetic.seed);
  const { name } = catalogue.jenaClimate;
  return withFile(catalogue.jenaClimate, options, async (bytes) => {
    for await (const entry of archiveEntries(bytes, name, { limitBytes })) {
      if (/(?:^|\/)jena_climate_2009_2016\.csv$/.test(entry.name))
        return readClimate(new TextDecoder().decode(await entryBytes(entry)), `${name}: ${entry.name}`);
    }
    throw new DataError({ what: `${name}: there is no jena_climate_2009_2016.csv in it`, hint: notPublished });
  });
}

/** A time, then numbers, separated by commas; the first line names the columns. */
export function readClimate(text: string, source: string): Climate {
  const [head, ...lines] = text.split(/\r?\n/).filter((line) => line !== "");
  const columns = (head ?? "")
    .split(",")
    .slice(1)
    .map((column) => column.replace(/^"|"$/g, ""));
  if (columns.length === 0) throw new DataError({ what: `${source}: there are no columns`, hint: notPublished });
  const values = new Float32Array(lines.length * columns.length);
  const times = lines.map((line, row) => {
    const [time, ...fields] = line.split(",");
    const numbers = fields.map((field) => (field.trim() === "" ? Number.NaN : Number(field)));
    if (fields.length !== columns.length || numbers.some(Number.isNaN))
      throw new DataError({
        what: `${source}: line ${row + 2} does not have ${columns.length} numbers: ${line.slice(0, 60)}`,
        hint: notPublished,
      });
    values.set(numbers, row * columns.length);
    return time!;
  });
  return { columns, times, values: new NdArray(values, [lines.length, columns.length]) };
}
