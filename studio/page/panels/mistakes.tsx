import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ExamplePicture, PixelPicture, planeOf } from "../charts/picture.tsx";
import type { Mistake, Picture, Split } from "../data/examples.ts";
import { count, number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { client, runId, say, steerable, step } from "../state.ts";
import type { Cell } from "./confusion.tsx";
import { className } from "./probeSet.tsx";

const [thumbnail, large, shownHistory] = [56, 150, 24];

/** The examples that the model was most wrong about at the cursor. */
export function Mistakes({ split, cell }: { readonly split: Split; readonly cell: Cell | undefined }) {
  const place = useRef<HTMLDivElement>(null);
  const chosen = useSignal("");
  const found = useAsk(place, "mistakes", () =>
    runId.value === undefined ? undefined : { run: runId.value, split, step: step.value },
  );
  const all = found.value?.mistakes ?? [];
  const shown =
    cell === undefined ? all : all.filter(({ truth, predicted }) => truth === cell.truth && predicted === cell.said);
  const selected = shown.find(({ key }) => key === chosen.value) ?? shown[0];
  const name =
    all.length === 0
      ? "Worst mistakes: none recorded yet"
      : `Worst mistakes of ${split} at step ${count(found.value?.step ?? 0)}: ${all
          .slice(0, 4)
          .map(({ truth, predicted }) => `${className(truth)} taken for ${className(predicted)}`)
          .join(", ")}`;
  const table = () => ({
    columns: ["example", "true", "said", "probability", "loss"],
    rows: shown.map(({ key, truth, predicted, probability, loss }) => [
      key,
      className(truth),
      className(predicted),
      percent(probability, 1),
      number(loss),
    ]),
  });
  const title = cell === undefined ? "Worst mistakes" : `True ${className(cell.truth)}, said ${className(cell.said)}`;
  return (
    <Figure title={title} name={name} table={all.length === 0 ? undefined : table} class="mistakes">
      <div ref={place} data-step={found.value?.step} data-shown={shown.length}>
        {all.length === 0 ? (
          <Missing what="The examples with the largest loss" fill="They are recorded at each evaluation." />
        ) : shown.length === 0 ? (
          <Missing what="None among the worst" fill="The log keeps the worst examples of each evaluation, not all." />
        ) : (
          <>
            <ul class="gallery">
              {shown.map((mistake) => (
                <li key={mistake.key}>
                  <button
                    type="button"
                    aria-pressed={mistake === selected}
                    aria-label={`${mistake.key}: true ${className(mistake.truth)}, said ${className(mistake.predicted)}`}
                    onClick={() => {
                      chosen.value = mistake.key;
                    }}
                  >
                    {mistake.picture !== undefined && <ExamplePicture picture={mistake.picture} size={thumbnail} />}
                    <span>
                      {className(mistake.truth)}{" "}
                      <b class={mistake.truth === mistake.predicted ? "" : "said-wrong"}>
                        {className(mistake.predicted)}
                      </b>
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {selected !== undefined && <Selected key={selected.key} mistake={selected} />}
          </>
        )}
      </div>
    </Figure>
  );
}

type Explanation = "saliency" | "gradCam";

/** One example: what was said of it over the run, and what the model looks at. */
function Selected({ mistake }: { readonly mistake: Mistake }) {
  const { key, truth, predicted, probability, loss, picture, history } = mistake;
  const explanation = useSignal<{ readonly type: Explanation; readonly picture: Picture } | undefined>(undefined);
  const explain = async (type: Explanation): Promise<void> => {
    const run = runId.value;
    if (run === undefined) return;
    try {
      const [found] = await client.ask("request", { run, role: type, request: { type, input: key, class: predicted } });
      if (found !== undefined) explanation.value = { type, picture: found };
    } catch (error) {
      say(error instanceof Error ? error.message : String(error), true);
    }
  };
  return (
    <div class="selected" data-example={key}>
      {picture !== undefined && (
        <div class="selected-picture">
          <ExamplePicture picture={picture} size={large} />
        </div>
      )}
      {explanation.value !== undefined && (
        <figure class="selected-picture">
          <PixelPicture
            values={explanation.value.picture.values}
            {...planeOf(explanation.value.picture)}
            coloring="sign"
            size={large}
          />
          <figcaption class="muted">{explanation.value.type === "saliency" ? "saliency" : "Grad-CAM"}</figcaption>
        </figure>
      )}
      <div class="selected-words">
        <p>
          true <b>{className(truth)}</b>, said <b class="said-wrong">{className(predicted)}</b> with{" "}
          {percent(probability)}; loss {number(loss)}
        </p>
        <p class="muted">
          {key}. At evaluations:{" "}
          {history
            .slice(-shownHistory)
            .map((each) => className(each.predicted))
            .join(" ") || "–"}
        </p>
        {steerable.value ? (
          <p class="tools">
            <button type="button" onClick={() => explain("saliency")} data-do="saliency">
              Saliency
            </button>
            <button type="button" onClick={() => explain("gradCam")} data-do="gradCam">
              Grad-CAM
            </button>
          </p>
        ) : (
          <p class="muted">A live run shows what it looks at: saliency and Grad-CAM.</p>
        )}
      </div>
    </div>
  );
}
