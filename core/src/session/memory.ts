import { bytesPerElement } from "../base/dtype.ts";
import { type Events, on } from "../base/events.ts";
import { bytesOf } from "../observe/index.ts";
import type { MemoryReport } from "../record/index.ts";
import { defaultDevice, type Variable } from "../tensor/index.ts";
import type { Trainable } from "../train/index.ts";

const largest = 12;

/** Who needs the device's memory: weights and optimizer by their sizes, the rest by what the compiler planned. */
export class MemoryWatch {
  #step: Events["program"] | undefined;
  readonly #stop: () => void;

  constructor() {
    this.#stop = on("program", (program) => {
      // The step is the program that needs most.
      if (this.#step === undefined || bytesOf(program) > bytesOf(this.#step)) this.#step = program;
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
    const peak = this.#step?.peak
      .toSorted((one, other) => other.bytes - one.bytes)
      .slice(0, largest)
      .map(({ name, scope, bytes: own }) => ({ name, layer: scope, bytes: own }));
    return {
      time: Date.now(),
      device: device.name,
      bytes,
      peakBytes,
      owners: { weights, optimizer: moments, ...planned, other: Math.max(0, bytes - known) },
      ...(peak === undefined ? {} : { peak }),
    };
  }

  close(): void {
    this.#stop();
  }
}

/** What a step needs besides its state. A step that was compiled for an earlier training is not told of again. */
function plannedOwners({ inputs, arenaBytes, scratchBytes }: Events["program"]): { activations: number; data: number } {
  const given = inputs.filter(({ state }) => !state);
  return { activations: arenaBytes + scratchBytes, data: given.reduce((sum, { bytes }) => sum + bytes, 0) };
}

const bytesIn = (variables: readonly Variable[]): number =>
  variables.reduce((sum, { size, dtype }) => sum + size * bytesPerElement[dtype], 0);
