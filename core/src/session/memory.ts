import { bytesPerElement } from "../base/dtype.ts";
import { type Events, on } from "../base/events.ts";
import { aliveAtPeak, bytesOf } from "../observe/index.ts";
import type { AllocationLog, MemoryOwner, MemoryReport } from "../record/index.ts";
import { defaultDevice, type Variable } from "../tensor/index.ts";
import type { Trainable } from "../train/index.ts";
import { Allocations } from "./allocations.ts";
import { Thinning } from "./thinning.ts";

/** Of the results of a step: told as the largest at its peak, and over the whole step. */
const largest = 12;
const mostResults = 64;
/** Of allocations, in the whole run; and about what a line of them takes. */
const mostLogBytes = 4 * 2 ** 20;
const bytesOfLine = 24;

/** Who needs the device's memory: weights and optimizer by their sizes, the rest by what the compiler planned. */
export class MemoryWatch {
  #step: Events["program"] | undefined;
  /** The log does not know of that program yet. */
  #fresh = false;
  readonly #stop: () => void;
  readonly allocations = new Allocations();
  readonly #thinning = new Thinning(mostLogBytes);

  constructor() {
    this.allocations.listen();
    this.#stop = on("program", (program) => {
      // The step is the program that needs most.
      if (this.#step !== undefined && bytesOf(program) <= bytesOf(this.#step)) return;
      this.#step = program;
      this.#fresh = true;
    });
  }

  async report(model: Trainable): Promise<MemoryReport> {
    const device = await defaultDevice();
    const { bytes, peakBytes } = device.memory();
    const weights = bytesIn(model.variables);
    const { optimizer } = model.objective;
    const moments = optimizer.built ? bytesIn(optimizer.variables) : 0;
    const planned = this.#step === undefined ? undefined : plannedOwners(this.#step);
    const known = weights + moments + (planned?.activations ?? 0) + (planned?.data ?? 0);
    const allocations = this.#log(model);
    const peak =
      this.#step &&
      aliveAtPeak(this.#step)
        .toSorted((one, other) => other.bytes - one.bytes)
        .slice(0, largest)
        .map(({ name, scope, bytes: own }) => ({ name, layer: scope, bytes: own }));
    const results = this.#step === undefined || !this.#fresh ? {} : { results: resultsOf(this.#step) };
    this.#fresh = false;
    return {
      time: Date.now(),
      device: device.name,
      bytes,
      peakBytes,
      owners: { weights, optimizer: moments, ...planned, other: Math.max(0, bytes - known) },
      ...(peak === undefined ? {} : { peak }),
      ...results,
      ...(allocations === undefined ? {} : { allocations }),
    };
  }

  #log(model: Trainable): AllocationLog | undefined {
    if (!this.#thinning.due()) return undefined;
    const { optimizer } = model.objective;
    const owned = new Map<object, MemoryOwner>();
    const names = new Map<string, MemoryOwner>(this.#step?.inputs.map(({ name }) => [name, "data"]));
    const own = (variables: readonly Variable[], owner: MemoryOwner): void => {
      for (const { name, cell } of variables) {
        names.set(name, owner);
        const { buffer } = cell.holder.storage;
        if (buffer !== undefined) owned.set(buffer, owner);
      }
    };
    own(model.variables, "weights");
    if (optimizer.built) own(optimizer.variables, "optimizer");
    const log = this.allocations.report(owned, (name) => names.get(name) ?? "other");
    this.#thinning.wrote(bytesOfLine * (log?.events.length ?? 0));
    return log;
  }

  close(): void {
    this.allocations.rest();
    this.#stop();
  }
}

/** What a step needs besides its state. A step that was compiled for an earlier training is not told of again. */
function plannedOwners({ inputs, arenaBytes, scratchBytes }: Events["program"]): { activations: number; data: number } {
  const given = inputs.filter(({ state }) => !state);
  return { activations: arenaBytes + scratchBytes, data: given.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** The results of a step that need most, and when they live. */
function resultsOf({ tenants }: Events["program"]): NonNullable<MemoryReport["results"]> {
  const list = tenants
    .toSorted((one, other) => other.bytes - one.bytes)
    .slice(0, mostResults)
    .map(({ name, scope, bytes, first, last }) => ({ name, layer: scope, bytes, from: first, to: last }));
  return { steps: Math.max(0, ...tenants.map(({ last }) => last + 1)), list };
}

const bytesIn = (variables: readonly Variable[]): number =>
  variables.reduce((sum, { size, dtype }) => sum + size * bytesPerElement[dtype], 0);
