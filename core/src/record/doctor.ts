import type { AlertEvent } from "./events.ts";
import type { Facts, StatsAt } from "./facts.ts";
import { momentsOf, nonFiniteCount, type TensorStats } from "./stats.ts";

/** What the doctor has to say. */
export type Finding = Omit<AlertEvent, "type" | "time"> & { readonly step: number };

/** What is out of the ordinary. All of it is rules of thumb, and shown with its evidence. */
export const doctorLimits = {
  /** Of the first loss, against ln(classes). */
  initialLoss: 0.2,
  inputMean: 1,
  inputDeviation: [0.1, 3],
  labelShare: 0.01,
  /** log10 of update / weight; -3 is the aim (Karpathy). */
  updateRatio: [-5, -1],
  updateSamples: 50,
  deadWarning: 0.1,
  deadAlarm: 0.4,
  saturated: 0.5,
  activationSamples: 3,
  gradientFlow: [1e-4, 1e4],
  gradientJump: 10,
  risingEvaluations: 3,
  /** Of the validation loss over these evaluations: noise alone rises three times in a row once in 24. */
  rise: 0.02,
  /** Of the loss of validation, against its least, so many evaluations later. */
  risen: 1.05,
  plateauPart: 0.2,
  plateauChange: 0.001,
  throughputLoss: 0.2,
  dataWait: 0.3,
} as const;

