import type { SeriesDefinition, TensorDefinition } from "./description.ts";
import type { Entry } from "./entry.ts";
import { Pyramid } from "./pyramid.ts";

/** A series and its values so far. */
export interface Curve {
  readonly definition: SeriesDefinition;
  readonly values: Pyramid;
}

/** The curves of a log, and the names of its tensors, as its entries arrive. */
export class Curves {
  readonly #curves = new Map<number, Curve>();
  readonly #tensors = new Map<number, TensorDefinition>();

  /** Takes an entry; true when it was about curves or names. */
  take({ kind, content }: Entry): boolean {
    if (kind === "define") {
      if (content.define === "tensor") this.#tensors.set(content.id, content);
      else if (!this.#curves.has(content.id))
        this.#curves.set(content.id, { definition: content, values: new Pyramid() });
      return true;
    }
    if (kind !== "scalars") return false;
    const { series, steps, times, values } = content;
    series.forEach((id, row) => {
      const curve = this.#curves.get(id);
      if (curve === undefined) return;
      for (let at = 0; at < steps.length; at++)
        curve.values.push(steps[at]!, times[at]!, values[row * steps.length + at]!);
    });
    return true;
  }

  get all(): readonly Curve[] {
    return [...this.#curves.values()];
  }
  /** The curve of a figure: `find("loss", "validation")`. */
  find(name: string, split: SeriesDefinition["split"] = "train"): Curve | undefined {
    return this.all.find(({ definition }) => definition.name === name && definition.split === split);
  }
  get(id: number): Curve | undefined {
    return this.#curves.get(id);
  }
  get tensors(): ReadonlyMap<number, TensorDefinition> {
    return this.#tensors;
  }
}
