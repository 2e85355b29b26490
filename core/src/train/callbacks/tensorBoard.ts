import { builtin } from "../../base/host.ts";
import { demandKind, demandKinds, type KindsOf } from "../../base/kinds.ts";
import {
  appendToFile,
  encodeEvent,
  encodeFileVersion,
  type GraphNode,
  type Histogram,
  makeFolder,
} from "../../formats/index.ts";
import { type Holder, isSymbolic, layerGraph } from "../../nn/index.ts";
import { demandPositive } from "../demand.ts";
import type { Callback, TrainingControl } from "./callback.ts";
import { histogramOf } from "./histogram.ts";

export interface TensorBoardOptions {
  /** Histograms of the weights each so many epochs; 0: never. Default 0. */
  readonly histogramFreq?: number | undefined;
  /** Figures after each epoch, or also after each so many steps. Default "epoch". */
  readonly updateFreq?: "epoch" | number | undefined;
  /** The graph of a sequential or functional model. Default true. */
  readonly writeGraph?: boolean | undefined;
}

const kinds: KindsOf<TensorBoardOptions> = { histogramFreq: "whole", updateFreq: "other", writeGraph: "flag" };

/** A file of events: nothing is written before the first one. */
class EventFile {
  readonly #folder: string;
  #path: string | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async write(event: Omit<Parameters<typeof encodeEvent>[0], "seconds">): Promise<void> {
    const seconds = Date.now() / 1000;
    if (this.#path === undefined) {
      await makeFolder(this.#folder);
      const host = builtin<{ hostname(): string }>("node:os")?.hostname() ?? "host";
      // The process and a counter keep two writers of one second apart.
      this.#path = `${this.#folder}/events.out.tfevents.${Math.floor(seconds)}.${host}.${processId()}.${files++}`;
      await appendToFile(this.#path, encodeFileVersion(seconds));
    }
    await appendToFile(this.#path, encodeEvent({ seconds, ...event }));
  }
}
let files = 0;
const processId = (): number => (globalThis as { readonly process?: { readonly pid?: number } }).process?.pid ?? 0;

/** Writes figures (and histograms of weights) as event files that TensorBoard reads: `tensorboard --logdir folder`. */
export function tensorBoard(folder = "logs", options: TensorBoardOptions = {}): Callback {
  demandKind("tensorBoard: the folder", folder, "text");
  demandKinds("tensorBoard", options, kinds);
  const { histogramFreq = 0, updateFreq = "epoch", writeGraph = true } = options;
  const every = updateFreq === "epoch" ? undefined : demandPositive("updateFreq", updateFreq);
  let train = new EventFile(`${folder}/train`);
  let validation = new EventFile(`${folder}/validation`);

  const histograms = async ({ model }: TrainingControl): Promise<Record<string, Histogram>> => {
    const made = model.namedVariables().map(async ([name, variable]) => {
      const histogram = histogramOf((await variable.data()) as ArrayLike<number>); // no dtype has bigints
      return histogram === undefined ? [] : [[name, histogram] as const];
    });
    return Object.fromEntries((await Promise.all(made)).flat());
  };
  return {
    onTrainBegin: async ({ model }) => {
      train = new EventFile(`${folder}/train`);
      validation = new EventFile(`${folder}/validation`);
      const graph = writeGraph ? graphOf(model) : [];
      if (graph.length > 0) await train.write({ step: 0, graph });
    },
    ...(every === undefined
      ? {}
      : {
          onBatchEnd: async (_step, logs, { model }) => {
            const { optimizer } = model.objective;
            const step = await optimizer.iterations.item();
            if (step % every === 0) await train.write({ step, scalars: tagged(logs, (name) => `batch_${name}`) });
          },
        }),
    onEpochEnd: async (epoch, logs, control) => {
      const isValidation = (name: string): boolean => /^val[A-Z]/.test(name);
      const part = (wanted: boolean): Record<string, number> =>
        Object.fromEntries(Object.entries(logs).filter(([name]) => isValidation(name) === wanted));
      const learningRate = await control.model.objective.optimizer.learningRate.item();
      const due = histogramFreq > 0 && epoch % histogramFreq === 0;
      await train.write({
        step: epoch,
        scalars: tagged({ ...part(false), learningRate }, (name) => `epoch_${name}`),
        ...(due ? { histograms: await histograms(control) } : {}),
      });
      const held = tagged(part(true), (name) => `epoch_${name.charAt(3).toLowerCase()}${name.slice(4)}`);
      if (Object.keys(held).length > 0) await validation.write({ step: epoch, scalars: held });
    },
  } satisfies Callback;
}

/** The layers of a model that knows its own architecture, as nodes; none of one whose `call` is code. */
function graphOf(model: TrainingControl["model"]): readonly GraphNode[] {
  if (!("describe" in model && typeof model.describe === "function" && model.describe() !== undefined)) return [];
  const { layers, edges } = layerGraph(model as unknown as Holder, false); // what describes itself is a model with layers
  return layers.map((layer, at) => {
    const tensors = "tensor" in layer ? [layer.tensor] : layer.uses.flatMap(({ outputs }) => outputs);
    return {
      name: layer.name,
      operation: layer.typeName,
      inputs: edges.filter(({ to }) => to === at).map(({ from }) => layers[from]!.name),
      shapes: tensors.filter(isSymbolic).map(({ shape }) => shape),
    };
  });
}

const tagged = (figures: Readonly<Record<string, number>>, tag: (name: string) => string): Record<string, number> =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [tag(name), value]));