interface Rule {
  readonly rule: string;
  /** With the step that it is about, where that is not the last one. */
  readonly find: (facts: Facts) => readonly (Omit<Finding, "rule" | "step"> & { readonly step?: number })[];
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const short = (value: number): string =>
  Number.isFinite(value) ? Number(value.toPrecision(3)).toString() : String(value);
const rms = (stats: TensorStats): number => momentsOf(stats).rms;
const lastOf = (samples: readonly StatsAt[], count: number): readonly StatsAt[] => samples.slice(-count);

function median(values: Iterable<number>): number {
  const sorted = [...values].filter(Number.isFinite).sort((a, b) => a - b);
  return sorted.length === 0 ? Number.NaN : sorted[Math.floor(sorted.length / 2)]!;
}

const rules: readonly Rule[] = [
  {
    rule: "initialLoss",
    find: ({ run, curves }) => {
      const classes = run?.data.classes?.length;
      const loss = curves.find("loss")?.values;
      const crossEntropy = run?.loss.some((name) => /crossentropy/i.test(name)) === true;
      if (classes === undefined || !crossEntropy || loss === undefined || loss.steps[0] !== 1) return [];
      const expected = Math.log(classes);
      const first = loss.values[0]!;
      if (Math.abs(first / expected - 1) <= doctorLimits.initialLoss || !Number.isFinite(first)) return [];
      return [
        {
          severity: "notice",
          step: 1,
          title: `The first loss is ${short(first)}; a network that knows nothing has ln(${classes}) = ${short(expected)}`,
          evidence: `loss of step 1: ${short(first)}`,
          remedy:
            "start with smaller weights in the last layer, and look whether the loss wants logits or probabilities",
        },
      ];
    },
  },
  {
    rule: "inputs",
    find: ({ run }) => {
      const { mean, deviation } = run?.data ?? {};
      if (mean === undefined || deviation === undefined || run?.data.kind === "sequence") return [];
      const [low, high] = doctorLimits.inputDeviation;
      if (Math.abs(mean) <= doctorLimits.inputMean && deviation >= low && deviation <= high) return [];
      return [
        {
          severity: "warning",
          step: run?.firstStep ?? 0,
          title: "The inputs are not normalized",
          evidence: `first batch: mean ${short(mean)}, standard deviation ${short(deviation)}`,
          remedy: "bring them to a mean of 0 and a deviation of 1: layers.normalization(), or divide pixels by 255",
        },
      ];
    },
  },
  {
    rule: "labels",
    find: ({ run }) => {
      const { classCounts: counts, classes = [] } = run?.data ?? {};
      if (counts === undefined) return [];
      const total = counts.reduce((sum, count) => sum + count, 0);
      const rare = counts.flatMap((count, index) => (count < doctorLimits.labelShare * total ? [index] : []));
      if (rare.length === 0 || total === 0) return [];
      const shown = rare.slice(0, 5).map((index) => `${classes[index] ?? index}: ${counts[index]}`);
      return [
        {
          severity: "warning",
          step: run?.firstStep ?? 0,
          title: `${rare.length === 1 ? "A class has" : `${rare.length} classes have`} less than ${percent(doctorLimits.labelShare)} of the examples`,
          evidence: `${shown.join(", ")} of ${total}`,
          remedy: "give them weight (classWeight), or more examples; accuracy will not tell that they are missed",
        },
      ];
    },
  },
  {
    rule: "updateRatio",
    find: (facts) => {
      const weights = new Map(facts.samplesOf("weight").map(({ tensor, samples }) => [tensor.name, samples]));
      const [low, high] = doctorLimits.updateRatio;
      return facts.samplesOf("update").flatMap(({ tensor, samples }) => {
        if (tensor.shape.length < 2) return []; // biases begin at 0: their ratio says nothing
        const own = weights.get(tensor.name) ?? [];
        const ratios = lastOf(samples, doctorLimits.updateSamples).map(({ step, stats }) => {
          const weight = own.find((each) => each.step === step);
          return weight === undefined ? Number.NaN : Math.log10(rms(stats) / rms(weight.stats));
        });
        const below = ratios.every((ratio) => ratio < low);
        if (ratios.length < doctorLimits.updateSamples || !(below || ratios.every((ratio) => ratio > high))) return [];
        const typical = median(ratios);
        return [
          {
            severity: "warning" as const,
            layer: tensor.layer,
            title: `${tensor.name} changes too ${below ? "little" : "much"} a step`,
            evidence: `update / weight is 10^${short(typical)} over ${ratios.length} samples; 10^-3 is usual`,
            remedy: below
              ? "raise the learning rate, or look whether the layer gets gradients"
              : "lower the learning rate",
          },
        ];
      });
    },
  },
  {
    rule: "deadUnits",
    find: (facts) =>
      facts.samplesOf("activation").flatMap(({ tensor, samples }) => {
        const layer = facts.run?.model?.layers.find(({ id }) => id === tensor.layer);
        const recent = lastOf(samples, doctorLimits.activationSamples);
        const shares = recent.map(({ stats }) => (stats.units === 0 ? 0 : stats.deadUnits / stats.units));
        const share = Math.min(...shares);
        const silent = /relu/i.test(layer?.activation ?? "") || /relu/i.test(layer?.type ?? "");
        if (!silent || recent.length < doctorLimits.activationSamples || share <= doctorLimits.deadWarning) return [];
        const { units, deadUnits } = recent.at(-1)!.stats;
        return [
          {
            severity: share > doctorLimits.deadAlarm ? ("alarm" as const) : ("warning" as const),
            layer: tensor.layer,
            title: `${percent(share)} of the units of ${tensor.layer} are dead`,
            evidence: `${deadUnits} of ${units} units give 0 for all of the probe set, ${recent.length} samples in a row`,
            remedy: "lower the learning rate, use leakyRelu or gelu, or begin with smaller biases",
          },
        ];
      }),
  },
  {
    rule: "saturation",
    find: (facts) =>
      facts.samplesOf("activation").flatMap(({ tensor, samples }) => {
        const layer = facts.run?.model?.layers.find(({ id }) => id === tensor.layer);
        const recent = lastOf(samples, doctorLimits.activationSamples);
        const share = Math.min(...recent.map(({ stats }) => stats.saturated / stats.count));
        if (!/^(tanh|sigmoid)$/.test(layer?.activation ?? "") || recent.length < doctorLimits.activationSamples)
          return [];
        if (share <= doctorLimits.saturated) return [];
        return [
          {
            severity: "warning" as const,
            layer: tensor.layer,
            title: `${tensor.layer} is saturated: its ${layer?.activation} hardly learns`,
            evidence: `${percent(share)} of its outputs are beyond 0.97`,
            remedy: "smaller first weights, normalization before it, or another activation",
          },
        ];
      }),
  },
  {
    rule: "gradientFlow",
    find: (facts) => {
      const all = facts.samplesOf("gradient").filter(({ tensor }) => tensor.shape.length >= 2);
      const [first, last] = [all[0], all.at(-1)];
      if (first === undefined || last === undefined || first === last) return [];
      const ratio = rms(first.samples.at(-1)!.stats) / rms(last.samples.at(-1)!.stats);
      const [low, high] = doctorLimits.gradientFlow;
      if (!(ratio < low || ratio > high)) return [];
      const vanishes = ratio < low;
      return [
        {
          severity: "warning",
          layer: first.tensor.layer,
          title: vanishes
            ? "Gradients vanish on their way to the first layer"
            : "Gradients explode on their way to the first layer",
          evidence: `gradient of ${first.tensor.name} / gradient of ${last.tensor.name} = ${short(ratio)}`,
          remedy: vanishes
            ? "residual connections, normalization, relu in the place of sigmoid"
            : "normalization, smaller first weights, clipped gradients",
        },
      ];
    },
  },
  {
    rule: "gradientJump",
    find: ({ curves }) => {
      const norms = curves.find("gradientNorm", "none")?.values;
      if (norms === undefined || norms.length < 100) return [];
      const recent = norms.values.subarray(-100);
      const typical = median(recent);
      const now = recent.at(-1)!;
      if (!(now > doctorLimits.gradientJump * typical)) return [];
      return [
        {
          severity: "warning",
          title: "The gradient has jumped",
          evidence: `norm ${short(now)} at step ${norms.steps.at(-1)}; the median of the last 100 steps is ${short(typical)}`,
          remedy: "clip gradients (globalClipNorm: 1), lower the learning rate, or look at the examples of that batch",
        },
      ];
    },
  },
  {
    rule: "notFinite",
    find: (facts) => {
      const first = facts.notFinite[0];
      const told = facts.notFinite.find(({ event }) => event.cause !== undefined)?.event.cause;
      const bad = [...facts.samplesOf("weight")].find(({ samples }) => nonFiniteCount(samples.at(-1)!.stats) > 0);
      if (first === undefined && bad === undefined) return [];
      return [
        {
          severity: "alarm",
          ...(first === undefined ? {} : { step: first.step }),
          ...(told === undefined ? {} : { layer: told.layer }),
          title: first === undefined ? `${bad!.tensor.name} is not finite` : `Step ${first.step} was not finite`,
          evidence:
            told === undefined
              ? `${first?.event.figure ?? bad?.tensor.name} is NaN or infinite`
              : `first in ${told.operation}, ${told.layer === "" ? "outside of layers" : told.layer}${told.source === undefined ? "" : `, ${told.source}`}`,
          remedy:
            told?.suggestion ??
            `${first?.event.guarded === false ? "" : "its update was left out; "}lower the learning rate, and look at the data`,
        },
      ];
    },
  },
  {
    rule: "overfitting",
    find: ({ curves }) => {
      const held = curves.find("loss", "validation")?.values;
      const train = curves.find("loss")?.values;
      const count = doctorLimits.risingEvaluations + 1;
      if (held === undefined || train === undefined || held.length < count) return [];
      const last = held.length - 1;
      const best = held.values.reduce((found, value, at) => (value < held.values[found]! ? at : found), 0);
      const recent = held.values.subarray(-count);
      const rises =
        recent.every((value, at) => at === 0 || value > recent[at - 1]!) &&
        recent.at(-1)! - recent[0]! > doctorLimits.rise * Math.abs(recent[0]!);
      // It may go up and down on its way up.
      const risen = last - best >= count - 1 && held.values[last]! > doctorLimits.risen * held.values[best]!;
      if (!rises && !risen) return [];
      const from = risen ? best : held.length - count;
      const trainedUntil = (at: number): number => {
        const begin = train.steps.findIndex((each) => each > (held.steps[at - 1] ?? 0));
        return train.summary(Math.max(0, begin), train.steps.findLastIndex((each) => each <= held.steps[at]!) + 1).mean;
      };
      const [before, now] = [trainedUntil(from), trainedUntil(last)];
      if (!(now < before)) return [];
      return [
        {
          severity: "warning",
          step: held.steps[from]!,
          title: "It learns by heart: the loss falls in training and rises in validation",
          evidence: `validation ${short(held.values[from]!)} at step ${held.steps[from]}, ${short(held.values[last]!)} at step ${held.steps[last]}; training ${short(before)} → ${short(now)}`,
          remedy: "stop here (callbacks.earlyStopping), or dropout, weight decay, augmentation, more examples",
        },
      ];
    },
  },
  {
    rule: "plateau",
    find: ({ run, curves }) => {
      const loss = curves.find("loss")?.values;
      const window = Math.floor(doctorLimits.plateauPart * (run?.steps ?? 0));
      if (loss === undefined || window < 50 || loss.length < 2 * window) return [];
      const [before, now] = [
        loss.summary(loss.length - 2 * window, loss.length - window).mean,
        loss.summary(loss.length - window, loss.length).mean,
      ];
      if (!(Math.abs(before - now) < doctorLimits.plateauChange * Math.abs(before))) return [];
      return [
        {
          severity: "notice",
          title: "The loss stands still",
          evidence: `mean of the last ${window} steps ${short(now)}, of the ${window} before ${short(before)}`,
          remedy:
            "lower the learning rate (callbacks.reduceLROnPlateau), raise it where weights hardly change a step, or make the model larger",
        },
      ];
    },
  },
  {
    rule: "throughput",
    find: ({ curves }) => {
      const times = curves.find("stepMs", "none")?.values;
      if (times === undefined || times.length < 200) return [];
      const usual = median(times.values.subarray(Math.max(0, times.length - 1000), times.length - 50));
      const now = median(times.values.subarray(-50));
      if (!(now * (1 - doctorLimits.throughputLoss) > usual)) return [];
      return [
        {
          severity: "notice",
          title: "Training has become slower",
          evidence: `a step takes ${short(now)} ms; it took ${short(usual)} ms`,
          remedy: "look for other programs on this machine, for heat, and for memory that runs out",
        },
      ];
    },
  },
  {
    rule: "dataWait",
    find: ({ curves }) => {
      const [steps, data] = [curves.find("stepMs", "none")?.values, curves.find("dataMs", "none")?.values];
      if (steps === undefined || data === undefined || steps.length < 50) return [];
      const share = median(data.values.subarray(-200)) / median(steps.values.subarray(-200));
      if (!(share > doctorLimits.dataWait)) return [];
      return [
        {
          severity: "warning",
          title: "Steps wait for their data",
          evidence: `${percent(share)} of the time of a step`,
          remedy: "prefetch and map in parallel (data.map(f, { parallel: 4 }).prefetch(2)), or cache what was read",
        },
      ];
    },
  },
];

export const doctorRules: readonly string[] = rules.map(({ rule }) => rule);

/** What is out of the ordinary in a training, as far as its log has come. */
export const diagnose = (facts: Facts): readonly Finding[] =>
  rules.flatMap(({ rule, find }) => found(find, facts).map((each) => ({ rule, step: facts.step, ...each })));

/** A log may be anybody's: a rule that does not find in it what every log of ours has finds nothing. */
function found(find: Rule["find"], facts: Facts): ReturnType<Rule["find"]> {
  try {
    return find(facts);
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}
