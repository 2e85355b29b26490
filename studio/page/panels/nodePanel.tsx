import { useSignal } from "@preact/signals";
import type { LayerNode } from "chainrule/record";
import { useEffect, useRef } from "preact/hooks";
import type { Picture } from "../data/examples.ts";
import type { Box } from "../data/network.ts";
import { bytes, count, shape, short } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { request } from "../parts/request.ts";
import { Missing, Panel } from "../parts/small.tsx";
import { command, digest, isLive, runId, steerable, step } from "../state.ts";
import { Attention } from "./attention.tsx";
import { Formula } from "./formula.tsx";
import { HistogramPicture } from "./tensorTable.tsx";
import { Kernels, Maps } from "./units.tsx";
import { UnitView } from "./unitView.tsx";
import { WeightEditor } from "./weightEditor.tsx";

const bytesPerNumber = 4;
/** More are taken only when somebody asks. */
const mostParametersTaken = 200_000;

interface NodePanelProps {
  readonly box: Box | undefined;
  readonly onToggle: (block: string) => void;
}

/** What is known of the chosen box: sizes, options, weights, what it makes of an example. */
export function NodePanel({ box, onToggle }: NodePanelProps) {
  if (box === undefined)
    return (
      <Panel title="Layer" class="node">
        <Missing
          what="No layer chosen"
          fill="Choose one in the diagram: its weights, kernels, feature maps and formula are shown here."
        />
      </Panel>
    );
  const layer = box.block ? undefined : box.layers[0];
  return (
    <Panel
      title={box.title}
      asIs
      class="node"
      tools={
        box.block ? (
          <button type="button" onClick={() => onToggle(box.id)}>
            Open
          </button>
        ) : (
          layer !== undefined && <Steer layer={layer} onToggle={onToggle} />
        )
      }
    >
      <p class="muted">
        {box.type}
        {layer?.activation === undefined ? "" : `, ${layer.activation}`}
      </p>
      <dl class="facts">
        {(
          [
            ["input", layer?.inputShapes.map(shape).join(", ") ?? ""],
            ["output", shape(box.shape)],
            ["parameters", count(box.parameters)],
            ["weights", bytes(bytesPerNumber * box.parameters)],
            ["FLOPs an example", short(2 * box.multiplyAdds)],
          ] as const
        )
          .filter(([, value]) => value !== "")
          .map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {layer !== undefined && <LayerPanel layer={layer} />}
    </Panel>
  );
}

function Steer({ layer, onToggle }: { readonly layer: LayerNode; readonly onToggle: (block: string) => void }) {
  const frozen = digest.value?.frozen.includes(layer.id) ?? false;
  return (
    <>
      {isLive.value && layer.trainableParameters > 0 && (
        <button
          type="button"
          aria-pressed={frozen}
          data-do="freeze"
          onClick={() => command({ type: "freeze", layer: layer.id, frozen: !frozen })}
        >
          {frozen ? "Frozen" : "Freeze"}
        </button>
      )}
      {layer.path.length > 0 && (
        <button type="button" onClick={() => onToggle(`${layer.path.join("/")}/`)}>
          Shut {layer.path.at(-1)}
        </button>
      )}
    </>
  );
}

function LayerPanel({ layer }: { readonly layer: LayerNode }) {
  const place = useRef<HTMLDivElement>(null);
  const unit = useSignal(0);
  const question = (role: "weights" | "featureMap") =>
    runId.value === undefined ? undefined : { run: runId.value, step: step.value, role, layer: layer.id };
  const weights = useAsk(place, "slices", () => question("weights"));
  const maps = useAsk(place, "slices", () => question("featureMap"));
  const tensor = (digest.value?.tensors ?? []).find((each) => each.layer === layer.id && each.role === "weight");
  const histogram = useAsk(place, "histogram", () =>
    runId.value === undefined || tensor === undefined
      ? undefined
      : { run: runId.value, tensor: tensor.id, step: step.value },
  );
  const asked = useSignal<readonly Picture[]>([]);
  const known = [...asked.value, ...(weights.value ?? [])];
  const kernel = known.find(({ head }) => head.shape.length >= 2);
  const bias = known.find(({ head }) => head.shape.length === 1);
  // Of a live run they are taken when somebody chooses the layer: its units are told in numbers.
  const takeWeights = async (): Promise<void> => {
    asked.value = (await request("weights", { type: "weights", layer: layer.id }, true)) ?? asked.value;
  };
  useEffect(() => {
    asked.value = [];
    if (steerable.value && layer.parameters > 0 && layer.parameters <= mostParametersTaken) void takeWeights();
  }, [layer.id, runId.value]);
  const map = maps.value?.[0];
  const paused = isLive.value && digest.value?.phase === "paused";
  return (
    <div ref={place} class="layer-panel">
      {tensor !== undefined && histogram.value !== undefined && (
        <>
          <h3>{tensor.name}</h3>
          <HistogramPicture bars={histogram.value} />
        </>
      )}
      {steerable.value && layer.parameters > 0 && (
        <button type="button" onClick={takeWeights} data-do="weights">
          {asked.value.length > 0
            ? `Weights of step ${count(asked.value[0]?.step ?? 0)}: take them again`
            : "Take weights now"}
        </button>
      )}
      {kernel !== undefined && kernel.head.shape.length === 4 && (
        <>
          <h3>Kernels</h3>
          <Kernels kernel={kernel} unit={unit.value} onUnit={(chosen) => (unit.value = chosen)} />
        </>
      )}
      {map !== undefined && (
        <>
          <h3>
            {map.head.shape.length === 3 ? "Feature maps" : "Outputs"} of {map.head.key}
          </h3>
          <Maps map={map} unit={unit.value} onUnit={(chosen) => (unit.value = chosen)} />
        </>
      )}
      {digest.value?.slices.attention?.includes(layer.id) && <Attention layer={layer.id} />}
      <h3>
        Formula{" "}
        {layer.parameters > 0 && (
          <label class="parameter">
            unit
            <input
              type="number"
              min={0}
              max={Math.max(0, (layer.outputShapes[0]?.at(-1) ?? 1) - 1)}
              value={unit.value}
              onInput={({ currentTarget }) => {
                unit.value = Math.max(0, currentTarget.valueAsNumber || 0);
              }}
            />
          </label>
        )}
      </h3>
      <Formula layer={layer} />
      {kernel !== undefined && <UnitView layer={layer} kernel={kernel} bias={bias} map={map} unit={unit.value} />}
      {paused && layer.parameters > 0 && (
        <>
          <button
            type="button"
            data-do="ablate"
            onClick={() => command({ type: "ablate", layer: layer.id, unit: unit.value })}
          >
            Set unit {unit.value} to zero
          </button>
          <WeightEditor layer={layer} known={known} onSet={takeWeights} />
        </>
      )}
      {Object.keys(Object(layer.config)).length > 0 && (
        <details class="options">
          <summary>Options</summary>
          <dl>
            {Object.entries(Object(layer.config) as Record<string, unknown>).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  <code>{typeof value === "string" ? value : JSON.stringify(value)}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}
