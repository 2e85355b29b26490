import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { drawSpark } from "../charts/heat.ts";
import { ExamplePicture, PixelPicture, planeOf } from "../charts/picture.tsx";
import type { Picture } from "../data/examples.ts";
import { count, number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Canvas, type Draw } from "../parts/canvas.tsx";
import { request } from "../parts/request.ts";
import { client, digest, moveCursor, runId, say, steerable, step } from "../state.ts";
import { palette } from "../theme.ts";
import type { Near } from "../worker/asks.ts";
import { className, isPicture, numbersOf } from "./probeSet.tsx";

const [large, small, neighbours, shownHistory] = [150, 56, 6, 16];

/** An example that somebody wants to know more of. */
export interface ChosenExample {
  readonly key: string;
  readonly truth: number;
  /** What was said of it, where that is known. */
  readonly predicted?: number | undefined;
  readonly probability?: number | undefined;
  readonly loss?: number | undefined;
  /** Why it was chosen. */
  readonly why?: string;
  readonly picture: Picture | undefined;
}

const explanations = {
  saliency: { title: "Saliency", means: "where the class depends on the picture" },
  gradCam: { title: "Grad-CAM", means: "what of the last convolution speaks for it" },
  occlusion: { title: "Occlusion", means: "orange: covered there, the probability falls" },
} as const;
type Explanation = keyof typeof explanations;

