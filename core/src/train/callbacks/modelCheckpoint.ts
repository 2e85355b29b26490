import { demandKind, demandKinds, type KindsOf } from "../../base/kinds.ts";
import { makeFolder } from "../../formats/file.ts";
import { demandPositive } from "../demand.ts";
import type { Callback, Logs, TrainingControl } from "./callback.ts";
import { figureIn, finiteOrNull, isBetter, type MonitorOptions, monitorKinds, numberIn, signOf } from "./monitor.ts";
import { filledPath } from "./path.ts";

export interface ModelCheckpointOptions extends MonitorOptions {
  /** Only when the watched figure is the best so far. Default false. */
  readonly saveBestOnly?: boolean | undefined;
  /** Weights alone, for `loadWeights`. Default: the model and the state of its training. */
  readonly saveWeightsOnly?: boolean | undefined;
  /** After each epoch, or after so many steps. Default "epoch". */
  readonly saveFreq?: "epoch" | number | undefined;
  /** What the figure must be better than to be saved at first. */
  readonly initialValueThreshold?: number | undefined;
}

const kinds: KindsOf<ModelCheckpointOptions> = {
  ...monitorKinds,
  saveBestOnly: "flag",
  saveWeightsOnly: "flag",
  saveFreq: "other",
  initialValueThreshold: "number",
};

/** Saves the model to `path`, where `{epoch}` (from 1), `{batch}` and figures as `{valLoss:.2}` are filled in. Files are whole or not there. */
export function modelCheckpoint(path: string, options: ModelCheckpointOptions = {}): Callback {
  demandKind("modelCheckpoint: the path", path, "text");
  demandKinds("modelCheckpoint", options, kinds);
  const { monitor = "valLoss", saveBestOnly = false, saveWeightsOnly = false, saveFreq = "epoch" } = options;
  const every = saveFreq === "epoch" ? undefined : demandPositive("saveFreq", saveFreq);
  const never = Number.NEGATIVE_INFINITY;
  let best = never;
  let sign = -1;
  let epochNow = 0;
  let since = 0;

  const tell = (control: TrainingControl, text: string): void => {
    if (options.verbose === true) control.tell(`Epoch ${epochNow + 1}: ${text}`);
  };
  const save = async (logs: Logs, step: number, control: TrainingControl): Promise<void> => {
    const file = filledPath(path, { ...logs, epoch: epochNow + 1, batch: step + 1 });
    let why = "";
    if (saveBestOnly) {
      const figure = figureIn(logs, monitor, "modelCheckpoint", control);
      if (figure === undefined) return;
      const before = Number.isFinite(best) ? (sign * best).toFixed(5) : "nothing";
      if (!isBetter(sign * figure, best)) {
        tell(control, `${monitor} did not improve from ${before}`);
        return;
      }
      best = sign * figure;
      why = `${monitor} improved from ${before} to ${figure.toFixed(5)}, `;
    }
    tell(control, `${why}saving model to ${file}`);
    const folder = /^(.*)[/\\]/.exec(file)?.[1];
    if (folder) await makeFolder(folder);
    const { model } = control;
    await (saveWeightsOnly ? model.saveWeights(file) : model.save(file));
    tell(control, `finished saving model to ${file}`);
  };
  return {
    onTrainBegin: ({ model }) => {
      sign = signOf(options, model);
      best = options.initialValueThreshold === undefined ? never : sign * options.initialValueThreshold;
      since = 0;
    },
    onEpochBegin: (epoch) => {
      epochNow = epoch;
    },
    ...(every === undefined
      ? { onEpochEnd: (_epoch, logs, control) => save(logs, (control.steps ?? 0) - 1, control) }
      : {
          onBatchEnd: async (step, logs, control) => {
            if (++since < every) return;
            since = 0;
            await save(logs, step, control);
          },
        }),
    state: () => ({ values: { best: finiteOrNull(best), since } }),
    restore: (values) => {
      best = numberIn(values, "best", never);
      since = numberIn(values, "since", 0);
    },
  } satisfies Callback;
}
