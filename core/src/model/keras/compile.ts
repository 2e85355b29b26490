import { ChainruleError, DataError } from "../../base/errors.ts";
import {
  type Described,
  describeLoss,
  describeMetric,
  type Loss,
  type Metric,
  restoreLoss,
  restoreMetric,
  type Structure,
} from "../../nn/index.ts";
import { type CompileOptions, outputNames } from "../../train/index.ts";
import type { AnyModel } from "../model.ts";
import { refusedBy } from "../refused.ts";
import { demandData } from "./functions.ts";
import { isRecord, type Json, own, record, word } from "./json.ts";
import { camelCase, classOfName, nameOfClass, underscored, withoutPackage } from "./names.ts";
import { readOptimizer, writeOptimizer } from "./optimizer.ts";

// How a model was compiled: "compile_config" of Keras 3, "training_config" of legacy files.

const shortNames: { readonly [keras: string]: string } = {
  bce: "binaryCrossentropy",
  binaryCrossEntropy: "binaryCrossentropy",
  logcosh: "logCosh",
  logcoshError: "logCosh",
  logCoshError: "logCosh",
  kullbackLeiblerDivergence: "klDivergence",
  acc: "accuracy",
  binaryIou: "binaryIoU",
  meanIou: "meanIoU",
};
const ours = (name: string): string => shortNames[name] ?? name;
/** Words of options, as the reduction's. */
const wordy: readonly string[] = ["reduction", "class_aggregation", "classAggregation"];
// numLabels: how many columns there are is seen when they are counted.
const dropped: readonly string[] = ["name", "fn", "dtype", "num_labels"];

/** What Keras describes by a name, a function or a class, as our files describe it. */
function readDescribed(json: unknown, what: string): Described & { readonly given: string | undefined } {
  if (typeof json === "string") return { name: ours(camelCase(withoutPackage(json))), options: {}, given: undefined };
  const described = record(json, what);
  demandData(described, what);
  const className = word(own(described, "class_name"), what);
  const config = own(described, "config");
  if (className === "function") return readDescribed(word(config, what), what);
  const registered = own(described, "registered_name");
  const custom = typeof registered === "string" && registered.includes(">");
  const name = custom ? withoutPackage(registered) : ours(nameOfClass(className));
  const entries = Object.entries(isRecord(config) ? config : {}).filter(
    ([key, value]) => !dropped.includes(key) && (value !== null || key === "class_aggregation") && value !== "auto",
  );
  const options = entries.map(([key, value]) => [
    camelCase(key),
    wordy.includes(key) && typeof value === "string" ? camelCase(value) : value,
  ]);
  const given = isRecord(config) ? own(config, "name") : undefined;
  return { name, options: Object.fromEntries(options), given: typeof given === "string" ? given : undefined };
}

/** null of an output that does not train. */
function readLoss(json: unknown): Loss | null {
  if (json === null) return null;
  const { name, options } = readDescribed(json, "the loss");
  return restoreLoss({ name, options });
}

function readMetric(json: unknown): Metric {
  const { name, options, given } = readDescribed(json, "a metric");
  // Keras's own names are ours in its case; others were given by the user.
  const usual = given === undefined || camelCase(given).replace(/\d+$/, "").toLowerCase() === name.toLowerCase();
  return restoreMetric({ name, options: usual ? options : { ...options, name: given } });
}

const isOne = (json: unknown): boolean => typeof json === "string" || (isRecord(json) && "class_name" in json);

/** One, a list, or a record by the names of outputs. */
function structureOf<T>(json: unknown, read: (json: unknown) => T): Structure<T> {
  if (isOne(json) || json === null) return read(json);
  if (Array.isArray(json)) return json.map((each) => structureOf(each, read));
  const parts = Object.entries(record(json, "a structure of losses or metrics"));
  return Object.fromEntries(parts.map(([name, part]) => [name, structureOf(part, read)]));
}

/** The same with a list an output, as `compile` takes metrics. */
function metricsOf(json: unknown, outputs: number): unknown {
  if (json === null || json === undefined) return undefined;
  const read = (each: unknown): Metric[] => {
    const made = each === null ? [] : structureOf(each, readMetric);
    return (Array.isArray(made) ? made.flat() : [made]) as Metric[];
  };
  if (Array.isArray(json)) {
    const nested = json.some((each) => Array.isArray(each) || each === null);
    if (!nested && outputs > 1 && json.length === outputs) return json.map(read);
    return nested && outputs > 1 ? json.map(read) : read(json.flat());
  }
  return Object.fromEntries(Object.entries(record(json, "metrics")).map(([name, part]) => [name, read(part)]));
}

