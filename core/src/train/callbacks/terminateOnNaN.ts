import type { Callback } from "./callback.ts";

/** Stops training when the loss is NaN or infinite. */
export const terminateOnNaN = (): Callback => ({
  onBatchEnd: (_step, logs, control) => {
    if (!Number.isFinite(logs["loss"] ?? 0)) control.stop();
  },
});
