import { DataError } from "../base/errors.ts";
import { type HostExamples, sliceExamples } from "../data/index.ts";
import { floatsSlice, type OnDemandRequest, type Slice } from "../record/index.ts";
import { labelsOf, rowsOf } from "./embeddings.ts";
import { classCountOf, isNdArrayLike } from "./examples.ts";
import { probabilities } from "./forward.ts";
import type { Session } from "./session.ts";

type Request = Extract<OnDemandRequest, { readonly type: "outliers" }>;

const [mostExamples, mostFound] = [5000, 48];
/** Numbers of features that are compared. */
const features = 256;
/** Examples of a class from which it can be said what is far from it. */
const fewest = 8;

/** What the model says of an example, and how far that is from the rest: 1 is where far begins. */
interface Judged {
  readonly predicted: number;
  readonly probability: number;
  readonly loss: number;
  lossShare: number;
  distanceShare: number;
  nearest: number;
}

/** Examples whose loss is far above the others', or whose features lie far from their class; the farthest first. */
export async function outliers(session: Session, { split }: Request): Promise<Slice> {
  const { training, evaluations } = session;
  const all = split === "train" ? training.examples : training.validation;
  if (all === undefined || all.length === 0 || evaluations === undefined)
    throw new DataError("there are no examples of that split");
  const examples = sliceExamples(all, 0, Math.min(mostExamples, all.length));
  const classes = classCountOf(training);
  const { values, size } = await evaluations.forward.outputs(examples);
  const judged = classes === undefined ? judgeNumbers(examples, values, size) : judgeClasses(examples, values, size);
  const losses = judged.map(({ loss }) => loss);
  // Of classes it has to be worse than a guess as well: what is learned nearly whole has losses that are far from each other.
  const far = Math.max(fence(losses), classes === undefined ? 0 : Math.log(classes));
  for (const each of judged) each.lossShare = Number.isFinite(each.loss) ? each.loss / far : mostShare;
  const labels = classes === undefined ? undefined : labelsOf(examples, examples.length).labels;
  if (labels !== undefined) {
    const { rows } = await rowsOf(evaluations.forward, examples, undefined, features);
    tellDistances(judged, rows, labels);
  }
  const rank = ({ lossShare, distanceShare }: Judged): number => Math.max(lossShare, distanceShare);
  const found = [...judged.keys()]
    .filter((row) => rank(judged[row]!) > 1)
    .sort((a, b) => rank(judged[b]!) - rank(judged[a]!))
    .slice(0, mostFound);
  const told = found.flatMap((row) => {
    const { predicted, probability, loss, lossShare, distanceShare, nearest } = judged[row]!;
    return [row, predicted, probability, loss, lossShare, distanceShare, nearest];
  });
  const truths = found.map((row) => truthOf(examples, row));
  return floatsSlice({ key: split, role: "outlier", shape: [found.length, 7], labels: truths }, told);
}

/** How far something is told to be that has no end. */
const mostShare = 1e6;

const truthOf = ({ y }: HostExamples, row: number): number => (isNdArrayLike(y) ? y.data[row * y.stride]! : Number.NaN);

function judgeClasses(examples: HostExamples, values: Float32Array, size: number): Judged[] {
  const likely = probabilities(values, size);
  return Array.from({ length: examples.length }, (_, row) => {
    const own = likely.subarray(row * size, (row + 1) * size);
    const predicted = own.indexOf(own.reduce((most, value) => Math.max(most, value)));
    const ofTruth = own[truthOf(examples, row)] ?? Number.NaN;
    return { ...judgedAs(-Math.log(Math.max(ofTruth, 1e-30))), predicted, probability: own[predicted] ?? Number.NaN };
  });
}

/** The root of the mean squared error; of squares themselves too many would be far. */
function judgeNumbers({ y, length }: HostExamples, values: Float32Array, size: number): Judged[] {
  if (!isNdArrayLike(y) || y.stride !== size)
    throw new DataError("what this model says is not compared with its targets number by number");
  return Array.from({ length }, (_, row) => {
    let sum = 0;
    for (let at = row * size; at < (row + 1) * size; at++) sum += (values[at]! - y.data[at]!) ** 2;
    return { ...judgedAs(Math.sqrt(sum / size)), predicted: size === 1 ? values[row]! : Number.NaN };
  });
}

const judgedAs = (loss: number): Judged => ({
  predicted: Number.NaN,
  probability: Number.NaN,
  loss,
  lossShare: 0,
  distanceShare: 0,
  nearest: Number.NaN,
});

/** How far each example lies from the middle of its class, against the others of the class; and in whose middle it is nearest. */
function tellDistances(judged: readonly Judged[], rows: readonly Float32Array[], labels: readonly number[]): void {
  const members = new Map<number, number[]>();
  labels.forEach((label, row) => {
    const known = members.get(label);
    if (known === undefined) members.set(label, [row]);
    else known.push(row);
  });
  const middles = new Map([...members].map(([label, own]) => [label, middleOf(own.map((row) => rows[row]!))]));
  for (const [label, own] of members) {
    if (own.length < fewest) continue;
    const distances = own.map((row) => distance(rows[row]!, middles.get(label)!));
    const far = fence(distances);
    own.forEach((row, at) => {
      const share = distances[at]! / far;
      if (!(share > 1)) return;
      const each = judged[row]!;
      each.distanceShare = Math.min(share, mostShare);
      each.nearest = [...middles].reduce((a, b) =>
        distance(rows[row]!, b[1]) < distance(rows[row]!, a[1]) ? b : a,
      )[0];
    });
  }
}

function middleOf(rows: readonly Float32Array[]): Float64Array {
  const middle = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows) for (let at = 0; at < middle.length; at++) middle[at]! += row[at]! / rows.length;
  return middle;
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at]! - b[at]!) ** 2;
  return Math.sqrt(sum);
};

/** Where numbers begin to be far above the others: three times the distance of the quartiles above the upper one (Tukey 1977). */
export function fence(values: readonly number[]): number {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort();
  const quantile = (share: number): number => {
    const at = share * (sorted.length - 1);
    const low = sorted[Math.floor(at)] ?? Number.NaN;
    return low + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? low) - low);
  };
  const [lower, upper] = [quantile(0.25), quantile(0.75)];
  return upper + 3 * (upper - lower) || Number.POSITIVE_INFINITY;
}
