/** What observers can hear. Times are in milliseconds, sizes in bytes. */
export interface Events {
  /** A compiler pass ran. `before` and `after` are printed only when somebody listens. */
  pass: { readonly name: string; readonly ms: number; readonly before: string; readonly after: string };
  /** A kernel was built or taken from the cache. `scope` names its layers; `ms` is the time of its whole program. */
  kernel: { readonly name: string; readonly scope: string; readonly cached: boolean; readonly ms: number };
  /** A program was made ready to run: what memory it needs, and who needs it. Sizes are in bytes. */
  program: {
    readonly name: string;
    readonly device: string;
    /** Its arguments; `state` marks those that it overwrites, such as weights and moments. */
    readonly inputs: readonly { readonly name: string; readonly bytes: number; readonly state: boolean }[];
    readonly outputBytes: number;
    readonly arenaBytes: number;
    readonly scratchBytes: number;
    /** What lives in the arena, from which of the program's steps to which. */
    readonly tenants: readonly {
      readonly name: string;
      readonly scope: string;
      readonly bytes: number;
      readonly first: number;
      readonly last: number;
    }[];
  };
  /** One run of a program, launch by launch. Only devices that work by plans tell, and only those runs are timed that begin while somebody listens. */
  run: {
    readonly program: string;
    readonly device: string;
    /** When it began, on the clock of `performance.now()`. */
    readonly start: number;
    readonly launches: readonly LaunchTiming[];
  };
  /** One training step ended. */
  step: {
    readonly epoch: number;
    readonly step: number;
    readonly ms: number;
    readonly logs: Readonly<Record<string, number>>;
  };
  epoch: { readonly epoch: number; readonly ms: number; readonly logs: Readonly<Record<string, number>> };
  /** A value streamed out of a running program by the `tap` primitive. */
  tap: { readonly name: string; readonly shape: readonly number[]; readonly data: ArrayLike<number> };
  /** A jitted function was traced again. */
  retrace: { readonly name: string; readonly reason: string };
  /** A device gave memory for a value, or got it back (then `bytes` is negative). `buffer` tells which; `name` whose, where that is known. */
  allocation: { readonly device: string; readonly buffer: object; readonly bytes: number; readonly name: string };
}

/** What one launch of a kernel took, its barrier included; inside a loop, all its iterations together. */
export interface LaunchTiming {
  readonly kernel: string;
  /** The user's layers that it serves, joined by "+". */
  readonly scope: string;
  /** How often it ran. */
  readonly count: number;
  readonly multiplyAdds: number;
  /** The least that it must read and write. */
  readonly bytes: number;
  readonly ms: number;
}

export type EventName = keyof Events;
type Listener<E extends EventName> = (event: Events[E]) => void;

const listeners = new Map<EventName, Set<Listener<never>>>();

/** Calls `listener` at every event named `name` until the returned function is called. */
export function on<E extends EventName>(name: E, listener: Listener<E>): () => void {
  const set = listeners.get(name) ?? new Set();
  listeners.set(name, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(name);
  };
}

/** True when somebody listens to `name`; lets callers skip work that only listeners need. */
export const heard = (name: EventName): boolean => listeners.has(name);

/** Sends an event. The event is built by `make` only when somebody listens. */
export function emit<E extends EventName>(name: E, make: () => Events[E]): void {
  const set = listeners.get(name);
  if (set === undefined) return;
  const event = make();
  for (const listener of [...set]) (listener as Listener<E>)(event);
}
