import { ArgumentError } from "../../base/errors.ts";
import { oneHot, type Tensor, tensor, where } from "../../tensor/index.ts";
import { epsilon } from "../losses/index.ts";
import { type Given, withDefaults } from "../options.ts";
import { accumulate, Metric, type MetricOptions, sumOf, type Total } from "./metric.ts";

const defaults = {
  ignoreClass: null as number | null,
  /** Whether targets are class numbers (else one-hot along `axis`). */
  sparseYTrue: true,
  sparseYPred: true,
  axis: -1,
};
type Options = typeof defaults;

/** The mean over classes of |A ∩ B| / |A ∪ B|, for the sets of positions that are, and that are said to be, of a class. */
class Iou extends Metric {
  readonly #type: string;
  readonly #config: Readonly<Record<string, unknown>>;
  readonly #classes: number;
  readonly #targets: readonly number[];
  readonly #options: Options;
  readonly #read: (yPred: Tensor) => Tensor;
  /** [true class, class of the output] */
  readonly #matrix: Total;

  constructor(
    type: string,
    name: string | undefined,
    config: Readonly<Record<string, unknown>>,
    classes: number,
    targets: readonly number[],
    options: Options,
    read: (yPred: Tensor) => Tensor = (yPred) => yPred,
  ) {
    super(name ?? type);
    if (!(Number.isInteger(classes) && classes > 0))
      throw new ArgumentError(`numClasses must be a positive integer, received ${classes}`);
    if (!Array.isArray(targets))
      throw new ArgumentError(`targetClassIds must be a list of classes, received ${targets}`);
    const wrong = targets.find((id) => !(Number.isInteger(id) && id >= 0 && id < classes));
    if (wrong !== undefined)
      throw new ArgumentError(`there is no class ${wrong} among ${classes}: targetClassIds count from 0`);
    this.#type = type;
    this.#config = config;
    this.#classes = classes;
    this.#targets = targets;
    this.#options = options;
    this.#read = read;
    this.#matrix = this.addTotal("confusion", [classes, classes]);
  }

  override get type(): string {
    return this.#type;
  }

  override get direction(): "up" {
    return "up";
  }

  override update(yTrue: Tensor, yPred: Tensor, weights?: Tensor): void {
    const { ignoreClass, sparseYTrue, sparseYPred, axis } = this.#options;
    const numbers = (x: Tensor, sparse: boolean): Tensor =>
      (sparse ? x.cast("i32") : x.argmax(axis)).reshape([-1]) as Tensor;
    const truth = numbers(yTrue, sparseYTrue);
    const said = numbers(this.#read(yPred), sparseYPred);
    // Class numbers out of range have no column, so they do not count.
    const rows = oneHot(truth, this.#classes); // [positions, classes]
    const columns = oneHot(said, this.#classes);
    const counted = ignoreClass === null ? rows : where(truth.notEqual(ignoreClass).expandDims(-1), rows, 0);
    const weighed = weights === undefined ? counted : counted.mul(perPosition(weights, truth.size));
    accumulate(this.#matrix, weighed.transpose([1, 0]).matmul(columns));
  }

  override result(): Tensor {
    const matrix = sumOf(this.#matrix);
    const hits = matrix.diagonal();
    const union = matrix.sum(0).add(matrix.sum(1)).sub(hits) as Tensor;
    const ids = tensor([...this.#targets]).cast("i32");
    const [hit, all] = [hits.take(ids), union.take(ids)];
    const present = all.greater(1e-9);
    const ratios = where(present, hit.div(all.add(epsilon)), 0);
    return ratios.sum().div(present.cast("f32").sum().add(epsilon)) as Tensor;
  }

  override config(): Readonly<Record<string, unknown>> {
    return { ...super.config(), ...this.#config };
  }
}

/** [positions, 1]: a weight an example is one for each of its positions. */
function perPosition(weights: Tensor, positions: number): Tensor {
  const flat = weights.cast("f32").reshape([-1, 1]) as Tensor;
  return flat.size === positions ? flat : flat.broadcastTo([flat.size, positions / flat.size]).reshape([positions, 1]);
}

const all = (classes: number): readonly number[] =>
  Array.from({ length: Number.isInteger(classes) ? classes : 0 }, (_, id) => id);

type Own = Given<Options> & MetricOptions;
type OneHotOptions = Omit<Own, "sparseYTrue">;

/** Of the classes `targetClassIds`. Targets and outputs are class numbers unless the options say otherwise. */
export const iou = (numClasses: number, targetClassIds: readonly number[], { name, ...given }: Own = {}): Metric => {
  const options = withDefaults("iou", given, defaults);
  return new Iou("iou", name, { numClasses, targetClassIds, ...options }, numClasses, targetClassIds, options);
};
/** Of all classes. */
export const meanIoU = (numClasses: number, { name, ...given }: Own = {}): Metric => {
  const options = withDefaults("meanIoU", given, defaults);
  return new Iou("meanIoU", name, { numClasses, ...options }, numClasses, all(numClasses), options);
};
/** Of one-hot targets and outputs, for the classes `targetClassIds`. */
export const oneHotIoU = (
  numClasses: number,
  targetClassIds: readonly number[],
  { name, ...given }: OneHotOptions = {},
): Metric => {
  const { sparseYTrue: _, ...options } = withDefaults("oneHotIoU", given, { ...defaults, sparseYPred: false });
  const config = { numClasses, targetClassIds, ...options };
  return new Iou("oneHotIoU", name, config, numClasses, targetClassIds, { ...options, sparseYTrue: false });
};
/** Of one-hot targets and outputs, for all classes. */
export const oneHotMeanIoU = (numClasses: number, { name, ...given }: OneHotOptions = {}): Metric => {
  const { sparseYTrue: _, ...options } = withDefaults("oneHotMeanIoU", given, { ...defaults, sparseYPred: false });
  const config = { numClasses, ...options };
  return new Iou("oneHotMeanIoU", name, config, numClasses, all(numClasses), { ...options, sparseYTrue: false });
};

const binaryDefaults = { targetClassIds: [0, 1] as readonly number[], threshold: 0.5 };
/** Of the answers no (0) and yes (1): outputs from `threshold` on are yes. */
export const binaryIoU = ({ name, ...given }: Given<typeof binaryDefaults> & MetricOptions = {}): Metric => {
  const options = withDefaults("binaryIoU", given, binaryDefaults);
  const read = (yPred: Tensor): Tensor => yPred.greaterEqual(options.threshold).cast("i32") as Tensor;
  return new Iou("binaryIoU", name, options, 2, options.targetClassIds, defaults, read);
};
