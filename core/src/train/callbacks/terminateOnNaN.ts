import { ChainruleError } from "../../base/errors.ts";
import type { Callback } from "./callback.ts";

export interface TerminateOnNaNOptions {
  /** Ends `fit` with an error instead of after the step. Default false. */
  readonly raiseError?: boolean | undefined;
}

/** Stops training when the loss is NaN or infinite. */
export const terminateOnNaN = ({ raiseError = false }: TerminateOnNaNOptions = {}): Callback => ({
  onBatchEnd: (step, logs, control) => {
    const { loss = 0 } = logs;
    if (Number.isFinite(loss)) return;
    if (raiseError) throw new ChainruleError(`the loss of step ${step} is ${loss}`);
    control.tell(`Batch ${step}: Invalid loss, terminating training`);
    control.stop();
  },
});
