import type { Tensor } from "./tensor.ts";

/** Sees weights of attention, [...batch, heads, time, source], in what is being traced. */
export type AttentionWatch = (weights: Tensor) => void;

let present: AttentionWatch | undefined;

/** Who watches attention now. Nobody, as a rule: then weights are not computed for themselves. */
export const attentionWatch = (): AttentionWatch | undefined => present;

/** Runs `body` with `watch` looking on. */
export function watchAttention<T>(watch: AttentionWatch, body: () => T): T {
  const outer = present;
  present = watch;
  try {
    return body();
  } finally {
    present = outer;
  }
}
