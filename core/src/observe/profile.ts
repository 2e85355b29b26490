import { type Events, type LaunchTiming, on } from "../base/events.ts";

type Program = Events["program"];
type Run = Events["run"];

/** All launches of one kernel for the same layers in one program. */
export interface KernelProfile {
  readonly program: string;
  readonly device: string;
  readonly kernel: string;
  /** The user's layers, joined by "+". */
  readonly scope: string;
  readonly launches: number;
  readonly ms: number;
  readonly multiplyAdds: number;
  /** The least that the launches must have read and written. */
  readonly bytes: number;
}

export interface ProgramProfile {
  readonly name: string;
  readonly device: string;
  readonly runs: number;
  readonly launchesPerRun: number;
  /** Time in kernels, barriers included. */
  readonly ms: number;
}

export interface Profile {
  readonly programs: readonly ProgramProfile[];
  /** Slowest first. */
  readonly kernels: readonly KernelProfile[];
  /** What the programs need of memory, largest first. */
  readonly memory: readonly Program[];
  /** The runs, in order, for timelines; the last ones only where there were many. */
  readonly timeline: readonly Run[];
}

/** So many runs are kept for the timeline. */
const longestTimeline = 2000;

/** Collects what devices tell of their runs until `stop`, which returns the profile. */
export function startProfile(): { stop(): Profile } {
  const kernels = new Map<string, KernelProfile>();
  const programs = new Map<string, ProgramProfile>();
  const memory = new Map<string, Program>();
  const timeline: Run[] = [];

  const stops = [
    on("program", (program) => void memory.set(programKey(program), program)),
    on("run", (run) => {
      timeline.push(run);
      if (timeline.length > longestTimeline) timeline.shift();
      const key = `${run.device} ${run.program}`;
      programs.set(key, withRun(programs.get(key), run));
      for (const launch of run.launches) {
        const own = `${key} ${launch.kernel} ${launch.scope}`;
        kernels.set(own, withLaunch(kernels.get(own), run, launch));
      }
    }),
  ];
  return {
    stop: () => {
      for (const stop of stops) stop();
      return {
        programs: [...programs.values()].sort((a, b) => b.ms - a.ms),
        kernels: [...kernels.values()].sort((a, b) => b.ms - a.ms),
        memory: [...memory.values()].sort((a, b) => bytesOf(b) - bytesOf(a)),
        timeline,
      };
    },
  };
}

/** What lives in a program's arena when most of it does. */
export function aliveAtPeak({ tenants }: Program): Program["tenants"] {
  let peak: Program["tenants"] = [];
  let most = -1;
  for (const { first } of tenants) {
    const alive = tenants.filter((each) => each.first <= first && first <= each.last);
    const bytes = alive.reduce((sum, each) => sum + each.bytes, 0);
    if (bytes > most) [peak, most] = [alive, bytes];
  }
  return peak;
}

/** Programs of one name that need different memory are different: a short last batch, say. */
const programKey = (program: Program): string => `${program.device} ${program.name} ${bytesOf(program)}`;

/** All memory that a program needs for one run. */
export const bytesOf = ({ inputs, outputBytes, arenaBytes, scratchBytes }: Program): number =>
  inputs.reduce((sum, { bytes }) => sum + bytes, 0) + outputBytes + arenaBytes + scratchBytes;

function withRun(known: ProgramProfile | undefined, { program, device, launches }: Run): ProgramProfile {
  const count = launches.reduce((sum, launch) => sum + launch.count, 0);
  const ms = launches.reduce((sum, launch) => sum + launch.ms, 0);
  return {
    name: program,
    device,
    runs: (known?.runs ?? 0) + 1,
    launchesPerRun: Math.max(known?.launchesPerRun ?? 0, count),
    ms: (known?.ms ?? 0) + ms,
  };
}

function withLaunch(known: KernelProfile | undefined, { program, device }: Run, launch: LaunchTiming): KernelProfile {
  const { kernel, scope, count, ms, multiplyAdds, bytes } = launch;
  return {
    program,
    device,
    kernel,
    scope,
    launches: (known?.launches ?? 0) + count,
    ms: (known?.ms ?? 0) + ms,
    multiplyAdds: (known?.multiplyAdds ?? 0) + count * multiplyAdds,
    bytes: (known?.bytes ?? 0) + count * bytes,
  };
}
