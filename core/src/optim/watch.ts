import type { Tensor, Variable } from "../tensor/index.ts";

/** Sees what optimizers do to variables inside of a step that is being traced. */
export interface UpdateWatch {
  /** Before anything is moved. Where it returns a truth value, nothing moves in steps in which that is false. */
  gradients(gradients: readonly Tensor[], variables: readonly Variable[]): Tensor | undefined;
  /** What a variable was, and what it is from now on. */
  moved(target: Variable, before: Tensor, after: Tensor): void;
  /** The loss of the batch. */
  loss?(loss: Tensor): void;
  /** Whether a variable stays as it is, whatever its gradient. */
  holds?(variable: Variable): boolean;
}

let present: UpdateWatch | undefined;

/** Who watches the step that is being traced now. */
export const updateWatch = (): UpdateWatch | undefined => present;

/** Runs `body` with `watch` looking on. */
export function watchUpdates<T>(watch: UpdateWatch, body: () => T): T {
  const outer = present;
  present = watch;
  try {
    return body();
  } finally {
    present = outer;
  }
}
