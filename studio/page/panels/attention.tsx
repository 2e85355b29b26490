import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { isUniform, PixelPicture } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";
import { count, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { digest, runId, step } from "../state.ts";
import { Bar } from "./probeSet.tsx";

const [thumbnail, large, shownKeys] = [84, 264, 6];

/** Which tokens look at which, head by head; of one token, what it looks at most. With `layer`, of that layer alone. */
export function Attention({ layer }: { readonly layer?: string }) {
  const place = useRef<HTMLDivElement>(null);
  const chosenLayer = useSignal(layer ?? "");
  const chosenHead = useSignal(0);
  const chosenToken = useSignal(Number.NaN);
  const layers = digest.value?.slices.attention ?? [];
  const shownLayer = layer ?? (layers.includes(chosenLayer.value) ? chosenLayer.value : layers[0]);
  const question = () =>
    runId.value === undefined || shownLayer === undefined ? undefined : { run: runId.value, step: step.value };
  const found = useAsk(place, "slices", () => {
    const now = question();
    return now && { ...now, role: "attention" as const, layer: shownLayer };
  });
  const probe = useAsk(place, "probe", question);
  const shown = found.value?.[0];
  const [heads = 0, queries = 0, keys = 0] = shown?.head.shape ?? [];
  const head = Math.min(chosenHead.value, Math.max(0, heads - 1));
  const map = shown?.values.subarray(head * queries * keys, (head + 1) * queries * keys) ?? new Float32Array(0);
  // Until somebody chooses one, the last token: it may look at all others.
  const token = Number.isNaN(chosenToken.value) ? queries - 1 : Math.min(chosenToken.value, queries - 1);
  const row = map.subarray(token * keys, (token + 1) * keys);
  // "probe/0" is the first of the probe set.
  const example = probe.value?.examples.find(({ key }, at) => [key, `probe/${at}`].includes(shown?.head.key ?? ""));
  const tokenAt = tokensOf(shown, example?.picture, keys);
  const uniform = isUniform(map);
  const most = [...row.keys()].sort((a, b) => row[b]! - row[a]!).slice(0, shownKeys);
  const name =
    shown === undefined
      ? "Attention: none recorded at this step"
      : `Attention of ${shownLayer} at step ${count(shown.step)}: ${heads} heads of ${queries} × ${keys} tokens; in head ${head} ${
          uniform
            ? "every token looks at all alike"
            : `token ${tokenAt(token)} looks most at ${most
                .slice(0, 3)
                .map((key) => `${tokenAt(key)} (${percent(row[key])})`)
                .join(", ")}`
        }`;
  const table = () => ({
    columns: ["token", "looks at", "share"],
    rows: Array.from({ length: queries }, (_, query) => {
      const own = map.subarray(query * keys, (query + 1) * keys);
      const best = own.indexOf(Math.max(...own));
      return [tokenAt(query), tokenAt(best), percent(own[best], 1)];
    }),
  });
  /** Rows are tokens that look; the whole map is as high as it is wide. */
  const choose = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect(); // it listens on its own
    const side = Math.min(box.width, box.height);
    const at = Math.floor(((event.clientY - box.top - (box.height - side) / 2) / side) * queries);
    chosenToken.value = Math.max(0, Math.min(queries - 1, at));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const move = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    chosenToken.value = Math.max(0, Math.min(queries - 1, token + move));
  };
  return (
    <Figure
      title="Attention"
      name={name}
      class="attention"
      table={shown === undefined ? undefined : table}
      tools={
        layer === undefined &&
        layers.length > 1 && (
          <select
            aria-label="layer"
            value={shownLayer ?? ""}
            onChange={({ currentTarget }) => {
              chosenLayer.value = currentTarget.value;
            }}
          >
            {layers.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        )
      }
    >
      <div ref={place} data-step={shown?.step} data-heads={heads} data-head={head} data-token={token}>
        {shown === undefined ? (
          <Missing
            what="Which tokens look at which"
            fill="Runs of models with attention hold it, from the first evaluation on."
          />
        ) : (
          <>
            <ul class="heads" aria-label="heads">
              {Array.from({ length: heads }, (_, each) => (
                <li key={each}>
                  <button
                    type="button"
                    aria-pressed={each === head}
                    aria-label={`head ${each}`}
                    onClick={() => {
                      chosenHead.value = each;
                    }}
                  >
                    <PixelPicture
                      values={shown.values.subarray(each * queries * keys, (each + 1) * queries * keys)}
                      height={queries}
                      width={keys}
                      coloring="amount"
                      size={thumbnail}
                    />
                  </button>
                </li>
              ))}
            </ul>
            <div class="attended">
              <div
                class="attention-map"
                tabIndex={0}
                role="slider"
                aria-label="token that looks"
                aria-valuenow={token}
                aria-valuemin={0}
                aria-valuemax={queries - 1}
                aria-valuetext={`token ${tokenAt(token)}`}
                onPointerDown={choose}
                onKeyDown={onKeyDown}
              >
                <PixelPicture
                  values={map}
                  height={queries}
                  width={keys}
                  coloring="amount"
                  marked={token}
                  size={large}
                />
                <p class="muted">{uniform ? "uniform: every token looks at all alike" : "rows look at columns"}</p>
              </div>
              <div class="looks">
                <p>
                  Head {head}: token <b>{tokenAt(token)}</b> looks at
                </p>
                <ul>
                  {most.map((key) => (
                    <li key={key}>
                      <b>{tokenAt(key)}</b>
                      <Bar share={row[key] ?? 0} />
                      <span class="value">{percent(row[key])}</span>
                    </li>
                  ))}
                </ul>
                <p class="muted">Arrows up and down, or a click, choose the token.</p>
              </div>
            </div>
          </>
        )}
      </div>
    </Figure>
  );
}

/** How a token is told: by its place, and by its number in the vocabulary where the example is in the log. */
function tokensOf(shown: Picture | undefined, example: Picture | undefined, keys: number): (place: number) => string {
  // Pictures in bytes tell whole numbers only where a byte is no more than one of them.
  const isExact = example?.values.length === keys && (example.head.scale ?? 1) <= 1;
  const ids = shown?.head.labels ?? (isExact ? [...example.values].map(Math.round) : undefined);
  return (place) => (ids === undefined ? `#${place}` : `#${place} (${ids[place]})`);
}
