import { Curves } from "./curves.ts";
import type { RunDescription, TensorDefinition } from "./description.ts";
import type { Entry } from "./entry.ts";
import type { EvaluationEvent, NotFiniteEvent } from "./events.ts";
import type { TensorStats } from "./stats.ts";

/** Statistics of a tensor at a step. */
export interface StatsAt {
  readonly step: number;
  readonly stats: TensorStats;
}

/** Samples of a tensor that are kept: what the doctor looks at. */
const keptSamples = 64;

/** What a log says of a training, gathered as its entries arrive. */
export class Facts {
  readonly curves = new Curves();
  run: RunDescription | undefined;
  step = 0;
  readonly evaluations: { readonly step: number; readonly event: EvaluationEvent }[] = [];
  readonly notFinite: { readonly step: number; readonly event: NotFiniteEvent }[] = [];
  readonly #samples = new Map<number, StatsAt[]>();

  take(entry: Entry): void {
    const { kind, content, step, stream } = entry;
    this.step = step;
    if (this.curves.take(entry)) return;
    if (kind === "stats") {
      const samples = this.#samples.get(stream) ?? [];
      this.#samples.set(stream, samples);
      // The training may have gone back.
      while (samples.length > 0 && samples.at(-1)!.step >= step) samples.pop();
      samples.push({ step, stats: content });
      if (samples.length > keptSamples) samples.shift();
    } else if (kind === "event") {
      if (content.type === "run") this.run = content.run;
      else if (content.type === "evaluation") this.evaluations.push({ step, event: content });
      else if (content.type === "notFinite") this.notFinite.push({ step, event: content });
    }
  }

  /** The tensors of a role, and their samples, oldest first. */
  samplesOf(
    role: TensorDefinition["role"],
  ): { readonly tensor: TensorDefinition; readonly samples: readonly StatsAt[] }[] {
    return [...this.curves.tensors.values()]
      .filter((tensor) => tensor.role === role)
      .map((tensor) => ({ tensor, samples: this.#samples.get(tensor.id) ?? [] }))
      .filter(({ samples }) => samples.length > 0);
  }
}
