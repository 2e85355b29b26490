/**
 * The words in shared memory by which the threads of a run agree: byte offsets from the control block, one cache line each.
 * The host clears all of them before a run.
 */
export const control = {
  /** The next task of the current launch. */
  task: 0,
  /** Threads that have reached the barrier. */
  arrived: 64,
  /** Counts barriers passed; threads sleep on it. */
  generation: 128,
  /** Not 0 when a thread has failed: the others stop at the next barrier. */
  failed: 192,
  /** Threads that are done with the run; a host that must not return to its event loop waits on it. */
  ended: 256,
} as const;

export const controlBytes = 320;
