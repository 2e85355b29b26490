import { backupAndRestore } from "./backupAndRestore.ts";
import { csvLogger } from "./csvLogger.ts";
import { earlyStopping } from "./earlyStopping.ts";
import { lambda } from "./lambda.ts";
import { learningRateScheduler } from "./learningRateScheduler.ts";
import { modelCheckpoint } from "./modelCheckpoint.ts";
import { reduceLROnPlateau } from "./reduceLROnPlateau.ts";
import { swapEmaWeights } from "./swapEmaWeights.ts";
import { tensorBoard } from "./tensorBoard.ts";
import { terminateOnNaN } from "./terminateOnNaN.ts";

/** Callbacks by their Keras names: `callbacks.earlyStopping({ patience: 3 })`. */
export const callbacks = {
  backupAndRestore,
  csvLogger,
  earlyStopping,
  lambda,
  learningRateScheduler,
  modelCheckpoint,
  reduceLROnPlateau,
  swapEmaWeights,
  tensorBoard,
  terminateOnNaN,
} as const;

export type { Callback, CallbackState, Logs, Position, TrainingControl } from "./callback.ts";
export { earlyStopping, terminateOnNaN };
