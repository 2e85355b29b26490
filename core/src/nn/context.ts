import { bodyDepth, contribute } from "../tensor/bodies.ts";
import type { Tensor } from "../tensor/index.ts";

/** What a call knows besides its inputs. */
export interface CallContext {
  /** True while training: dropout drops, batch normalization uses the statistics of the batch. */
  readonly training: boolean;
  /** True where nobody has said whether this is training: layers that augment data are active there, as part of a pipeline. */
  readonly unsaid?: boolean;
  /** True inside a layer that is not trainable: batch normalization keeps its running statistics there. */
  readonly frozen?: boolean;
  /** What was trainable when the model was compiled; without it, what is trainable now. */
  readonly trainable?: ReadonlyMap<object, boolean> | undefined;
  /** Collects what `addLoss` and activity regularizers add; without it, they add nothing. */
  readonly losses?: Tensor[] | undefined;
  /** Sees what each layer makes of its inputs. */
  readonly seen?: ((layer: object, outputs: unknown) => void) | undefined;
}

const inference: CallContext = { training: false, unsaid: true };
let ambient: CallContext = inference;

/** The context that a layer called without one works in: that of the layer or step around it. */
export const contextNow = (): CallContext => ambient;

/** The body of a loop in which each list of losses was first seen: there they are added up. */
const depths = new WeakMap<Tensor[], number>();

/** Adds a scalar to what the context collects; in the body of a loop, the sum over its steps. */
export function addLossTo({ losses }: CallContext, loss: Tensor): void {
  if (losses !== undefined) contribute(loss, (total) => losses.push(total), depths.get(losses) ?? 0);
}

/** Runs `body` with `context` for all layers called inside. */
export function inContext<T>(context: CallContext, body: () => T): T {
  const outer = ambient;
  const { losses } = context;
  if (losses !== undefined && !depths.has(losses)) depths.set(losses, bodyDepth());
  ambient = context;
  try {
    return body();
  } finally {
    ambient = outer;
  }
}
