import { type OnDemandRequest, readLog, sliceValues } from "chainrule/record";
import { examplePictures, type Picture, slicesAt } from "../data/examples.ts";
import { covers, nearestRows } from "../data/nearest.ts";
import type { Context, Near } from "./asks.ts";
import { runOf } from "./asks.ts";

const neighboursAmong = 1500;
/** Pictures in a question: the training answers a question between two of its steps. */
const together = 48;

/** What the training says to a question, as pictures. */
async function asked({ source }: Context, run: string, request: OnDemandRequest): Promise<Picture[]> {
  const { entries } = readLog(await source.request(run, request));
  return entries.flatMap(({ kind, content, step }) =>
    kind === "slice" ? [{ step, head: content.head, values: sliceValues(content) }] : [],
  );
}

/** Pictures of examples; what the log does not hold is asked of the training, and left out where nobody answers. */
export async function examplesOf(context: Context, run: string, keys: readonly string[]): Promise<readonly Picture[]> {
  const found = examplePictures(runOf(context, run), new Set(keys));
  const missing = keys.filter((key) => !found.has(key));
  if (missing.length > 0) {
    const others = await asked(context, run, { type: "examples", keys: missing }).catch(() => []);
    for (const picture of others) found.set(picture.head.key, picture);
  }
  return keys.flatMap((key) => found.get(key) ?? []);
}

/** The nearest examples of the training data by the features that the model sees now; by those in the log where it is over. */
export async function nearestTo(context: Context, run: string, key: string, count: number): Promise<readonly Near[]> {
  const [split = "", place = ""] = key.split("/");
  const featuresOf = async (of: "train" | "validation", many: number): Promise<Picture> => {
    const recorded = slicesAt(runOf(context, run), { role: "embedding", key: of }, Number.POSITIVE_INFINITY).at(-1);
    const request = { type: "embeddings", split: of, count: many, projection: "none" } as const;
    const found = (await asked(context, run, request).catch(() => []))[0] ?? recorded;
    if (found === undefined)
      throw new Error("the features of the training data are in no log: a live run can be asked");
    return found;
  };
  const row = Number(place);
  const own = await featuresOf(split === "train" ? "train" : "validation", row + 1);
  const others = await featuresOf("train", neighboursAmong);
  const [rows = 0, columns = 0] = others.head.shape;
  if (own.head.shape[1] !== columns || row >= (own.head.shape[0] ?? 0))
    throw new Error("this example has no features to compare");
  const point = own.values.subarray(row * columns, (row + 1) * columns);
  const near = nearestRows({ values: others.values, rows, columns }, point, count + 1)
    // Of the training data themselves the nearest one is the example.
    .filter((each) => `train/${each.row}` !== key)
    .slice(0, count);
  const pictures = await examplesOf(
    context,
    run,
    near.map((each) => `train/${each.row}`),
  );
  return near.map((each) => ({
    key: `train/${each.row}`,
    truth: others.head.labels?.[each.row] ?? Number.NaN,
    distance: each.distance,
    picture: pictures.find(({ head }) => head.key === `train/${each.row}`),
  }));
}

/**
 * How much the probability of a class falls when a part of the picture is covered by its mean, place by place (Zeiler & Fergus
 * 2013). `predict` gives the probabilities of all classes for the pictures that it is given, all in one.
 */
export async function occlusionOf(
  picture: Picture,
  wanted: number,
  predict: (inputs: Float32Array) => Promise<readonly number[]>,
): Promise<Picture> {
  const [height = 1, width = 1, channels = 1] = picture.head.shape;
  const { side, tops, lefts } = covers(height, width);
  const mean = picture.values.reduce((sum, value) => sum + value, 0) / picture.values.length;
  const size = picture.values.length;
  const places = tops.flatMap((top) => lefts.map((left) => ({ top, left })));
  // The whole picture is one of them. All questions are as long: the model is compiled for one number of examples.
  const probabilities = new Float32Array(places.length + 1);
  const count = Math.min(together, places.length + 1);
  for (let first = 0; first <= places.length; first += count) {
    const inputs = new Float32Array(count * size);
    for (let at = 0; at < count; at++) {
      const input = inputs.subarray(at * size, (at + 1) * size);
      input.set(picture.values);
      const { top, left } = places[first + at - 1] ?? { top: height, left: width };
      for (let row = top; row < Math.min(height, top + side); row++)
        input.fill(mean, (row * width + left) * channels, (row * width + left + side) * channels);
    }
    const said = await predict(inputs);
    const classes = said.length / count;
    for (let at = 0; at < count && first + at <= places.length; at++)
      probabilities[first + at] = said[at * classes + wanted] ?? 0;
  }
  const falls = probabilities.subarray(1).map((each) => probabilities[0]! - each);
  return {
    step: picture.step,
    head: { key: picture.head.key, role: "saliency", shape: [tops.length, lefts.length], dtype: "f32" },
    values: falls,
  };
}
