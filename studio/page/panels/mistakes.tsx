import { type Signal, useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { ExamplePicture } from "../charts/picture.tsx";
import type { Split } from "../data/examples.ts";
import { count, number, percent } from "../format.ts";
import { useAsk } from "../parts/ask.ts";
import { Figure } from "../parts/figure.tsx";
import { Missing } from "../parts/small.tsx";
import { runId, step } from "../state.ts";
import type { Cell } from "./confusion.tsx";
import { type ChosenExample, Example } from "./example.tsx";
import { className, isPicture, numbersOf } from "./probeSet.tsx";

const thumbnail = 56;
const mostShown = 96;

/** Examples that were chosen elsewhere, such as by a lasso; with what is known of them there. */
export interface Selection {
  readonly title: string;
  readonly examples: readonly Omit<ChosenExample, "picture">[];
}

interface MistakesProps {
  readonly split: Split;
  readonly cell: Cell | undefined;
  readonly selection: Signal<Selection | undefined>;
}

/** The examples that the model was most wrong about at the cursor, or those that were selected. */
export function Mistakes({ split, cell, selection }: MistakesProps) {
  const place = useRef<HTMLDivElement>(null);
  const chosen = useSignal("");
  const found = useAsk(place, "mistakes", () =>
    runId.value === undefined ? undefined : { run: runId.value, split, step: step.value },
  );
  const selected = selection.value?.examples.slice(0, mostShown);
  const pictures = useAsk(place, "examples", () =>
    runId.value === undefined || selection.value === undefined
      ? undefined
      : { run: runId.value, keys: selection.value.examples.slice(0, mostShown).map(({ key }) => key) },
  );
  const all = found.value?.mistakes ?? [];
  const ofCell =
    cell === undefined ? all : all.filter(({ truth, predicted }) => truth === cell.truth && predicted === cell.said);
  const shown: readonly ChosenExample[] =
    selected?.map((own) => ({
      ...all.find(({ key }) => key === own.key),
      ...own,
      picture: pictures.value?.find(({ head }) => head.key === own.key),
    })) ?? ofCell;
  const example = shown.find(({ key }) => key === chosen.value) ?? shown[0];
  const name =
    selection.value !== undefined
      ? `${selection.value.title}: ${shown.length} examples`
      : all.length === 0
        ? "Worst mistakes: none recorded yet"
        : `Worst mistakes of ${split} at step ${count(found.value?.step ?? 0)}: ${all
            .slice(0, 4)
            .map(({ truth, predicted }) => `${className(truth)} taken for ${className(predicted)}`)
            .join(", ")}`;
  const table = () => ({
    columns: ["example", "true", "said", "probability", "loss", "why"],
    rows: shown.map(({ key, truth, predicted, probability, loss, why = "" }) => [
      key,
      className(truth),
      predicted === undefined ? "" : className(predicted),
      probability === undefined ? "" : percent(probability, 1),
      loss === undefined ? "" : number(loss),
      why,
    ]),
  });
  const title =
    selection.value?.title ??
    (cell === undefined ? "Worst mistakes" : `True ${className(cell.truth)}, said ${className(cell.said)}`);
  return (
    <Figure
      title={title}
      name={name}
      table={shown.length === 0 ? undefined : table}
      class="mistakes"
      tools={
        selection.value !== undefined && (
          <button
            type="button"
            data-do="unselect"
            onClick={() => {
              selection.value = undefined;
            }}
          >
            Worst mistakes
          </button>
        )
      }
    >
      <div ref={place} data-step={found.value?.step} data-shown={shown.length}>
        {shown.length > 0 ? (
          <>
            <ul class={`gallery ${shown.every(isShort) ? "" : "of-words"}`}>
              {shown.map((each) => (
                <li key={each.key}>
                  <button
                    type="button"
                    aria-pressed={each === example}
                    aria-label={labelOf(each)}
                    onClick={() => {
                      chosen.value = each.key;
                    }}
                  >
                    {each.picture !== undefined &&
                      (isPicture(each.picture) ? (
                        <ExamplePicture picture={each.picture} size={thumbnail} />
                      ) : (
                        <span class="numbers">{numbersOf(each.picture)}</span>
                      ))}
                    <span>
                      {className(each.truth)} {each.predicted !== undefined && !isShort(each) && "→ "}
                      {each.predicted !== undefined && (
                        <b class={each.truth === each.predicted ? "" : "said-wrong"}>{className(each.predicted)}</b>
                      )}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            {example !== undefined && <Example example={example} />}
          </>
        ) : all.length === 0 ? (
          <Missing
            what="The examples with the largest loss"
            fill="They are recorded at each evaluation of a model that tells classes apart."
          />
        ) : (
          <Missing what="None among the worst" fill="The log keeps the worst examples of each evaluation, not all." />
        )}
      </div>
    </Figure>
  );
}

/** Whether it has room below a little picture. */
const isShort = ({ truth, predicted, picture }: ChosenExample): boolean =>
  (picture === undefined || isPicture(picture)) &&
  [truth, predicted ?? truth].every((each) => className(each).length < 5);

const labelOf = ({ key, truth, predicted }: ChosenExample): string =>
  `${key}: true ${className(truth)}${predicted === undefined ? "" : `, said ${className(predicted)}`}`;
