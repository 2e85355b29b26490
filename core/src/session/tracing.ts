import { type Profile, startProfile } from "../observe/index.ts";
import type { Span, Spans } from "../record/index.ts";

const mostSteps = 200;
const mostSpans = 20_000;

/** Kernels of the next steps, being listened to. */
export interface Tracing {
  /** Who asked; undefined where an evaluation did. */
  readonly id: string | undefined;
  /** The step before which it ends. */
  readonly until: number;
  end(): Spans;
}

export function startTracing(id: string | undefined, step: number, steps: number): Tracing {
  const profiling = startProfile();
  return {
    id,
    until: step + (steps >= 1 ? Math.min(mostSteps, Math.floor(steps)) : 1),
    end: () => spansOf(profiling.stop(), /\/train\b/),
  };
}

/**
 * Programs and the kernels inside them, one after the other, from the first one of `named` on: what was still to be done for an
 * evaluation, such as setting figures to 0, and the time until a step began would only be an empty stretch.
 */
export function spansOf({ timeline: whole }: Profile, named: RegExp): Spans {
  const first = whole.findIndex(({ program }) => named.test(program));
  const timeline = whole.slice(Math.max(0, first));
  const origin = timeline[0]?.start ?? 0;
  const spans: Span[] = [];
  for (const { program, start, launches } of timeline) {
    const ms = launches.reduce((sum, launch) => sum + launch.ms, 0);
    spans.push({ name: program, level: "step", start: start - origin, ms });
    let at = start - origin;
    for (const { kernel, scope, count, multiplyAdds, bytes, ms: own } of launches) {
      spans.push({
        name: kernel,
        level: "kernel",
        layer: scope,
        start: at,
        ms: own,
        count,
        multiplyAdds: multiplyAdds * count,
        bytes: bytes * count,
      });
      at += own;
    }
    if (spans.length > mostSpans) break;
  }
  return { time: performance.timeOrigin + origin, precisionMs: 0.001, spans };
}
