/** What a call knows besides its inputs. */
export interface CallContext {
  /** True while training: dropout drops, batch normalization uses the statistics of the batch. */
  readonly training: boolean;
  /** True inside a layer that is not trainable: batch normalization keeps its running statistics there. */
  readonly frozen?: boolean;
}

const inference: CallContext = { training: false };
let ambient: CallContext = inference;

/** The context that a layer called without one works in: that of the layer or step around it. */
export const contextNow = (): CallContext => ambient;

/** Runs `body` with `context` for all layers called inside. */
export function inContext<T>(context: CallContext, body: () => T): T {
  const outer = ambient;
  ambient = context;
  try {
    return body();
  } finally {
    ambient = outer;
  }
}
