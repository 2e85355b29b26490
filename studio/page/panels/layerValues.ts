import { type ReadonlySignal, type Signal, useComputed } from "@preact/signals";
import type { LayerNode, TensorRole } from "chainrule/record";
import { bytes, milliseconds, number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { digest, runId, step } from "../state.ts";

export const colorings = ["activation", "gradient", "update ratio", "dead", "time", "memory"] as const;
/** What the layers of the diagram are coloured by. */
export type Coloring = (typeof colorings)[number];

/** What the bars of the diagram say. */
export const colorMeanings: { readonly [C in Coloring]: string } = {
  activation: "Bars: root mean square of what a layer gives for the probe set.",
  gradient: "Bars: norm of the gradient of a layer's weights.",
  "update ratio": "Bars: log₁₀ of update / weight, from −6 to 0; −3 is usual.",
  dead: "Bars: share of the units that give 0 for all of the probe set; full at 40 %.",
  time: "Bars: time of the layer's kernels in the steps that were timed.",
  memory: "Bars: memory of weights, and of the output for a batch.",
};
/** Why there are none. */
export const colorMissing = (coloring: Coloring): string =>
  coloring === "time"
    ? "No step has been timed yet: evaluations time one, and Profile records some."
    : coloring === "dead"
      ? "No sample of a layer that can have dead units (relu) has been taken yet."
      : "No sample of statistics has been taken yet: the recorder takes them every few steps, as seldom as keeps them cheap.";

/** What a layer is worth at the cursor. */
export interface LayerValues {
  /** From 0 to 1; undefined where nothing is known. */
  share(layers: readonly string[]): number | undefined;
  words(layer: string): string;
  wordsOf(layers: readonly string[]): string;
  /** Whether anything is known. */
  readonly some: boolean;
  /** Whether much is bad. */
  readonly warns: boolean;
}

const roleOf: { readonly [C in Coloring]: TensorRole } = {
  activation: "activation",
  gradient: "gradient",
  "update ratio": "weight",
  dead: "activation",
  time: "weight",
  memory: "weight",
};

const wordsOf: { readonly [C in Coloring]: (value: number) => string } = {
  activation: number,
  gradient: number,
  "update ratio": number,
  dead: (value) => percent(value),
  time: milliseconds,
  memory: bytes,
};

/** Sums of layers in a block for what adds up; their largest for the rest. */
const adds = new Set<Coloring>(["time", "memory"]);
const bytesPerNumber = 4;

/** The values of all layers by the chosen colouring, at the cursor. */
export function useLayerValues(
  place: { readonly current: Element | null },
  coloring: Signal<Coloring>,
): ReadonlySignal<LayerValues> {
  const run = () => (runId.value === undefined ? undefined : { run: runId.value, step: step.value });
  const health = useAsk(place, "health", () => {
    const question = run();
    return question === undefined ? undefined : { ...question, role: roleOf[coloring.value] };
  });
  const spans = useAsk(place, "spans", run);
  return useComputed(() => {
    const kind = coloring.value;
    const known = new Map<string, number>();
    if (kind === "time") {
      for (const { level, layer, ms } of spans.value?.value.spans ?? [])
        if (level === "layer" && layer !== undefined) known.set(layer, (known.get(layer) ?? 0) + ms);
    } else if (kind === "memory") {
      for (const layer of digest.value?.description?.model?.layers ?? []) known.set(layer.id, memoryOf(layer));
    } else {
      for (const { tensor, rms, norm, updateRatio, deadShare } of health.value ?? []) {
        const value = { activation: rms, gradient: norm, "update ratio": updateRatio, dead: deadShare }[kind];
        if (value !== undefined)
          known.set(tensor.layer, Math.max(known.get(tensor.layer) ?? Number.NEGATIVE_INFINITY, value));
      }
    }
    return valuesFrom(known, kind);
  });
}

/** Weights, and the output for a batch. */
function memoryOf({ parameters, outputShapes }: LayerNode): number {
  const { batchSize = 1 } = digest.value?.description ?? {};
  const outputs = outputShapes.map((shape) => shape.reduce<number>((all, size) => all * (size ?? batchSize), 1));
  return bytesPerNumber * (parameters + outputs.reduce((sum, each) => sum + each, 0));
}

function valuesFrom(known: ReadonlyMap<string, number>, kind: Coloring): LayerValues {
  const all = [...known.values()].filter(Number.isFinite);
  const [low, high] = kind === "update ratio" ? [-6, 0] : kind === "dead" ? [0, 0.4] : [0, Math.max(...all, 1e-30)];
  const total = (layers: readonly string[]): number | undefined => {
    const own = layers.flatMap((layer) => known.get(layer) ?? []);
    if (own.length === 0) return undefined;
    return adds.has(kind) ? own.reduce((sum, each) => sum + each, 0) : Math.max(...own);
  };
  const words = (layers: readonly string[]): string => {
    const value = total(layers);
    return value === undefined ? "" : wordsOf[kind](value);
  };
  return {
    share: (layers) => {
      const value = total(layers);
      if (value === undefined) return undefined;
      return Number.isFinite(value) ? Math.max(0, Math.min(1, (value - low) / (high - low))) : 1;
    },
    words: (layer) => words([layer]),
    wordsOf: words,
    some: known.size > 0,
    warns: kind === "dead",
  };
}
