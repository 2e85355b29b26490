import type { Profile } from "./profile.ts";

/** One complete event of the Chrome trace format; times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: "X" | "M";
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, string | number>>;
}

const microseconds = 1000;
const tracks = { programs: 1, kernels: 2 } as const;

/**
 * The timeline as JSON that chrome://tracing, Perfetto and speedscope open: one track of programs, one of the kernels inside
 * them. ("Trace Event Format", Google 2016.)
 */
export function chromeTrace({ timeline }: Profile): string {
  const devices = [...new Set(timeline.map(({ device }) => device))];
  const events: TraceEvent[] = devices.flatMap((device, pid) => [
    { name: "process_name", cat: "", ph: "M", pid, tid: 0, args: { name: device } },
    ...Object.entries(tracks).map(
      ([name, tid]): TraceEvent => ({ name: "thread_name", cat: "", ph: "M", pid, tid, args: { name } }),
    ),
  ]);
  for (const { program, device, start, launches } of timeline) {
    const pid = devices.indexOf(device);
    const total = launches.reduce((sum, { ms }) => sum + ms, 0);
    const span = (ms: number, length: number) => ({ ts: ms * microseconds, dur: length * microseconds });
    events.push({
      name: program,
      cat: "program",
      ph: "X",
      pid,
      tid: tracks.programs,
      ...span(start, total),
      args: { launches: launches.length },
    });
    let at = start;
    for (const { kernel, scope, count, multiplyAdds, bytes, ms } of launches) {
      const args = { layer: scope, launches: count, multiplyAdds: count * multiplyAdds, bytes: count * bytes };
      events.push({ name: kernel, cat: "kernel", ph: "X", pid, tid: tracks.kernels, ...span(at, ms), args });
      at += ms;
    }
  }
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents: events })}\n`;
}