/** Compiles the model as Keras says (untrusted); returns false where it was not compiled. */
export function compileAs(model: AnyModel, json: unknown, source: string): boolean {
  if (!isRecord(json) || own(json, "optimizer") === undefined || own(json, "optimizer") === null) return false;
  try {
    const outputs = model.graph === undefined ? 1 : outputNames(model.graph.outputs).length;
    const [loss, weights] = [own(json, "loss"), own(json, "loss_weights")];
    const metrics = metricsOf(own(json, "metrics"), outputs);
    const weighted = metricsOf(own(json, "weighted_metrics"), outputs);
    const options = {
      optimizer: readOptimizer(own(json, "optimizer"), model),
      ...(loss === null || loss === undefined ? {} : { loss: structureOf(loss, readLoss) }),
      ...(weights === null || weights === undefined ? {} : { lossWeights: weights }),
      ...(metrics === undefined ? {} : { metrics }),
      ...(weighted === undefined ? {} : { weightedMetrics: weighted }),
    };
    model.compile(options as CompileOptions); // which looks at what it is given
  } catch (given) {
    const error = refusedBy("", given);
    if (!(error instanceof ChainruleError)) throw error;
    throw new DataError({
      ...error.parts,
      what: `${source}: how the model was compiled${error.parts.what}`,
      hint: `${error.parts.hint ?? "it has no counterpart here"}; or load it uncompiled: loadModel(path, { compile: false })`,
    });
  }
  return true;
}

/** What Keras writes of how the model was compiled; undefined where it has no words for it. */
export function writeCompiled(model: AnyModel): Json | undefined {
  if (!model.compiled) return undefined;
  const { losses, weights, metrics, weightedMetrics, optimizer, outputNames: names } = model.objective;
  const written = writeOptimizer(optimizer, model);
  const outputs = model.graph?.outputs;
  const byName = isRecord(outputs) && !("values" in outputs) && !("record" in outputs);
  const arrange = <T>(list: readonly T[]): unknown =>
    list.length === 0
      ? null
      : byName
        ? Object.fromEntries(list.map((each, at) => [names[at]!, each]))
        : list.length === 1
          ? list[0]
          : list;
  const named = losses.map((loss) =>
    loss ? writeDescribed("losses", describeLoss(loss), (name) => restoreLoss({ name, options: {} }).config()) : null,
  );
  const lists = [metrics, weightedMetrics].map((kind) =>
    kind.map((list) =>
      list.map((metric) =>
        writeDescribed("metrics", describeMetric(metric), (name) => restoreMetric({ name, options: {} }).config()),
      ),
    ),
  );
  if (written === undefined || named.includes(undefined) || lists.flat(2).includes(undefined)) return undefined;
  const several = (list: readonly (readonly unknown[])[]): unknown =>
    list.every((each) => each.length === 0) ? null : arrange(list);
  return {
    optimizer: written,
    loss: arrange(named),
    loss_weights: weights.every((weight) => weight === 1) ? null : arrange(weights),
    metrics: several(lists[0]!),
    weighted_metrics: several(lists[1]!),
    run_eagerly: false,
    steps_per_execution: 1,
    jit_compile: false,
  };
}

/** A class and the options that are not its defaults. */
function writeDescribed(
  module: string,
  described: Described | undefined,
  defaultsOf: (name: string) => Readonly<Record<string, unknown>>,
): unknown {
  if (described === undefined) return undefined;
  const { name, options } = described;
  if (name === "accuracy") return "accuracy"; // Keras chooses its kind as we do
  let defaults: Readonly<Record<string, unknown>> = {};
  try {
    defaults = defaultsOf(name);
  } catch {
    // Those that must be given have none.
  }
  const changed = Object.entries(options).filter(
    ([key, value]) => JSON.stringify(value ?? null) !== JSON.stringify(defaults[key] ?? null),
  );
  const config = changed.map(([key, value]) => [
    underscored(key),
    wordy.includes(key) && typeof value === "string" ? underscored(value) : value,
  ]);
  return {
    module: `keras.${module}`,
    class_name: module === "metrics" && name === "logCosh" ? "LogCoshError" : classOfName(name),
    config: Object.fromEntries(config),
    registered_name: null,
  };
}
