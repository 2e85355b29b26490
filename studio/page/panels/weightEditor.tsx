import { useSignal } from "@preact/signals";
import type { LayerNode } from "chainrule/record";
import type { Picture } from "../data/examples.ts";
import { placeOf } from "../data/unit.ts";
import { shape } from "../format.ts";
import { command, say } from "../state.ts";

interface WeightEditorProps {
  readonly layer: LayerNode;
  /** The weights as far as they are known. */
  readonly known: readonly Picture[];
  /** When the training has answered. */
  readonly onSet: () => void;
}

/** One number of a layer's weights, typed while the run is paused. */
export function WeightEditor({ layer, known, onSet }: WeightEditorProps) {
  const chosen = useSignal("");
  const place = useSignal("0");
  const typed = useSignal("");
  const variable = layer.variables.find(({ name }) => name === chosen.value) ?? layer.variables[0];
  if (variable === undefined) return null;
  const index = placeOf(place.value, variable.shape);
  const present = known.find(({ head }) => head.key === variable.name)?.values[index ?? -1];
  const set = async (event: Event): Promise<void> => {
    event.preventDefault();
    const value = typed.value.trim() === "" ? Number.NaN : Number(typed.value);
    if (index === undefined)
      return say(`${variable.name} is ${shape(variable.shape)}: it has no place ${place.value}`, true);
    if (!Number.isFinite(value)) return say(`"${typed.value}" is no finite number`, true);
    await command({ type: "edit", variable: variable.name, index, value });
    onSet();
  };
  return (
    <form class="parameter" onSubmit={set}>
      <select aria-label="weights" onChange={({ currentTarget }) => (chosen.value = currentTarget.value)}>
        {layer.variables.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <input
        aria-label="place: its number, or one number an axis, such as 0, 2"
        value={place.value}
        onInput={({ currentTarget }) => (place.value = currentTarget.value)}
      />
      <input
        aria-label="value"
        placeholder={present === undefined ? "" : String(Number(present.toPrecision(6)))}
        value={typed.value}
        onInput={({ currentTarget }) => (typed.value = currentTarget.value)}
      />
      <button type="submit" data-do="edit">
        Set
      </button>
    </form>
  );
}
