import assert from "node:assert/strict";
import { before, test } from "node:test";
import { ChainruleError } from "./base/errors.ts";
import { demandedArguments, demandedOptions } from "./defaults.test.body.ts";
import {
  callbacks,
  constraints,
  initializers,
  losses,
  metrics,
  optimizers,
  regularizers,
  schedules,
  setDevice,
} from "./index.ts";
import { rows } from "./model/rows/index.test.body.ts";
import { describeLoss, describeMetric, type Loss, type Metric } from "./nn/index.ts";
import type { LayerClass } from "./nn/layer.ts";
import { describeOptimizer, type Optimizer, type Schedule } from "./optim/index.ts";
import { commonNames } from "./optim/options.ts";
import { describeSchedule } from "./optim/schedules/index.ts";

// What is made is checked when it is made: no option takes what is no number, an object or a function where it has no use for one, and none
// that is misspelt is passed over.

before(() => setDevice("reference"));

interface Made {
  readonly name: string;
  /** Makes it with these options beside those that it needs. */
  readonly make: (options: Readonly<Record<string, unknown>>) => unknown;
  readonly options: readonly string[];
}
type Maker = (...given: readonly unknown[]) => unknown;

/** What has to be given first. */
const demanded: Readonly<Record<string, readonly unknown[]>> = {
  ...demandedArguments,
  modelCheckpoint: ["some.safetensors"],
  csvLogger: ["some.csv"],
  backupAndRestore: ["some"],
  tensorBoard: ["some"],
};

/** Those of one kind; `optionsOf` what a file says of one that was made. */
const ofKind = (
  home: object,
  optionsOf: (made: never) => { readonly options: object } | undefined,
  left: readonly string[] = [],
): Made[] =>
  Object.entries(home as Readonly<Record<string, Maker>>).flatMap(([name, maker]) => {
    if (left.includes(name)) return [];
    const make = (options: object): unknown =>
      maker(...(demanded[name] ?? []), { ...demandedOptions[name], ...options });
    return { name, make, options: Object.keys(optionsOf(make({}) as never)?.options ?? {}) };
  });

/** Layers are made anew with one field in another way; those that hold layers cannot be, from a config alone. */
const made: readonly Made[] = Object.entries(rows).flatMap(([name, [row]]) => {
  const layer = row!.make({});
  const { fields = {}, positional = [] } = layer.constructor as unknown as LayerClass & {
    readonly positional?: readonly string[];
  };
  const config = layer.config() as Readonly<Record<string, unknown>>;
  const read = Object.entries(fields).map(([option, field]) => {
    const json = config[option] ?? undefined;
    return [option, json === undefined ? undefined : field.read(json, (inner) => inner as object)] as const;
  });
  const given = Object.fromEntries(read.filter(([, value]) => value !== undefined));
  const make = (options: object): unknown => {
    const all: Readonly<Record<string, unknown>> = { ...given, ...options };
    const others = Object.entries(all).filter(([option]) => !positional.includes(option));
    const Class = layer.constructor as unknown as new (...given: readonly unknown[]) => unknown;
    return new Class(...positional.map((option) => all[option]), Object.fromEntries(others));
  };
  const holds = ["layer", "cell", "cells", "function"].some((option) => option in fields);
  return holds ? [] : [{ name: `layers.${name}`, make, options: Object.keys(fields) }];
});

const named = (kind: string, names: { readonly [name: string]: readonly string[] }, home: object): Made[] =>
  Object.entries(names).map(([name, options]) => ({
    name: `${kind}.${name}`,
    make: (given) => (home as Readonly<Record<string, Maker>>)[name]!(...(demanded[name] ?? []), given),
    options,
  }));
const monitored = ["monitor", "mode", "verbose"];

const all: readonly Made[] = [
  ...made,
  ...ofKind(losses, (loss: Loss) => describeLoss(loss)),
  ...ofKind(metrics, (metric: Metric) => describeMetric(metric), ["meanOf", "mean", "sum"]),
  ...ofKind(optimizers, (optimizer: Optimizer) => describeOptimizer(optimizer), ["multi", "lossScale"]),
  { name: "optimizers.sgd", make: (given) => optimizers.sgd(given), options: commonNames },
  ...ofKind(schedules, (schedule: Schedule) => describeSchedule(schedule)),
  ...named(
    "initializers",
    {
      randomNormal: ["mean", "stddev", "seed"],
      randomUniform: ["minval", "maxval", "seed"],
      truncatedNormal: ["mean", "stddev", "seed"],
      varianceScaling: ["scale", "mode", "distribution", "seed"],
      heNormal: ["seed"],
      orthogonal: ["gain", "seed"],
      identity: ["gain"],
    },
    initializers,
  ),
  ...named("regularizers", { l1l2: ["l1", "l2"], orthogonal: ["factor", "mode"] }, regularizers),
  ...named(
    "constraints",
    { maxNorm: ["maxValue", "axis"], unitNorm: ["axis"], minMaxNorm: ["minValue", "maxValue", "rate", "axis"] },
    constraints,
  ),
  ...named(
    "callbacks",
    {
      earlyStopping: [...monitored, "patience", "minDelta", "baseline", "restoreBestWeights", "startFromEpoch"],
      modelCheckpoint: [...monitored, "saveBestOnly", "saveWeightsOnly", "saveFreq", "initialValueThreshold"],
      reduceLROnPlateau: [...monitored, "factor", "patience", "minDelta", "cooldown", "minLearningRate"],
      csvLogger: ["separator", "append"],
      backupAndRestore: ["saveFreq", "keep", "deleteCheckpoint"],
      tensorBoard: ["histogramFreq", "updateFreq", "writeGraph"],
    },
    callbacks,
  ),
];

const wrong: readonly (readonly [string, unknown])[] = [
  ["NaN", Number.NaN],
  ["an object", { anything: 1 }],
];
/** What any value is a value of. */
const taken = new Set(["layers.hashing.maskValue NaN", "layers.batchNormalization.renormClipping an object"]);

test("no option takes NaN or an object that means nothing, and the refusal names the option", () => {
  let count = 0;
  for (const { name, make, options } of all) {
    for (const option of options) {
      for (const [kind, value] of wrong) {
        const where = `${name}.${option} ${kind}`;
        if (taken.has(where)) continue;
        count++;
        assert.throws(
          () => make({ [option]: value }),
          (error) => error instanceof ChainruleError && /must|takes|unknown|received|is not known/.test(error.message),
          where,
        );
      }
    }
  }
  console.log(`${count} wrong values of ${all.length} constructors`);
  assert.ok(count > 1500);
});

test("a misspelt option is refused with the nearest name, and so is a number where options stand", () => {
  for (const { name, make, options } of all) {
    const [option] = options;
    if (option === undefined) continue;
    const pattern = new RegExp(`unknown option "${option}z"`);
    assert.throws(() => make({ [`${option}z`]: 1 }), pattern, name);
  }
  const numbers: readonly (readonly [object, string])[] = [
    [losses, "huber"],
    [metrics, "categoricalAccuracy"],
    [initializers, "heNormal"],
    [initializers, "randomNormal"],
    [regularizers, "orthogonal"],
    [constraints, "maxNorm"],
    [callbacks, "earlyStopping"],
    [callbacks, "reduceLROnPlateau"],
  ];
  for (const [home, name] of numbers) {
    const maker = (home as Readonly<Record<string, Maker>>)[name]!;
    assert.throws(() => maker(3), new RegExp(`${name}: options must be an object, received 3`));
  }
});