/** One example: what was said of it over the run, what the model looks at, and what it was trained on that is like it. */
export function Example({ example }: { readonly example: ChosenExample }) {
  const { key, truth, predicted, probability, loss, why, picture } = example;
  const place = useRef<HTMLDivElement>(null);
  const explained = useSignal<readonly { readonly type: Explanation; readonly picture: Picture }[]>([]);
  const near = useSignal<readonly Near[]>([]);
  const drawn = useSignal<readonly Picture[]>([]);
  const busy = useSignal("");
  const isImage = digest.value?.description?.data.kind === "image";

  const explain = (type: Explanation) => async (): Promise<void> => {
    const run = runId.value;
    if (run === undefined || busy.value !== "") return;
    busy.value = type;
    const wanted = predicted ?? truth;
    let found: Picture | undefined;
    if (type === "occlusion") {
      if (picture !== undefined)
        found = await client
          .ask("occlusion", { run, picture, class: wanted })
          .catch((error) => void say(error.message, true));
    } else found = (await request(type, { type, input: key, class: wanted }))?.[0];
    if (found !== undefined)
      explained.value = [...explained.value.filter((each) => each.type !== type), { type, picture: found }];
    busy.value = "";
  };
  const findNear = async (): Promise<void> => {
    const run = runId.value;
    if (run === undefined || busy.value !== "") return;
    busy.value = "nearest";
    near.value = await client.ask("nearest", { run, key, count: neighbours }).catch((error) => {
      say(error.message, true);
      return [];
    });
    busy.value = "";
  };
  const draw = async (): Promise<void> => {
    if (busy.value !== "") return;
    busy.value = "augmented";
    drawn.value = (await request("example", { type: "augmented", input: key })) ?? [];
    busy.value = "";
  };
  useEffect(() => {
    explained.value = [];
    near.value = [];
    drawn.value = [];
  }, [key]);
  return (
    <div class="selected" data-example={key} ref={place}>
      {picture !== undefined && isPicture(picture) && (
        <figure class="selected-picture">
          <ExamplePicture picture={picture} size={large} />
          <figcaption class="muted">{key}</figcaption>
        </figure>
      )}
      {explained.value.map(({ type, picture: found }) => (
        <figure key={type} class="selected-picture" data-explanation={type}>
          <PixelPicture values={found.values} {...planeOf(found)} coloring="sign" size={large} />
          <figcaption class="muted" title={explanations[type].means}>
            {explanations[type].title}
          </figcaption>
        </figure>
      ))}
      <div class="selected-words">
        {picture !== undefined && !isPicture(picture) && (
          <p class="muted">
            {key}: <span class="numbers">{numbersOf(picture)}</span>
          </p>
        )}
        <p>
          true <b>{className(truth)}</b>
          {predicted !== undefined && (
            <>
              , said <b class={predicted === truth ? "" : "said-wrong"}>{className(predicted)}</b>
              {probability !== undefined && ` with ${percent(probability)}`}
              {loss !== undefined && `; loss ${number(loss)}`}
            </>
          )}
        </p>
        {why !== undefined && <p class="why">{why}</p>}
        <History place={place} example={example} />
        {steerable.value && isImage ? (
          <p class="tools">
            {(Object.keys(explanations) as Explanation[]).map((type) => (
              <button
                key={type}
                type="button"
                disabled={busy.value !== ""}
                title={explanations[type].means}
                onClick={explain(type)}
                data-do={type}
              >
                {busy.value === type ? "…" : explanations[type].title}
              </button>
            ))}
            <button type="button" disabled={busy.value !== ""} onClick={findNear} data-do="nearest">
              {busy.value === "nearest" ? "…" : "Nearest training examples"}
            </button>
            <button
              type="button"
              disabled={busy.value !== ""}
              title="what the layers before the first that learns make of it in training"
              onClick={draw}
              data-do="augmented"
            >
              {busy.value === "augmented" ? "…" : "Augmented"}
            </button>
          </p>
        ) : (
          isImage && (
            <p class="muted">
              While a run trains, it can be asked what it looks at, and which training examples are nearest.
            </p>
          )
        )}
      </div>
      {drawn.value.length > 0 && (
        <div class="near">
          <h3>What training sees of it: as it is, and in {drawn.value.length - 1} draws</h3>
          <ul class="gallery">
            {drawn.value.map((each, at) => (
              <li key={at} data-draw={at}>
                <ExamplePicture picture={each} size={small} />
                <span class="muted">{at === 0 ? "as it is" : at}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {near.value.length > 0 && (
        <div class="near">
          <h3>Nearest training examples, by the model's features</h3>
          <ul class="gallery">
            {near.value.map((each) => (
              <li key={each.key} data-near={each.key}>
                {each.picture !== undefined && isPicture(each.picture) && (
                  <ExamplePicture picture={each.picture} size={small} />
                )}
                <span>
                  <b class={each.truth === truth ? "" : "said-wrong"}>{className(each.truth)}</b>{" "}
                  <span class="muted">{number(each.distance)}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

/** What was said of the example at evaluations, and its loss as a little line. */
function History({
  place,
  example: { key, truth },
}: {
  readonly place: { readonly current: Element | null };
  readonly example: ChosenExample;
}) {
  const history = useAsk(place, "history", () =>
    runId.value === undefined ? undefined : { run: runId.value, key, step: step.value },
  );
  const all = history.value ?? [];
  if (all.length === 0) return null;
  const draw: Draw = (context, { width, height }) =>
    drawSpark(
      context,
      all.map(({ loss }) => loss),
      width,
      height,
      palette.value.series[1] ?? palette.value.ink,
    );
  const losses = `loss ${number(all[0]?.loss)} at step ${count(all[0]?.step ?? 0)}, ${number(all.at(-1)?.loss)} at step ${count(all.at(-1)?.step ?? 0)}`;
  return (
    <div class="said-history" data-history={all.length}>
      <ul aria-label="what was said of it at evaluations">
        {all.slice(-shownHistory).map((each) => (
          <li key={each.step}>
            <button
              type="button"
              class={each.predicted === truth ? "said-then" : "said-then said-wrong"}
              title={`step ${count(each.step)}: ${className(each.predicted)}, loss ${number(each.loss)}`}
              onClick={() => moveCursor(each.step)}
            >
              {className(each.predicted)}
            </button>
          </li>
        ))}
      </ul>
      {all.length > 1 && (
        <div class="said-loss">
          <Canvas draw={draw} height={26} class="spark" />
          <span class="muted">{losses}</span>
        </div>
      )}
    </div>
  );
}
