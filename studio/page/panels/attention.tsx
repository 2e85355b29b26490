import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { PixelPicture } from "../charts/picture.tsx";
import { count } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { digest, runId, step } from "../state.ts";

const mapSize = 132;

/** Which tokens look at which, head by head. With `layer`, of that layer alone. */
export function Attention({ layer }: { readonly layer?: string }) {
  const place = useRef<HTMLDivElement>(null);
  const chosen = useSignal(layer ?? "");
  const layers = digest.value?.slices.attention ?? [];
  const shownLayer = layer ?? (layers.includes(chosen.value) ? chosen.value : layers[0]);
  const found = useAsk(place, "slices", () =>
    runId.value === undefined || shownLayer === undefined
      ? undefined
      : { run: runId.value, step: step.value, role: "attention" as const, layer: shownLayer },
  );
  const shown = found.value?.[0];
  const [heads = 0, queries = 0, keys = 0] = shown?.head.shape ?? [];
  const name =
    shown === undefined
      ? "Attention: none recorded at this step"
      : `Attention of ${shownLayer} at step ${count(shown.step)}: ${heads} heads of ${queries} × ${keys} tokens; rows look at columns`;
  return (
    <Figure
      title="Attention"
      name={name}
      class="attention"
      tools={
        layer === undefined && (
          <select
            aria-label="layer"
            value={shownLayer ?? ""}
            onChange={({ currentTarget }) => {
              chosen.value = currentTarget.value;
            }}
          >
            {layers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )
      }
    >
      <div ref={place} data-step={shown?.step}>
        {shown === undefined ? (
          <Missing
            what="Attention maps"
            fill="They are shown where a log has them; our recorder does not write them yet."
          />
        ) : (
          <ul class="maps">
            {Array.from({ length: heads }, (_, head) => (
              <li key={head}>
                <PixelPicture
                  values={shown.values.subarray(head * queries * keys, (head + 1) * queries * keys)}
                  height={queries}
                  width={keys}
                  coloring="sign"
                  size={mapSize}
                />
                <span class="muted">head {head}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </Figure>
  );
}
